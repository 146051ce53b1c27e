package manifests_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/catalogue"
	"github.com/istio-egress/istio-egress/lint/manifests"
	"github.com/istio-egress/istio-egress/render"
)

// advice is one way out that a message names, applied to the example of its catalogue entry.
type advice struct {
	says  string   // the words of the message
	edits []string // old and new text by turns; none for the repair of the entry
	base  string   // in place of the entry's example
}

const (
	simpleTLS   = "      mode: SIMPLE\n      sni: api.example.com\n      subjectAltNames: [api.example.com]\n"
	othersRule  = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: api-others}\nspec:\n  host: api.example.com\n  trafficPolicy:\n    tls:\n" + simpleTLS
	selector    = "  workloadSelector:\n    matchLabels: {app: orders}\n"
	httpPort    = "{number: 80, targetPort: 443, name: http, protocol: HTTP}"
	ruleOfHost  = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: api}\nspec:\n  host: api.example.com\n"
	ownService  = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {ports: [{name: tcp-sql, port: 15432}]}\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: db}\nspec:\n  hosts: [db.default.svc.cluster.local]\n  resolution: DNS\n  ports: [{number: 15432, name: tcp-sql, protocol: TCP}]\n  endpoints: [{address: db.example.com}]\n"
	twoEntries  = "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a}\nspec: {hosts: [api.example.com], resolution: DNS, ports: [{number: 443, name: https, protocol: HTTPS}]}\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: b}\nspec: {hosts: [api.example.com], resolution: DNS, exportTo: [\".\"], ports: [{number: 8443, name: https, protocol: HTTPS}]}\n"
	serviceRule = "apiVersion: v1\nkind: Service\nmetadata: {name: api}\nspec: {ports: [{name: tcp-db, port: 5000}]}\n---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: api-1, labels: {kubernetes.io/service-name: api}}\naddressType: IPv4\nendpoints: [{addresses: [192.0.2.1]}]\nports: [{name: tcp-db, port: 5000}]\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: api}\nspec:\n  host: api\n  trafficPolicy:\n    tls: {mode: ISTIO_MUTUAL}\n"
)

const (
	gatewayRecipe = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api}
spec:
  hosts: [api.example.com]
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
    - {number: 80, name: http, protocol: HTTP, targetPort: 443}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: egressgateway, namespace: istio-system}
spec:
  host: istio-egressgateway.istio-system.svc.cluster.local
  subsets:
    - name: api
      trafficPolicy:
        tls: {mode: ISTIO_MUTUAL, sni: api.example.com}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: default}
spec:
  host: api.example.com
  trafficPolicy:
    portLevelSettings:
      - port: {number: 80}
        tls: {mode: SIMPLE, sni: api.example.com, subjectAltNames: [api.example.com]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api}
spec:
  hosts: [api.example.com]
  gateways: [mesh, egress]
  http:
    - match:
        - {gateways: [mesh], port: 80}
      route:
        - destination: {host: istio-egressgateway.istio-system.svc.cluster.local, subset: api, port: {number: 443}}
    - match:
        - {gateways: [egress], port: 443}
      route:
        - destination: {host: api.example.com, port: {number: 80}}
`
	wideRule    = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: wide, namespace: istio-system}\nspec: {host: \"*.com\", exportTo: [\".\"], trafficPolicy: {tls: {mode: DISABLE}}}\n"
	callersRule = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: callers, namespace: shop}\nspec: {host: istio-egressgateway.istio-system.svc.cluster.local}\n"
)

// advices are all that messages say, by id.
var advices = map[string][]advice{
	"manifest-alias-dns-capture": {{says: "give it the label"}, {says: "give it spec.addresses", base: "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {type: ExternalName, externalName: db.example.com, ports: [{name: tcp, port: 9000}]}\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: db}\nspec: {hosts: [db.example.com], resolution: DNS, ports: [{number: 9000, name: tcp, protocol: TCP}]}\n",
		edits: []string{"resolution: DNS,", "resolution: DNS, addresses: [192.0.2.1],"}}},
	"manifest-alias-ports": {{says: "declare the ports"}},
	"manifest-alias-rule":  {{says: "write the rule for api.example.com, with a ServiceEntry for that host"}},
	"manifest-allow-from":  {{says: "apply the AuthorizationPolicy ledger.shop in namespace istio-system"}},
	"manifest-cidr":        {{says: "write the server's IPs one by one"}},
	"manifest-client-certificate": {
		{says: "set clientCertificate and privateKey"},
		{says: "or credentialName with a workloadSelector, and a rule without it for all others", edits: []string{"spec:\n  host:", "spec:\n" + selector + "  host:", "mode: MUTUAL\n", "mode: MUTUAL\n      credentialName: a\n", "<end>", othersRule}},
		{says: "or write SIMPLE", edits: []string{"MUTUAL", "SIMPLE"}},
	},
	"manifest-credential-selector": {
		{says: "add workloadSelector.matchLabels, and a rule without it for all others"},
		{says: "give the certificates as files", edits: []string{"credentialName: client-cert", "clientCertificate: /c.pem\n      privateKey: /k.pem"}},
	},
	"manifest-endpoints-legacy": {{says: "write an EndpointSlice for each address family"}},
	"manifest-endpoints-twice":  {{says: "remove the Endpoints"}},
	"manifest-entry-for-service": {
		{says: "write the entry for ledger.example.com, the host that it leads to, with its IPs under addresses"},
		{says: "write resolution: STATIC with the servers' IPs under endpoints and addresses", base: ownService, edits: []string{"resolution: DNS", "resolution: STATIC\n  addresses: [192.0.2.1]", "db.example.com", "192.0.2.1"}},
		{says: "lead the Service by a VirtualService to an entry of another name", base: ownService, edits: []string{"[db.default.svc.cluster.local]", "[db.egress.internal]\n  addresses: [240.0.0.1]",
			"<end>", "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: db}\nspec:\n  hosts: [db.default.svc.cluster.local]\n  tcp: [{match: [{port: 15432}], route: [{destination: {host: db.egress.internal, port: {number: 15432}}}]}]\n"}},
	},
	"manifest-newer-istio":       {{says: "remove it"}},
	"manifest-external-name":     {{says: `write "api.example.com"`}},
	"manifest-external-name-ip":  {{says: "write a Service without selector, with the address in an EndpointSlice"}},
	"manifest-gateway-identity":  {{says: "set tls.mode: ISTIO_MUTUAL with an sni in DestinationRule default/egressgateway, and give the Gateway a server with protocol: TLS, tls.mode: ISTIO_MUTUAL and a tcp route"}},
	"manifest-gateway-plaintext": {{says: "set tls.mode: ISTIO_MUTUAL with an sni in DestinationRule default/egressgateway, and give the Gateway a server"}},
	"manifest-gateway-rule": {
		{says: "put the settings into that one, and remove this one"},
		{says: "write a host that does not cover it", base: gatewayRecipe + wideRule, edits: []string{`"*.com"`, `"*.other.com"`}},
		{says: "remove it", base: gatewayRecipe + callersRule, edits: []string{callersRule, ""}},
		{says: "or put the subset into it", base: gatewayRecipe + callersRule, edits: []string{"spec: {host: istio-egressgateway.istio-system.svc.cluster.local}\n", "spec: {host: istio-egressgateway.istio-system.svc.cluster.local, subsets: [{name: api, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, sni: api.example.com}}}]}\n"}},
	},
	"manifest-host-namespaces": {{says: "declare the port here too"}},
	"manifest-host-twice": {
		{says: "declare it in one ServiceEntry"},
		{says: "make them alike", base: twoEntries, edits: []string{" exportTo: [\".\"],", ""}},
		{says: "declare all ports in one ServiceEntry", base: twoEntries, edits: []string{"protocol: HTTPS}]}\n---", "protocol: HTTPS}, {number: 8443, name: https-8443, protocol: HTTPS}]}\n---", "metadata: {name: b}\nspec: {hosts: [api", "metadata: {name: b}\nspec: {hosts: [other"}},
	},
	"manifest-http-on-443": {
		{says: "write number: 80 with targetPort: 443"},
		{says: "write protocol: HTTPS if the workload sends TLS itself", base: "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: api}\nspec: {hosts: [api.example.com], resolution: DNS, ports: [{number: 443, name: web, protocol: HTTP}]}\n", edits: []string{"HTTP}", "HTTPS}"}},
		{says: "else number: 80 with targetPort: 443 and a DestinationRule with SIMPLE, sni and subjectAltNames", base: "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: api}\nspec: {hosts: [api.example.com], resolution: DNS, ports: [{number: 443, name: web, protocol: HTTP}]}\n",
			edits: []string{"number: 443", "number: 80, targetPort: 443", "<end>", othersRule}},
	},
	"manifest-insecure": {{says: "give caCertificates and subjectAltNames instead"}},
	"manifest-istio-mutual": {
		{says: "set SIMPLE", edits: []string{"ISTIO_MUTUAL", "SIMPLE"}},
		{says: "or MUTUAL with a certificate of its own", edits: []string{"ISTIO_MUTUAL", "MUTUAL\n      clientCertificate: /c.pem\n      privateKey: /k.pem"}},
		{says: "or DISABLE", base: serviceRule, edits: []string{"ISTIO_MUTUAL", "DISABLE"}},
	},
	"manifest-not-decoded": {{says: `did you mean "protocol"?`}},
	"manifest-plaintext": {
		{says: "add a DestinationRule for the host with tls.mode: SIMPLE, sni and subjectAltNames"},
		{says: "give the port tls.mode: SIMPLE, sni and subjectAltNames in DestinationRule default/api", base: "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: api}\nspec:\n  hosts: [api.example.com]\n  resolution: DNS\n  ports: [" + httpPort + "]\n" + ruleOfHost + "  trafficPolicy:\n    tls:\n      mode: DISABLE\n",
			edits: []string{"      mode: DISABLE\n", simpleTLS}},
	},
	"manifest-policy-elsewhere": {{says: "put it into namespace istio-system, with spec.selector.matchLabels {istio: egressgateway}"}},
	"manifest-port-level":       {{says: "repeat tls under it"}},
	"manifest-route-protocol": {
		{says: "remove the route", edits: []string{"  http:\n    - route:\n        - destination: {host: api.example.com}\n      timeout: 10s\n", ""}},
		{says: "or declare a port that it can apply to"},
	},
	"manifest-route-undeclared": {
		{says: "declare it in a ServiceEntry", edits: []string{"<end>", "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: other}\nspec: {hosts: [example.com], resolution: DNS, ports: [{number: 443, name: https, protocol: HTTPS}]}\n"}},
		{says: "or remove the route", edits: []string{"  tls:\n    - match:\n        - {port: 443, sniHosts: [api.example.com]}\n      route:\n        - destination: {host: example.com}\n", ""}},
	},
	"manifest-selector-alone": {{says: "add a DestinationRule for api.example.com without selector, SIMPLE with sni and subjectAltNames"}},
	"manifest-selector-visibility": {
		{says: `write ["."]`}, {says: "or remove it", edits: []string{"  exportTo: [\"*\"]\n", ""}},
	},
	"manifest-slice-ports":           {{says: `its ports are "tcp-sql"`}},
	"manifest-slice-service":         {{says: "add the label kubernetes.io/service-name with the Service's name"}},
	"manifest-sni":                   {{says: "set sni and subjectAltNames"}},
	"manifest-start-tls":             {{says: "set DISABLE for port 5432"}},
	"manifest-subject-alt-names":     {{says: "add subjectAltNames: [api.example.com]"}},
	"manifest-tcp-addresses":         {{says: "add spec.addresses with the server's IPs"}},
	"manifest-tcp-names":             {{says: "set sni and subjectAltNames to api.example.com"}},
	"manifest-tls-to-plaintext-port": {{says: "give port 80 targetPort: 443"}},
	"manifest-tls-twice": {
		{says: "set DISABLE for this port", edits: []string{simpleTLS, "      mode: DISABLE\n"}},
		{says: "declare the port as HTTP, with number: 80 and targetPort: 443"},
	},
	"manifest-unknown-port": {{says: "write the port that workloads call, of 80"}},
	"manifest-wildcard-dns": {
		{says: "write the hosts one by one", edits: []string{`"*.example.com"`, "a.example.com, b.example.com"}},
		{says: "or resolution: NONE"},
	},
}

// Advice works when it is followed, and no other check refuses it: for every entry of the catalogue.
func TestAdviceWorks(t *testing.T) {
	for _, id := range catalogue.IDs() {
		entry, err := catalogue.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		if entry.Source != catalogue.Manifest {
			continue
		}
		if len(advices[id]) == 0 {
			t.Errorf("%s: no advice is tried", id)
		}
		for _, way := range advices[id] {
			t.Run(id+"/"+way.says, func(t *testing.T) { follow(t, entry, way) })
		}
	}
}

func follow(t *testing.T, entry catalogue.Entry, way advice) {
	t.Helper()
	options := lint.Options{DNSCapture: slices.Contains(entry.Flags, "--dns-capture")}
	text := entry.Fails[0].Text
	repaired := entry.Repair[0].Text
	if way.base != "" {
		text = way.base
	}
	if len(way.edits) > 0 {
		repaired = text
	}
	for i := 0; i < len(way.edits); i += 2 {
		old, replacement := way.edits[i], way.edits[i+1]
		if old == "<end>" {
			repaired += replacement
			continue
		}
		if !strings.Contains(repaired, old) {
			t.Fatalf("no %q in\n%s", old, repaired)
		}
		repaired = strings.Replace(repaired, old, replacement, 1)
	}
	findings := lintWith(t, text, options)
	if !slices.ContainsFunc(findings, func(f lint.Finding) bool { return f.ID == entry.ID && strings.Contains(f.Message, way.says) }) {
		t.Errorf("no finding says so: %v", messages(findings))
	}
	if left := lintWith(t, repaired, options); len(left) > 0 {
		t.Errorf("followed, and found %v\n%s", messages(left), repaired)
	}
	for _, finding := range findings {
		if finding.Replacement != "" {
			checkClean(t, finding.Replacement, text)
		}
	}
}

// checkClean tells that values which are offered in place of manifests lint without a warning: but of files that have to be
// mounted, where the manifests name one. They say nothing of pods.
func checkClean(t *testing.T, values, manifests string) {
	t.Helper()
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	disable := []string{"client-certificate-visible"} // who sees a host is not changed
	if strings.Contains(manifests, "caCertificates: /") {
		disable = append(disable, "mutual-files-mount")
	}
	findings, err := lint.Releases(chart, []lint.Release{{Values: render.ValuesOptions{Files: []string{"-"}, Stdin: strings.NewReader(values)}}}, lint.Options{
		Disable: disable,
	})
	if err != nil || len(findings) > 0 {
		t.Errorf("the values that are offered are found faulty: %v, %v\n%s", messages(findings), err, values)
	}
}

func lintWith(t *testing.T, text string, options lint.Options) []lint.Finding {
	t.Helper()
	findings, _, err := manifests.Lint([]string{"-"}, strings.NewReader(text), options)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func messages(findings []lint.Finding) []string {
	var all []string
	for _, finding := range findings {
		all = append(all, finding.ID+": "+finding.Message)
	}
	return all
}
