// Package build builds the commands that the tests run (helm, kube-apiserver,
// istiod, this project's own render) from Go modules that pin their versions,
// so that a machine needs nothing but Go.
//
// A command is built once per machine. The binary lies in
//
//	<os.UserCacheDir()>/istio-egress/bin/<name>/<version>-<key>
//
// where the key stands for everything that goes into it: the versions of all
// linked modules, the sources of local packages, the linker flags and the Go
// toolchain. A change of any of them builds anew, anything else does not.
// Several processes may ask for a command at once: one builds, the others wait.
// Of each command the binaries used last are kept, older ones are removed.
//
// To add a command, name its main package as a tool of the module that pins it
// (go get -tool <package>@<version>, so that go mod tidy keeps it), or write a
// main package in a module of its own, and describe it as a Command:
//
//	path, err := build.Command{
//		Name:    "kube-apiserver",
//		Package: "./cmd/kube-apiserver",
//		Module:  "../controlplane",
//	}.Build(ctx)
//
// Progress is told on the terminal, else on standard error.
package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Command is a main package and the module that decides on its version.
type Command struct {
	// Name is what the command is called in the cache and in messages. Two
	// commands must not share a name.
	Name string
	// Package is the main package: an import path, or a path that begins with
	// "./" below Module.
	Package string
	// Module is the folder of the go.mod that pins Package. It is used on its
	// own: a go.work above it does not count. The default is the current folder.
	Module string
	// LDFlags are passed to the linker, such as "-X main.version=v1.2.3".
	LDFlags []string
	// Cache is the folder for binaries. The default is
	// istio-egress/bin in the user's cache folder.
	Cache string
	// Progress receives a line when a build starts, waits and ends. The
	// default is the terminal, as go test holds back what a test prints to
	// standard error until its package is done; where there is no terminal, it
	// is standard error.
	Progress io.Writer
}

// kept is how many binaries of a command stay in the cache: enough for a few
// work trees, few enough for a command whose sources change all day.
const kept = 4

// Build returns the path of the command's binary, and builds it first if the
// cache has none. The path is absolute. Errors carry what the compiler said.
func (c Command) Build(ctx context.Context) (string, error) {
	path, err := c.build(ctx)
	if err != nil {
		return "", fmt.Errorf("build %s from %s: %w", c.Name, c.Package, err)
	}
	return path, nil
}

func (c Command) build(ctx context.Context) (string, error) {
	if c.Progress == nil {
		c.Progress = screen()
	}
	key, err := c.key(ctx)
	if err != nil {
		return "", err
	}
	path, err := c.cachePath(key)
	if err != nil {
		return "", err
	}
	if ready, err := use(path); ready || err != nil {
		return path, err
	}
	unlock, err := c.lock(ctx, filepath.Join(filepath.Dir(path), "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	// Whoever held the lock before may have built what is wanted here.
	if ready, err := use(path); ready || err != nil {
		return path, err
	}
	if err := c.compile(ctx, path); err != nil {
		return "", err
	}
	return path, prune(filepath.Dir(path))
}

func (c Command) cachePath(key string) (string, error) {
	cache := c.Cache
	if cache == "" {
		userCache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find a folder for the binary: %w", err)
		}
		cache = filepath.Join(userCache, "istio-egress", "bin")
	}
	path, err := filepath.Abs(filepath.Join(cache, c.Name, key))
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	return path, os.MkdirAll(filepath.Dir(path), 0o755)
}

// use tells whether the binary is there, and marks it as used now.
func use(path string) (bool, error) {
	now := time.Now()
	err := os.Chtimes(path, now, now)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// prune removes all but the binaries that were used last.
func prune(folder string) error {
	binaries, err := filepath.Glob(filepath.Join(folder, "*-*"))
	if err != nil || len(binaries) <= kept {
		return err
	}
	used := make(map[string]time.Time, len(binaries))
	for _, path := range binaries {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		used[path] = info.ModTime()
	}
	slices.SortFunc(binaries, func(a, b string) int { return used[b].Compare(used[a]) })
	for _, path := range binaries[kept:] {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

// lock keeps other processes, and other goroutines of this one, from building
// the same command at the same time.
func (c Command) lock(ctx context.Context, path string) (unlock func(), err error) {
	lock := flock.New(path)
	locked, err := lock.TryLock()
	if err == nil && !locked {
		c.report("waiting for another process that builds %s", c.Name)
		_, err = lock.TryLockContext(ctx, 100*time.Millisecond)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { _ = lock.Unlock() }, nil
}

// compile builds next to path and renames, so that a file at path is always whole.
func (c Command) compile(ctx context.Context, path string) error {
	c.report("building %s (%s), once for this machine", c.Name, filepath.Base(path))
	start := time.Now()
	temp, err := os.MkdirTemp(filepath.Dir(path), "building-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()

	binary := filepath.Join(temp, filepath.Base(path))
	_, err = c.goCommand(ctx, "build", "-buildvcs=false", "-ldflags", strings.Join(c.LDFlags, " "), "-o", binary, c.Package)
	if err != nil {
		return err
	}
	if err := os.Rename(binary, path); err != nil {
		return err
	}
	c.report("built %s in %s", c.Name, time.Since(start).Round(time.Second))
	return nil
}

// goCommand runs go in the command's module and returns its standard output.
func (c Command) goCommand(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = c.Module
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, fmt.Errorf("go %s in %s: %w\n%s", args[0], filepath.Clean(c.Module), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return stdout.Bytes(), nil
}

// screen is the process's terminal.
var screen = sync.OnceValue(func() io.Writer {
	terminal, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0)
	if err != nil {
		return os.Stderr
	}
	return terminal
})

func (c Command) report(format string, args ...any) {
	_, _ = fmt.Fprintf(c.Progress, format+"\n", args...)
}
