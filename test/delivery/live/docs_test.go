//go:build e2e

package live

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/cluster"
	"github.com/istio-egress/istio-egress/test/internal/components"
	"github.com/istio-egress/istio-egress/test/internal/docs"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/markdown"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// The commands of the documents that need a cluster run against the API server,
// those that need pods or a published release are parsed by the real command.
func TestCommandsOfTheDocuments(t *testing.T) {
	environment := commandsEnvironment(t)
	checked := 0
	for _, path := range docs.Paths(t) {
		blocks, err := markdown.Read(path)
		require.NoError(t, err)
		if !slices.ContainsFunc(blocks, func(b markdown.Block) bool { return b.Language == "console" }) {
			continue
		}
		folder := docs.Folder(t, path)
		for _, block := range blocks {
			docs.WriteFile(t, folder, block)
			checked += checkBlock(t, folder, environment, block)
		}
	}
	assert.NotZero(t, checked)
}

// checkBlock returns how many of the block's commands are for these tests.
func checkBlock(t *testing.T, folder string, environment []string, block markdown.Block) (checked int) {
	t.Helper()
	if block.Language != "console" {
		return 0
	}
	for _, command := range block.Commands() {
		switch docs.TreatmentOf(command.Line, block) {
		case docs.Cluster:
			docs.Check(t, folder, environment, block, command)
			checked++
		case docs.Flags:
			checkFlags(t, environment, block, command.Line)
			checked++
		default: // checked without a cluster, by the package above
		}
	}
	return checked
}

// checkFlags lets the command parse its flags, and stops it there: --help is
// looked at after all other flags were found to exist.
func checkFlags(t *testing.T, environment []string, block markdown.Block, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, " -- ")
	shell := exec.CommandContext(t.Context(), "bash", "-euc", line+" --help")
	shell.Env = append(os.Environ(), environment...)
	out, err := shell.CombinedOutput()
	assert.NoError(t, err, "%s: %s\n%s", block.Place, line, out)
	assert.Contains(t, string(out), "Usage:", block.Place)
}

// commandsEnvironment puts helm, kubectl and istioctl on the PATH, for the cluster.
func commandsEnvironment(t *testing.T) []string {
	t.Helper()
	bin := t.TempDir()
	kubectl, err := build.Command{
		Name: "kubectl", Package: "./cmd/kubectl", Module: filepath.Join(project.Root(), "test"),
	}.Build(t.Context())
	require.NoError(t, err)
	istioctl, err := components.Istioctl.Build(t.Context())
	require.NoError(t, err)
	render, err := build.Command{Name: "render", Package: "./cmd/render", Module: project.Root()}.Build(t.Context())
	require.NoError(t, err)
	for name, path := range map[string]string{
		"helm": helmbin.Helm3.Path(t), "kubectl": kubectl, "istioctl": istioctl, "render": render,
	} {
		require.NoError(t, os.Symlink(path, filepath.Join(bin, name)))
	}
	return []string{
		"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"),
		"KUBECONFIG=" + control.Kubeconfig(cluster.Admin),
	}
}
