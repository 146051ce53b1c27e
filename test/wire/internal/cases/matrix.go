package cases

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/test/wire/internal/call"
	"github.com/istio-egress/istio-egress/test/wire/internal/database"
)

// Matrix generates an entry of the values for every combination of what it lists, a server for each,
// and calls to all of them by every name: with the right certificate, and with every other; and of
// those that are closed, without each of their objects.
type Matrix struct {
	// Kinds are values of serviceType and endpointsKind. They say the form as well.
	Kinds []string `yaml:"kinds"`
	// TLS are modes.
	TLS []string `yaml:"tls"`
	// Protocols are what workloads speak.
	Protocols []MatrixProtocol `yaml:"protocols"`
}

// MatrixProtocol is a protocol, and the port that is declared for it.
type MatrixProtocol struct {
	Protocol call.Protocol `yaml:"protocol"`
	Port     uint16        `yaml:"port"`
	// Name of the port, from which Istio reads the protocol.
	Name string `yaml:"name"`
	// TLS are modes, where not all are accepted.
	TLS []string `yaml:"tls"`
}

const (
	externalName = "ExternalName"
	clusterIP    = "ClusterIP"
	serviceEntry = "ServiceEntry"
	disable      = "DISABLE"
	mutual       = "MUTUAL"
	// matrixClient is the client certificate, and matrixFiles where sidecars have it.
	matrixClient = "matrix-client"
	matrixFiles  = "/etc/matrix/"
	// targetOffset is added to the port of the alias for that of the server.
	targetOffset = 10000
)

// element is one combination.
type element struct {
	kind     string
	mode     string
	protocol MatrixProtocol
	address  string
}

func (e element) name() string {
	return strings.ToLower(strings.Join([]string{e.kind, e.protocol.Name, e.mode}, "-"))
}

// external tells whether the server is known by its name, and not by its addresses.
func (e element) external() bool { return e.kind == externalName || e.kind == clusterIP }

// closed tells whether what the mesh does not route reaches nothing.
func (e element) closed() bool { return e.kind == clusterIP || e.kind == serviceEntry }

// object is the one of the kind that belongs to the entry, as changes name it. With addresses, the rule has the exit's name.
func (e element) object(kind string) string {
	if kind == "DestinationRule" && e.kind == serviceEntry {
		return kind + " default/" + e.name() + ".default.egress.internal"
	}
	return kind + " default/" + e.name()
}

func (e element) host() string { return e.name() + ".example.com" }

// ownTLS tells whether the workload encrypts.
func (e element) ownTLS() bool {
	return e.protocol.Protocol == call.HTTPS || e.protocol.Protocol == call.TLS
}

func (e element) originated() bool { return e.mode != disable }

func (e element) isHTTP() bool {
	return slices.Contains([]call.Protocol{call.HTTP, call.HTTP2, call.GRPC, call.WebSocket}, e.protocol.Protocol)
}

// target is the server's port. The workload's own TLS goes to the port that it calls.
func (e element) target() uint16 {
	if e.ownTLS() {
		return e.protocol.Port
	}
	return e.protocol.Port + targetOffset
}

func (f *File) generate() error {
	if len(f.Cases) > 0 || len(f.Releases) > 0 || len(f.Callers) > 0 {
		return errors.New("a matrix generates releases, callers and cases: there are some beside it")
	}
	elements := f.Matrix.elements()
	f.Releases = []Release{f.Matrix.release(elements)}
	files := map[string]string{
		matrixFiles + "tls.crt": "certificate " + matrixClient, matrixFiles + "tls.key": "key " + matrixClient,
	}
	f.Callers = map[string]*Caller{"home": {Pod: Pod{Files: files}}, "abroad": {Pod: Pod{Namespace: "abroad", Files: files}}}
	f.Surroundings.ClientCertificates = map[string]string{matrixClient: Partners}
	f.Surroundings.Servers = map[string]*Server{}
	right := Case{Line: 1, Name: "right certificates", Shows: "every protocol reaches its server, by every name and from every namespace."}
	for _, e := range elements {
		f.Surroundings.Servers[e.name()] = e.server()
		right.Calls = append(right.Calls, e.call("home", e.name()), e.call("abroad", e.name()+".default"))
	}
	f.Cases = append(f.Cases, right)
	for _, word := range []string{WrongName, OtherCA, Expired, NotYetValid} {
		f.Cases = append(f.Cases, wrongCertificates(elements, word))
	}
	for _, kind := range []string{"DestinationRule", "VirtualService", "ServiceEntry", "Service"} {
		f.Cases = append(f.Cases, without(elements, kind))
	}
	return nil
}

// elements are all combinations but those that the chart refuses: TLS inside TLS.
func (m *Matrix) elements() []element {
	var all []element
	for _, kind := range m.Kinds {
		for _, protocol := range m.Protocols {
			modes := protocol.TLS
			if len(modes) == 0 {
				modes = m.TLS
			}
			for _, mode := range modes {
				e := element{kind: kind, mode: mode, protocol: protocol}
				if e.ownTLS() && e.originated() {
					continue
				}
				e.address = fmt.Sprintf("198.18.%d.%d", len(all)/200, 1+len(all)%200)
				all = append(all, e)
			}
		}
	}
	return all
}

func (m *Matrix) release(elements []element) Release {
	values := map[string]any{}
	for _, e := range elements {
		list := "endpointServices"
		if e.external() {
			list = "externalNameServices"
		}
		before, _ := values[list].([]any)
		values[list] = append(before, e.entry())
	}
	return Release{Values: values}
}

// entry is the entry of the values.
func (e element) entry() map[string]any {
	tls := map[string]any{"mode": e.mode}
	if e.mode == mutual {
		tls["clientCertificate"], tls["privateKey"] = matrixFiles+"tls.crt", matrixFiles+"tls.key"
	}
	entry := map[string]any{
		"name": e.name(), "tls": tls,
		"ports": []any{map[string]any{"name": e.protocol.Name, "port": int(e.protocol.Port), "targetPort": int(e.target())}},
	}
	if !e.external() {
		entry["addresses"], entry["serverName"], entry["endpointsKind"] = []any{e.address}, e.host(), e.kind
		return entry
	}
	entry["externalName"], entry["serviceType"] = e.host(), e.kind
	if !e.closed() && !e.isHTTP() && !e.ownTLS() {
		entry["addresses"] = []any{e.address}
	}
	return entry
}

// server speaks the protocol, with the TLS that the call has when it arrives.
func (e element) server() *Server {
	speaks := "echo"
	switch {
	case e.isHTTP(), e.protocol.Protocol == call.HTTPS:
		speaks = "http"
	case e.protocol.Protocol == call.Greeting, database.Protocols[string(e.protocol.Protocol)].Ask != nil:
		speaks = string(e.protocol.Protocol)
	}
	port := &Port{Speaks: speaks}
	if e.originated() || e.ownTLS() {
		port.Speaks += inTLS
	}
	if e.mode == mutual {
		port.Clients = Partners
	}
	return &Server{Host: e.host(), Addresses: []string{e.address}, Ports: map[uint16]*Port{e.target(): port}}
}

// call is a call from a caller by the name, and what it becomes when nothing is wrong.
func (e element) call(from, name string) Call {
	c := Call{URL: fmt.Sprintf("%s://%s:%d/", e.protocol.Protocol, name, e.protocol.Port), From: from, Names: AllNames}
	c.Arrives = &Arrives{At: fmt.Sprintf("%s:%d", e.name(), e.target())}
	c.Sees = map[call.Protocol]string{
		call.HTTP: "200", call.HTTP2: "200", call.HTTPS: "200", call.GRPC: "OK", call.WebSocket: "101",
	}[e.protocol.Protocol]
	if c.Sees == "" {
		c.Sees = call.Answered
	}
	switch {
	case e.ownTLS():
		c.SNI, c.Arrives.SNI = e.host(), e.host()
	case e.originated():
		c.Arrives.SNI, c.Arrives.ALPN = e.host(), e.alpn()
	default:
		c.Arrives.Plaintext = true
	}
	if e.mode == mutual {
		c.Arrives.Client = matrixClient
	}
	if e.isHTTP() {
		c.Arrives.Host = Called
		if e.originated() {
			c.Arrives.Host = e.host()
		}
	}
	return c
}

// alpn are the protocols that the sidecar offers.
func (e element) alpn() *[]string {
	switch {
	case !e.isHTTP():
		return &[]string{}
	case e.protocol.Protocol == call.HTTP2, e.protocol.Protocol == call.GRPC:
		return &[]string{"h2"}
	}
	return &[]string{"http/1.1"}
}

// refused is a call that reaches nobody, as the sidecar has nowhere to send it.
func (e element) refused(from, name string) Call {
	c := e.call(from, name)
	c.Names, c.Arrives = "", &Arrives{Nothing: true}
	c.Sees = call.Closed
	switch {
	case e.protocol.Protocol == call.GRPC:
		c.Sees = "Unavailable"
	case e.isHTTP():
		c.Sees = "503"
	}
	return c
}

// wrongCertificates are the calls that the sidecar encrypts, with a wrong certificate at every server.
func wrongCertificates(elements []element, word string) Case {
	wrong := Case{
		Line:  1,
		Name:  "certificates with " + word,
		Shows: "the sidecar gives nothing to a server that does not prove who it is.",
		Given: []Change{{Certificate: map[string]string{}}},
	}
	for _, e := range elements {
		if e.originated() {
			wrong.Given[0].Certificate[e.name()] = word
			wrong.Calls = append(wrong.Calls, e.refused("home", e.name()))
		}
	}
	return wrong
}

// without are the calls of what is closed, without all objects of a kind. A rule is there for TLS alone:
// what is declared as plaintext may do without.
func without(elements []element, kind string) Case {
	each := Case{Line: 1, Name: "closed, without its " + kind, Shows: "a call that is not whole goes nowhere."}
	for _, e := range elements {
		if !e.closed() || kind == "DestinationRule" && !e.originated() {
			continue
		}
		each.Given = append(each.Given, Change{Delete: e.object(kind), Line: 1})
		calls := []Call{e.refused("home", e.name()), e.refused("abroad", e.name()+".default")}
		for i := range calls {
			if kind == "Service" && e.protocol.Protocol != call.GRPC {
				calls[i].Sees = call.NoSuchName
			}
		}
		each.Calls = append(each.Calls, calls...)
	}
	return each
}
