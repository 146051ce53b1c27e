// Package browser runs a real browser without a window, to look at pages: how wide they are, what they load, and what of
// them is text. It speaks the DevTools protocol (https://chromedevtools.github.io/devtools-protocol) over two pipes.
//
// The browser is that of ci/browser, which puts it into the user's cache.
package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/istio-egress/istio-egress/test/internal/project"
)

// Browser is a running browser. It is for one goroutine.
type Browser struct {
	command  *exec.Cmd
	profile  string
	requests io.WriteCloser
	answers  *bufio.Reader
	stderr   *lastBytes
	number   int
	events   []Event
}

// Event is what the browser tells unasked.
type Event struct {
	Method    string          `json:"method"`
	SessionID string          `json:"sessionId"`
	Params    json.RawMessage `json:"params"`
}

// Path is the path of the browser. It is installed where it is not there.
func Path(ctx context.Context) (string, error) {
	script := filepath.Join(project.Root(), "ci", "browser")
	command := exec.CommandContext(ctx, script)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", script, err, &complaints)
	}
	return strings.TrimSpace(string(out)), nil
}

// Start starts the browser at a path. Libraries that the machine may lack are taken from the folder beside it.
func Start(ctx context.Context, path string) (*Browser, error) {
	profile, err := os.MkdirTemp("", "browser-")
	if err != nil {
		return nil, err
	}
	b := &Browser{profile: profile, stderr: &lastBytes{}}
	b.command = exec.CommandContext(ctx, path, arguments(profile)...)
	b.command.Env = append(os.Environ(), "HOME="+profile, "LD_LIBRARY_PATH="+filepath.Join(filepath.Dir(path), "lib"))
	if err := b.useFonts(filepath.Join(filepath.Dir(path), "fonts")); err != nil {
		return nil, err
	}
	b.command.Stderr = b.stderr
	if err := b.connect(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the browser: %w", err), os.RemoveAll(profile))
	}
	return b, nil
}

// useFonts lets the browser use the fonts of a folder alone, so that pages look alike on all machines. Without the folder it
// uses those of the machine.
func (b *Browser) useFonts(folder string) error {
	if _, err := os.Stat(folder); err != nil {
		return nil //nolint:nilerr // a browser that somebody else installed
	}
	config := filepath.Join(b.profile, "fonts.conf")
	text := fmt.Sprintf("<?xml version=\"1.0\"?>\n<fontconfig><dir>%s</dir><cachedir>%s</cachedir></fontconfig>\n", folder, filepath.Join(b.profile, "fonts"))
	b.command.Env = append(b.command.Env, "FONTCONFIG_FILE="+config)
	return os.WriteFile(config, []byte(text), 0o600)
}

func arguments(profile string) []string {
	return []string{
		"--headless=shell", "--remote-debugging-pipe", "--user-data-dir=" + profile,
		"--no-sandbox", // root may have none; pages are this project's own
		"--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--no-default-browser-check",
		"--disable-background-networking", "--disable-component-update", "--disable-domain-reliability", "--no-pings",
		"--font-render-hinting=none", "about:blank",
	}
}

// connect starts the command, which reads requests from descriptor 3 and writes answers to descriptor 4.
func (b *Browser) connect() error {
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		return err
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		return err
	}
	b.command.ExtraFiles = []*os.File{theirIn, theirOut}
	b.requests, b.answers = ourOut, bufio.NewReader(ourIn)
	err = b.command.Start()
	return errors.Join(err, theirIn.Close(), theirOut.Close())
}

// Close ends the browser.
func (b *Browser) Close() error {
	_, _ = b.call("", "Browser.close", nil)
	_ = b.requests.Close()
	_ = b.command.Wait()
	return os.RemoveAll(b.profile)
}

type answer struct {
	Event
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// call sends a request and waits for its answer.
func (b *Browser) call(session, method string, params any) (json.RawMessage, error) {
	b.number++
	request := map[string]any{"id": b.number, "method": method}
	if session != "" {
		request["sessionId"] = session
	}
	if params != nil {
		request["params"] = params
	}
	data, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	if _, err := b.requests.Write(append(data, 0)); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", method, err, b.stderr)
	}
	for {
		got, err := b.read()
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", method, err)
		case got.ID == b.number && got.Error != nil:
			return nil, fmt.Errorf("%s: %s", method, got.Error.Message)
		case got.ID == b.number:
			return got.Result, nil
		}
	}
}

// read reads what the browser says next, and keeps events.
func (b *Browser) read() (answer, error) {
	var got answer
	data, err := b.answers.ReadBytes(0)
	if err != nil {
		return got, fmt.Errorf("the browser ended: %w\n%s", err, b.stderr)
	}
	if err := json.Unmarshal(bytes.TrimSuffix(data, []byte{0}), &got); err != nil {
		return got, err
	}
	if got.Method != "" {
		b.events = append(b.events, got.Event)
	}
	return got, nil
}

// wait waits for an event.
func (b *Browser) wait(session, method string) error {
	for {
		for _, event := range b.events {
			if event.Method == method && event.SessionID == session {
				return nil
			}
		}
		if _, err := b.read(); err != nil {
			return fmt.Errorf("wait for %s: %w", method, err)
		}
	}
}

// lastBytes keeps the end of what is written.
type lastBytes struct {
	mutex sync.Mutex
	data  []byte
}

func (l *lastBytes) Write(data []byte) (int, error) {
	const most = 4 << 10
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.data = append(l.data, data...)
	l.data = l.data[max(0, len(l.data)-most):]
	return len(data), nil
}

func (l *lastBytes) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return string(l.data)
}
