// Package parity tests that the render command prints what helm template
// prints: the same bytes as the helm whose SDK it has, helm 3, and the same documents as helm 4.
package parity

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/manifest"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// arguments are variants of a command line, beside the values file.
var arguments = map[string][]string{
	"defaults":     nil,
	"namespace":    {"-n", "team-a"},
	"kube version": {"--kube-version", "1.30"},
	"API versions": {"--api-versions", "networking.istio.io/v1", "--api-versions", "example.com/v1/Thing"},
	"show only":    {"--show-only", "templates/service.yaml"},
	"set": {
		"--set", "commonLabels.team=payments,test.enabled=true",
		"--set-string", "commonAnnotations.example\\.com/build=007",
		"--set-json", `exportTo=[".","team-b"]`,
	},
	"null": {"--set", "exportTo=null,commonLabels=null"},
}

// compare runs render and both helms with the same arguments.
func compare(t *testing.T, releaseName string, args ...string) {
	t.Helper()
	renderArgs := args
	helmArgs := slices.Concat([]string{project.Chart()}, args)
	if releaseName != "" {
		renderArgs = slices.Concat(args, []string{"--release-name", releaseName})
		helmArgs = slices.Concat([]string{releaseName}, helmArgs)
	}
	got, err := project.Render(t, renderArgs...)
	require.NoError(t, err)
	helm3, err := helmbin.Output(t.Context(), helmbin.Helm3.Options(t), "template", helmArgs...)
	require.NoError(t, err)
	helm4, err := helmbin.Output(t.Context(), helmbin.Helm4.Options(t), "template", helmArgs...)
	require.NoError(t, err)

	same, other := string(helm3), string(helm4)
	isHelm4 := strings.HasPrefix(render.HelmVersion, "v4.") // ci/helm4-sdk
	if isHelm4 {
		same, other = other, same
	}
	assert.NotEmpty(t, got)
	if isHelm4 && slices.Contains(args, "--show-only") { // its command splits what it prints once more, and adds empty lines
		assert.Equal(t, manifest.Documents(same), manifest.Documents(string(got)), "documents of helm %s", render.HelmVersion)
	} else {
		assert.Equal(t, same, string(got), "bytes of helm %s", render.HelmVersion)
	}
	assert.Equal(t, manifest.Documents(other), manifest.Documents(string(got)), "documents of the other helm")
}

func TestExamples(t *testing.T) {
	for _, example := range project.Examples(t) {
		for name, args := range arguments {
			if name == "namespace" && example.Name == "private-ca" {
				continue // its ConfigMap is in the default namespace, and Istio reads those of the entry's own alone
			}
			if name == "show only" && example.Name == "external-hosts" { // which has no Services
				args = []string{"--show-only", "templates/serviceentry.yaml"}
			}
			t.Run(example.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				compare(t, "", slices.Concat([]string{"-f", example.Values}, args)...)
			})
		}
		t.Run(example.Name+"/release name", func(t *testing.T) {
			t.Parallel()
			compare(t, "team-b", "-f", example.Values)
		})
	}
}

// Files override each other, and flags override files.
func TestSeveralFilesAndFlags(t *testing.T) {
	examples := filepath.Join(project.Root(), "examples")
	compare(t, "",
		"-f", filepath.Join(examples, "many-aliases-one-host", "values.yaml"),
		"-f", filepath.Join(examples, "dual-stack", "values.yaml"),
		"--set", "externalNameServices.search=null",
		"--set", "endpointServices[1].namespace=tools",
		"--set-string", "commonLabels.cost-centre=0042",
		"--set-file", "commonAnnotations.notice="+filepath.Join("testdata", "notice.txt"))
}

// Both refuse the same values with the same message; render says in which file and line as well.
func TestRefusals(t *testing.T) {
	for name, values := range map[string]string{
		"schema":   "wrong-type.yaml",
		"template": "two-problems.yaml",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", values)
			_, got := project.Render(t, "-f", path)
			_, want := helmbin.Output(t.Context(), helmbin.Helm3.Options(t), "template", project.Chart(), "-f", path)
			require.Error(t, want)
			require.Error(t, got)
			lines := problems(want.Error())
			require.NotEmpty(t, lines, want)
			for _, line := range lines {
				assert.Contains(t, got.Error(), strings.TrimPrefix(line, "- "))
			}
		})
	}
}
