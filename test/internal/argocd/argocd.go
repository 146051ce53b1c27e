// Package argocd runs Argo CD's own code for tests: the command of the module
// test/argocd, with the real helm 3 on its PATH.
package argocd

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// Run gives input to the command as JSON, and decodes what it prints into
// result. The error is what it wrote to standard error.
func Run(t *testing.T, input, result any, args ...string) error {
	t.Helper()
	path, err := build.Command{Name: "argocd", Package: ".", Module: module()}.Build(t.Context())
	require.NoError(t, err)
	stdin, err := json.Marshal(input)
	require.NoError(t, err)

	bin := t.TempDir()
	require.NoError(t, os.Symlink(helmbin.Helm3.Path(t), filepath.Join(bin, "helm")))
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return errors.New(strings.TrimSpace(stderr.String()))
	}
	require.NoError(t, json.Unmarshal(out, result), string(out))
	return nil
}

// DefaultConfig is the argocd-cm that Argo CD is installed with.
func DefaultConfig(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/argoproj/argo-cd/v3")
	cmd.Dir = module()
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	require.NoError(t, err)
	return filepath.Join(strings.TrimSpace(string(out)), "manifests", "base", "config", "argocd-cm.yaml")
}

func module() string { return filepath.Join(project.Root(), "test", "argocd") }
