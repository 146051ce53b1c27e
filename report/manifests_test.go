package report_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/report"
)

// renderedExample returns the manifests of an example's values.
func renderedExample(t *testing.T, name string) string {
	t.Helper()
	values, err := render.ReadValues(render.ValuesOptions{Files: []string{"../examples/" + name + "/values.yaml"}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := loadChart(t).Render(values, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return string(result.Manifest())
}

// The gateway follows a rule for all who call through it: what counts is whether the gateway sees it.
func TestRulesOfGateways(t *testing.T) {
	rendered := renderedExample(t, "gateway-allow-from")
	for exportTo, want := range map[string]egress.Grade{`["istio-system"]`: egress.Mutual, `["*"]`: egress.Mutual, `["shop"]`: egress.Plaintext} {
		manifests := changedRule(t, rendered, "payments.shop.egress.internal", `["istio-system"]`, exportTo)
		rows := slices.DeleteFunc(report.Rows(manifestsOf(t, manifests)), func(row report.Row) bool { return row.Destination != "payments.example.com" })
		if len(rows) == 0 {
			t.Errorf("a rule for %s: no row of the server", exportTo)
		}
		for _, row := range rows {
			if row.Grade != want {
				t.Errorf("a rule for %s: %s, want %s", exportTo, row.Grade, want)
			}
		}
	}
}

// Who sees the exit behind a gateway can call it past the gateway, and past who may call.
func TestExitsSeenByOthersThanTheGateway(t *testing.T) {
	rendered := renderedExample(t, "gateway-allow-from")
	before := manifestsOf(t, rendered)
	for exportTo, want := range map[string]string{`["*"]`: "all namespaces", `["istio-system", "billing"]`: "billing"} {
		after := manifestsOf(t, strings.ReplaceAll(rendered, `exportTo: ["istio-system"]`, "exportTo: "+exportTo))
		changes := report.Changes([]*report.Declaration{before}, []*report.Declaration{after})
		if !slices.ContainsFunc(changes, func(c report.Change) bool {
			return c.Class == egress.Wider && slices.Contains(c.Names, "ledger-db.shop.egress.internal:6380") && c.Text == "reachable: TLS, verified, from "+want
		}) {
			t.Errorf("%s: %+v", exportTo, changes)
		}
	}
}

// A closed Service that becomes an alias leads past the mesh where the alias says, wherever its route leads.
func TestAliasBesideItsRoute(t *testing.T) {
	closed := `apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {type: ClusterIP, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: shop}
spec: {hosts: [api.shop.svc.cluster.local], http: [{route: [{destination: {host: api.shop.egress.internal, port: {number: 8080}}}]}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: shop}
spec: {hosts: [api.shop.egress.internal], resolution: DNS, ports: [{number: 8080, name: http, protocol: HTTP}], endpoints: [{address: api.example.com}]}
`
	alias := func(host string) string {
		return strings.Replace(closed, "type: ClusterIP", "type: ExternalName, externalName: "+host, 1)
	}
	own, other, third := alias("api.example.com"), alias("other.example.com"), alias("third.example.com")
	for name, c := range map[string]struct {
		before, after string
		want          []string
	}{
		"to its host":   {closed, own, []string{"weaker api.example.com:8080 form: closed -> open: who calls it past the mesh reaches the server now"}},
		"from its host": {own, closed, []string{"stronger api.example.com:8080 form: open -> closed: who calls it past the mesh reaches nothing now"}},
		"to another host": {closed, other, []string{
			"weaker api.example.com:8080 form: closed -> open: who calls it past the mesh reaches other.example.com now",
			"wider other.example.com:80 leads to other.example.com past the mesh: nothing -> other.example.com, and by its route to api.example.com"}},
		"from another host": {other, closed, []string{
			"stronger api.example.com:8080 form: open -> closed: who calls it past the mesh reaches nothing now",
			"narrower other.example.com:80 no longer leads to other.example.com past the mesh: other.example.com -> nothing, and by its route to api.example.com"}},
		"another alias": {other, third, []string{
			"wider third.example.com:80 leads to third.example.com past the mesh: other.example.com -> third.example.com, and by its route to api.example.com",
			"narrower other.example.com:80 no longer leads to other.example.com past the mesh: other.example.com -> third.example.com, and by its route to api.example.com"}},
		"an alias of the route's host": {other, own, []string{
			"narrower other.example.com:80 no longer leads to other.example.com past the mesh: other.example.com -> api.example.com, and by its route to api.example.com"}},
	} {
		var got []string
		for _, change := range report.Changes([]*report.Declaration{manifestsOf(t, c.before)}, []*report.Declaration{manifestsOf(t, c.after)}) {
			got = append(got, fmt.Sprintf("%s %s:%d %s", change.Class, change.Destination, change.Port, change.Text))
			if !slices.Equal(change.Names, []string{"api.shop:80"}) || change.After.Path != "Service shop/api" || change.After.Line != 2 {
				t.Errorf("%s: %v at %+v", name, change.Names, change.After)
			}
		}
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(c.want))) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// Without its VirtualService a closed name reaches nothing. Nobody calls its exit, which is what it was.
func TestClosedNameWithoutItsRoute(t *testing.T) {
	rendered := renderedExample(t, "tls-origination")
	documents := strings.Split(rendered, "\n---\n")
	without := strings.Join(slices.DeleteFunc(documents, func(d string) bool { return strings.Contains(d, "kind: VirtualService\n") }), "\n---\n")
	plaintext := changedRule(t, without, "my-httpbin", `mode: "SIMPLE"`, `mode: "DISABLE"`)
	for name, c := range map[string]struct{ before, after, want string }{
		"dropped":              {rendered, without, "narrower [my-httpbin.default:80] reaches nothing now: it was TLS, verified, from all namespaces"},
		"dropped, and TLS off": {rendered, plaintext, "narrower [my-httpbin.default:80] reaches nothing now: it was TLS, verified, from all namespaces"},
		"added":                {without, rendered, "wider [my-httpbin.default:80] reachable: TLS, verified, from all namespaces"},
		"the exit alone":       {"kind: Service\napiVersion: v1\nmetadata: {name: a}\nspec: {selector: {a: b}}\n", without, "wider [my-httpbin.default.egress.internal:80] reachable: TLS, verified, from all namespaces"},
		"the exit's rule":      {without, plaintext, "weaker [my-httpbin.default.egress.internal:80] TLS weakened: TLS, verified -> plaintext"},
	} {
		if got := describe(report.Changes([]*report.Declaration{manifestsOf(t, c.before)}, []*report.Declaration{manifestsOf(t, c.after)})); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// What is closed has no endpoints: whoever writes some for it opens it to callers whom no proxy routes.
func TestEndpointsOpenAClosedName(t *testing.T) {
	const slice = `
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: my-httpbin-1, namespace: default, labels: {kubernetes.io/service-name: my-httpbin}}
addressType: IPv4
endpoints: [ENDPOINT]
ports: [{name: http, port: 8080}]
`
	closed := renderedExample(t, "tls-origination")
	opened := closed + strings.ReplaceAll(slice, "ENDPOINT", "{addresses: [203.0.113.9]}")
	empty := closed + strings.ReplaceAll(slice, "ENDPOINT", "")
	for name, c := range map[string]struct{ before, after, want string }{
		"opened":       {closed, opened, "weaker [my-httpbin.default:80] form: closed -> open: who calls it past the mesh reaches the server now"},
		"closed again": {opened, closed, "stronger [my-httpbin.default:80] form: open -> closed: who calls it past the mesh reaches nothing now"},
		"none in it":   {closed, empty, ""},
	} {
		if got := describe(report.Changes([]*report.Declaration{manifestsOf(t, c.before)}, []*report.Declaration{manifestsOf(t, c.after)})); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// describe gives changes a line each: their class, names and text.
func describe(changes []report.Change) string {
	lines := make([]string, len(changes))
	for i, change := range changes {
		lines[i] = fmt.Sprintf("%s %v %s", change.Class, change.Names, change.Text)
	}
	return strings.Join(lines, "\n")
}

// A Service has a row where something is behind it outside of the cluster: endpoints that somebody wrote, or a declared route.
func TestRowsOfServicesByWhatIsBehindThem(t *testing.T) {
	const service = "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\nspec: {SELECTOR ports: [{name: http, port: 80}]}\n"
	const slice = `---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: api-1, namespace: shop, labels: {kubernetes.io/service-name: api}}
addressType: IPv4
endpoints: [{addresses: [198.51.100.8]}]
ports: [{name: http, port: 8081, protocol: TCP}]
`
	const endpoints = `---
apiVersion: v1
kind: Endpoints
metadata: {name: api, namespace: shop}
subsets: [{addresses: [{ip: 198.51.100.7}], ports: [{name: http, port: 8080}]}]
`
	const rule = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: shop}
spec: {host: api.shop.svc.cluster.local, trafficPolicy: {tls: {mode: SIMPLE, sni: x.example.com, subjectAltNames: [x.example.com]}}}
`
	const route = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: shop}
spec: {hosts: [api.shop.svc.cluster.local], http: [{route: [{destination: {host: x.example.com}}]}]}
`
	const entry = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: x, namespace: shop}
spec: {hosts: [x.example.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}
`
	const nothing = "Service shop/api: port 80, which leads to nothing outside of the cluster that is declared here"
	bare := strings.Replace(service, "SELECTOR", "", 1)
	for name, c := range map[string]struct{ manifests, row, unsaid string }{
		"nothing":             {bare, "", nothing},
		"a rule alone":        {bare + rule, "", nothing},
		"an empty slice":      {bare + strings.Replace(slice, "[{addresses: [198.51.100.8]}]", "[]", 1), "", nothing},
		"an undeclared host":  {bare + route, "", nothing},
		"a route to pods":     {bare + strings.Replace(route, "x.example.com", "pods.shop.svc.cluster.local", 1), "", nothing},
		"pods":                {strings.Replace(service, "SELECTOR", "selector: {app: x},", 1), "", ""},
		"a subset that lacks": {bare + strings.Replace(route, "host: x.example.com", "host: x.example.com, subset: as-declared", 1) + entry, "", nothing},
		"a slice":             {bare + slice, "198.51.100.8:8081 as api.shop:80: plaintext", ""},
		"endpoints":           {bare + endpoints, "198.51.100.7:8080 as api.shop:80: plaintext", ""},
		"endpoints and rule":  {bare + endpoints + rule, "198.51.100.7:8080 as api.shop:80: TLS, verified", ""},
	} {
		declaration := manifestsOf(t, c.manifests)
		var rows []string
		for _, row := range report.Rows(declaration) {
			rows = append(rows, row.String())
		}
		if got := strings.Join(rows, "\n"); got != c.row {
			t.Errorf("%s: rows are %q, want %q", name, got, c.row)
		}
		if got := strings.Join(declaration.Unsaid, "\n"); !strings.Contains(got, c.unsaid) || c.unsaid == "" && strings.Contains(got, "leads to nothing") {
			t.Errorf("%s: not told is %q, want %q", name, got, c.unsaid)
		}
	}
	if rows := report.Rows(manifestsOf(t, bare+route+entry)); len(rows) != 1 || rows[0].Destination != "x.example.com" || rows[0].Form != egress.FormClosed {
		t.Errorf("a declared route: %v", rows)
	}
}

// A gateway whose Gateways are gone has no pods.
func TestGatewayWithoutGateways(t *testing.T) {
	rendered := renderedExample(t, "gateway-allow-from")
	documents := slices.DeleteFunc(strings.Split(rendered, "\n---\n"), func(d string) bool { return strings.Contains(d, "kind: Gateway\n") })
	before, after := manifestsOf(t, rendered), manifestsOf(t, strings.Join(documents, "\n---\n"))
	for _, change := range report.Changes([]*report.Declaration{before}, []*report.Declaration{after}) {
		if change.Text == "the gateway's pods: istio=egressgateway -> none" {
			return
		}
	}
	t.Error("nothing is said of the gateway's pods")
}

// changedRule replaces a text in the DestinationRule of a host.
func changedRule(t *testing.T, manifests, host, old, replacement string) string {
	t.Helper()
	documents := strings.Split(manifests, "\n---\n")
	for i, document := range documents {
		if strings.Contains(document, "kind: DestinationRule") && strings.Contains(document, host) {
			documents[i] = strings.Replace(document, old, replacement, 1)
			return strings.Join(documents, "\n---\n")
		}
	}
	t.Fatalf("no DestinationRule of %s in\n%s", host, manifests)
	return ""
}

// What no report tells is not compared, and that it changes is told. Requests that are mirrored reach one more server.
func TestChangesOfUntoldFields(t *testing.T) {
	rendered := renderedExample(t, "tls-origination")
	with := func(field string) []*report.Declaration {
		return []*report.Declaration{manifestsOf(t, strings.Replace(rendered, "      rewrite:\n", "      "+field+"\n      rewrite:\n", 1))}
	}
	none := []*report.Declaration{manifestsOf(t, rendered)}
	mirror, otherMirror := with("mirror: {host: evil.example}"), with("mirror: {host: worse.example}")
	fault, otherFault := with("fault: {abort: {httpStatus: 500, percentage: {value: 1}}}"), with("fault: {abort: {httpStatus: 503, percentage: {value: 1}}}")
	const about = " VirtualService default/my-httpbin: spec.http[0]."
	for name, c := range map[string]struct {
		before, after []*report.Declaration
		want          []string
	}{
		"a mirror":       {none, mirror, []string{"wider" + about + "mirror is new"}},
		"no mirror":      {mirror, none, []string{"narrower" + about + "mirror is gone"}},
		"another mirror": {mirror, otherMirror, []string{"wider" + about + "mirror is another", "narrower" + about + "mirror is another"}},
		"a fault":        {none, fault, []string{"changed" + about + "fault is new"}},
		"another fault":  {fault, otherFault, []string{"changed" + about + "fault is another"}},
		"no fault":       {fault, none, []string{"changed" + about + "fault is gone"}},
		"the same fault": {fault, fault, nil},
	} {
		var got []string
		for _, change := range report.Changes(c.before, c.after) {
			got = append(got, string(change.Class)+" "+strings.TrimSuffix(change.Text, ", and what that does is not told"))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: want %q, got %q", name, c.want, got)
		}
	}
}

const hostWithRule = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: shop}
spec: {hosts: [api.example.com], ports: [{number: 80, name: http, protocol: HTTP, targetPort: 443}], resolution: DNS}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: shop}
spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, sni: api.example.com, subjectAltNames: [api.example.com]}}}
`

// Weakenings that only objects can have.
func TestChangesOfManifests(t *testing.T) {
	for name, c := range map[string]struct{ old, replacement, want string }{
		"a rule for another namespace": {"{host:", "{exportTo: [billing], host:", "weaker for other namespaces: TLS weakened: TLS, verified -> plaintext"},
		"a rule for some workloads":    {"{host:", "{workloadSelector: {matchLabels: {app: a}}, host:", "weaker for other workloads: TLS weakened: TLS, verified -> plaintext"},
		"no names":                     {", subjectAltNames: [api.example.com]", "", "weaker TLS weakened: TLS, verified -> TLS, server not verified"},
		"settings of a port alone":     {"{tls:", "{portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 3}}}], tls:", "weaker TLS weakened: TLS, verified -> plaintext"},
		"another server":               {"resolution: DNS", "resolution: DNS, endpoints: [{address: other.example.net}]", "wider reachable: TLS, verified, from all namespaces"},
		"nobody":                       {"{hosts:", `{exportTo: ["~"], hosts:`, "narrower gone: it was TLS, verified, from all namespaces"},
		"another host":                 {"hosts: [api.example.com]", "hosts: [api.example.com, other.example.net]", "wider reachable: plaintext, from all namespaces"},
	} {
		before, after := manifestsOf(t, hostWithRule), manifestsOf(t, strings.Replace(hostWithRule, c.old, c.replacement, 1))
		changes := report.Changes([]*report.Declaration{before}, []*report.Declaration{after})
		if !slices.ContainsFunc(changes, func(change report.Change) bool { return string(change.Class)+" "+change.Text == c.want }) {
			t.Errorf("%s: got %+v, want %s", name, changes, c.want)
		}
	}
}

// Routes of what is no local name are told as what a report has no place for.
func TestRoutesOfHosts(t *testing.T) {
	const route = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: shop}
spec: {GATEWAYShosts: [api.example.com], http: [{route: [{destination: {host: other.example.net}}]}]}
`
	for gateways, want := range map[string]int{"": 1, "gateways: [mesh, a/b], ": 1, "gateways: [a/b], ": 0} {
		unsaid := manifestsOf(t, hostWithRule+strings.Replace(route, "GATEWAYS", gateways, 1)).Unsaid
		if len(unsaid) != want || want > 0 && !strings.Contains(unsaid[0], "VirtualService shop/api: where it leads calls of api.example.com") {
			t.Errorf("%q: got %q", gateways, unsaid)
		}
	}
}

func manifestsOf(t *testing.T, text string) *report.Declaration {
	t.Helper()
	declaration, err := report.Manifests([]string{"-"}, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return declaration
}

// An alias that Istio does not connect with its host is one way out, and no host that is called by its own name.
func TestMisspeltAliasIsOneWay(t *testing.T) {
	for _, spelling := range []string{"api.example.com.", "API.example.com"} {
		rows := report.Rows(manifestsOf(t, `apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {type: ExternalName, externalName: `+spelling+`, ports: [{name: https, port: 443}]}
`))
		if len(rows) != 1 || !slices.Equal(rows[0].Names, []string{"api.shop:443"}) {
			t.Errorf("%s: %+v", spelling, rows)
		}
	}
}

// What an example renders to is reported as its values are.
func TestManifestsOfExamples(t *testing.T) {
	rendered, err := filepath.Glob("../examples/*/rendered.yaml")
	if err != nil || len(rendered) < 10 {
		t.Fatalf("%d examples, %v", len(rendered), err)
	}
	for _, file := range rendered {
		values := filepath.Join(filepath.Dir(file), "values.yaml")
		if _, err := os.Stat(values); err != nil {
			continue
		}
		manifests, err := report.Manifests([]string{file}, nil)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		a, b := withoutPlaces(report.Rows(loadInto(t, "default", values))), withoutPlaces(report.Rows(manifests))
		if !slices.Equal(a, b) {
			t.Errorf("%s: values\n%s\nmanifests\n%s", file, strings.Join(a, "\n"), strings.Join(b, "\n"))
		}
	}
}

// A list that the API server gives is read as one that kubectl prints; of its own kinds, the items do not say what they are.
func TestTypedLists(t *testing.T) {
	const item = `{"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "metadata": {"name": "a"}, "spec": {"hosts": ["a.example.com"], "ports": [{"number": 443, "name": "https", "protocol": "HTTPS"}], "resolution": "DNS"}}`
	rows := report.Rows(manifestsOf(t, `{"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntryList", "items": [`+item+`]}`))
	if len(rows) != 1 || rows[0].Destination != "a.example.com" {
		t.Errorf("%+v", rows)
	}
	untyped := `{"apiVersion": "v1", "kind": "ServiceList", "items": [{"metadata": {"name": "a"}}]}`
	if _, err := report.Manifests([]string{"-"}, strings.NewReader(untyped)); err == nil || !strings.Contains(err.Error(), "an item without kind") {
		t.Error(err)
	}
}
