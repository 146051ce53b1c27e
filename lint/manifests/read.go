package manifests

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/istio-egress/istio-egress/internal/inputfile"
	"github.com/istio-egress/istio-egress/position"
)

// source is one file of manifests.
type source struct {
	name string
	data []byte
}

func readPaths(paths []string, stdin io.Reader) ([]source, error) {
	var sources []source
	for _, path := range paths {
		found, err := readPath(path, stdin)
		if err != nil {
			return nil, err
		}
		sources = append(sources, found...)
	}
	return sources, nil
}

// readPath reads a file, or all YAML and JSON files below a directory that have objects, in the order of their names.
func readPath(path string, stdin io.Reader) ([]source, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() || inputfile.IsStdin(path) {
		file, err := readFile(path, stdin)
		return []source{file}, err
	}
	var sources []source
	found := false
	err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
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
			file, err := readFile(name, nil)
			if err != nil {
				return err
			}
			found = true
			if bytes.Contains(file.data, []byte("kind")) { // else it has no objects, and may be data of any kind
				sources = append(sources, file)
			}
		}
		return nil
	})
	if err == nil && !found {
		err = fmt.Errorf("%s: no .yaml, .yml or .json file in it", path)
	}
	return sources, err
}

func readFile(name string, stdin io.Reader) (source, error) {
	data, err := inputfile.Read(name, stdin, position.MaxBytes) // the parser says what is too large
	return source{inputfile.Name(name), data}, err
}
