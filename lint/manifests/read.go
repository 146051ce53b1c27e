package manifests

import (
	"bytes"
	"io"
	"slices"

	"github.com/istio-egress/istio-egress/internal/inputfile"
	"github.com/istio-egress/istio-egress/position"
)

// source is one file of manifests.
type source struct {
	name string
	data []byte
}

// readPaths reads files, and of those below directories the ones that have objects.
func readPaths(paths []string, stdin io.Reader) ([]source, error) {
	names, err := inputfile.Tree(paths, ".yaml", ".yml", ".json")
	if err != nil {
		return nil, err
	}
	var sources []source
	for _, name := range names {
		file, err := readFile(name, stdin)
		if err != nil {
			return nil, err
		}
		if slices.Contains(paths, name) || file.mayHaveObjects() {
			sources = append(sources, file)
		}
	}
	return sources, nil
}

// mayHaveObjects is false for files without a kind, which may be data of any sort.
func (s source) mayHaveObjects() bool { return bytes.Contains(s.data, []byte("kind")) }

func readFile(name string, stdin io.Reader) (source, error) {
	data, err := inputfile.Read(name, stdin, position.MaxBytes) // the parser says what is too large
	return source{inputfile.Name(name), data}, err
}
