package manifests

import (
	"slices"

	"github.com/istio-egress/istio-egress/internal/istiofields"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/position"
)

// checkNewerIstio reports fields that the oldest of the meshes' versions of Istio does not know. Kubernetes leaves them out of
// the object, and says so to kubectl alone.
func checkNewerIstio(s *set) []finding {
	var findings []finding
	for _, o := range slices.Concat(s.ofIstio, s.all) {
		eachField(o.node, nil, "", func(at position.Path, path string) bool {
			since := istiofields.Since(o.kind, path)
			if since == "" || !s.options.Lacks(since) {
				return true
			}
			findings = append(findings, o.finding("manifest-newer-istio", lint.Warning, at.String(),
				"Istio %s does not know the field, and Kubernetes leaves it out: remove it, unless all your meshes have Istio %s or later",
				s.options.OldestIstio(), since))
			return false
		})
	}
	return findings
}

// eachField calls with the fields of a node: their places, and their paths, in which lists are written []. It goes on below a
// field where the answer is true.
func eachField(node position.Node, at position.Path, path string, visit func(at position.Path, path string) bool) {
	for _, field := range node.Fields() {
		name := field.Name
		if path != "" {
			name = path + "." + field.Name
		}
		if below := at.Join(position.Key(field.Name)); visit(below, name) {
			eachField(field.Value, below, name, visit)
		}
	}
	for i, item := range node.Items() {
		eachField(item, at.Join(position.Index(i)), path+"[]", visit)
	}
}
