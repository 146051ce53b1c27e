package lint_test

import (
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
)

// A list of nobody is the chart's to refuse: it limits no other entry.
func TestAllowFromOtherwiseNamesSomebody(t *testing.T) {
	const values = `egressGateway: {name: gw, namespace: istio-system, selector: {istio: gw}, default: gateway}
externalNameServices:
  a: {externalName: x.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}
  b: {externalName: x.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}, allowFrom: {namespaces: `
	files(t, map[string]string{"nobody.yaml": values + "[]}}\n", "shop.yaml": values + "[shop]}}\n"})
	for file, want := range map[string]string{
		"nobody.yaml": "nobody.yaml:4:91 allow-from-empty",
		"shop.yaml":   "shop.yaml:3:3 allow-from-otherwise (shop.yaml:4:91)",
	} {
		expect(t, lintFiles(t, lint.Options{}, render.ValuesOptions{Files: []string{file}}), want)
	}
}
