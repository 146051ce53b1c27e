//go:build e2e

package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// process is a running command in a process group of its own.
type process struct {
	name string
	log  string
	cmd  *exec.Cmd
	// done is closed when the process has ended; err says how.
	done chan struct{}
	err  error
}

// launch starts the command. Its output goes to <folder>/<name>.log.
func launch(ctx context.Context, folder, name, path string, args, env []string) (*process, error) {
	p := &process{name: name, log: filepath.Join(folder, name+".log"), done: make(chan struct{})}
	output, err := os.Create(p.log)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer func() { _ = output.Close() }()
	// Not bound to the context: it outlives the one it is started with, and stop ends it.
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), path, args...)
	p.cmd.Dir = folder
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = output, output
	p.cmd.SysProcAttr = processAttributes()

	started := make(chan error)
	go func() {
		// The signal on the parent's death is bound to the thread that started
		// the process: it has to live as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// stop ends the process and all that it started, and waits for it. What does
// not end in time after SIGTERM is killed.
func (p *process) stop(graceful time.Duration) {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(graceful):
		p.signal(syscall.SIGKILL)
		<-p.done
	}
}

func (p *process) signal(signal syscall.Signal) {
	// The only error left is that the group has ended by itself.
	_ = syscall.Kill(-p.cmd.Process.Pid, signal)
}

// waitFor asks ready until it says yes. It fails with the end of the log when
// the process ends first, or when the time is over.
func (p *process) waitFor(ctx context.Context, ready func() error, limit time.Duration) error {
	deadline := time.After(limit)
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.done:
			return fmt.Errorf("%s ended: %w\n%s", p.name, errors.Join(p.err, err), p.tail())
		case <-deadline:
			return fmt.Errorf("%s is not ready after %s: %w\n%s", p.name, limit, err, p.tail())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// tail is the end of what the process wrote.
func (p *process) tail() string {
	const last = 4000
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-last):])
}
