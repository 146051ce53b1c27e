//go:build !darwin && !linux

package outputdir

import (
	"context"
	"io/fs"
	"time"
)

// lock does nothing where Go's syscall has no locks of folders.
func (f *folder) lock(context.Context) (unlock func(), err error) { return func() {}, nil }

// isStale tells by its age whether a staging folder is left over: another call may write to it.
func isStale(entry fs.DirEntry) bool {
	info, err := entry.Info()
	return err == nil && time.Since(info.ModTime()) > time.Hour
}
