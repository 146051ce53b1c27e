//go:build e2e

package facts

import (
	"fmt"
	"testing"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

const toTLS = "outbound|80||ext.org to ext.org:443 "

func ruleWith(tls, more string) string {
	return destinationRule("ext", fmt.Sprintf(`
  host: ext.org
  trafficPolicy: {tls: %s}
%s`, tls, more))
}

func TestTLSSettings(t *testing.T) {
	for _, c := range []struct{ name, tls, outcome string }{
		{"neither sni nor names: both from the Host header, which is the alias", `{mode: SIMPLE}`,
			"tls sni=<host header> names=<host header> ca=system"},
		{"sni only: no name is verified", `{mode: SIMPLE, sni: ext.org}`,
			"tls sni=ext.org names= ca=system"},
		{"names only: the alias as SNI", `{mode: SIMPLE, subjectAltNames: [ext.org]}`,
			"tls sni=<host header> names=ext.org ca=system"},
		{"both: right, with the system's CAs", `{mode: SIMPLE, sni: ext.org, subjectAltNames: [ext.org]}`,
			"tls sni=ext.org names=ext.org ca=system"},
		{"CA file", `{mode: SIMPLE, sni: ext.org, subjectAltNames: [ext.org], caCertificates: /ca.pem}`,
			"tls sni=ext.org names=ext.org ca=/ca.pem"},
		{"client certificate from files", `{mode: MUTUAL, sni: ext.org, subjectAltNames: [ext.org], clientCertificate: /c.pem, privateKey: /k.pem}`,
			"tls sni=ext.org names=ext.org ca=system certificate=/c.pem~/k.pem"},
		{"insecureSkipVerify: neither CA nor names", `{mode: SIMPLE, sni: ext.org, insecureSkipVerify: true}`,
			"tls sni=ext.org names= ca="},
		{"names are compared letter by letter", `{mode: SIMPLE, sni: ext.org, subjectAltNames: ["*.ext.org", "spiffe://a/b", 192.0.2.1]}`,
			"tls sni=ext.org names=*.ext.org,spiffe://a/b,192.0.2.1 ca=system"},
		{"credentialName without workloadSelector: plaintext", `{mode: SIMPLE, sni: ext.org, subjectAltNames: [ext.org], credentialName: secret}`,
			"plaintext"},
		{"a ConfigMap needs no workloadSelector", `{mode: SIMPLE, sni: ext.org, subjectAltNames: [ext.org], credentialName: "configmap://default/ca"}`,
			"tls sni=ext.org names=ext.org ca=configmap://default/ca-cacert"},
		{"DISABLE ignores the rest", `{mode: DISABLE, sni: ext.org, subjectAltNames: [ext.org], caCertificates: /ca.pem}`,
			"plaintext"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fact{objects: []string{alias, entry, ruleWith(c.tls, "")}, calls: []call{
				{"http://ext", toTLS + c.outcome + " host ext"},
			}}.check(t)
		})
	}
}

func TestTLSSettingsThatIstiodRefuses(t *testing.T) {
	for _, c := range []struct{ tls, why string }{
		{`{mode: SIMPLE, insecureSkipVerify: true, subjectAltNames: [ext.org]}`, "when InsecureSkipVerify is set"},
		{`{mode: SIMPLE, insecureSkipVerify: true, caCertificates: /ca.pem}`, "when InsecureSkipVerify is set"},
		{`{mode: SIMPLE, insecureSkipVerify: true, credentialName: secret}`, "when InsecureSkipVerify is set"},
		{`{mode: MUTUAL, insecureSkipVerify: true, clientCertificate: /c, privateKey: /k, subjectAltNames: [ext.org]}`, "when InsecureSkipVerify is set"},
		{`{mode: SIMPLE, credentialName: secret, caCertificates: /ca.pem}`, "If credentialName is set"},
		{`{mode: MUTUAL, credentialName: secret, clientCertificate: /c, privateKey: /k}`, "If credentialName is set"},
		{`{mode: MUTUAL}`, "client certificate required"},
		{`{mode: MUTUAL, clientCertificate: /c}`, "private key required"},
		{`{mode: SIMPLE, credentialName: "configmap://ca"}`, "Expected namespace and name"},
		{`{mode: SIMPLE, credentialName: "configmap://other/ca"}`, "namespace must match"},
	} {
		t.Run(c.tls, func(t *testing.T) { refused(t, ruleWith(c.tls, ""), c.why) })
	}
	accepted(t, ruleWith(`{mode: MUTUAL, insecureSkipVerify: true, credentialName: secret}`, ""))
}

// Nothing of the destination's settings reaches a port that has its own, and
// nothing of one port another: each port needs all of it.
func TestPortLevelSettingsReplaceTheDestinations(t *testing.T) {
	rule := destinationRule("ext", `
  host: ext.org
  trafficPolicy:
    tls: {mode: SIMPLE, sni: ext.org, subjectAltNames: [ext.org]}
    portLevelSettings:
    - port: {number: 80}
      loadBalancer: {simple: RANDOM}
`)
	fact{objects: []string{alias, entry, rule}, calls: []call{
		{"http://ext", plaintext + "ext"},
		{"https://ext", "outbound|443||ext.org to ext.org:443 tls sni=ext.org names=ext.org ca=system"},
	}}.check(t)
}

func TestPortsWithDifferentTLS(t *testing.T) {
	fact{objects: []string{alias, entry, rule}, calls: []call{
		{"http://ext", originated + "ext"},
		{"https://ext", tlsThrough},
	}}.check(t)
}

// A mesh-wide rule breaks external services that have no rule of their own,
// and does not fill in what the host's own rule leaves out.
func TestMeshWideMutualTLS(t *testing.T) {
	wide := istio("DestinationRule", mesh.RootNamespace, "wide", `
  host: "*"
  trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}
`)
	onlyPort80 := destinationRule("ext", `
  host: ext.org
  trafficPolicy:
    portLevelSettings:
    - port: {number: 80}
      tls: {mode: SIMPLE, sni: ext.org, subjectAltNames: [ext.org]}
`)
	const broken = "outbound|443||ext.org to ext.org:443 tls sni=outbound_.443_._.ext.org names= ca=ROOTCA certificate=default"
	for _, namespace := range []string{"default", "other"} {
		from := mesh.Workload{Namespace: namespace}
		fact{objects: []string{wide, alias, entry}, from: from, calls: []call{{"https://ext.default", broken}}}.check(t)
		fact{objects: []string{wide, alias, entry, rule}, from: from, calls: []call{
			{"http://ext.default", originated + "ext.default"},
			{"https://ext.default", tlsThrough},
		}}.check(t)
		fact{objects: []string{wide, alias, entry, onlyPort80}, from: from, calls: []call{
			{"https://ext.default", tlsThrough},
		}}.check(t)
	}
}
