// Package cases reads what is to be called and what is to arrive: YAML files, each with its
// surroundings and a list of cases.
package cases

import (
	"time"
)

// File is a file of cases. They share their surroundings, and leave them as they found them.
type File struct {
	// Path of the file.
	Path string `yaml:"-"`
	// About says in a sentence what the cases have in common.
	About string `yaml:"about"`
	// Releases of the chart that are installed.
	Releases     []Release    `yaml:"releases"`
	Surroundings Surroundings `yaml:"surroundings"`
	// Callers are pods, by name. Calls that name none are of the only one, or of the one that is called client.
	Callers map[string]*Caller `yaml:"callers"`
	Cases   []Case             `yaml:"cases"`
	// Matrix generates all of the above.
	Matrix *Matrix `yaml:"matrix"`
}

// Release is a release of the chart.
type Release struct {
	Name      string `yaml:"name"`
	Namespace string `yaml:"namespace"`
	// Example is the name of a folder of examples/ whose values are taken.
	Example string         `yaml:"example"`
	Values  map[string]any `yaml:"values"`
	// Steps makes an upgrade object by object: each is in force before the next one is changed.
	Steps bool `yaml:"steps"`
}

// Surroundings are what is there beside the chart.
type Surroundings struct {
	// Outbound are the policies for unknown traffic. The cases run under each; ALLOW_ANY is the default.
	Outbound []string `yaml:"outbound"`
	// MeshWideMutual are hosts of a rule in the root namespace that asks for ISTIO_MUTUAL. The cases run
	// under each, with the first policy of Outbound; "" is no rule, runs with every policy, and is the default.
	MeshWideMutual []string `yaml:"meshWideMutual"`
	// Families of the Services: IPv4, IPv6 or dual.
	Families string `yaml:"families"`
	// Istiod are its environment variables, which it reads once: such files run in a process of their own.
	Istiod map[string]string `yaml:"istiod"`
	// MeshConfig is put over Istio's defaults.
	MeshConfig map[string]any `yaml:"meshConfig"`
	// Manifests are other objects.
	Manifests string `yaml:"manifests"`
	// Servers outside the mesh, by name.
	Servers map[string]*Server `yaml:"servers"`
	// Gateways are pods whose proxy serves others, by name. Services select them by their labels.
	Gateways map[string]*Gateway `yaml:"gateways"`
	// Names of the DNS outside, beside those of the servers.
	Names map[string]*Name `yaml:"names"`
	// ClientCertificates are names and the CAs that issue them.
	ClientCertificates map[string]string `yaml:"clientCertificates"`
	Secrets            []Secret          `yaml:"secrets"`
	ConfigMaps         []ConfigMap       `yaml:"configMaps"`
}

// Server is a server outside the mesh.
type Server struct {
	// Host is its name in DNS.
	Host string `yaml:"host"`
	// TTL of that name in seconds; a minute by default.
	TTL uint32 `yaml:"ttl"`
	// Addresses are given out when there are none.
	Addresses []string `yaml:"addresses"`
	// Names in the certificate instead of the host.
	Names []string `yaml:"names"`
	// CA that issues the certificate: public by default.
	CA string `yaml:"ca"`
	// Certificate is what is wrong with it; right by default.
	Certificate string `yaml:"certificate"`
	// Ports and what is spoken there.
	Ports map[uint16]*Port `yaml:"ports"`
}

// Port is a port of a server: http, echo or greeting, or one of these in TLS.
type Port struct {
	Speaks string `yaml:"speaks"`
	// Clients is the CA of client certificates, which are demanded then.
	Clients string `yaml:"clients"`
}

// Name is a name of the DNS outside.
type Name struct {
	Addresses []string `yaml:"addresses"`
	TTL       uint32   `yaml:"ttl"`
}

// Secret is a Secret with a client certificate.
type Secret struct {
	Name      string `yaml:"name"`
	Namespace string `yaml:"namespace"`
	// Certificate is one of the client certificates.
	Certificate string `yaml:"certificate"`
	// CA is put in as ca.crt.
	CA string `yaml:"ca"`
}

// ConfigMap is a ConfigMap with a CA.
type ConfigMap struct {
	Name      string `yaml:"name"`
	Namespace string `yaml:"namespace"`
	// CA is put in as ca.crt.
	CA string `yaml:"ca"`
}

// Pod is what callers and gateways have in common.
type Pod struct {
	Namespace      string            `yaml:"namespace"`
	Labels         map[string]string `yaml:"labels"`
	ServiceAccount string            `yaml:"serviceAccount"`
	// Families of the pod's addresses: IPv4 by default.
	Families string `yaml:"families"`
	// Metadata of the proxy, as the annotation proxy.istio.io/config sets it by ISTIO_META_ variables.
	Metadata map[string]string `yaml:"metadata"`
	// Files of the proxy's container by path, all below /etc: "certificate X", "key X" or "ca X".
	Files map[string]string `yaml:"files"`
	// Ready is "late" for a proxy that waits for what does not come.
	Ready string `yaml:"ready"`
}

// Caller is a pod that makes calls.
type Caller struct {
	// Sidecar is true by default.
	Sidecar *bool `yaml:"sidecar"`
	// Ambient is for a pod without a sidecar whose calls ztunnel carries.
	Ambient bool `yaml:"ambient"`
	Pod     `yaml:",inline"`
}

// Gateway is a pod with a proxy alone.
type Gateway struct {
	// Kind is what istiod knows the proxy as: router by default, or waypoint.
	Kind string `yaml:"kind"`
	Pod  `yaml:",inline"`
}

// Case is some calls, and what is to arrive.
type Case struct {
	// Line of the file.
	Line int    `yaml:"-"`
	Name string `yaml:"name"`
	// Shows says why the outcome is what it is, or what it means to a user.
	Shows string `yaml:"shows"`
	// Only is an outbound policy, without which the case does not run.
	Only string `yaml:"only"`
	// Given changes the surroundings for this case.
	Given []Change `yaml:"given"`
	// DeleteEach are kinds. The case runs once for each of the releases' objects of a kind, without it.
	DeleteEach []string `yaml:"deleteEach"`
	// Meanwhile changes the surroundings while the calls run. They are changed back after the calls.
	Meanwhile []Change `yaml:"meanwhile"`
	// Calls inherit what follows.
	Calls       []Call `yaml:"calls"`
	From        string `yaml:"from"`
	Expectation `yaml:",inline"`
}

// Call is a call. In the file it may be its URL alone.
type Call struct {
	URL string `yaml:"call"`
	// From is the caller.
	From string `yaml:"from"`
	// Only is an outbound policy, without which the call is not made.
	Only string `yaml:"only"`
	// Names is "all" for a call by every name of the Service.
	Names string `yaml:"names"`
	// Address is dialled instead of what DNS says.
	Address string `yaml:"address"`
	SNI     string `yaml:"sni"`
	// Host is the Host header.
	Host    string            `yaml:"host"`
	Headers map[string]string `yaml:"headers"`
	// Send are the bytes of a raw call, and the target of a CONNECT.
	Send string `yaml:"send"`
	// Times is how often the call is made.
	Times       int `yaml:"times"`
	Expectation `yaml:",inline"`
}

// Expectation is what is to become of a call.
type Expectation struct {
	Arrives *Arrives `yaml:"arrives"`
	// Sees is a status of HTTP or gRPC, or a word such as answered, closed, refused or anything.
	Sees string `yaml:"sees"`
	// Within is how long it may take until it is so, for what takes its time.
	Within time.Duration `yaml:"within"`
	// Logs is a regular expression for a line of the caller's access log.
	Logs string `yaml:"logs"`
	// Attempts is how often the server is tried: by HTTP requests that arrive, and handshakes that fail. It is not counted
	// where it is 0.
	Attempts int `yaml:"attempts"`
}

// Arrives is what is to arrive. In the file it may be the word nothing.
type Arrives struct {
	Nothing bool `yaml:"-"`
	// At is a server and its port, such as httpbin:443.
	At string `yaml:"at"`
	// Maybe is for what may as well not arrive, while something changes.
	Maybe bool `yaml:"maybe"`
	// Plaintext must be said where it is expected.
	Plaintext bool `yaml:"plaintext"`
	// SNI of the TLS.
	SNI string `yaml:"sni"`
	// ALPN are the protocols that are offered; none is written as [].
	ALPN *[]string `yaml:"alpn"`
	// Client is the client certificate; none is expected otherwise.
	Client string `yaml:"client"`
	// Host is the Host header; "called" is the one that the workload sent.
	Host string `yaml:"host"`
	// Headers are "present", "absent", or have a value.
	Headers map[string]string `yaml:"headers"`
	// Through is the pod that connects to the server; the caller by default.
	Through string `yaml:"through"`
}

// Change is a change of the surroundings. Exactly one of its fields is set.
type Change struct {
	Line int `yaml:"-"`
	// Delete is an object, such as ServiceEntry default/httpbin.org.
	Delete string `yaml:"delete"`
	// Apply are manifests.
	Apply string `yaml:"apply"`
	// Secret is one that is applied.
	Secret *Secret `yaml:"secret"`
	// Upgrade are new values for a release.
	Upgrade *Release `yaml:"upgrade"`
	// Certificate is what is wrong with that of a server: {server: word}.
	Certificate map[string]string `yaml:"certificate"`
	// Down are servers that nobody answers for.
	Down []string `yaml:"down"`
	// Resolve changes the addresses of names; none for a name that is not there.
	Resolve map[string][]string `yaml:"resolve"`
	// Files changes files of callers: {caller: {path: content}}; "" removes one.
	Files map[string]map[string]string `yaml:"files"`
	// Rotate issues a certificate anew: a server's, or a client's in its Secrets and files.
	Rotate string `yaml:"rotate"`
}
