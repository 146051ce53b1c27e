package cases

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/test/wire/internal/call"
)

// Matrix generates an entry of the values for every combination of what it lists, a server for each,
// and calls to all of them by every name: with the right certificate, and with every other.
type Matrix struct {
	// Forms of the entries, by name.
	Forms map[string]Form `yaml:"forms"`
	// Kinds are externalName, and kinds of endpoints.
	Kinds []string `yaml:"kinds"`
	// TLS are modes.
	TLS []string `yaml:"tls"`
	// Protocols are what workloads speak.
	Protocols []MatrixProtocol `yaml:"protocols"`
}

// Form is a form of entries.
type Form struct {
	// Values that each entry has.
	Values map[string]any `yaml:"values"`
	// Addresses is whether the form needs those of the server, for protocols without names in them.
	Addresses bool `yaml:"addresses"`
}

// MatrixProtocol is a protocol, and the port that is declared for it.
type MatrixProtocol struct {
	Protocol call.Protocol `yaml:"protocol"`
	Port     uint16        `yaml:"port"`
	// Name of the port, from which Istio reads the protocol.
	Name string `yaml:"name"`
}

const (
	externalName = "externalName"
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
	form     string
	kind     string
	mode     string
	protocol MatrixProtocol
	address  string
}

func (e element) name() string {
	return strings.ToLower(strings.Join([]string{e.form, e.kind, string(e.protocol.Protocol), e.mode}, "-"))
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
	return nil
}

// elements are all combinations but those that the chart refuses: TLS inside TLS.
func (m *Matrix) elements() []element {
	var all []element
	for _, form := range slices.Sorted(maps.Keys(m.Forms)) {
		for _, kind := range m.Kinds {
			for _, protocol := range m.Protocols {
				for _, mode := range m.TLS {
					e := element{form: form, kind: kind, mode: mode, protocol: protocol}
					if e.ownTLS() && e.originated() {
						continue
					}
					e.address = fmt.Sprintf("198.18.%d.%d", len(all)/200, 1+len(all)%200)
					all = append(all, e)
				}
			}
		}
	}
	return all
}

func (m *Matrix) release(elements []element) Release {
	values := map[string]any{}
	add := func(list string, entry map[string]any) {
		before, _ := values[list].([]any)
		values[list] = append(before, entry)
	}
	for _, e := range elements {
		form := m.Forms[e.form]
		tls := map[string]any{"mode": e.mode}
		if e.mode == mutual {
			tls["clientCertificate"], tls["privateKey"] = matrixFiles+"tls.crt", matrixFiles+"tls.key"
		}
		entry := map[string]any{
			"name": e.name(), "tls": tls,
			"ports": []any{map[string]any{"name": e.protocol.Name, "port": int(e.protocol.Port), "targetPort": int(e.target())}},
		}
		maps.Copy(entry, form.Values)
		if e.kind != externalName {
			entry["addresses"], entry["serverName"], entry["endpointsKind"] = []any{e.address}, e.host(), e.kind
			add("endpointServices", entry)
			continue
		}
		entry["externalName"] = e.host()
		if form.Addresses && !e.isHTTP() && !e.ownTLS() {
			entry["addresses"] = []any{e.address}
		}
		add("externalNameServices", entry)
	}
	return Release{Values: values}
}

// speaks is what the server speaks to the protocol.
func (e element) server() *Server {
	speaks := "echo"
	switch {
	case e.isHTTP(), e.protocol.Protocol == call.HTTPS:
		speaks = "http"
	case e.protocol.Protocol == call.Greeting:
		speaks = "greeting"
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

// wrongCertificates are the calls that the sidecar encrypts, with a wrong certificate at every server.
func wrongCertificates(elements []element, word string) Case {
	wrong := Case{
		Line:  1,
		Name:  "certificates with " + word,
		Shows: "the sidecar gives nothing to a server that does not prove who it is.",
		Given: []Change{{Certificate: map[string]string{}}},
	}
	for _, e := range elements {
		if !e.originated() {
			continue
		}
		wrong.Given[0].Certificate[e.name()] = word
		c := e.call("home", e.name())
		c.Names, c.Arrives = "", &Arrives{Nothing: true}
		c.Sees = call.Closed
		switch {
		case e.protocol.Protocol == call.GRPC:
			c.Sees = "Unavailable"
		case e.isHTTP():
			c.Sees = "503"
		}
		wrong.Calls = append(wrong.Calls, c)
	}
	return wrong
}
