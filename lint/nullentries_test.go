package lint_test

import (
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
)

// Null removes an entry of an earlier file, and is reported where there is none to remove.
func TestNullEntries(t *testing.T) {
	const api = "{externalName: api.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}"
	files(t, map[string]string{
		"base.yaml":       "externalNameServices:\n  api: " + api + "\n",
		"list.yaml":       "externalNameServices:\n  - " + api[:1] + "name: api, " + api[1:] + "\n",
		"removes.yaml":    "externalNameServices:\n  api: null\nendpointServices: {}\n",
		"typo.yaml":       "externalNameServices:\n  apy:\n",
		"collection.yaml": "externalNameServices:\nendpointServices: []\n",
	})
	for _, tc := range []struct{ names, want []string }{
		{[]string{"base.yaml", "removes.yaml"}, nil},
		{[]string{"base.yaml", "collection.yaml"}, nil},
		{[]string{"base.yaml", "typo.yaml"}, []string{"typo.yaml:2:3 null-without-effect"}},
		{[]string{"removes.yaml", "base.yaml"}, []string{"removes.yaml:2:3 null-without-effect"}},
		{[]string{"removes.yaml"}, []string{"removes.yaml:2:3 null-without-effect"}},
		{[]string{"collection.yaml"}, []string{"collection.yaml:1:1 null-without-effect"}},
		{[]string{"list.yaml"}, nil},
	} {
		expect(t, lintFiles(t, lint.Options{}, render.ValuesOptions{Files: tc.names}), tc.want...)
	}
}
