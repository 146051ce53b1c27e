//go:build e2e

package facts

import (
	"testing"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

func exported(to string) []string {
	line := "  exportTo: " + to + "\n"
	return []string{
		alias,
		serviceEntry("ext", entrySpec+line),
		destinationRule("ext", ruleSpec+line),
		virtualService(routeSpec + line),
	}
}

func TestExportTo(t *testing.T) {
	for _, c := range []struct {
		to      string
		visible map[string]bool
	}{
		{`["*"]`, map[string]bool{"default": true, "other": true, "third": true}},
		{`["."]`, map[string]bool{"default": true, "other": false, "third": false}},
		{`[other]`, map[string]bool{"default": false, "other": true, "third": false}},
		{`[default, other]`, map[string]bool{"default": true, "other": true, "third": false}},
	} {
		t.Run(c.to, func(t *testing.T) {
			m := mesh.New(t, mesh.Options{Objects: exported(c.to)})
			for namespace, visible := range c.visible {
				want := passed80
				if visible {
					want = originated + "ext.org"
				}
				fact{from: mesh.Workload{Namespace: namespace}, calls: []call{{"http://ext.default", want}}}.checkIn(t, m)
			}
		})
	}
}

func TestExportToThatIstiodRefuses(t *testing.T) {
	for to, why := range map[string]string{
		`[".", "."]`:     "duplicate entries",
		`[".", default]`: "duplicate entries",
		`["*", other]`:   "both public",
		`["~", other]`:   "to no one (~) and someone",
		`[under_score]`:  "only .,*, or a valid DNS 1123 label",
	} {
		t.Run(to, func(t *testing.T) { refused(t, serviceEntry("ext", entrySpec+"  exportTo: "+to+"\n"), why) })
	}
	refused(t, destinationRule("ext", ruleSpec+`  exportTo: ["~"]`+"\n"), "not allowed for Istio configuration objects")
	refused(t, virtualService(routeSpec+`  exportTo: ["~"]`+"\n"), "not allowed for Istio configuration objects")
	accepted(t, serviceEntry("ext", entrySpec+`  exportTo: ["~"]`+"\n"))
}

// A host that is visible where its rule is not is called in plaintext.
func TestRuleExportedLessThanItsHost(t *testing.T) {
	objects := []string{alias, entry, destinationRule("ext", ruleSpec+`  exportTo: ["."]`+"\n")}
	fact{objects: objects, from: mesh.Workload{Namespace: "other"}, calls: []call{
		{"http://ext.default", plaintext + "ext.default"},
	}}.check(t)
}

// The annotation on the alias does not hide it, it only loses the rewrite.
func TestExportToAnnotationOnAnAlias(t *testing.T) {
	annotated := `
apiVersion: v1
kind: Service
metadata: {name: ext, namespace: default, annotations: {networking.istio.io/exportTo: "."}}
spec: {type: ExternalName, externalName: ext.org, ports: [{name: http, port: 80}]}
`
	objects := []string{annotated, entry, rule, route}
	fact{objects: objects, calls: []call{{"http://ext.default", originated + "ext.org"}}}.check(t)
	fact{objects: objects, from: mesh.Workload{Namespace: "other"}, calls: []call{
		{"http://ext.default", originated + "ext.default"},
	}}.check(t)
}

// The annotation on a Service with a cluster IP hides it.
func TestExportToAnnotationOnAService(t *testing.T) {
	annotated := `
apiVersion: v1
kind: Service
metadata: {name: wiki, namespace: default, annotations: {networking.istio.io/exportTo: "default,other"}}
spec: {clusterIP: 10.96.0.10, ports: [{name: http, port: 80, targetPort: 443}]}
`
	objects := []string{annotated, wikiSlice, wikiRule}
	for namespace, want := range map[string]string{
		"default": wikiOriginated + "wiki.default",
		"other":   wikiOriginated + "wiki.default",
		"third":   mesh.BlackHole,
	} {
		fact{objects: objects, registryOnly: true, from: mesh.Workload{Namespace: namespace}, calls: []call{
			{"http://wiki.default", want},
		}}.check(t)
	}
}
