package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

const examples = "../../../examples"

// Every example keeps what it promises beside its values, and each of its entries has a call.
func TestExamples(t *testing.T) {
	checked := 0
	err := filepath.WalkDir(examples, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "values.yaml" || strings.Contains(path, "umbrella") {
			return err
		}
		folder := filepath.Dir(path)
		namespace := "default"
		if strings.Contains(path, "argocd/egress") { // as its ApplicationSet has it
			namespace = filepath.Base(folder)
		}
		checked++
		t.Run(folder, func(t *testing.T) {
			checkExample(t, path, filepath.Join(folder, "values.calls.yaml"), namespace)
		})
		return nil
	})
	if err != nil || checked < 10 {
		t.Fatalf("%d examples: %v", checked, err)
	}
}

func checkExample(t *testing.T, values, expectations, namespace string) {
	t.Helper()
	args := []string{"-f", values, "-n", namespace, "--check", expectations}
	cluster := filepath.Join(filepath.Dir(values), "cluster.yaml")
	if _, err := os.Stat(cluster); err == nil {
		args = append(args, "--with", cluster)
	}
	if got := answer(t, args...); !strings.Contains(got, "all as expected") || strings.Contains(got, "no call") {
		t.Error(got)
	}
}

// The values of these examples are in other files.
func TestExamplesWithValuesElsewhere(t *testing.T) {
	var platform map[string]map[string]any
	decodeYAML(t, read(t, examples, "umbrella", "platform", "values.yaml"), &platform)
	for team, values := range platform {
		delete(values, "enabled") // a condition of the umbrella's own
		text, err := yaml.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		checkExample(t, write(t, string(text)), filepath.Join(examples, "umbrella", team+".calls.yaml"), "default")
	}
	documents := strings.Split(read(t, examples, "flux", "helmrelease.yaml"), "\n---\n")
	var values struct{ Data map[string]string }
	decodeYAML(t, documents[len(documents)-1], &values)
	checkExample(t, write(t, values.Data["values.yaml"]), filepath.Join(examples, "flux", "values.calls.yaml"), "team-a")
	helmfile := filepath.Join(examples, "helmfile")
	checkExample(t, filepath.Join(helmfile, "values", "team-a.yaml"), filepath.Join(helmfile, "values.calls.yaml"), "team-a")
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// write writes a file for this test.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func decodeYAML(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}
