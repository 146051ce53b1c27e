package envoy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Admin asks a running Envoy about itself.
type Admin struct {
	client *http.Client
}

// NewAdmin returns the admin interface behind a Unix socket.
func NewAdmin(socket string) *Admin {
	return &Admin{&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}}
}

// Close closes the connections.
func (a *Admin) Close() { a.client.CloseIdleConnections() }

// Get returns what the admin interface says under the path.
func (a *Admin) Get(ctx context.Context, path string) (string, error) {
	content, status, err := a.get(ctx, path)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("ask Envoy for %s: status %d", path, status)
	}
	return content, err
}

func (a *Admin) get(ctx context.Context, path string) (content string, status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://envoy"+path, nil)
	if err != nil {
		return "", 0, err
	}
	response, err := a.client.Do(request)
	if err != nil {
		return "", 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), response.StatusCode, err
}

// Ready tells whether Envoy has all that it waits for before it takes connections.
func (a *Admin) Ready(ctx context.Context) bool {
	_, status, err := a.get(ctx, "/ready")
	return err == nil && status == http.StatusOK
}

// Stat returns the sum of the counters and gauges with the suffix.
func (a *Admin) Stat(ctx context.Context, suffix string) (int, error) {
	content, err := a.Get(ctx, "/stats?usedonly&filter="+suffix+"$")
	if err != nil {
		return 0, err
	}
	sum := 0
	for line := range strings.Lines(content) {
		_, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if number, err := strconv.Atoi(value); err == nil {
			sum += number
		}
	}
	return sum, nil
}

// Warm waits until no cluster and no listener waits for something that it needs.
func (a *Admin) Warm(ctx context.Context) error {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		waiting, err := a.Stat(ctx, "(warming_clusters|total_listeners_warming)")
		if err == nil && waiting == 0 && a.Ready(ctx) {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(errors.New("the proxy is not ready"), err)
		case <-ticker.C:
		}
	}
}
