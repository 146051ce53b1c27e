//go:build e2e

package analyze

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/components"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// row matches a trap in the document: its file, what the call does, and what istioctl analyze says of it.
var row = regexp.MustCompile("(?m)^\\| `(\\d\\d-[a-z-]+)` \\|.*\\| ([^|]+) \\|$")

// What docs/explain.md says that istioctl analyze says of each trap that egress-explain is tried with, it says.
func TestTraps(t *testing.T) {
	istioctl, err := components.Istioctl.Build(t.Context())
	require.NoError(t, err)
	document, err := os.ReadFile(filepath.Join(project.Root(), "docs", "explain.md"))
	require.NoError(t, err)
	documented := map[string]string{}
	for _, match := range row.FindAllStringSubmatch(string(document), -1) {
		documented[match[1]] = match[2]
	}
	files, err := filepath.Glob(filepath.Join(project.Root(), "explain", "cmd", "egress-explain", "testdata", "traps", "*.yaml"))
	require.NoError(t, err)
	require.Len(t, files, 10)
	for _, file := range files {
		var codes []string
		for _, message := range analyze(t, istioctl, file) {
			codes = append(codes, message.Code)
		}
		slices.Sort(codes)
		said := "nothing"
		if len(codes) > 0 {
			said = strings.Join(slices.Compact(codes), ", ")
		}
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		told, _, _ := strings.Cut(documented[name], ":")
		assert.Equal(t, said, told, name)
	}
}
