// Package istiofields holds what the linter and the chart know of Istio's versions against the CRDs of each version.
package istiofields

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/internal/istiofields"
	"github.com/istio-egress/istio-egress/test/internal/crds"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

func TestEachSupportedVersionIsPinned(t *testing.T) {
	pinned, err := crds.Versions()
	require.NoError(t, err)
	assert.Equal(t, pinned, project.IstioVersions(), "test/istioapi has a module for each version of Chart.yaml")
	assert.Equal(t, pinned, istiofields.Versions())
}

// The table is what the CRDs say.
func TestTableIsOfTheCRDs(t *testing.T) {
	golden.Equal(t, filepath.Join(project.Root(), "internal", "istiofields", "fields.txt"), table(t))
}

// No field is gone in a later version: the table has no place for that.
func TestNoVersionLosesFields(t *testing.T) {
	versions := fieldsOfVersions(t)
	for i := range versions[1:] {
		for kind, fields := range versions[i] {
			for path := range fields {
				assert.True(t, versions[i+1][kind][path], "%s %s", kind, path)
			}
		}
	}
}

// table has the fields that a version has and the one before lacks, without those below them. All versions have all kinds.
func table(t *testing.T) string {
	t.Helper()
	versions := fieldsOfVersions(t)
	var lines []string
	for i, version := range istiofields.Versions()[1:] {
		before, now := versions[i], versions[i+1]
		for _, kind := range slices.Sorted(maps.Keys(now)) {
			require.Contains(t, before, kind, "the table has no place for a kind that is new in %s", version)
			for _, path := range slices.Sorted(maps.Keys(now[kind])) {
				if !before[kind][path] && before[kind][parent(path)] {
					lines = append(lines, fmt.Sprintf("%s %s %s\n", version, kind, path))
				}
			}
		}
	}
	return strings.Join(lines, "")
}

func parent(path string) string {
	if list, isItem := strings.CutSuffix(path, "[]"); isItem {
		return list
	}
	return path[:max(strings.LastIndexByte(path, '.'), 0)]
}

func fieldsOfVersions(t *testing.T) []map[string]map[string]bool {
	t.Helper()
	var all []map[string]map[string]bool
	for _, version := range istiofields.Versions() {
		manifest, err := crds.Manifest(t.Context(), version)
		require.NoError(t, err)
		fields, err := crds.Fields(manifest)
		require.NoError(t, err)
		all = append(all, fields)
	}
	return all
}
