package delivery

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// The chart supports the Istio that it is tested with, and its Go types are of the newest version.
func TestIstioVersionsAreThoseOfTheTests(t *testing.T) {
	versions := project.IstioVersions()
	newest := versions[len(versions)-1]
	assert.Contains(t, versions, metadata(t).AppVersion)
	modules := read(t, filepath.Join(project.Root(), "go.mod"))
	for _, module := range []string{"istio.io/api", "istio.io/client-go"} {
		if !strings.Contains(modules, module+" v"+newest+".") {
			t.Errorf("go.mod has another %s than of Istio %s, which Chart.yaml supports", module, newest)
		}
	}
	sentence := "Istio " + words.List(versions, "or")
	if !strings.Contains(read(t, filepath.Join(project.Root(), "docs", "install.md")), sentence) {
		t.Errorf("docs/install.md does not say %q", sentence)
	}
}

// versionOfIstio is a version of Istio in a text or a program, but for one since which something is so.
var versionOfIstio = regexp.MustCompile(`[Ss]ince Istio 1\.[0-9]+|Istio (1\.[0-9]+)|\bVersion = "(1\.[0-9]+)\.[0-9]+"`)

// Whoever speaks of a version of Istio speaks of a supported one, or of the past: a sentence about another has no reader any
// more.
func TestTextsSpeakOfSupportedIstio(t *testing.T) {
	git := exec.CommandContext(t.Context(), "git", "ls-files", "--", "README.md", "docs", "examples/*.md", "charts", "lint/catalogue", "test/*.go")
	git.Dir = project.Root()
	files, err := git.Output()
	require.NoError(t, err)
	supported := project.IstioVersions()
	for name := range strings.FieldsSeq(string(files)) {
		for number, line := range strings.Split(read(t, filepath.Join(project.Root(), name)), "\n") {
			for _, version := range otherIstio(line, supported) {
				t.Errorf("%s:%d speaks of Istio %s; supported are %v (Chart.yaml)", name, number+1, version, supported)
			}
		}
	}
}

// otherIstio returns the versions of Istio that a line speaks of and that are not supported.
func otherIstio(line string, supported []string) []string {
	var others []string
	for _, match := range versionOfIstio.FindAllStringSubmatch(line, -1) {
		if version := match[1] + match[2]; version != "" && !slices.Contains(supported, version) {
			others = append(others, version)
		}
	}
	return others
}

func TestOtherIstio(t *testing.T) {
	of := strings.NewReplacer("ISTIO", "Istio", "VERSION", "Version") // as this file is read by the test above, too
	supported := []string{"1.30", "1.31"}
	assert.Empty(t, otherIstio(of.Replace(`ISTIO 1.30 or since ISTIO 1.21, ISTIO 1.31.2, VERSION = "1.31.0", Helm 1.20`), supported))
	others := otherIstio(of.Replace(`Since ISTIO 1.21; ISTIO 1.29; const VERSION = "1.32.0"`), supported)
	assert.Equal(t, []string{"1.29", "1.32"}, others)
}
