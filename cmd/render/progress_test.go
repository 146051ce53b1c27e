package main

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// terminal is one that somebody watches: told is closed once something is on it.
type terminal struct {
	mutex sync.Mutex
	text  strings.Builder
	told  chan struct{}
	once  sync.Once
}

func (t *terminal) IsTerminal() bool { return true }

func (t *terminal) Write(data []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.once.Do(func() { close(t.told) })
	return t.text.Write(data)
}

// slowInput are values that come when something was told.
type slowInput struct {
	io.Reader
	after <-chan struct{}
}

func (s slowInput) Read(data []byte) (int, error) {
	<-s.after
	return s.Reader.Read(data)
}

func TestWhatTakesLongTellsSoOnATerminal(t *testing.T) {
	for name, tc := range map[string]struct {
		args     []string
		in, want string
		after    string // what is said on the terminal after the line of progress is wiped
	}{
		"lint":   {[]string{"lint", "-f", "-"}, cleanValues, "\r\x1b[Klinting ... 1 s", ""},
		"render": {[]string{"-f", "-"}, cleanValues, "\r\x1b[Krendering ... 1 s", ""},
		"report": {[]string{"report", "-f", "-"}, cleanValues, "\r\x1b[Kreading ... 1 s", ""},
		"import": {[]string{"import", "-"}, declaredAlias, "\r\x1b[Kimporting ... 1 s", "1 entry from 1 file (2 objects)\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			screen := &terminal{told: make(chan struct{})}
			var out strings.Builder
			status := run(tc.args, streams{in: slowInput{strings.NewReader(tc.in), screen.told}, out: &out, err: screen})
			text := screen.text.String()
			if status != exitOK || !strings.HasPrefix(text, tc.want) || !strings.HasSuffix(text, "\r\x1b[K"+tc.after) || out.Len() == 0 {
				t.Errorf("status %d, on the terminal %q", status, text)
			}
		})
	}
}

func TestWhatIsQuickOrQuietTellsNothing(t *testing.T) {
	for name, tc := range map[string]struct {
		args  []string
		takes time.Duration
	}{
		"quick lint":   {[]string{"lint", "-f", "-"}, 0},
		"quiet lint":   {[]string{"lint", "-f", "-", "-q"}, quick + quick/4},
		"quiet render": {[]string{"-f", "-", "-q"}, quick + quick/4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := make(chan struct{})
			time.AfterFunc(tc.takes, func() { close(after) })
			never := &terminal{told: make(chan struct{})}
			status := run(tc.args, streams{in: slowInput{strings.NewReader(cleanValues), after}, out: io.Discard, err: never})
			if text := never.text.String(); status != exitOK || text != "" {
				t.Errorf("status %d, on the terminal %q", status, text)
			}
		})
	}
}

func TestNobodyWatchesWhatIsNoTerminal(t *testing.T) {
	if isTerminal(io.Discard) {
		t.Error("somebody watches")
	}
}

func TestQuietRenderPrintsNoNamesOfFiles(t *testing.T) {
	folder := t.TempDir()
	for flag, want := range map[string]bool{"--quiet": false, "--quiet=false": true} {
		status, stdout, stderr := execute(cleanValues, "-f", "-", "--output-dir", folder, flag)
		if status != exitOK || stderr != "" || (stdout != "") != want {
			t.Errorf("%s: status %d, %q %s", flag, status, stdout, stderr)
		}
	}
}

// As render | head: who has read enough hears no more of it.
func TestAClosedPipeEndsQuietly(t *testing.T) {
	values := t.TempDir() + "/values.yaml"
	if err := os.WriteFile(values, []byte(cleanValues), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-f", values}, {"report", "-f", values}} {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		read.Close()
		cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
		cmd.Env = append(os.Environ(), runAsCommand+"=1")
		var stderr strings.Builder
		cmd.Stdout, cmd.Stderr = write, &stderr
		_ = cmd.Run()
		write.Close()
		status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if !status.Signaled() || status.Signal() != syscall.SIGPIPE || stderr.Len() > 0 {
			t.Errorf("%v: %s, %s", args, cmd.ProcessState, stderr.String())
		}
	}
}
