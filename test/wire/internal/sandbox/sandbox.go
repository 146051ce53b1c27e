// Package sandbox runs this program a second time, in namespaces of its own.
//
// The second run is the first process of a process namespace, and has a network and mounts that
// nobody else sees. So nothing has to be cleaned up, and nothing can be forgotten: when the second
// run ends, however it ends, the kernel ends all that it started and removes all networks, mounts
// and files that it made. The machine's own network is never touched.
package sandbox

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// variable tells the second run which folder is its own.
const variable = "ISTIO_EGRESS_WIRE_FOLDER"

// prefix of the folders' names; the number of the first run's process follows.
const prefix = "/run/istio-egress-wire-"

// folderOf is the folder of a run, by the number of its first process.
func folderOf(prefix string, process int) string { return prefix + strconv.Itoa(process) }

// patience is how long the second run may take to end when it was asked to.
const patience = 20 * time.Second

// Inside tells whether this is the second run.
func Inside() bool { return os.Getenv(variable) != "" }

// Run starts the second run with the arguments of this one and some variables, passes signals on to it
// and returns its exit code.
func Run(variables ...string) (int, error) {
	// The kernel ends the second run together with the thread that started it.
	runtime.LockOSThread()
	removeLeftovers(prefix)
	folder := folderOf(prefix, os.Getpid())
	if err := os.Mkdir(folder, 0o755); err != nil {
		return 0, fmt.Errorf("make a folder to mount on: %w", err)
	}
	defer func() { _ = os.Remove(folder) }()

	command := exec.Command("/proc/self/exe", os.Args[1:]...) //nolint:noctx,gosec // ended by signals, see below; the same program with the same arguments
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Env = append(append(os.Environ(), variables...), variable+"="+folder)
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Pdeathsig:  syscall.SIGKILL,
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	if err := command.Start(); err != nil {
		return 0, explain(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	return wait(command.Process, signals, ended)
}

// explain says what is missing where the kernel says no.
func explain(err error) error {
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.EINVAL) {
		return fmt.Errorf("make wire needs namespaces of its own for network, mounts and processes, and may not make them (%w): "+
			"run it as root of a machine, or in a container with --privileged", err)
	}
	return fmt.Errorf("start in namespaces of its own: %w", err)
}

func wait(process *os.Process, signals <-chan os.Signal, ended <-chan error) (int, error) {
	var tooLate <-chan time.Time
	for {
		select {
		case received := <-signals:
			_ = process.Signal(received)
			if tooLate == nil {
				tooLate = time.After(patience)
			}
		case <-tooLate:
			_ = process.Kill()
		case err := <-ended:
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
				return max(exit.ExitCode(), 1), nil // ExitCode is -1 after a signal
			}
			return 0, err
		}
	}
}

// removeLeftovers removes the folders of runs that were killed. They are empty: what was mounted on
// them went with its run.
func removeLeftovers(prefix string) {
	folders, _ := filepath.Glob(prefix + "*")
	for _, folder := range folders {
		process := strings.TrimPrefix(folder, prefix)
		if _, err := os.Stat("/proc/" + process); errors.Is(err, os.ErrNotExist) {
			_ = os.Remove(folder)
		}
	}
}

// Enter prepares the second run, and returns a folder in memory that every user may enter.
func Enter() (string, error) {
	folder := os.Getenv(variable)
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return "", fmt.Errorf("keep mounts to this process: %w", err)
	}
	if err := unix.Mount("wire", folder, "tmpfs", 0, "mode=0755"); err != nil {
		return "", fmt.Errorf("mount a folder in memory: %w", err)
	}
	return folder, nil
}
