package chart

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gruntwork-io/terratest/modules/helm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// parentChart writes a chart that depends on istio-egress, and returns its folder.
func parentChart(t *testing.T, values string) string {
	t.Helper()
	parent := filepath.Join(t.TempDir(), "platform")
	writeFile(t, filepath.Join(parent, "Chart.yaml"), `apiVersion: v2
name: platform
version: 1.0.0
dependencies:
  - name: istio-egress
    version: ">=0.0.0-0"
    repository: file://`+project.Chart()+`
    condition: istio-egress.enabled
`)
	writeFile(t, filepath.Join(parent, "values.yaml"), values)
	return parent
}

func TestSubchart(t *testing.T) {
	parent := parentChart(t, `
global:
  cluster: west
istio-egress:
  externalNameServices:
    my-httpbin:
      externalName: httpbin.org
      ports: [{name: http, port: 80}]
      tls: {mode: DISABLE}
`)
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		options := h.Options(t)
		options.BuildDependencies = true
		out := strings.Join(template(t, options, parent), "\n")
		assert.Contains(t, out, "# Source: platform/charts/istio-egress/templates/service.yaml")
		assert.Contains(t, out, `externalName: "httpbin.org"`)
		assert.Contains(t, out, "app.kubernetes.io/name: istio-egress")

		assert.Empty(t, template(t, options, parent, "--set", "istio-egress.enabled=false"))
	})
}

func TestSubchartRefusesWrongValues(t *testing.T) {
	parent := parentChart(t, `
istio-egress:
  externalNameServices:
    my-httpbin:
      externalName: httpbin.org.
      ports: [{name: http, port: 80}]
      tls: {mode: DISABLE}
`)
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		options := h.Options(t)
		options.BuildDependencies = true
		_, stderr, err := helm.RenderTemplateAndGetStdOutErrContextE(t, t.Context(), options, parent, "release-name", nil)
		require.Error(t, err)
		assert.Contains(t, stderr, "externalNameServices.my-httpbin.externalName")
		assert.Contains(t, stderr, "[external-name-trailing-dot]")
	})
}

// As Argo CD does with skipSchemaValidation, and for a chart among others.
func TestSubchartWithoutSchemaRefuses(t *testing.T) {
	entry := func(tls string) string {
		return `
istio-egress:
  externalNameServices:
    my-httpbin:
      externalName: httpbin.org
      ports: [{name: http, port: 80, targetPort: 443}]
      ` + tls + "\n"
	}
	parents := map[string]string{}
	for _, tls := range []string{
		`tls: {mode: simple}`, `tsl: {mode: SIMPLE}`, `tls: {mode: SIMPLE, insecureSkipVerify: "false"}`, `tls: {mode: "SIMPLE\n"}`,
	} {
		parents[tls] = parentChart(t, entry(tls))
	}
	accepted := parentChart(t, entry(`tls: {mode: SIMPLE, sni: "x\nmode: DISABLE"}`))
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		options := h.Options(t)
		options.BuildDependencies = true
		for tls, parent := range parents {
			_, stderr, err := helm.RenderTemplateAndGetStdOutErrContextE(t, t.Context(), options, parent, "release-name", nil, "--skip-schema-validation")
			require.Error(t, err, tls)
			assert.Contains(t, stderr, "externalNameServices.my-httpbin.", tls)
		}
		out := strings.Join(template(t, options, accepted, "--skip-schema-validation"), "\n")
		assert.Contains(t, out, `sni: "x\nmode: DISABLE"`)
	})
}
