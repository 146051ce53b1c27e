package lint_test

import (
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
)

// Slips that people make are told in one sentence, with what to write.
func TestSlips(t *testing.T) {
	const entry = "externalNameServices:\n  - name: api\n    externalName: api.example.com\n    tls: {mode: DISABLE}\n    "
	for values, want := range map[string]string{
		"externalNameServices:\n  - api:\n      externalName: a.example.com\n      ports: [{name: http, port: 80}]\n": "externalNameServices[0].api: an item of a list has its name in a field: write - name: api",
		"externalNameServices:\n  - name:api\n":                                                        "YAML wants a space after the colon: write name: api",
		"externalNameServices:\n  -name: api\n":                                                        `"-name" is a key, and no item of a list: write a hyphen and a space, - name`,
		"externalNameServices:\n  api: api.example.com\n":                                              "write one such as api: {externalName: api.example.com, ports: ",
		"externalNameServices:\n  - api.example.com\n":                                                 "write one such as {name: api, externalName: api.example.com, ports: ",
		"externalNameServices: [{name: api\n":                                                          "1:24: not YAML: did not find expected ',' or '}'; close each [ and {",
		"{{- if .Values.x }}\na: b\n{{- end }}\n":                                                      "values are no templates, and nothing is filled in",
		entry + "ports: *ports\n":                                                                      "its &anchor has to stand above it in the same file",
		entry + "ports: {http: {port: 80}}\n":                                                          "write ports: [{name: http, port: 80}]",
		entry + "ports: [{name: http, port: '80:443'}]\n":                                              "write port: 80 and targetPort: 443",
		entry + "ports: [{name: dns, port: 53, protocol: UDP}]\n":                                      `unknown field "protocol": every port is TCP, as Istio carries nothing else: remove it`,
		entry + "ports: [{name: http, port: 80}]\n    timeout: 1d\n":                                   "write 24h",
		entry + "ports: [{name: http, port: 80}]\n    retries: {attempts: 2, retryOn: [5xx, reset]}\n": `write "5xx,reset"`,
		entry + "ports: [{name: http, port: 80}]\n    workloadSelector: {app: client}\n":               "write it as matchLabels: {app: client}",
		entry + "ports: [{name: http, port: 80}]\n    allowFrom: [team-a]\n":                           "write one such as allowFrom: {namespaces: [team-a]}",
		"commonLabels: [a=b]\n":                                                                        "write commonLabels: {a: b}",
		"egressGateway: {name: g.istio-system.svc.cluster.local}\n":                                    "write g [",
		"externalNameServices:\n  - {name: \u201capi\u201d, externalName: a.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}\n": "write api [",
		"externalNameServices:\n  - {name: 123, externalName: a.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}\n":             "write one such as name: my-httpbin",
		"externalNameServices:\n  - {name: a, externalName: b\u00fccher.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}\n":     "whose labels begin with xn--",
		"externalNameServices:\n  - {name: a, externalName: localhost, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}\n":                   "is the calling pod itself",
		"dataPlane: ambiant\nwaypoint: {name: w}\n" + entry + "ports: [{name: http, port: 80}]\n    allowFrom: {namespaces: [shop]}\n":             `not the string "ambiant": write ambient`,
		"dataPlane: ambient\nwaypoint: {name: w}\n" + entry + "ports: [{name: http, port: 80}]\n    allowFrom: {namespace: shop}\n":                `unknown field "namespace": did you mean "namespaces"?`,
		"endpointServices:\n  - {name: a, addresses: [{ip: 10.0.0.1}], ports: [{name: tls, port: 443}], tls: {mode: DISABLE}}\n":                   "write 10.0.0.1",
	} {
		files(t, map[string]string{"v.yaml": values})
		findings, err := lint.Releases(load(t), []lint.Release{{Values: render.ValuesOptions{Files: []string{"v.yaml"}}}}, lint.Options{})
		if err != nil {
			t.Errorf("%s: %v", values, err)
			continue
		}
		said := ""
		for _, f := range findings {
			said += f.Position.String() + ": " + f.Path + ": " + f.Message + " [" + f.ID + "]\n"
		}
		said = strings.ReplaceAll(said, ": : ", ": ")
		if !strings.Contains(said, want) || strings.Count(said, "\n") > 2 {
			t.Errorf("%s\nsaid %s\nwant %s", values, said, want)
		}
	}
}
