package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/istio-egress/istio-egress/render"
)

// writeDir writes one file per object, <dir>/<namespace>/<kind>-<name>.yaml, all or none: the files are written to a
// directory beside, which then takes the place of dir. What an earlier render left in dir is replaced as a whole, so
// that no object that is gone stays behind; a directory with anything else in it is refused.
func writeDir(dir, namespace string, documents []render.Document, out io.Writer) error {
	files, err := nameFiles(documents, namespace)
	if err != nil {
		return err
	}
	target, err := resolveTarget(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	staged, err := os.MkdirTemp(filepath.Dir(target), "."+filepath.Base(target)+"-new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staged)
	if err := writeFiles(staged, files); err != nil {
		return err
	}
	if err := replaceDir(target, staged); err != nil {
		return err
	}
	for _, f := range files {
		fmt.Fprintf(out, "wrote %s\n", filepath.Join(dir, f.name))
	}
	return nil
}

type file struct {
	name    string // relative to the output directory
	content string
}

func nameFiles(documents []render.Document, namespace string) ([]file, error) {
	var files []file
	taken := map[string]render.Document{}
	for _, d := range documents {
		if d.Kind == "" {
			continue // comments alone
		}
		if d.Namespace == "" {
			d.Namespace = namespace
		}
		name := filepath.Join(d.Namespace, strings.ToLower(d.Kind)+"-"+d.Name+".yaml")
		if strings.ContainsAny(d.Namespace+d.Name+d.Kind, `/\`) || !filepath.IsLocal(name) {
			return nil, fmt.Errorf("%s: the name of %s cannot be a file name", d.Template, d.ID())
		}
		if first, twice := taken[name]; twice {
			return nil, fmt.Errorf("%s is rendered twice, by %s and %s", d.ID(), first.Template, d.Template)
		}
		taken[name] = d
		files = append(files, file{name: name, content: d.String()})
	}
	return files, nil
}

// resolveTarget follows symbolic links and checks that the directory may be replaced.
func resolveTarget(dir string) (string, error) {
	target, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if resolved, err := filepath.EvalSymlinks(target); err == nil {
		target = resolved
	}
	if work, err := os.Getwd(); err == nil && sameDir(work, target) {
		return "", errors.New("--output-dir is replaced as a whole: give a directory other than the current one")
	}
	return target, checkReplaceable(dir, target)
}

func sameDir(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

func checkReplaceable(dir, target string) error {
	info, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("--output-dir %s is a file, want a directory", dir)
	}
	return filepath.WalkDir(target, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rendered, err := isRendered(path)
		if err == nil && !rendered {
			err = fmt.Errorf("--output-dir %s holds %s, which render did not write: give an empty or a new directory", dir, entry.Name())
		}
		return err
	})
}

// isRendered tells by its first lines whether a file was written by writeDir or by helm template --output-dir.
func isRendered(path string) (bool, error) {
	want := []byte("---\n# Source: ")
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, len(want))
	if _, err := io.ReadFull(f, head); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return bytes.Equal(head, want), nil
}

func writeFiles(dir string, files []file) error {
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(f.content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// replaceDir puts the staged directory in the place of target, and target back when that fails.
func replaceDir(target, staged string) error {
	if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(staged, target)
	}
	old := staged + "-old"
	if err := os.Rename(target, old); err != nil {
		return err
	}
	if err := os.Rename(staged, target); err != nil {
		return errors.Join(err, os.Rename(old, target))
	}
	return os.RemoveAll(old)
}
