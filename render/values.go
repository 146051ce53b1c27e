package render

import (
	"encoding/json"
	"fmt"
)

// Values are the chart's values as Go types, for programs that build them. Names, meanings and defaults are those of
// the chart's values.yaml. Zero values are left out, so that the chart's defaults apply.
type Values struct {
	// Global is passed through, for charts that use this one as a subchart.
	Global map[string]any `json:"global,omitempty"`
	// ClusterDomain defaults to cluster.local.
	ClusterDomain string `json:"clusterDomain,omitempty"`
	// ExportTo is the default for every entry: namespaces, "." or "*".
	ExportTo []string `json:"exportTo,omitempty"`
	// ServiceType is the default for every entry of ExternalNameServices; empty: each by its ports.
	ServiceType ServiceType `json:"serviceType,omitempty"`
	// EndpointsKind is the default for every entry of EndpointServices; empty: each by its ports.
	EndpointsKind EndpointsKind `json:"endpointsKind,omitempty"`
	// DNSCapture tells that the mesh's sidecars capture DNS.
	DNSCapture bool `json:"dnsCapture,omitempty"`
	// EgressGateway is the gateway that entries through it pass: one that exists.
	EgressGateway *EgressGateway `json:"egressGateway,omitempty"`
	// DataPlane is what the callers have; default: sidecars.
	DataPlane DataPlane `json:"dataPlane,omitempty"`
	// Waypoint is what calls of ambient pods pass; nil for none.
	Waypoint *Waypoint `json:"waypoint,omitempty"`
	// Policy is what a platform lets entries be; nil: anything.
	Policy               *Policy              `json:"policy,omitempty"`
	CommonLabels         map[string]string    `json:"commonLabels,omitempty"`
	CommonAnnotations    map[string]string    `json:"commonAnnotations,omitempty"`
	Test                 *Test                `json:"test,omitempty"`
	ExternalNameServices ExternalNameServices `json:"externalNameServices,omitempty"`
	EndpointServices     EndpointServices     `json:"endpointServices,omitempty"`
	ExternalHosts        ExternalHosts        `json:"externalHosts,omitempty"`
}

// EgressGateway is a gateway of the mesh that exists. Entries through it need Name, Namespace and Selector.
type EgressGateway struct {
	// Name is the gateway's Service, in Namespace.
	Name      string `json:"name,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	// Selector has labels of the gateway's pods.
	Selector map[string]string `json:"selector,omitempty"`
	// Port is one of the gateway's Service; default 443.
	Port int32 `json:"port,omitempty"`
	// Identity is in the certificate of its pods: spiffe://<trust domain>/ns/<namespace>/sa/<account>. With it nothing is
	// rendered in the gateway's namespace; empty: the rule for its Service is.
	Identity string `json:"identity,omitempty"`
	// Default is the way of entries that do not say; empty: direct.
	Default Through `json:"default,omitempty"`
}

// Through is how calls leave the mesh.
type Through string

// The ways out of the values contract.
const (
	ThroughDirect  Through = "direct"  // from the caller's sidecar
	ThroughGateway Through = "gateway" // by the egress gateway
)

// AllowFrom is who may call an entry through the gateway: workloads of one of the namespaces, or with one of the accounts.
type AllowFrom struct {
	Namespaces []string `json:"namespaces,omitempty"`
	// ServiceAccounts are namespace/name.
	ServiceAccounts []string `json:"serviceAccounts,omitempty"`
}

// Test is the pod of helm test, which calls the HTTP ports.
type Test struct {
	Enabled bool `json:"enabled,omitempty"`
	// Image needs sh and curl; default: the chart's.
	Image string `json:"image,omitempty"`
}

// DataPlane is what the callers have.
type DataPlane string

// The data planes of the values contract.
const (
	DataPlaneSidecar DataPlane = "sidecar" // each pod has a proxy
	DataPlaneAmbient DataPlane = "ambient" // ztunnel and waypoints
	DataPlaneBoth    DataPlane = "both"    // some pods this, some that
)

// Waypoint is the proxy that originates TLS for ambient pods, by its Gateway.
type Waypoint struct {
	// Name is required.
	Name string `json:"name"`
	// Namespace defaults to that of each entry.
	Namespace string `json:"namespace,omitempty"`
	// Create renders the Gateway; default: it exists.
	Create bool `json:"create,omitempty"`
}

// Policy restricts entries, for values that are merged last. A nil list restricts nothing, an empty one lets nothing pass.
type Policy struct {
	// Namespaces that entries may be in.
	Namespaces []string `json:"namespaces,omitzero"`
	// Hosts that ExternalName and Hosts may name: exact, or *.example.com for all names below.
	Hosts []string `json:"hosts,omitzero"`
	// ExportTo has the namespaces that may see entries: names, or "." for the entry's own.
	ExportTo []string `json:"exportTo,omitzero"`
	// Modes that ports may have.
	Modes []TLSMode `json:"modes,omitzero"`
	// AddressesInside and AddressesOutside are CIDRs that each address is in one of, and in none of.
	AddressesInside  []string `json:"addressesInside,omitzero"`
	AddressesOutside []string `json:"addressesOutside,omitzero"`
	// ForbidInsecureSkipVerify refuses TLS to whoever answers.
	ForbidInsecureSkipVerify bool `json:"forbidInsecureSkipVerify,omitempty"`
	// RequireGateway refuses calls that leave the mesh directly.
	RequireGateway bool `json:"requireGateway,omitempty"`
	// RequireExportTo refuses entries that do not say who sees them, themselves or by the top level.
	RequireExportTo bool `json:"requireExportTo,omitempty"`
}

// Service is what both kinds of entries have.
type Service struct {
	// Name is the Service's name, a DNS-1035 label. Required.
	Name string `json:"name"`
	// Namespace defaults to the release's.
	Namespace string `json:"namespace,omitempty"`
	Ports     []Port `json:"ports,omitempty"`
	TLS       *TLS   `json:"tls,omitempty"`
	// ServerName is the name that the external server answers to.
	ServerName string `json:"serverName,omitempty"`
	// RewriteHost sends ServerName as the Host header; default: where the mesh originates TLS.
	RewriteHost *bool `json:"rewriteHost,omitempty"`
	// Timeout is how long a request may take, such as "30s", on HTTP ports; default: no limit.
	Timeout string `json:"timeout,omitempty"`
	// Retries say when a request is tried again, on HTTP ports; default: Istio's.
	Retries *Retries `json:"retries,omitempty"`
	// KeepMeshHeaders sends the headers to the server by which Envoy tells about the mesh.
	KeepMeshHeaders  bool              `json:"keepMeshHeaders,omitempty"`
	WorkloadSelector *WorkloadSelector `json:"workloadSelector,omitempty"`
	ExportTo         []string          `json:"exportTo,omitempty"`
	// Through is how calls leave; empty: as EgressGateway.Default says.
	Through Through `json:"through,omitempty"`
	// AllowFrom is who may call, with ThroughGateway; nil: everybody who sees the name.
	AllowFrom     *AllowFrom        `json:"allowFrom,omitempty"`
	TrafficPolicy *TrafficPolicy    `json:"trafficPolicy,omitempty"`
	Labels        map[string]string `json:"labels,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

// ExternalNameService is a DNS alias to a host name.
type ExternalNameService struct {
	Service
	// ExternalName is the host: a lower-case DNS name without trailing dot. Required.
	ExternalName string `json:"externalName"`
	// Addresses are the server's IPs, for TCP ports of an ExternalName.
	Addresses []string `json:"addresses,omitempty"`
	// ServiceType is the form; empty: by the ports.
	ServiceType ServiceType `json:"serviceType,omitempty"`
}

// EndpointService is a Service without selector in front of static addresses.
type EndpointService struct {
	Service
	// Addresses are IPv4 and IPv6 addresses. Required.
	Addresses     []string      `json:"addresses"`
	EndpointsKind EndpointsKind `json:"endpointsKind,omitempty"`
}

// ExternalHostList are hosts that workloads call by their own names, with the same ports.
type ExternalHostList struct {
	// Name is the entry's, a DNS-1035 label. Required.
	Name string `json:"name"`
	// Namespace defaults to the release's.
	Namespace string `json:"namespace,omitempty"`
	// Hosts are names such as api.example.com, and wildcards such as *.example.com. Required.
	Hosts []string `json:"hosts"`
	Ports []Port   `json:"ports,omitempty"`
	TLS   *TLS     `json:"tls,omitempty"`
	// Addresses are the IPs of the host, of which there is one then, for TCP ports.
	Addresses []string `json:"addresses,omitempty"`
	ExportTo  []string `json:"exportTo,omitempty"`
	// Through is ThroughDirect, where EgressGateway.Default is the gateway.
	Through       Through           `json:"through,omitempty"`
	TrafficPolicy *TrafficPolicy    `json:"trafficPolicy,omitempty"`
	Labels        map[string]string `json:"labels,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

// Port is a port of the local Service.
type Port struct {
	// Name is required; Istio reads the protocol from AppProtocol, else from the name's prefix.
	Name string `json:"name"`
	// Port is what the workload connects to. Required.
	Port int32 `json:"port"`
	// TargetPort is what the external server listens on; default Port.
	TargetPort  int32  `json:"targetPort,omitempty"`
	AppProtocol string `json:"appProtocol,omitempty"`
	// TLS overrides the entry's TLS for this port.
	TLS *TLS `json:"tls,omitempty"`
}

// TLSMode says who encrypts.
type TLSMode string

// The modes of the values contract.
const (
	TLSDisable TLSMode = "DISABLE" // the workload sends TLS itself, or the server wants plaintext
	TLSSimple  TLSMode = "SIMPLE"  // the mesh originates TLS
	TLSMutual  TLSMode = "MUTUAL"  // the mesh originates TLS with a client certificate
)

// TLS says how the external server is reached. File paths are paths in the sidecar.
type TLS struct {
	Mode               TLSMode  `json:"mode"`
	SNI                string   `json:"sni,omitempty"`
	SubjectAltNames    []string `json:"subjectAltNames,omitempty"`
	CACertificates     string   `json:"caCertificates,omitempty"`
	CACRL              string   `json:"caCrl,omitempty"`
	ClientCertificate  string   `json:"clientCertificate,omitempty"`
	PrivateKey         string   `json:"privateKey,omitempty"`
	CredentialName     string   `json:"credentialName,omitempty"`
	InsecureSkipVerify bool     `json:"insecureSkipVerify,omitempty"`
}

// ServiceType is the form of an ExternalNameService.
type ServiceType string

// The forms of the values contract.
const (
	ServiceExternalName ServiceType = "ExternalName" // open: an alias
	ServiceClusterIP    ServiceType = "ClusterIP"    // closed: calls that the mesh does not route reach nothing
)

// Retries are when a request is tried again, as in Istio's HTTPRetry.
type Retries struct {
	// Attempts is how often at the most; 0 for never. Required.
	Attempts int32 `json:"attempts"`
	// PerTryTimeout is how long each may take, such as "2s"; default: Timeout.
	PerTryTimeout string `json:"perTryTimeout,omitempty"`
	// RetryOn are Envoy's conditions and status codes, joined by commas; default: Istio's.
	RetryOn string `json:"retryOn,omitempty"`
}

// EndpointsKind is the kind that holds the addresses of an EndpointService.
type EndpointsKind string

// The kinds of the values contract.
const (
	EndpointsEndpointSlice EndpointsKind = "EndpointSlice"
	EndpointsServiceEntry  EndpointsKind = "ServiceEntry"
	EndpointsEndpoints     EndpointsKind = "Endpoints"
)

// WorkloadSelector limits an entry's TLS settings to the workloads with these labels.
type WorkloadSelector struct {
	MatchLabels map[string]string `json:"matchLabels,omitempty"`
}

// Map returns the values as the maps that [Chart.Render] takes.
func (v Values) Map() (map[string]any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("values: %w", err)
	}
	var values map[string]any
	if err := json.Unmarshal(data, &values); err != nil {
		return nil, fmt.Errorf("values: %w", err)
	}
	return values, nil
}
