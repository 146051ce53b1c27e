// Package crds finds the CustomResourceDefinitions of Istio's minor versions. Each version is pinned by a module of its own,
// under test/istioapi.
package crds

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/istio-egress/istio-egress/test/internal/project"
)

// Versions are the minor versions that are pinned, oldest first.
func Versions() ([]string, error) {
	folders, err := os.ReadDir(folder())
	if err != nil {
		return nil, fmt.Errorf("find the versions of Istio's CRDs: %w", err)
	}
	var versions []string
	for _, entry := range folders {
		versions = append(versions, entry.Name())
	}
	return versions, nil
}

func folder() string { return filepath.Join(project.Root(), "test", "istioapi") }

// Manifest returns the CRDs of a minor version, such as 1.31, as YAML documents.
func Manifest(ctx context.Context, version string) (string, error) {
	download := exec.CommandContext(ctx, "go", "mod", "download", "-json", "istio.io/api")
	download.Dir = filepath.Join(folder(), version)
	download.Env = append(os.Environ(), "GOWORK=off")
	output, err := download.Output()
	if err != nil {
		return "", fmt.Errorf("find Istio %s's CRDs: %w", version, err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(output, &module); err != nil {
		return "", fmt.Errorf("find Istio %s's CRDs: %w", version, err)
	}
	text, err := os.ReadFile(filepath.Join(module.Dir, "kubernetes", "customresourcedefinitions.gen.yaml"))
	if err != nil {
		return "", fmt.Errorf("read Istio %s's CRDs: %w", version, err)
	}
	return string(text), nil
}
