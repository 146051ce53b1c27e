package manifests

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/istio-egress/istio-egress/lint/position"
)

// source is one file of manifests.
type source struct {
	name string
	data []byte
}

const stdinName = "<stdin>"

func readPaths(paths []string, stdin io.Reader) ([]source, error) {
	var sources []source
	for _, path := range paths {
		if path == "-" {
			data, err := io.ReadAll(io.LimitReader(stdin, position.MaxBytes+1))
			if err != nil {
				return nil, fmt.Errorf("read standard input: %w", err)
			}
			sources = append(sources, source{stdinName, data})
			continue
		}
		found, err := readPath(path)
		if err != nil {
			return nil, err
		}
		sources = append(sources, found...)
	}
	return sources, nil
}

// readPath reads a file, or all YAML and JSON files below a directory in the order of their names.
func readPath(path string) ([]source, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w", path, syscall.ENOENT)
	case err != nil:
		return nil, err
	case !info.IsDir():
		one, err := readFile(path)
		return []source{one}, err
	}
	var sources []source
	err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != path && strings.HasPrefix(entry.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		switch filepath.Ext(name) {
		case ".yaml", ".yml", ".json":
			one, err := readFile(name)
			if err != nil {
				return err
			}
			sources = append(sources, one)
		}
		return nil
	})
	if err == nil && len(sources) == 0 {
		err = fmt.Errorf("%s: no .yaml, .yml or .json file in it", path)
	}
	return sources, err
}

func readFile(name string) (source, error) {
	file, err := os.Open(name)
	if err != nil {
		return source{}, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, position.MaxBytes+1)) // the parser says what is too large
	if err != nil {
		return source{}, fmt.Errorf("%s: %w", name, err)
	}
	return source{name, data}, nil
}
