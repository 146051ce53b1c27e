package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/action"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// Programs such as Terraform's provider lint with Helm's SDK, and name no namespace.
func TestLintOfTheSDK(t *testing.T) {
	for _, namespace := range []string{"", "shop"} {
		lint := action.NewLint()
		lint.Strict, lint.Namespace = true, namespace
		linted := func(text string) []error {
			values, err := render.ParseValues([]byte(text))
			require.NoError(t, err)
			return lint.Run([]string{project.Chart()}, values).Errors
		}
		const entry = "externalNameServices: [{name: api, externalName: api.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}]\n"
		assert.Empty(t, linted(entry))
		errors := linted(entry + "policy: {hosts: [example.net]}\n")
		if assert.NotEmpty(t, errors) {
			assert.ErrorContains(t, errors[0], "policy.hosts")
		}
	}
}
