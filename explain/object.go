package explain

import (
	"cmp"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/istio-egress/istio-egress/position"
)

// Object is an object of a cluster, or of a release that shall be installed there.
type Object struct {
	// Value is the typed object: Service, EndpointSlice, Endpoints, Pod and Namespace of k8s.io/api; ServiceEntry,
	// DestinationRule, VirtualService, Sidecar, WorkloadEntry, Gateway, PeerAuthentication and AuthorizationPolicy of istio.io/client-go's v1, and
	// EnvoyFilter of its v1alpha3; Gateway of the Gateway API. It is not changed.
	Value runtime.Object
	// Origin tells where the object comes from; nil for nowhere.
	Origin Origin

	// assumedFor is the gateway's Service that the object is assumed with.
	assumedFor identity
}

// Origin tells where a user finds what decides about an aspect of an object.
type Origin func(Aspect) Place

// Aspect is a part of an object that decides about a step of a call.
type Aspect struct {
	Field Field
	Port  int // that workloads call; 0 for none
}

// Field is what an aspect is about.
type Field string

// The fields.
const (
	FieldEntry     Field = ""          // the whole object, or the entry of the values
	FieldServer    Field = "server"    // the external host that a name leads to
	FieldAddresses Field = "addresses" // the server's addresses
	FieldPort      Field = "port"      // a port
	FieldTLS       Field = "tls"       // the TLS settings of a port
	FieldCallers   Field = "callers"   // who may call
)

// Place is where something is declared.
type Place struct {
	// Path is that of a value, such as externalNameServices[1].tls; empty for manifests.
	Path string
	// Position is the file and line, or the flag; the zero Position for values that come from neither.
	position.Position
}

// String is the place for people: the path, and the position behind it.
func (p Place) String() string {
	at := p.Flag
	if at == "" && p.File != "" {
		at = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	switch {
	case p.Path == "":
		return at
	case at == "":
		return p.Path
	}
	return p.Path + " (" + at + ")"
}

// Reference names an object, with its place.
type Reference struct {
	Kind      string
	Namespace string
	Name      string
	Place     Place
}

// String is Kind namespace/name.
func (r Reference) String() string {
	return r.Kind + " " + strings.TrimPrefix(r.Namespace+"/"+r.Name, "/")
}

// Compare orders references by kind, namespace and name.
func (r Reference) Compare(other Reference) int {
	return cmp.Or(cmp.Compare(r.Kind, other.Kind), cmp.Compare(r.Namespace, other.Namespace), cmp.Compare(r.Name, other.Name))
}

// Reference names the object, with the place of all of it.
func (o Object) Reference() Reference {
	id := identityOf(o.Value)
	r := Reference{Kind: id.kind, Namespace: id.namespace, Name: id.name}
	if o.Origin != nil {
		r.Place = o.Origin(Aspect{})
	}
	return r
}
