package egress

import (
	"slices"

	networking "istio.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Model is what values, or objects, declare. It is not changed after it was made, and safe for concurrent reading.
type Model struct {
	// DataPlane is what the callers have; of objects, what they serve.
	DataPlane DataPlane
	// DNSCapture says that sidecars answer their workloads' DNS queries (ISTIO_META_DNS_CAPTURE), as the values do; objects do not say.
	DNSCapture   bool
	Services     []*Service     // by namespace and name
	Destinations []*Destination // by namespace and host
	// Gateways are those that services pass, by namespace and name.
	Gateways []*Gateway
	// GuardRails are those of the values, also where they restrict nothing; objects have none.
	GuardRails []*GuardRails
}

// Gateway is an egress gateway of the mesh.
type Gateway struct {
	Name, Namespace string            // of its Service
	Selector        map[string]string // labels of its pods
	Port            int               // of its Service, that calls arrive at
	// Identity is what sidecars verify where a release has a host of its own in front of the gateway's Service, such as
	// spiffe://cluster.local/ns/istio-system/sa/istio-egressgateway; empty where they call the Service itself.
	Identity string
}

// ID is namespace/name.
func (g *Gateway) ID() string { return g.Namespace + "/" + g.Name }

// DataPlane is what carries the calls of workloads.
type DataPlane string

// The data planes.
const (
	DataPlaneSidecar DataPlane = "sidecar" // each pod has a proxy
	DataPlaneAmbient DataPlane = "ambient" // ztunnel, which reads no rules and no routes, and waypoints
	DataPlaneBoth    DataPlane = "both"    // some pods this, some that
)

// Kind is how a service knows its server, or that there is none.
type Kind string

// The kinds, by the values' collections.
const (
	ExternalNameService Kind = "externalNameServices" // by an external host name
	EndpointService     Kind = "endpointServices"     // by addresses
	// ExternalHost is of hosts that workloads call by their own names: there is no service.
	ExternalHost Kind = "externalHosts"
)

// Form is how a service is made.
type Form string

// The forms.
const (
	// FormOpen is a name for an address: whoever calls it reaches the server, and the mesh sets TLS where it recognises the
	// call.
	FormOpen Form = "open"
	// FormClosed is a name for a route: whoever is not routed by the mesh reaches nothing.
	FormClosed Form = "closed"
)

// Service is a local name.
type Service struct {
	// Path is where the values declare it, such as externalNameServices[1]; empty for objects.
	Path      string
	Kind      Kind
	Form      Form
	Name      string
	Namespace string
	// Host is the full name: <name>.<namespace>.svc.<cluster domain>.
	Host string
	// ExternalName is the host that it leads to; empty for an endpoint service.
	ExternalName string
	// InCluster tells that the external name is a service of this cluster, to which the mesh's own rules apply: there is no
	// destination then.
	InCluster bool
	// ServerName is the name that the server answers to; empty when nobody told, and for objects.
	ServerName string
	// EndpointsKind is the kind of object that holds the addresses: EndpointSlice, Endpoints or ServiceEntry; empty for an
	// external name.
	EndpointsKind string
	// Labels and Annotations are those of its objects, the common ones included, without the chart's own.
	Labels, Annotations map[string]string
	// Visibility is who sees the name.
	Visibility
	Ports []*Port
	// Objects are what it was read from: the Service, and the VirtualServices that sidecars follow for it. Nil for values.
	Objects []runtime.Object

	// What values say of the entry as a whole; objects have it in the rules of their destinations alone.

	// Selector has the labels of the workloads that get its TLS settings; nil for all.
	Selector map[string]string
	// TLS is the entry's own block, for ports without theirs; nil when there is none.
	TLS *TLS
	// Through is the egress gateway that calls pass, as namespace/name; empty when they leave directly.
	Through string
	// Waypoint is the waypoint that calls of ambient pods pass, as namespace/name; empty for none.
	Waypoint string
	// AllowFrom is who may call, as the gateway or the waypoint enforces it; nil for everybody who sees the name.
	AllowFrom *AllowFrom
	// RewriteHost is as declared; nil when it was left to the default.
	RewriteHost *bool
	// Policy is the traffic policy besides TLS; nil for none.
	Policy *networking.TrafficPolicy
}

// Visibility is who sees a host.
type Visibility struct {
	// ExportTo are the namespaces, sorted and by their names, or "*" alone for all. Nil is Istio's default: all namespaces,
	// unless the mesh says otherwise.
	ExportTo []string
	// ExportToPath is where the values say so; empty where they do not.
	ExportToPath string
}

// All tells whether all namespaces see it, as far as the declaration says.
func (v Visibility) All() bool { return len(v.ExportTo) == 0 || v.ExportTo[0] == "*" }

// AllowFrom is who may call: workloads of one of the namespaces, and those that have one of the identities.
type AllowFrom struct {
	Namespaces      []string
	ServiceAccounts []string // as namespace/name
}

// NewAllowFrom returns who may call, each once and sorted.
func NewAllowFrom(namespaces, serviceAccounts []string) *AllowFrom {
	return &AllowFrom{Namespaces: sortedSet(namespaces), ServiceAccounts: sortedSet(serviceAccounts)}
}

func sortedSet(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

// Port is a port of a service.
type Port struct {
	Path        string // of the port, such as externalNameServices[1].ports[0]
	Name        string
	AppProtocol string
	Number      int // that workloads call
	TargetPort  int // of the server
	// HasTargetPort tells that the target port was given, and is not the number's default.
	HasTargetPort bool
	Protocol      Protocol // empty when it cannot be told
	// Host is the Host header that the server gets; empty for the one that the workload sends.
	Host string
	// Route has the timeout, the retries and the changed headers of a port's requests; nil for none.
	Route *networking.HTTPRoute
	// TLS are the settings that the service's workloads get for the port, of the port's own block or of the service's; nil
	// for objects, where nothing tells which service a selector belongs to. See To.
	TLS     *TLS
	Service *Service
	// To is where calls go; nil for a service of the cluster, and where nothing says.
	To *DestinationPort

	lacksSubset bool // the route names a subset that no rule has
}

// TLS are the settings of a tls block, complete: with the defaults that the chart fills in.
type TLS struct {
	// Path is where the values declare it, such as externalNameServices[1].tls.
	Path string
	// Settings are Istio's. Nil when there is no valid mode.
	Settings *networking.ClientTLSSettings
}

// Mode is DISABLE, SIMPLE, MUTUAL, or ISTIO_MUTUAL where objects say so; empty when there is none.
func (t *TLS) Mode() string {
	if t.GetSettings() == nil {
		return ""
	}
	return t.Settings.GetMode().String()
}

// GetSettings returns the settings, nil when there are none.
func (t *TLS) GetSettings() *networking.ClientTLSSettings {
	if t == nil {
		return nil
	}
	return t.Settings
}

// Originates tells whether the mesh originates TLS to the server.
func (t *TLS) Originates() bool { return t.Mode() == "SIMPLE" || t.Mode() == "MUTUAL" }

// Destination is a host that rules apply to: an external host, shared by the services that lead to it or called by its own
// name, or an endpoint service by its full name.
type Destination struct {
	Path      string // of the first entry that declares it
	Kind      Kind   // of the services that lead to it
	Namespace string
	Host      string // an [ExternalHost] may be a wildcard, such as *.example.com
	// HostPath is where an [ExternalHost] is listed, such as externalHosts[0].hosts[2]; empty for others, and for objects.
	HostPath string
	// Entry is the name of the entry that lists an [ExternalHost], and Labels and Annotations are those of its ServiceEntries, as
	// [Service] has them; empty for others.
	Entry               string
	Labels, Annotations map[string]string
	Visibility
	// Server is the external host behind it: the host itself, or another behind an exit; empty for addresses.
	Server string
	// Addresses are the server's IP addresses as far as they are declared, sorted.
	Addresses []string
	// FirstAddress is the one of them that is declared first; empty when there are none.
	FirstAddress string
	Ports        []*DestinationPort // by number
	Services     []*Service         // that lead to it; none for a host that is called by its own name alone
	// WithoutSidecars tells that of those who see it the waypoint's pods alone get there: others have a rule without the subset that
	// the route names.
	WithoutSidecars bool
	// Objects are what it was read from: ServiceEntries, DestinationRules, EndpointSlices and Endpoints. Nil for values.
	Objects []runtime.Object

	behindGateway bool
	others        *Visibility // who sees an exit behind a gateway besides the gateway; nil for nobody, and for values
}

// DestinationPort is a port of a destination, with its rules.
type DestinationPort struct {
	Path        string
	Destination *Destination
	Number      int // by which rules and routes know it
	TargetPort  int // of the server
	Protocol    Protocol
	// Rules are the settings for groups of workloads: first for those that no selector names, then by selector. Never empty.
	Rules []Rule
}

// Rule is what one group of workloads does with a port.
type Rule struct {
	Selector map[string]string         // nil for the workloads that no other rule selects
	TLS      *TLS                      // nil where objects say nothing: the port goes out as the workload sends it
	Policy   *networking.TrafficPolicy // nil for none
}

// Server names the server of a service for messages: the external host, or the service itself in front of addresses.
func (s *Service) Server() string {
	if s.Kind == EndpointService {
		return s.ID()
	}
	return s.ExternalName
}

// ID is namespace/name.
func (s *Service) ID() string { return s.Namespace + "/" + s.Name }
