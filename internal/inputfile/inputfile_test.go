package inputfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/inputfile"
)

func TestRead(t *testing.T) {
	directory := t.TempDir()
	file := filepath.Join(directory, "values.yaml")
	if err := os.WriteFile(file, []byte("a: 123\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		file  string
		limit int64
		want  string
	}{
		"file":           {file, 0, "a: 123\n"},
		"file, limit":    {file, 3, "a: 1"},
		"file, no more":  {file, 7, "a: 123\n"},
		"stdin":          {"-", 0, "from stdin"},
		"stdin, limit":   {" - ", 3, "from"},
		"stdin, no more": {"-", 100, "from stdin"},
	} {
		data, err := inputfile.Read(tc.file, strings.NewReader("from stdin"), tc.limit)
		if err != nil || string(data) != tc.want {
			t.Errorf("%s: read %q, %v, want %q", name, data, err, tc.want)
		}
	}
	if _, err := inputfile.Read(directory, nil, 0); err == nil || err.Error() != directory+": is a directory, want a file" {
		t.Errorf("directory: %v", err)
	}
	missing := filepath.Join(directory, "none")
	if _, err := inputfile.Read(missing, nil, 0); !errors.Is(err, fs.ErrNotExist) || err.Error() != missing+": no such file or directory" {
		t.Errorf("missing file: %v", err)
	}
}
