package manifests

import (
	"fmt"
	"slices"
	"strings"

	istio "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/objects"
	"github.com/istio-egress/istio-egress/position"
)

// object is one Kubernetes object of the manifests, and where it stands.
type object struct {
	kind     string
	group    string // of the API, as groups has it
	name     types.NamespacedName
	value    kruntime.Object // of the Go type of its kind; nil when there is no such kind
	misfits  []objects.Misfit
	whole    bool // else a part of it is not known: Kubernetes would refuse it, or another tool fills it in
	node     position.Node
	file     *position.File
	at       position.Path // in its document: empty, or items[2] of a List
	document int           // from 1
	host     string        // the one of several that this part of the object is for; empty for the whole object
}

// groups are the API groups of the kinds that the checks look at.
var groups = map[string]string{
	"Service": "v1", "Endpoints": "v1", "EndpointSlice": "discovery.k8s.io",
	"ServiceEntry": "networking.istio.io", "DestinationRule": "networking.istio.io", "VirtualService": "networking.istio.io",
	"Gateway": "networking.istio.io", "AuthorizationPolicy": "security.istio.io",
}

// readObject reads an object of a kind that the checks look at; nil for others.
func readObject(node position.Node, file *position.File, at position.Path, document int) *object {
	kind, _ := node.Field("kind").Text()
	group := groupOf(node)
	if groups[kind] == "" || group != groups[kind] {
		return nil
	}
	o := &object{kind: kind, group: group, node: node, file: file, at: at, document: document}
	o.value, o.misfits, o.whole = objects.Read(node)
	if named, ok := o.value.(metav1.Object); ok {
		o.name = egress.NameOf(named)
		return o
	}
	o.name = nameIn(node)
	return o
}

// groupOf is the API group of an object, such as networking.istio.io; v1 for the one of Services, which has no name.
func groupOf(node position.Node) string {
	version, _ := node.Field("apiVersion").Text()
	group, _, _ := strings.Cut(version, "/")
	return group
}

// nameIn reads the name and the namespace of an object of any kind.
func nameIn(node position.Node) types.NamespacedName {
	metadata := metav1.ObjectMeta{}
	metadata.Name, _ = node.Field("metadata").Field("name").Text()
	metadata.Namespace, _ = node.Field("metadata").Field("namespace").Text()
	return egress.NameOf(&metadata)
}

// String names the object, and its host where this is a part of it.
func (o *object) String() string {
	if o.host != "" {
		return fmt.Sprintf("%s %s (%s)", o.kind, o.name, o.host)
	}
	return fmt.Sprintf("%s %s", o.kind, o.name)
}

// finding is one of the linter's, and the object that it is about.
type finding struct {
	lint.Finding
	about *object // nil for what is no object
}

// finding reports something about a field of the object.
func (o *object) finding(id string, severity lint.Severity, path, format string, args ...any) finding {
	place, exists := o.place(path)
	if !exists {
		place, _ = o.place(parent(path))
	}
	return finding{about: o, Finding: lint.Finding{
		ID: id, Severity: severity, Object: o.String(), Path: path, Document: o.document,
		Message: fmt.Sprintf(format, args...), Position: place,
	}}
}

// relatedTo names another place that has a part in it.
func (f finding) relatedTo(o *object, path string) finding {
	place, _ := o.place(path)
	f.Related = append(f.Related, lint.Related{Object: o.String(), Path: path, Position: place})
	return f
}

func (o *object) place(path string) (position.Position, bool) {
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

// hosts are all that the object says something about, as it writes them: hosts, and Services by their names.
func (o *object) hosts() []string {
	switch value := o.value.(type) {
	case *corev1.Service:
		return []string{value.Name, egress.NormalHost(value.Spec.ExternalName)}
	case *corev1.Endpoints: //nolint:staticcheck // deprecated, and still in use
		return []string{value.Name}
	case *discoveryv1.EndpointSlice:
		return []string{value.Labels[discoveryv1.LabelServiceName]}
	case *istio.ServiceEntry:
		return value.Spec.GetHosts()
	case *istio.DestinationRule:
		return []string{value.Spec.GetHost()}
	case *istio.VirtualService:
		hosts := slices.Clone(value.Spec.GetHosts())
		for _, route := range routesOf(value) {
			for _, to := range route.destinations {
				hosts = append(hosts, to.GetHost())
			}
		}
		return hosts
	}
	return nil
}
