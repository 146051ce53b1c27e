package manifests

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/position"
)

// object is one Kubernetes object of the manifests.
type object struct {
	kind, namespace, name string
	node                  position.Node
	fields                map[string]any // the node's value
	file                  *position.File
	at                    position.Path // of the object in its document: empty, or items[2] of a List
	document              int           // from 1
	unreadable            bool          // Kubernetes or Istio would not take it
}

// Kinds that the checks look at.
const (
	kindService         = "Service"
	kindServiceEntry    = "ServiceEntry"
	kindDestinationRule = "DestinationRule"
	kindVirtualService  = "VirtualService"
	kindEndpoints       = "Endpoints"
	kindEndpointSlice   = "EndpointSlice"
)

func newObject(node position.Node, file *position.File, at position.Path, document int) (object, bool) {
	fields, _ := node.Value().(map[string]any)
	o := object{kind: text(fields, "kind"), node: node, fields: fields, file: file, at: at, document: document}
	group, _, _ := strings.Cut(text(fields, "apiVersion"), "/")
	switch o.kind {
	case kindService, kindEndpoints:
		if group != "v1" {
			return o, false
		}
	case kindEndpointSlice:
		if group != "discovery.k8s.io" {
			return o, false
		}
	case kindServiceEntry, kindDestinationRule, kindVirtualService:
		if group != "networking.istio.io" {
			return o, false
		}
	default:
		return o, false
	}
	metadata := child(fields, "metadata")
	o.name = text(metadata, "name")
	o.namespace = cmp.Or(text(metadata, "namespace"), "default")
	return o, true
}

func (o object) String() string { return fmt.Sprintf("%s %s/%s", o.kind, o.namespace, o.name) }

func (o object) spec() map[string]any { return child(o.fields, "spec") }

// finding reports something about a field of the object.
func (o object) finding(id string, severity lint.Severity, path, format string, args ...any) lint.Finding {
	place, exists := o.place(path)
	if !exists {
		place, _ = o.place(parent(path))
	}
	return lint.Finding{
		ID: id, Severity: severity, Object: o.String(), Path: path, Document: o.document,
		Message: fmt.Sprintf(format, args...), Position: place,
	}
}

// related names the object, or a field of it, as another place of a finding.
func (o object) related(path string) lint.Related {
	place, _ := o.place(path)
	return lint.Related{Object: o.String(), Path: path, Position: place}
}

func (o object) place(path string) (position.Position, bool) {
	parsed, err := position.ParsePath(path)
	if err != nil {
		parsed = nil
	}
	place := o.file.Find(o.at.Join(parsed...))
	if !place.Exists {
		return place.Key, false
	}
	return place.Value, true
}

func parent(path string) string {
	if end := strings.LastIndexAny(path, ".["); end > 0 {
		return path[:end]
	}
	return ""
}
