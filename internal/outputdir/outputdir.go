// Package outputdir keeps the files of several owners in one folder. Each owner replaces and removes what it wrote itself,
// and nothing else: files of others, links and pipes are neither opened nor removed.
//
// What an owner wrote stands in a record in the folder .render, one for each owner. The records belong to the files: a copy
// of the folder without them is a folder of somebody else.
package outputdir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// File is a file to write. The name is relative to the folder, with slashes.
type File struct {
	Name, Content string
}

// Changes are the names of files, relative to the folder, in order.
type Changes struct {
	Written, Removed []string
}

// Write writes the files of an owner into a folder, all or none, and removes those that the owner wrote before and has no
// more. A file that is there already, and that the owner did not write, is an error. When the context ends before all files
// are ready, nothing changes and its cause is returned.
func Write(ctx context.Context, path string, owner Owner, files []File) (changes Changes, err error) {
	if _, statErr := os.Lstat(path); errors.Is(statErr, fs.ErrNotExist) {
		defer func() {
			if err != nil {
				_ = os.Remove(path) // fails unless it is empty
			}
		}()
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return Changes{}, notAFolder(path, err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return Changes{}, notAFolder(path, err)
	}
	defer func() { _ = root.Close() }()
	f := &folder{root: root, path: path, owner: owner}
	unlock, err := f.lock(ctx)
	if err != nil {
		return Changes{}, err
	}
	defer unlock()
	return f.write(ctx, files)
}

func notAFolder(path string, err error) error {
	if info, statErr := os.Stat(path); statErr == nil && !info.IsDir() {
		return fmt.Errorf("%s is a file, want a directory", path)
	}
	return err
}

// folder is an open folder, and the owner that writes to it.
type folder struct {
	root  *os.Root
	path  string
	owner Owner

	own    record
	others []record
}

// recordsDir holds the records, and files that are not in their place yet. No tool takes its files for manifests.
const recordsDir = ".render"

func (f *folder) write(ctx context.Context, files []File) (Changes, error) {
	if err := f.prepare(); err != nil {
		return Changes{}, err
	}
	defer func() { _ = f.root.Remove(recordsDir) }() // fails unless it is empty
	if err := f.check(files); err != nil {
		return Changes{}, err
	}
	staging, err := f.stage(ctx, files)
	if err != nil {
		return Changes{}, err
	}
	defer staging.remove()
	return staging.commit(files)
}

// prepare reads the records, and takes away what a call that was killed left behind.
func (f *folder) prepare() error {
	if err := f.wantsFolder(recordsDir); err != nil {
		return err
	}
	if err := f.root.MkdirAll(recordsDir, 0o755); err != nil {
		return err
	}
	if err := f.removeStale(); err != nil {
		return err
	}
	return f.readRecords()
}

// check refuses files whose place somebody else has.
func (f *folder) check(files []File) error {
	for _, file := range files {
		if !filepath.IsLocal(file.Name) {
			return fmt.Errorf("%q is no name for a file", file.Name)
		}
		if err := f.wantsFolder(filepath.Dir(file.Name)); err != nil {
			return err
		}
		if err := f.wantsFree(file.Name); err != nil {
			return err
		}
	}
	return nil
}

// wantsFolder refuses a name that is there and no folder. A link to a folder is none: it may lead anywhere.
func (f *folder) wantsFolder(name string) error {
	if name == "." {
		return nil
	}
	info, err := f.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is %s, want a directory: move it away, or give another --output-dir", f.shown(name), kind(info))
	}
	return nil
}

// wantsFree refuses a name that is there, unless the owner wrote it.
func (f *folder) wantsFree(name string) error {
	info, err := f.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is %s, which render did not write: move it away, or give another --output-dir", f.shown(name), kind(info))
	case slices.Contains(f.own.files, name):
		return nil
	}
	for _, other := range f.others {
		if slices.Contains(other.files, name) {
			return fmt.Errorf("%s belongs to %s, and an object belongs to one release: give it another name or namespace, or keep it in one", f.shown(name), other.owner)
		}
	}
	return fmt.Errorf("%s is there already, and no render of %s wrote it: move it away, or give another --output-dir", f.shown(name), f.owner)
}

func (f *folder) shown(name string) string { return filepath.Join(f.path, filepath.FromSlash(name)) }

// kind names what a file is, in a sentence.
func kind(info fs.FileInfo) string {
	switch mode := info.Mode(); {
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode.IsDir():
		return "a directory"
	case mode.IsRegular():
		return "a file"
	}
	return "a special file"
}
