package render_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/istio-egress/istio-egress/render"
)

func TestLoadFromEverywhere(t *testing.T) {
	const dir = "testdata/charts/ignore"
	archive := filepath.Join(t.TempDir(), "ignore-0.1.0.tgz")
	pack(t, dir, archive)

	fromDir, err := render.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	fromFS, err := render.LoadFS(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	fromArchive, err := render.LoadDir(archive)
	if err != nil {
		t.Fatal(err)
	}
	want := manifest(t, fromDir)
	if got := manifest(t, fromFS); got != want {
		t.Errorf("from a file system %s, from a directory %s", got, want)
	}
	if got := manifest(t, fromArchive); !strings.Contains(got, "kind: ConfigMap") {
		t.Errorf("from an archive %s", got)
	}
	if strings.Contains(want, "secret") || !strings.Contains(want, "y.txt") {
		t.Errorf(".helmignore is not followed: %s", want)
	}
	if fromFS.Name() != "ignore" || fromFS.Version() != "0.1.0" {
		t.Errorf("chart %s %s", fromFS.Name(), fromFS.Version())
	}
}

func manifest(t *testing.T, chart *render.Chart) string {
	t.Helper()
	result, err := chart.Render(nil, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return string(result.Manifest())
}

// pack writes what helm package would, without the files that .helmignore leaves out.
func pack(t *testing.T, dir, archive string) {
	t.Helper()
	var data bytes.Buffer
	zipped := gzip.NewWriter(&data)
	files := tar.NewWriter(zipped)
	for _, name := range []string{"Chart.yaml", "templates/a.yaml"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		header := &tar.Header{Name: "ignore/" + name, Mode: 0o644, Size: int64(len(content))}
		if err := errors.Join(files.WriteHeader(header), write(files, content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(files.Close(), zipped.Close(), os.WriteFile(archive, data.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func write(w *tar.Writer, content []byte) error {
	_, err := w.Write(content)
	return err
}

func TestLoadErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chart.yaml")
	if err := os.WriteFile(file, []byte("name: x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := render.LoadDir("no-such-chart")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing chart: %v", err)
	}
	if _, err := render.LoadDir(file); err == nil || !strings.Contains(err.Error(), "gzipped archive") {
		t.Errorf("a YAML file as chart: %v", err)
	}
	for want, chartYAML := range map[string]string{
		"library charts are not installable":                        "apiVersion: v2\nname: a\nversion: 0.1.0\ntype: library\n",
		"found in Chart.yaml, but missing in charts/ directory: b":  "apiVersion: v2\nname: a\nversion: 0.1.0\ndependencies: [{name: b, version: 1.0.0}]\n",
		"chart.metadata.version":                                    "apiVersion: v2\nname: a\n",
		"cannot load Chart.yaml: error converting YAML to JSON: ya": "apiVersion: [\n",
	} {
		_, err := render.LoadFS(fstest.MapFS{"Chart.yaml": {Data: []byte(chartYAML)}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := render.LoadFS(fstest.MapFS{}); err == nil || !strings.Contains(err.Error(), "Chart.yaml file is missing") {
		t.Errorf("an empty chart: %v", err)
	}
}

func TestEmbeddedChartIsLoadedOnce(t *testing.T) {
	first, second := loadEmbedded(t), loadEmbedded(t)
	if first != second {
		t.Error("the embedded chart is loaded twice")
	}
	if first.Name() != "istio-egress" {
		t.Errorf("name %s", first.Name())
	}
}
