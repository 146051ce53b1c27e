package outputdir

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

const stagingPrefix = "staging-"

// removeStale removes the staging folders of calls that were killed.
func (f *folder) removeStale() error {
	entries, err := fs.ReadDir(f.root.FS(), recordsDir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), stagingPrefix) || !entry.IsDir() || !isStale(entry) {
			continue
		}
		if err := f.root.RemoveAll(path.Join(recordsDir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// staging is a folder with files that are ready to be moved to their places, under numbers for names, and with those that
// stood there before.
type staging struct {
	*folder
	dir  string
	done []replaced
}

// replaced is a name that has another file now, or none, and the file that it had before; none is an empty name.
type replaced struct{ name, before string }

// stage writes the files into a new staging folder.
func (f *folder) stage(ctx context.Context, files []File) (*staging, error) {
	s := &staging{folder: f, dir: path.Join(recordsDir, stagingPrefix+rand.Text())}
	if err := f.root.Mkdir(s.dir, 0o755); err != nil {
		return nil, err
	}
	for i, file := range files {
		err := context.Cause(ctx)
		if err == nil {
			err = f.root.WriteFile(s.ready(i), []byte(file.Content), 0o644)
		}
		if err != nil {
			s.remove()
			return nil, err
		}
	}
	return s, nil
}

func (s *staging) ready(i int) string { return path.Join(s.dir, strconv.Itoa(i)) }

func (s *staging) remove() { _ = s.root.RemoveAll(s.dir) } // what stays is removed by the next call

// undo gives all names back what they had, the last first.
func (s *staging) undo() error {
	var errs []error
	for _, change := range slices.Backward(s.done) {
		if change.before != "" {
			errs = append(errs, s.root.Rename(change.before, change.name))
			continue
		}
		if err := s.root.Remove(change.name); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
		_ = s.root.Remove(path.Dir(change.name)) // fails unless it is empty
	}
	return errors.Join(errs...)
}

// commit moves the files to their places. The record names old and new files until that is done, so that a call that is
// killed leaves no file without an owner.
func (s *staging) commit(files []File) (Changes, error) {
	changes, err := s.moveAll(files)
	if err != nil {
		return Changes{}, errors.Join(err, s.undo())
	}
	for _, name := range changes.Removed {
		_ = s.root.Remove(path.Dir(name)) // fails unless it is empty
	}
	return changes, nil
}

func (s *staging) moveAll(files []File) (changes Changes, err error) {
	if err := s.writeRecord("with-both", s.own.withFiles(files)); err != nil {
		return changes, err
	}
	for i, file := range files {
		if err := s.place(s.ready(i), file.Name); err != nil {
			return changes, err
		}
		changes.Written = append(changes.Written, file.Name)
	}
	now := record{owner: s.owner}.withFiles(files)
	for _, name := range s.own.files {
		if _, stays := slices.BinarySearch(now.files, name); stays {
			continue
		}
		removed, err := s.takeAway(name)
		if err != nil {
			return changes, err
		}
		if removed {
			changes.Removed = append(changes.Removed, name)
		}
	}
	return changes, s.writeRecord("with-new", now)
}

// place moves a file that is ready to its name, in one step where the file system has links.
func (s *staging) place(ready, name string) error {
	if err := s.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	backup := s.nameForOld()
	switch err := s.root.Link(name, backup); {
	case err == nil:
		s.done = append(s.done, replaced{name, backup})
	case errors.Is(err, fs.ErrNotExist):
		s.done = append(s.done, replaced{name, ""})
	default:
		taken, err := s.takeAway(name)
		if err != nil {
			return err
		}
		if !taken {
			s.done = append(s.done, replaced{name, ""})
		}
	}
	return s.root.Rename(ready, name)
}

// takeAway moves a file into the staging folder; false for what is no file, such as a link in its place.
func (s *staging) takeAway(name string) (bool, error) {
	info, err := s.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	backup := s.nameForOld()
	if err := s.root.Rename(name, backup); err != nil {
		return false, err
	}
	s.done = append(s.done, replaced{name, backup})
	return true, nil
}

func (s *staging) nameForOld() string { return path.Join(s.dir, fmt.Sprintf("old-%d", len(s.done))) }

// writeRecord writes the owner's record by a file of the name in the staging folder. An owner without files has none.
func (s *staging) writeRecord(name string, r record) error {
	if len(r.files) == 0 {
		_, err := s.takeAway(s.owner.file())
		return err
	}
	ready := path.Join(s.dir, name)
	if err := s.root.WriteFile(ready, []byte(r.text()), 0o644); err != nil {
		return err
	}
	return s.place(ready, s.owner.file())
}
