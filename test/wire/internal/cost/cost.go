// Package cost measures what a call costs: without the chart, through an alias, with TLS of the sidecar
// and of the workload. All are called in turn in every round, so that only their ratios count.
package cost

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/world"
)

const (
	// length of a measurement.
	length = 400 * time.Millisecond
	// workers make calls at once where the throughput is measured.
	workers = 16
)

// row is what is measured of one kind of call.
type row struct {
	name string
	call cases.Planned
	// latency of calls one after the other on a connection, and with a connection each, in seconds.
	latency, connecting sample
	// throughput in calls a second.
	throughput sample
}

// Measure measures the calls of the file's cases in so many rounds, once they do what they are to do.
func Measure(ctx context.Context, w *world.World, file *cases.File, rounds int, progress io.Writer) (string, error) {
	var rows []*row
	for i := range file.Cases {
		each := &file.Cases[i]
		results, err := w.RunCase(ctx, each)
		if err != nil {
			return "", err
		}
		for _, result := range results {
			if len(result.Problems) > 0 {
				return "", fmt.Errorf("%s is not what is to be measured:\n%s", each.Name, result.Explain())
			}
		}
		rows = append(rows, &row{name: each.Name, call: results[0].Planned})
	}
	for round := range rounds {
		fmt.Fprintf(progress, "round %d of %d\n", round+1, rounds)
		for _, r := range rows {
			if err := r.measure(ctx, w); err != nil {
				return "", fmt.Errorf("%s: %w", r.name, err)
			}
			w.Servers.Drain()
		}
	}
	return markdown(rows), nil
}

func (r *row) measure(ctx context.Context, w *world.World) error {
	caller := w.Pods[r.call.Caller].Caller
	// Long names take more lookups than short ones, which is not what is measured.
	resolved, err := caller.At(ctx, r.call.Call)
	if err != nil {
		return err
	}
	url := strings.TrimSuffix(r.call.String(), "/")
	_, url, _ = strings.Cut(url, " ")
	for _, m := range []struct {
		workers   int
		keepAlive bool
		into      *sample
	}{{1, true, &r.latency}, {1, false, &r.connecting}, {workers, true, &r.throughput}} {
		transport := caller.Transport(resolved)
		transport.DisableKeepAlives = !m.keepAlive
		transport.MaxIdleConnsPerHost = workers
		took, err := repeat(ctx, transport, url, m.workers)
		transport.CloseIdleConnections()
		if err != nil {
			return err
		}
		if m.workers > 1 {
			took = 1 / took
		}
		*m.into = append(*m.into, took)
	}
	return nil
}

// repeat calls for a while, and returns how many seconds a call took: the time that passed, by the
// number of calls.
func repeat(ctx context.Context, transport http.RoundTripper, url string, workers int) (float64, error) {
	var running sync.WaitGroup
	var calls atomic.Int64
	failures := make(chan error, workers)
	start := time.Now()
	for range workers {
		running.Go(func() {
			for time.Since(start) < length {
				if err := callOnce(ctx, transport, url); err != nil {
					failures <- err
					return
				}
				calls.Add(1)
			}
		})
	}
	running.Wait()
	took := time.Since(start).Seconds() / float64(calls.Load())
	select {
	case err := <-failures:
		return 0, err
	default:
		return took, nil
	}
}

func callOnce(ctx context.Context, transport http.RoundTripper, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}
