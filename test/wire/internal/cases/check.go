package cases

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-egress/istio-egress/test/wire/internal/database"
	"github.com/istio-egress/istio-egress/test/wire/internal/server"
)

// The words of a file.
const (
	AllowAny     = "ALLOW_ANY"
	RegistryOnly = "REGISTRY_ONLY"

	// Right and the others are what can be said of a server's certificate.
	Right       = "right"
	WrongName   = "wrong name"
	OtherCA     = "other CA"
	Expired     = "expired"
	NotYetValid = "not yet valid"

	// Public is the CA that sidecars and workloads trust as one of the system's.
	Public = "public"
	// Company is a CA that only those trust who are told to.
	Company = "company"
	// Partners issue client certificates.
	Partners = "partners"
	// Stranger is a CA that nobody trusts.
	Stranger = "stranger"

	// Router is the kind of a gateway.
	Router = "router"
	// Waypoint is the kind of a proxy that ztunnel carries calls to.
	Waypoint = "waypoint"
	// Late is a sidecar that becomes ready only when Envoy gives up waiting.
	Late = "late"
	// AllNames makes a call by every name of its Service.
	AllNames = "all"
	// Called is the Host header as the workload sent it.
	Called = "called"
	// Anything is what a workload sees of which nothing is expected.
	Anything = "anything"
	// Present and Absent are what can be said of a header.
	Present = "present"
	Absent  = "absent"

	inTLS = " in TLS"
	// client is the caller of calls that name none.
	client = "client"
	// enableAmbient is the variable without which istiod has nothing to tell ztunnel.
	enableAmbient = "PILOT_ENABLE_AMBIENT"
)

// Authorities are the CAs.
var Authorities = []string{Public, Company, Partners, Stranger}

var (
	certificates = []string{Right, WrongName, OtherCA, Expired, NotYetValid}
	speeches     = slices.AppendSeq([]string{string(server.HTTP), string(server.Echo), string(server.Greeting)}, maps.Keys(database.Protocols))
	policies     = []string{AllowAny, RegistryOnly}
	families     = []string{"IPv4", "IPv6", "dual"}
)

// Speech is what is spoken on the port, and whether in TLS.
func (p *Port) Speech() (speech server.Speech, encrypted bool) {
	name, encrypted := strings.CutSuffix(p.Speaks, inTLS)
	return server.Speech(name), encrypted
}

// checker gathers what is wrong with a file.
type checker struct {
	file  *File
	found []error
}

func (c *checker) fail(line int, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if line > 0 {
		message = fmt.Sprintf("line %d: %s", line, message)
	}
	c.found = append(c.found, errors.New(message))
}

// among fails unless the word is empty or one of those that are known.
func (c *checker) among(line int, what, word string, known []string) {
	if word != "" && !slices.Contains(known, word) {
		c.fail(line, "%s is %q: there are %s", what, word, strings.Join(slices.Sorted(slices.Values(known)), ", "))
	}
}

func (f *File) check() error {
	c := &checker{file: f}
	if f.About == "" {
		c.fail(1, "about is missing: say in a sentence what the cases have in common")
	}
	c.surroundings()
	c.callers()
	seen := map[string]bool{}
	for i := range f.Cases {
		each := &f.Cases[i]
		if seen[each.Name] {
			c.fail(each.Line, "there are two cases with the name %q", each.Name)
		}
		seen[each.Name] = true
		c.checkCase(each)
	}
	if len(f.Cases) == 0 {
		c.fail(1, "there are no cases")
	}
	return errors.Join(c.found...)
}

func (c *checker) surroundings() {
	s := &c.file.Surroundings
	for _, policy := range s.Outbound {
		c.among(0, "surroundings.outbound", policy, policies)
	}
	c.among(0, "surroundings.families", s.Families, families)
	for name, each := range s.Servers {
		what := "surroundings.servers." + name
		c.among(0, what+".ca", each.CA, Authorities)
		c.among(0, what+".certificate", each.Certificate, certificates)
		c.addresses(what, each.Addresses)
		if len(each.Ports) == 0 {
			c.fail(0, "%s has no ports", what)
		}
		for number, port := range each.Ports {
			speech, _ := port.Speech()
			c.among(0, fmt.Sprintf("%s.ports.%d", what, number), string(speech), speeches)
			c.among(0, fmt.Sprintf("%s.ports.%d.clients", what, number), port.Clients, Authorities)
		}
	}
	for name, each := range s.Names {
		c.addresses("surroundings.names."+name, each.Addresses)
	}
	for name, authority := range s.ClientCertificates {
		c.among(0, "surroundings.clientCertificates."+name, authority, Authorities)
	}
	for _, secret := range s.Secrets {
		c.among(0, "the certificate of Secret "+secret.Name, secret.Certificate, slices.Collect(maps.Keys(s.ClientCertificates)))
		c.among(0, "the CA of Secret "+secret.Name, secret.CA, Authorities)
	}
	for _, configMap := range s.ConfigMaps {
		c.among(0, "the CA of ConfigMap "+configMap.Name, configMap.CA, Authorities)
	}
}

func (c *checker) addresses(what string, addresses []string) {
	for _, address := range addresses {
		if _, err := netip.ParseAddr(address); err != nil {
			c.fail(0, "%s: %v", what, err)
		}
	}
}

func (c *checker) callers() {
	if len(c.file.Callers) == 0 {
		c.fail(1, "there are no callers")
	}
	for name, caller := range c.file.Callers {
		c.pod("callers."+name, caller.Pod)
		c.ambient("callers."+name, caller)
	}
	for name, gateway := range c.file.Surroundings.Gateways {
		what := "surroundings.gateways." + name
		c.among(0, what+".kind", gateway.Kind, []string{Router, Waypoint})
		c.pod(what, gateway.Pod)
		if c.file.Callers[name] != nil {
			c.fail(0, "%s is a caller too: give it another name", what)
		}
	}
}

// ambient checks that ztunnel can carry the calls of a caller that asks for it, and that nothing else is to.
func (c *checker) ambient(what string, caller *Caller) {
	if !caller.Ambient {
		return
	}
	if caller.Sidecar != nil && *caller.Sidecar {
		c.fail(0, "%s is ambient and has a sidecar: write ambient: true or sidecar: true", what)
	}
	if c.file.Surroundings.Istiod[enableAmbient] != "true" {
		c.fail(0, `%s is ambient, and istiod is not: write istiod: {%s: "true"} under surroundings`, what, enableAmbient)
	}
}

func (c *checker) pod(what string, pod Pod) {
	c.among(0, what+".families", pod.Families, families)
	c.among(0, what+".ready", pod.Ready, []string{Late})
	for path, content := range pod.Files {
		c.content(0, path, content)
	}
}

// content checks what a file of a sidecar holds.
func (c *checker) content(line int, path, content string) {
	kind, name, _ := strings.Cut(content, " ")
	switch kind {
	case "ca":
		c.among(line, path, name, Authorities)
	case "certificate", "key":
		c.among(line, path, name, slices.Collect(maps.Keys(c.file.Surroundings.ClientCertificates)))
	case "":
	default:
		c.fail(line, "%s holds %q: write certificate NAME, key NAME or ca NAME", path, content)
	}
}

func (c *checker) checkCase(each *Case) {
	if each.Name == "" || each.Shows == "" {
		c.fail(each.Line, "a case has a name, and shows something")
	}
	c.among(each.Line, "only", each.Only, policies)
	for i := range each.Given {
		c.change(&each.Given[i])
	}
	for i := range each.Meanwhile {
		c.change(&each.Meanwhile[i])
	}
	if len(each.Calls) == 0 {
		c.fail(each.Line, "case %q has no calls", each.Name)
	}
	for _, call := range each.Calls {
		call = c.file.inherit(*each, call)
		c.among(each.Line, "only", call.Only, policies)
		c.among(each.Line, "names", call.Names, []string{AllNames})
		c.among(each.Line, "from", call.From, slices.Collect(maps.Keys(c.file.Callers)))
		if _, err := call.parse(); err != nil {
			c.fail(each.Line, "%v", err)
		}
		if _, err := regexp.Compile(call.Logs); err != nil {
			c.fail(each.Line, "%s: logs: %v", call.URL, err)
		}
		if call.Arrives == nil {
			c.fail(each.Line, "%s: arrives is missing: write nothing, or {at: server:port, ...}", call.URL)
			continue
		}
		if call.Sees == "" {
			c.fail(each.Line, "%s: sees is missing: write a status, or a word such as answered or closed", call.URL)
		}
		c.arrives(each.Line, call)
	}
}

func (c *checker) arrives(line int, call Call) {
	a := call.Arrives
	if a.Nothing {
		return
	}
	c.among(line, "through", a.Through, slices.AppendSeq(slices.Collect(maps.Keys(c.file.Callers)), maps.Keys(c.file.Surroundings.Gateways)))
	name, number, _ := strings.Cut(a.At, ":")
	if _, err := netip.ParseAddrPort(a.At); err == nil {
		return
	}
	known, found := c.file.Surroundings.Servers[name]
	if !found {
		c.fail(line, "%s arrives at %q: there is no such server", call.URL, a.At)
		return
	}
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil || known.Ports[uint16(port)] == nil {
		c.fail(line, "%s arrives at %q: the server has no such port", call.URL, a.At)
	}
}

func (c *checker) change(change *Change) {
	set := 0
	value := reflect.ValueOf(*change)
	for i := range value.NumField() {
		if value.Type().Field(i).Tag.Get("yaml") != "-" && !value.Field(i).IsZero() {
			set++
		}
	}
	if set != 1 {
		c.fail(change.Line, "a change has one key, and this has %d", set)
	}
	servers := slices.Collect(maps.Keys(c.file.Surroundings.Servers))
	for name, word := range change.Certificate {
		c.among(change.Line, "the server", name, servers)
		c.among(change.Line, "the certificate of "+name, word, certificates)
	}
	for _, name := range change.Down {
		c.among(change.Line, "the server", name, servers)
	}
	for name, addresses := range change.Resolve {
		c.addresses(name, addresses)
	}
	for name, files := range change.Files {
		c.among(change.Line, "the pod", name, slices.AppendSeq(slices.Collect(maps.Keys(c.file.Callers)), maps.Keys(c.file.Surroundings.Gateways)))
		for path, content := range files {
			c.content(change.Line, path, content)
		}
	}
	c.among(change.Line, "rotate", change.Rotate, slices.AppendSeq(servers, maps.Keys(c.file.Surroundings.ClientCertificates)))
}
