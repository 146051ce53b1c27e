package cases

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-egress/istio-egress/test/wire/internal/call"
)

// Variant is one of the meshes that a file's cases run in.
type Variant struct {
	Outbound       string
	MeshWideMutual string
}

// String names the variant.
func (v Variant) String() string {
	if v.MeshWideMutual == "" {
		return v.Outbound
	}
	return v.Outbound + ", mesh-wide rule for " + v.MeshWideMutual
}

// Variants are the meshes that the cases run in: one for each policy, and under the first policy one for each mesh-wide rule, as
// a rule and a policy are of different parts of a sidecar's configuration.
func (f *File) Variants() []Variant {
	outbound, wide := f.Surroundings.Outbound, f.Surroundings.MeshWideMutual
	if len(outbound) == 0 {
		outbound = []string{AllowAny}
	}
	if len(wide) == 0 {
		wide = []string{""}
	}
	var all []Variant
	for _, hosts := range wide {
		all = append(all, Variant{outbound[0], hosts})
	}
	for _, policy := range outbound[1:] {
		all = append(all, Variant{policy, ""})
	}
	return all
}

// Planned is a call, as it is to be made.
type Planned struct {
	Case   *Case
	Caller string
	call.Call
	Times int
	Expectation
}

// String is the call in a few words.
func (p Planned) String() string {
	return fmt.Sprintf("%s %s://%s:%d%s", p.Caller, p.Protocol, p.Host, p.Port, p.Path)
}

// Plan returns the calls of a case in a mesh of the variant: by each of the names, and those that are not
// for other meshes.
func (f *File) Plan(each *Case, v Variant) ([]Planned, error) {
	if each.Only != "" && each.Only != v.Outbound {
		return nil, nil
	}
	var all []Planned
	for _, c := range each.Calls {
		c = f.inherit(*each, c)
		if c.Only != "" && c.Only != v.Outbound {
			continue
		}
		parsed, err := c.parse()
		if err != nil {
			return nil, err
		}
		names := []string{parsed.Host}
		if c.Names == AllNames {
			names = allNames(parsed.Host, f.Callers[c.From].HomeNamespace())
		}
		for _, name := range names {
			planned := Planned{Case: each, Caller: c.From, Call: parsed, Times: max(c.Times, 1), Expectation: c.Expectation}
			planned.Host = name
			all = append(all, planned)
		}
	}
	return all, nil
}

// HomeNamespace is the pod's namespace.
func (p Pod) HomeNamespace() string {
	if p.Namespace == "" {
		return "default"
	}
	return p.Namespace
}

// Account is the pod's service account.
func (p Pod) Account() string {
	if p.ServiceAccount == "" {
		return "default"
	}
	return p.ServiceAccount
}

// Pods are all pods by name.
func (f *File) Pods() map[string]Pod {
	all := map[string]Pod{}
	for name, caller := range f.Callers {
		all[name] = caller.Pod
	}
	for name, gateway := range f.Surroundings.Gateways {
		all[name] = gateway.Pod
	}
	return all
}

// inherit gives a call what its case says of all calls.
func (f *File) inherit(from Case, c Call) Call {
	if c.From == "" {
		c.From = from.From
	}
	if c.From == "" {
		c.From = f.defaultCaller()
	}
	if c.Arrives == nil {
		c.Arrives = from.Arrives
	}
	if c.Sees == "" {
		c.Sees = from.Sees
	}
	if c.Within == 0 {
		c.Within = from.Within
	}
	if c.Logs == "" {
		c.Logs = from.Logs
	}
	if c.Attempts == 0 {
		c.Attempts = from.Attempts
	}
	return c
}

// defaultCaller is the only caller, or the one that is called client.
func (f *File) defaultCaller() string {
	if len(f.Callers) == 1 {
		return slices.Collect(maps.Keys(f.Callers))[0]
	}
	return client
}

func (c Call) parse() (call.Call, error) {
	parsed := call.Call{SNI: c.SNI, HostHeader: c.Host, Header: c.Headers, Send: c.Send}
	u, err := url.Parse(c.URL)
	if err != nil {
		return parsed, fmt.Errorf("call %s: %w", c.URL, err)
	}
	parsed.Protocol, parsed.Host, parsed.Path = call.Protocol(u.Scheme), u.Hostname(), u.Path
	if !parsed.Protocol.Known() || parsed.Host == "" {
		return parsed, fmt.Errorf("call %q: write protocol://host:port/path, with a protocol such as http, http2, grpc or tcp", c.URL)
	}
	parsed.Port = parsed.Protocol.DefaultPort()
	if u.Port() != "" {
		number, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil {
			return parsed, fmt.Errorf("call %s: %w", c.URL, err)
		}
		parsed.Port = uint16(number)
	}
	if parsed.Port == 0 {
		return parsed, fmt.Errorf("call %s: name the port", c.URL)
	}
	if c.Address != "" {
		if parsed.Address, err = netip.ParseAddr(c.Address); err != nil {
			return parsed, fmt.Errorf("call %s: %w", c.URL, err)
		}
	}
	return parsed, nil
}

// allNames are the names of a Service that work in the namespace.
func allNames(host, namespace string) []string {
	parts := strings.Split(host, ".")
	service, home := parts[0], namespace
	if len(parts) > 1 {
		home = parts[1]
	}
	var names []string
	if home == namespace {
		names = append(names, service)
	}
	return append(names, service+"."+home, service+"."+home+".svc", service+"."+home+".svc.cluster.local")
}

// String is the expectation in one line.
func (e Expectation) String() string {
	text := "sees " + e.Sees
	if e.Attempts > 0 {
		text += fmt.Sprintf(", after %d attempts", e.Attempts)
	}
	a := e.Arrives
	if a.Nothing {
		return text + ", nothing arrives"
	}
	text += ", arrives at " + a.At
	if a.Plaintext {
		text += " in plaintext"
	} else {
		text += " in TLS"
	}
	for _, part := range []struct{ name, value string }{{"sni", a.SNI}, {"host", a.Host}, {"client certificate", a.Client}, {"through", a.Through}} {
		if part.value != "" {
			text += fmt.Sprintf(", %s %s", part.name, part.value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Headers)) {
		text += fmt.Sprintf(", %s %s", name, a.Headers[name])
	}
	return text
}

// String is the change in a few words.
func (c Change) String() string {
	switch {
	case c.Delete != "":
		return "deleting " + c.Delete
	case c.Apply != "":
		return "applying the objects of line " + strconv.Itoa(c.Line)
	case c.Secret != nil:
		return "applying the Secret " + c.Secret.Name
	case c.Upgrade != nil:
		return fmt.Sprintf("upgrading release %s (line %d)", c.Upgrade.Name, c.Line)
	case c.Certificate != nil:
		return fmt.Sprintf("certificates %v", c.Certificate)
	case c.Down != nil:
		return fmt.Sprintf("ending %v", c.Down)
	case c.Resolve != nil:
		return fmt.Sprintf("DNS %v", c.Resolve)
	case c.Files != nil:
		return "writing files of sidecars"
	}
	return "rotating the certificate " + c.Rotate
}
