package calls

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/position"
)

// File is a file of expectations.
type File struct {
	Name         string
	Expectations []Expectation
}

// Expectation is a call, and what is expected of it.
type Expectation struct {
	Call explain.Call
	// RegistryOnly asks in a mesh that lets only declared destinations out.
	RegistryOnly bool
	Expect       Expect
	Position     position.Position
}

// Expect is what is compared: what is empty is not.
type Expect struct {
	Verdict     explain.Verdict
	Upstream    []string // the servers, host:port, in any order; an empty list for none
	Through     string   // the egress gateway or the waypoint, namespace/name
	Verifies    []string // the names that the server's certificate is held against, in any order; an empty list for none
	SNI         string
	CA          string // "system", a file, or kubernetes:// and the name of a Secret
	Certificate string
	Host        string // the Host header that the server gets
}

// Read reads a file. Unknown keys, and keys without a value that fits, are errors with their line. Calls without from are
// those of a workload of the given one's namespace, and those without dataPlane of its data plane.
func Read(name string, data []byte, from explain.Workload) (*File, error) {
	file, faults := position.Parse(name, data)
	for _, fault := range faults {
		if fault.ID == position.FaultShape {
			return nil, fmt.Errorf("%s: want a map with the key calls", fault.Position)
		}
		return nil, fmt.Errorf("%s: %s", fault.Position, fault.Message)
	}
	if file == nil {
		return nil, fmt.Errorf("%s: no YAML", name)
	}
	d := decoder{file: file}
	d.keys(file.Root(), nil, "calls")
	items := file.Root().Field("calls").Items()
	if d.err == nil && len(items) == 0 {
		return nil, fmt.Errorf("%s: no expectations: write calls, a list of calls with from, to and expect", name)
	}
	read := &File{Name: name}
	for i, item := range items {
		at := position.Path{position.Key("calls"), position.Index(i)}
		read.Expectations = append(read.Expectations, d.expectation(item, at, from))
	}
	return read, d.err
}

// decoder reads nodes, and keeps the first error.
type decoder struct {
	file *position.File
	err  error
}

func (d *decoder) fail(at position.Path, format string, arguments ...any) {
	if d.err == nil {
		place := d.file.Find(at).Key
		d.err = fmt.Errorf("%s:%d: %s: %s", place.File, place.Line, at, fmt.Sprintf(format, arguments...))
	}
}

// keys refuses what is no map, and keys that nothing reads.
func (d *decoder) keys(node position.Node, at position.Path, known ...string) {
	if node.Kind() != position.Map {
		d.fail(at, "want a map with the keys %s", strings.Join(known, ", "))
		return
	}
	for _, field := range node.Fields() {
		if !slices.Contains(known, field.Name) {
			d.fail(at.Join(position.Key(field.Name)), "unknown key %q: the keys are %s", field.Name, strings.Join(known, ", "))
		}
	}
}

func (d *decoder) expectation(node position.Node, at position.Path, unsaid explain.Workload) Expectation {
	d.keys(node, at, "from", "serviceAccount", "dataPlane", "to", "address", "sni", "method", "headers", "noSidecar", "registryOnly", "expect")
	e := Expectation{Position: d.file.Find(at).Key, RegistryOnly: d.flag(node, at, "registryOnly")}
	e.Call = explain.Call{
		From: explain.Workload{Namespace: unsaid.Namespace}, URL: d.text(node, at, "to"), Address: d.text(node, at, "address"),
		ServerName: d.text(node, at, "sni"), Method: d.text(node, at, "method"), NoSidecar: d.flag(node, at, "noSidecar"),
	}
	if from := d.text(node, at, "from"); from != "" {
		var err error
		if e.Call.From, err = explain.ParseWorkload(from); err != nil {
			d.fail(at.Join(position.Key("from")), "%v", err)
		}
	}
	e.Call.From.ServiceAccount = d.text(node, at, "serviceAccount")
	e.Call.From.DataPlane = egress.DataPlane(d.text(node, at, "dataPlane"))
	if e.Call.From.DataPlane == "" && !e.Call.NoSidecar {
		e.Call.From.DataPlane = unsaid.DataPlane
	}
	if e.Call.URL == "" {
		d.fail(at, "to is missing: write the URL that the workload calls, such as to: http://my-alias/")
	} else if err := e.Call.Check(); err != nil {
		d.fail(at.Join(position.Key("to")), "%v", err)
	}
	d.headers(node.Field("headers"), at.Join(position.Key("headers")), &e.Call)
	e.Expect = d.expect(node.Field("expect"), at.Join(position.Key("expect")))
	return e
}

func (d *decoder) expect(node position.Node, at position.Path) Expect {
	d.keys(node, at, "verdict", "upstream", "through", "verifies", "sni", "ca", "certificate", "host")
	if d.err == nil && len(node.Fields()) == 0 {
		d.fail(at, "nothing is expected: write verdict, such as verdict: SENT_TLS")
	}
	e := Expect{
		Verdict: explain.Verdict(d.text(node, at, "verdict")), Upstream: d.texts(node, at, "upstream"),
		Through: d.text(node, at, "through"), Verifies: d.texts(node, at, "verifies"),
		SNI: d.text(node, at, "sni"), CA: d.text(node, at, "ca"), Certificate: d.text(node, at, "certificate"), Host: d.text(node, at, "host"),
	}
	if e.Verdict != "" && !slices.Contains(explain.Verdicts(), e.Verdict) {
		var words []string
		for _, v := range explain.Verdicts() {
			words = append(words, string(v))
		}
		slices.Sort(words)
		d.fail(at.Join(position.Key("verdict")), "%q is no verdict: write one of %s", e.Verdict, strings.Join(words, ", "))
	}
	return e
}

func (d *decoder) headers(node position.Node, at position.Path, call *explain.Call) {
	switch node.Kind() {
	case position.Null:
		return
	case position.Map:
	default:
		d.fail(at, "want a map of headers, such as headers: {x-tenant: a}")
		return
	}
	call.Header = map[string][]string{}
	for _, field := range node.Fields() {
		call.Header.Set(field.Name, d.text(node, at, field.Name))
	}
}

func (d *decoder) text(node position.Node, at position.Path, name string) string {
	field := node.Field(name)
	if field.Kind() == position.Null {
		return ""
	}
	text, ok := field.Text()
	if !ok {
		d.fail(at.Join(position.Key(name)), "want a text, not a %s: put it in quotes", field.Kind())
	}
	return text
}

func (d *decoder) texts(node position.Node, at position.Path, name string) []string {
	field := node.Field(name)
	switch field.Kind() {
	case position.Null:
		return nil
	case position.List:
	default:
		d.fail(at.Join(position.Key(name)), "want a list, such as %s: [api.example.com:443]", name)
		return nil
	}
	all := []string{}
	for i, item := range field.Items() {
		text, ok := item.Text()
		if !ok {
			d.fail(at.Join(position.Key(name), position.Index(i)), "want a text, not a %s", item.Kind())
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return all
}

func (d *decoder) flag(node position.Node, at position.Path, name string) bool {
	field := node.Field(name)
	if field.Kind() == position.Null {
		return false
	}
	value, ok := field.Value().(bool)
	if !ok {
		d.fail(at.Join(position.Key(name)), "want true or false")
	}
	return value
}
