//go:build darwin || linux

package outputdir

import (
	"context"
	"errors"
	"io/fs"
	"syscall"
	"time"
)

// lock waits until no other call writes to the folder. The system ends the lock of a process that is killed, so that all
// staging folders that a call finds are left over.
func (f *folder) lock(ctx context.Context) (unlock func(), err error) {
	handle, err := f.root.Open(".")
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(handle.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			break // locked, or a file system without locks
		}
		select {
		case <-ctx.Done():
			_ = handle.Close()
			return nil, context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return func() { _ = handle.Close() }, nil
}

func isStale(fs.DirEntry) bool { return true }
