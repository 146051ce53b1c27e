package egress_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/egress"
)

// both returns values of one entry before and after an edit.
func both(entry string, oldnew ...string) (before, after string) {
	return entry, strings.NewReplacer(oldnew...).Replace(entry)
}

const (
	simpleEntry = `externalNameServices:
  - name: api
    namespace: shop
    externalName: api.example.com
    exportTo: [shop]
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
`
	mutualEntry = `externalNameServices:
  - name: risk
    namespace: shop
    externalName: risk.example.com
    exportTo: [shop]
    ports: [{name: http, port: 80, targetPort: 443}]
    workloadSelector: {matchLabels: {app: checkout}}
    tls: {mode: MUTUAL, clientCertificate: /c.pem, privateKey: /k.pem}
`
	addressEntry = `endpointServices:
  - name: sink
    namespace: shop
    addresses: [192.0.2.10, 192.0.2.11]
    serverName: sink.example.com
    ports: [{name: https, port: 443}]
    tls: {mode: DISABLE}
`
	openEntry = `externalNameServices:
  - {name: a, namespace: shop, externalName: api.example.com, exportTo: [shop], ports: [{name: http, port: 80}], tls: {mode: DISABLE}}
`
	gatewayEntry = `egressGateway: {name: egress, namespace: istio-egress, selector: {app: egress}}
externalNameServices:
  - name: pay
    namespace: shop
    externalName: pay.example.com
    exportTo: [shop, billing]
    ports: [{name: http, port: 80, targetPort: 443}]
    through: gateway
    allowFrom: {namespaces: [shop]}
    tls: {mode: SIMPLE}
`
	waypointEntry = `dataPlane: ambient
waypoint: {name: egress, namespace: infra}
externalNameServices:
  - name: pay
    namespace: shop
    externalName: pay.example.com
    ports: [{name: http, port: 80, targetPort: 443}]
    allowFrom: {namespaces: [shop]}
    tls: {mode: SIMPLE}
`
	everybodysWaypoint = `dataPlane: ambient
waypoint: {name: egress, namespace: infra}
endpointServices:
  - name: sink
    namespace: shop
    addresses: [192.0.2.10]
    serverName: sink.example.com
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
`
	hostsEntry = `externalHosts:
  - {name: saas, namespace: shop, hosts: [a.vendor.example, b.vendor.example], exportTo: [shop], ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
`
)

// Each kind of weakening gets its class, and taking it back the mirrored one. A change is written as the class, the
// server, and some words of the text.
func TestClasses(t *testing.T) {
	chart := loadChart(t)
	for name, c := range map[string]struct {
		entry string
		edit  []string
		want  []string
	}{
		"TLS to plaintext":          {simpleEntry, []string{"mode: SIMPLE", "mode: DISABLE"}, []string{"weaker api.example.com:443 TLS weakened: TLS, verified -> plaintext", "weaker api.example.com:443 form: closed -> open", "changed api.example.com:443 Host sent: api.example.com -> as the workload"}},
		"TLS to plaintext, closed":  {simpleEntry + "    serviceType: ClusterIP\n    rewriteHost: false\n", []string{"mode: SIMPLE", "mode: DISABLE"}, []string{"weaker api.example.com:443 TLS weakened: TLS, verified -> plaintext"}},
		"verification off":          {simpleEntry, []string{"SIMPLE", "SIMPLE, insecureSkipVerify: true"}, []string{"weaker api.example.com:443 TLS weakened: TLS, verified -> TLS, server not verified"}},
		"verification off, MUTUAL":  {mutualEntry, []string{"MUTUAL", "MUTUAL, insecureSkipVerify: true"}, []string{"weaker risk.example.com:443 for workloads app=checkout: TLS weakened: TLS with a client certificate, verified -> TLS, server not verified"}},
		"another name accepted":     {simpleEntry, []string{"SIMPLE", "SIMPLE, subjectAltNames: [api.example.com, www.example.com]"}, []string{"weaker api.example.com:443 accepts the name www.example.com as well"}},
		"another name in its place": {simpleEntry, []string{"SIMPLE", "SIMPLE, subjectAltNames: [www.example.com]"}, []string{"weaker api.example.com:443 accepts the name www.example.com: api.example.com -> www", "stronger api.example.com:443 no longer accepts the name api.example.com"}},
		"private CA to public":      {strings.Replace(simpleEntry, "SIMPLE", "SIMPLE, caCertificates: /ca.pem", 1), []string{", caCertificates: /ca.pem", ""}, []string{"weaker api.example.com:443 CA: /ca.pem -> public CAs"}},
		"private CA to another":     {strings.Replace(simpleEntry, "SIMPLE", "SIMPLE, caCertificates: /ca.pem", 1), []string{"/ca.pem", "/other.pem"}, []string{"changed api.example.com:443 CA: /ca.pem -> /other.pem"}},
		"revocation off":            {strings.Replace(simpleEntry, "SIMPLE", "SIMPLE, caCertificates: /ca.pem, caCrl: /crl.pem", 1), []string{", caCrl: /crl.pem", ""}, []string{"weaker api.example.com:443 revoked certificates are accepted"}},
		"closed to open":            {simpleEntry, []string{"    tls:", "    serviceType: ExternalName\n    tls:"}, []string{"weaker api.example.com:443 form: closed -> open"}},
		"closed to open, addresses": {addressEntry + "    endpointsKind: ServiceEntry\n", []string{"ServiceEntry", "EndpointSlice"}, []string{"weaker sink.example.com:443 form: closed -> open"}},
		"mesh's TLS to the workload's": {simpleEntry + "    rewriteHost: false\n    serviceType: ClusterIP\n", []string{"http", "https", "port: 80, targetPort: 443", "port: 80, targetPort: 443, tls: {mode: DISABLE}", "    rewriteHost: false\n", ""},
			[]string{"weaker api.example.com:443 TLS weakened: TLS, verified -> the workload's own TLS", "changed api.example.com:443 protocol: HTTP -> HTTPS", "changed api.example.com:443 headers"}},
		"client certificate gone": {strings.Replace(mutualEntry, "    workloadSelector: {matchLabels: {app: checkout}}\n", "", 1), []string{"MUTUAL, clientCertificate: /c.pem, privateKey: /k.pem", "SIMPLE"}, []string{"weaker risk.example.com:443 TLS weakened: TLS with a client certificate, verified -> TLS, verified"}},

		"a destination more": {openEntry, []string{"externalNameServices:\n", "externalNameServices:\n  - {name: b, namespace: shop, externalName: b.example.com, exportTo: [shop], ports: [{name: http, port: 80}], tls: {mode: DISABLE}}\n"}, []string{"wider b.example.com:80 reachable: plaintext, from shop"}},
		"a port more":        {openEntry, []string{"[{name: http, port: 80}]", "[{name: http, port: 80}, {name: http-admin, port: 8080}]"}, []string{"wider api.example.com:8080 reachable: plaintext, from shop"}},
		"an address more":    {addressEntry, []string{"192.0.2.11]", "192.0.2.11, 192.0.2.12]"}, []string{"wider sink.example.com:443 leads to the address 192.0.2.12 as well"}},
		"another address":    {addressEntry, []string{"192.0.2.11]", "192.0.2.12]"}, []string{"wider sink.example.com:443 leads to the address 192.0.2.12", "narrower sink.example.com:443 no longer leads to the address 192.0.2.11"}},
		"a namespace more":   {simpleEntry, []string{"exportTo: [shop]", "exportTo: [shop, billing]"}, []string{"wider api.example.com:443 visible to billing as well: shop -> billing, shop"}},
		"another namespace":  {simpleEntry, []string{"exportTo: [shop]", "exportTo: [billing]"}, []string{"wider api.example.com:443 visible to billing: shop -> billing", "narrower api.example.com:443 no longer visible to shop: shop -> billing"}},
		"all namespaces":     {simpleEntry, []string{"exportTo: [shop]", "exportTo: ['*']"}, []string{"wider api.example.com:443 visible to all other namespaces as well: shop -> all namespaces"}},
		"no exportTo":        {simpleEntry, []string{"    exportTo: [shop]\n", ""}, []string{"wider api.example.com:443 visible to all other namespaces as well: shop -> all namespaces"}},
		"a workload more":    {mutualEntry, []string{"    workloadSelector: {matchLabels: {app: checkout}}\n", ""}, []string{"wider risk.example.com:443 for other workloads: shows the client certificate too: /c.pem"}},
		"another workload": {mutualEntry, []string{"app: checkout", "app: cart"}, []string{
			"wider risk.example.com:443 for workloads app=cart: shows the client certificate too", "narrower risk.example.com:443 for workloads app=checkout: shows the client certificate no more"}},
		"fewer labels": {mutualEntry, []string{"{app: checkout}", "{app: checkout, tier: gold}"}, []string{"narrower risk.example.com:443 for workloads app=checkout: shows the client certificate no more"}},

		"Host":                     {simpleEntry, []string{"    tls:", "    rewriteHost: false\n    tls:"}, []string{"changed api.example.com:443 Host sent: api.example.com -> as the workload sends it"}},
		"target port":              {simpleEntry, []string{"targetPort: 443", "targetPort: 8443"}, []string{"changed api.example.com:8443 the server's port: 443 -> 8443"}},
		"certificate":              {mutualEntry, []string{"/c.pem", "/d.pem"}, []string{"changed risk.example.com:443 for workloads app=checkout: client certificate: /c.pem -> /d.pem"}},
		"private key":              {mutualEntry, []string{"/k.pem", "/l.pem"}, []string{"changed risk.example.com:443 for workloads app=checkout: another file of the private key"}},
		"system CAs by their name": {simpleEntry, []string{"SIMPLE", "SIMPLE, caCertificates: system"}, nil},
		"private CA to system CAs": {strings.Replace(simpleEntry, "SIMPLE", "SIMPLE, caCertificates: /ca.pem", 1), []string{"/ca.pem", "system"}, []string{"weaker api.example.com:443 CA: /ca.pem -> public CAs"}},
		"SNI":                      {simpleEntry, []string{"SIMPLE", "SIMPLE, sni: www.example.com"}, []string{"changed api.example.com:443 SNI: api.example.com -> www.example.com"}},
		"policy":                   {simpleEntry, []string{"    tls:", "    trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}\n    tls:"}, []string{`changed api.example.com:443 connectionPool: Istio's default -> {"tcp":{"maxConnections":5}}`}},
		"timeout":                  {simpleEntry, []string{"    tls:", "    timeout: 90s\n    tls:"}, []string{"changed api.example.com:443 timeout: Istio's default -> 1m30s"}},
		"retries":                  {simpleEntry, []string{"    tls:", "    retries: {attempts: 0}\n    tls:"}, []string{"changed api.example.com:443 retries: Istio's default -> at most 0"}},
		"mesh headers":             {simpleEntry, []string{"    tls:", "    keepMeshHeaders: true\n    tls:"}, []string{"changed api.example.com:443 headers: without x-envoy-peer-metadata, x-envoy-peer-metadata-id, x-envoy-decorator-operation, x-envoy-attempt-count -> as they are"}},
		"protocol":                 {openEntry, []string{"name: http,", "name: grpc,"}, []string{"changed api.example.com:80 protocol: HTTP -> GRPC"}},
		"name":                     {simpleEntry, []string{"name: api\n", "name: backend\n"}, []string{"changed api.example.com:443 name: api.shop:80 -> backend.shop:80"}},
		"another name for it":      {openEntry, []string{"externalNameServices:\n", "externalNameServices:\n  - {name: b, namespace: shop, externalName: api.example.com, exportTo: [shop], ports: [{name: http, port: 80}], tls: {mode: DISABLE}}\n"}, []string{"changed api.example.com:80 another name for it: plaintext, from shop"}},
		"a worse name for it":      {simpleEntry, []string{"externalNameServices:\n", "externalNameServices:\n  - {name: b, namespace: shop, externalName: api.example.com, exportTo: [shop], ports: [{name: http, port: 81, targetPort: 443}], tls: {mode: SIMPLE, insecureSkipVerify: true}}\n"}, []string{"weaker api.example.com:443 another name for it, less protected: TLS, server not verified, from shop"}},
		"another name and weaker": {simpleEntry, []string{"name: api\n", "name: backend\n", "SIMPLE", "SIMPLE, insecureSkipVerify: true"}, []string{
			"weaker api.example.com:443 TLS weakened: TLS, verified -> TLS, server not verified", "changed api.example.com:443 name: api.shop:80 -> backend.shop:80"}},
		"another port and weaker": {simpleEntry + "    serviceType: ClusterIP\n", []string{"{name: http, port: 80, targetPort: 443}", "{name: https, port: 443}", "SIMPLE", "DISABLE"}, []string{
			"weaker api.example.com:443 TLS weakened: TLS, verified -> the workload's own TLS", "changed api.example.com:443 name: api.shop:80 -> api.shop:443",
			"changed api.example.com:443 protocol", "changed api.example.com:443 Host sent", "changed api.example.com:443 headers"}},
		"gateway to direct": {gatewayEntry, []string{"    through: gateway\n    allowFrom: {namespaces: [shop]}\n", ""}, []string{"weaker pay.example.com:443 path: through the gateway istio-egress/egress -> direct", "wider pay.example.com:443 allowed to call: everybody else as well: namespace shop -> everybody"}},
		"gateway by default no more": {strings.NewReplacer("}}\n", "}, default: gateway}\n", "    through: gateway\n    allowFrom: {namespaces: [shop]}\n", "").Replace(gatewayEntry), []string{", default: gateway", ""},
			[]string{"weaker pay.example.com:443 path: through the gateway istio-egress/egress -> direct"}},
		"another gateway":                   {gatewayEntry, []string{"{name: egress", "{name: other"}, []string{"changed pay.example.com:443 path: through the gateway istio-egress/egress -> through the gateway istio-egress/other"}},
		"the gateway's pods":                {gatewayEntry, []string{"{app: egress}", "{app: ingress}"}, []string{"changed pay.example.com:443 the gateway's pods: app=egress -> app=ingress"}},
		"the gateway's port":                {gatewayEntry, []string{"{name: egress", "{port: 8443, name: egress"}, []string{"changed pay.example.com:443 the gateway's port: 443 -> 8443"}},
		"allowFrom more":                    {gatewayEntry, []string{"namespaces: [shop]", "namespaces: [shop, billing]"}, []string{"wider pay.example.com:443 allowed to call: namespace billing as well: namespace shop -> namespace billing, namespace shop"}},
		"allowFrom others":                  {gatewayEntry, []string{"namespaces: [shop]", "serviceAccounts: [shop/checkout]"}, []string{"wider pay.example.com:443 allowed to call: service account shop/checkout: namespace shop -> service account shop/checkout", "narrower pay.example.com:443 no longer allowed to call: namespace shop"}},
		"allowFrom gone":                    {gatewayEntry, []string{"    allowFrom: {namespaces: [shop]}\n", ""}, []string{"wider pay.example.com:443 allowed to call: everybody else as well: namespace shop -> everybody"}},
		"verification off behind a gateway": {gatewayEntry, []string{"SIMPLE", "SIMPLE, insecureSkipVerify: true"}, []string{"weaker pay.example.com:443 TLS weakened: TLS, verified -> TLS, server not verified"}},
		"waypoint gone": {"dataPlane: ambient\nwaypoint: {name: egress, namespace: shop}\n" + strings.Replace(openEntry, "exportTo: [shop], ", "", 1), []string{"waypoint: {name: egress, namespace: shop}\n", ""}, []string{
			"weaker api.example.com:80 form: closed -> open", "wider api.example.com:80 pods with sidecars outside namespace shop: kept out -> served",
			"changed api.example.com:80 ambient pods: the waypoint shop/egress -> no waypoint", "changed api.example.com:80 headers"}},
		"waypoint gone, TLS with it": {everybodysWaypoint, []string{"waypoint: {name: egress, namespace: infra}\n", "", "SIMPLE", "DISABLE"}, []string{
			"weaker sink.example.com:443 TLS weakened: TLS, verified -> plaintext", "weaker sink.example.com:443 form: closed -> open", "wider sink.example.com:443 pods with sidecars outside namespace infra: kept out -> served",
			"changed sink.example.com:443 ambient pods: the waypoint infra/egress -> no waypoint", "changed sink.example.com:443 Host sent: sink.example.com -> as the workload", "changed sink.example.com:443 headers"}},
		"another waypoint": {waypointEntry, []string{"name: egress", "name: other"}, []string{"changed pay.example.com:443 ambient pods: the waypoint infra/egress -> the waypoint infra/other"}},
		"a waypoint in another namespace": {everybodysWaypoint, []string{"namespace: infra", "namespace: shop"}, []string{
			"wider sink.example.com:443 pods with sidecars in namespace shop: kept out -> served", "narrower sink.example.com:443 pods with sidecars in namespace infra: served -> kept out",
			"changed sink.example.com:443 ambient pods: the waypoint infra/egress -> the waypoint shop/egress"}},
		"a waypoint in the entry's namespace, allowFrom": {waypointEntry, []string{"namespace: infra", "namespace: shop"}, []string{
			"narrower pay.example.com:443 pods with sidecars in namespace infra: served -> kept out", "changed pay.example.com:443 ambient pods: the waypoint infra/egress -> the waypoint shop/egress"}},
		"a waypoint in another namespace, both": {strings.Replace(everybodysWaypoint, "ambient", "both", 1), []string{"namespace: infra", "namespace: shop"}, []string{
			"changed sink.example.com:443 ambient pods: the waypoint infra/egress -> the waypoint shop/egress"}},
		"allowFrom gone, the entry's waypoint": {strings.Replace(waypointEntry, "namespace: infra", "namespace: shop", 1), []string{"    allowFrom: {namespaces: [shop]}\n", ""}, []string{
			"wider pay.example.com:443 allowed to call: everybody else as well", "wider pay.example.com:443 pods with sidecars in namespace shop: kept out -> served"}},
		"a namespace of sidecars more": {"dataPlane: both\nwaypoint: {name: egress, namespace: infra}\n" + simpleEntry, []string{"exportTo: [shop]", "exportTo: [shop, billing]"}, []string{
			"wider api.example.com:443 pods with sidecars in namespace billing: kept out -> served"}},
		"allowFrom more, waypoint": {waypointEntry, []string{"namespaces: [shop]", "namespaces: [shop, billing]"}, []string{"wider pay.example.com:443 allowed to call: namespace billing as well: namespace shop -> namespace billing, namespace shop"}},
		"allowFrom others, waypoint": {waypointEntry, []string{"namespaces: [shop]", "serviceAccounts: [shop/checkout]"}, []string{
			"wider pay.example.com:443 allowed to call: service account shop/checkout: namespace shop -> service account shop/checkout", "narrower pay.example.com:443 no longer allowed to call: namespace shop"}},
		"allowFrom gone, waypoint": {waypointEntry, []string{"    allowFrom: {namespaces: [shop]}\n", ""}, []string{"wider pay.example.com:443 allowed to call: everybody else as well: namespace shop -> everybody"}},
		"sidecar to both": {simpleEntry, []string{"externalNameServices:\n", "dataPlane: both\nwaypoint: {name: egress}\nexternalNameServices:\n", "    exportTo: [shop]\n", ""}, []string{
			"wider api.example.com:443 ambient pods: no waypoint -> the waypoint shop/egress", "wider api.example.com:443 visible to all other namespaces as well: shop -> all namespaces"}},
		"ambient to both": {everybodysWaypoint, []string{"ambient", "both"}, []string{"wider sink.example.com:443 pods with sidecars outside namespace infra: kept out -> served"}},
		"ambient to sidecar": {everybodysWaypoint, []string{"dataPlane: ambient\nwaypoint: {name: egress, namespace: infra}\n", ""}, []string{
			"wider sink.example.com:443 pods with sidecars outside namespace infra: kept out -> served", "narrower sink.example.com:443 ambient pods: the waypoint infra/egress -> no waypoint"}},
		"ambient to sidecar, allowFrom": {waypointEntry, []string{"dataPlane: ambient\nwaypoint: {name: egress, namespace: infra}\n", "", "    allowFrom: {namespaces: [shop]}\n", ""}, []string{
			"wider pay.example.com:443 allowed to call: everybody else as well", "wider pay.example.com:443 pods with sidecars outside namespace infra: kept out -> served",
			"narrower pay.example.com:443 ambient pods: the waypoint infra/egress -> no waypoint"}},

		"another host":                {hostsEntry, []string{"b.vendor.example", "c.vendor.example"}, []string{"wider c.vendor.example:443 reachable: the workload's own TLS, from shop", "narrower b.vendor.example:443 gone"}},
		"another namespace of a host": {hostsEntry, []string{"namespace: shop", "namespace: billing", ", b.vendor.example", ""}, []string{"changed a.vendor.example:443 declared in: namespace shop -> billing", "narrower b.vendor.example:443 gone"}},
		"a wildcard for hosts": {hostsEntry, []string{"a.vendor.example, b.vendor.example", "'*.vendor.example'"}, []string{
			"wider *.vendor.example:443 reachable: the workload's own TLS, from shop", "changed a.vendor.example:443 no longer declared by itself, others lead there: it was", "changed b.vendor.example:443 no longer declared"}},
		"a wider wildcard": {strings.Replace(hostsEntry, "a.vendor.example, b.vendor.example", "'*.eu.vendor.example'", 1), []string{"*.eu.", "*."}, []string{
			"wider *.vendor.example:443 reachable", "changed *.eu.vendor.example:443 no longer declared by itself"}},
		"a host under a wildcard, in plaintext": {strings.Replace(hostsEntry, "a.vendor.example, b.vendor.example", "'*.vendor.example'", 1), []string{"externalHosts:\n", "externalHosts:\n  - {name: a, namespace: shop, hosts: [a.vendor.example], exportTo: [shop], ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: DISABLE}}\n"},
			[]string{"weaker a.vendor.example:443 declared by itself, where others led already, less protected: plaintext, from shop"}},

		"the cluster's domain": {simpleEntry, []string{"externalNameServices:\n", "clusterDomain: corp.local\nexternalNameServices:\n"}, []string{"changed api.example.com:443 full name: api.shop.svc.cluster.local -> api.shop.svc.corp.local"}},

		"another server, opened": {simpleEntry, []string{"externalName: api.example.com", "externalName: b.example.com", "    tls:", "    serviceType: ExternalName\n    tls:"}, []string{
			"weaker b.example.com:443 form: closed -> open: who calls it past the mesh reaches the server now",
			"wider b.example.com:443 reachable: TLS, verified, from shop", "narrower api.example.com:443 gone: it was TLS, verified, from shop"}},
		"another server, in plaintext": {simpleEntry, []string{"externalName: api.example.com", "externalName: b.example.com", "SIMPLE", "DISABLE"}, []string{
			"weaker b.example.com:443 TLS weakened: TLS, verified -> plaintext", "weaker b.example.com:443 form: closed -> open", "wider b.example.com:443 reachable: plaintext, from shop", "narrower api.example.com:443 gone: it was TLS, verified, from shop"}},
		"another server": {simpleEntry, []string{"externalName: api.example.com", "externalName: b.example.com"}, []string{"wider b.example.com:443 reachable: TLS, verified, from shop", "narrower api.example.com:443 gone: it was TLS, verified, from shop"}},
	} {
		before, after := both(c.entry, c.edit...)
		if before == after {
			t.Errorf("%s: the edit changes nothing", name)
		}
		a, b := modelOf(t, chart, parse(t, before)), modelOf(t, chart, parse(t, after))
		sameChanges(t, name, c.want, egress.Diff(a, b))
		mirrored := egress.Diff(b, a)
		if !slices.Equal(mirrorKeys(mirrored, true), mirrorKeys(egress.Diff(a, b), false)) {
			t.Errorf("%s: the change back is\n%s", name, strings.Join(lines(mirrored), "\n"))
		}
	}
}

func sameChanges(t *testing.T, name string, want []string, changes []egress.Change) {
	t.Helper()
	if len(changes) != len(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, strings.Join(lines(changes), "\n"), strings.Join(want, "\n"))
		return
	}
	for _, wanted := range want {
		class, rest, _ := strings.Cut(wanted, " ")
		server, text, _ := strings.Cut(rest, " ")
		if !slices.ContainsFunc(lines(changes), func(line string) bool {
			return strings.HasPrefix(line, class+" "+server+" ") && strings.Contains(line, "] "+text)
		}) {
			t.Errorf("%s: no %q in\n%s", name, wanted, strings.Join(lines(changes), "\n"))
		}
	}
}
