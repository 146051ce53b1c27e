package explain

import (
	"fmt"
	"net"
	"slices"
	"strings"

	networkingapi "istio.io/api/networking/v1alpha3"

	"github.com/istio-egress/istio-egress/explain/internal/envoy"
	"github.com/istio-egress/istio-egress/explain/internal/istiod"
)

// encrypt tells what a proxy does to the bytes that leave for servers.
func (w *walk) encrypt(tls *envoy.TLS, target istiod.Target, servers []string, external bool) {
	rules := w.rules(target)
	var by []Reference
	for _, it := range rules {
		by = append(by, it.ref(Aspect{Field: FieldTLS, Port: target.Port}))
	}
	if tls == nil {
		w.unencrypted(target, servers, rules, by)
		return
	}
	verdict := SentTLS
	switch tls.Certificate {
	case "":
	case meshCertificate:
		verdict = SentMeshMTLS
	default:
		verdict = SentMutual
	}
	if worst(w.Verdict, verdict) == verdict {
		w.TLS = w.readTLS(tls)
	}
	w.Verdict = worst(w.Verdict, verdict)
	w.step(StageEncryption, w.describeTLS(verdict, tls), "", by...)
	w.warnOfTLS(verdict, tls, target, external)
}

const meshCertificate = "default"

// rules are the DestinationRules that were merged for a host.
func (w *walk) rules(target istiod.Target) []*item {
	var items []*item
	for _, name := range w.proxy.RulesOf(target.Host) {
		if it := w.index.find(kindDestinationRule, name.Namespace, name.Name); it != nil && !slices.Contains(items, it) {
			items = append(items, it)
		}
	}
	return items
}

// unencrypted is for a cluster without TLS of the proxy's.
func (w *walk) unencrypted(target istiod.Target, servers []string, rules []*item, by []Reference) {
	switch {
	case w.request.sendsTLS():
		w.Verdict = worst(w.Verdict, SentAsIs)
		w.step(StageEncryption, "the workload's own TLS, unchanged; the workload verifies the server", "", by...)
		return
	case w.request.isHTTP():
		w.step(StageEncryption, "none: plaintext"+unruled(rules), "", by...)
	default:
		w.step(StageEncryption, "none: the bytes go as the workload sends them"+unruled(rules), "", by...)
	}
	w.Verdict = worst(w.Verdict, SentPlaintext)
	if slices.ContainsFunc(servers, func(server string) bool { return strings.HasSuffix(server, ":443") }) {
		w.warn("plaintext-to-tls-port", "plaintext to port 443, where servers expect TLS")
	}
	for _, it := range rules {
		w.warnOfDroppedTLS(it, target)
	}
}

// unruled says that nobody asked for plaintext.
func unruled(rules []*item) string {
	if len(rules) > 0 {
		return ""
	}
	return "; no DestinationRule counts for this workload"
}

// warnOfDroppedTLS says why a rule that asks for TLS gives none.
func (w *walk) warnOfDroppedTLS(it *item, target istiod.Target) {
	c, _ := it.config()
	rule, ok := c.Spec.(*networkingapi.DestinationRule)
	if !ok {
		return
	}
	settings := rule.GetTrafficPolicy().GetTls()
	ofPort := portSettings(rule.GetTrafficPolicy(), target.Port)
	if ofPort != nil {
		if ofPort.GetTls() == nil && originates(settings) {
			w.warn("manifest-port-level", "%s asks for TLS, but portLevelSettings of port %d replace all of it, and say nothing of TLS", it, target.Port)
			return
		}
		settings = ofPort.GetTls()
	}
	if settings.GetCredentialName() != "" && rule.GetWorkloadSelector() == nil {
		w.warn("credential-name-selector", "%s asks for TLS with credentialName, which sidecars read in rules with a workloadSelector alone: its TLS settings are dropped", it)
	}
}

func portSettings(policy *networkingapi.TrafficPolicy, port int) *networkingapi.TrafficPolicy_PortTrafficPolicy {
	for _, settings := range policy.GetPortLevelSettings() {
		if int(settings.GetPort().GetNumber()) == port {
			return settings
		}
	}
	return nil
}

func originates(settings *networkingapi.ClientTLSSettings) bool {
	return settings != nil && settings.GetMode() != networkingapi.ClientTLSSettings_DISABLE
}

// readTLS is Envoy's TLS for users.
func (w *walk) readTLS(t *envoy.TLS) *TLS {
	read := &TLS{SNI: t.SNI, Verifies: slices.Clone(t.Names), CA: strings.TrimPrefix(t.CA, "file-root:")}
	if t.SNIFromHost && read.SNI == "" {
		read.SNI = hostOnly(w.Host)
	}
	if t.NamesFromHost && len(read.Verifies) == 0 {
		read.Verifies = []string{hostOnly(w.Host)}
	}
	read.Certificate, _, _ = strings.Cut(strings.TrimPrefix(t.Certificate, "file-cert:"), "~")
	return read
}

func hostOnly(authority string) string {
	if host, _, err := net.SplitHostPort(authority); err == nil {
		return host
	}
	return authority
}

func (w *walk) describeTLS(verdict Verdict, t *envoy.TLS) string {
	read := w.readTLS(t)
	if verdict == SentMeshMTLS {
		return "the mesh's mutual TLS, by the " + w.who()
	}
	text := "TLS by the " + w.who()
	if verdict == SentMutual {
		text += " with the client certificate " + secretName(read.Certificate)
	}
	switch {
	case read.SNI == "":
		text += "; no SNI"
	case t.SNI == "":
		text += fmt.Sprintf("; SNI %s, from the Host header", read.SNI)
	default:
		text += "; SNI " + read.SNI
	}
	switch {
	case read.CA == "":
		return text + "; NOT VERIFIED: any certificate is accepted"
	case len(read.Verifies) == 0:
		return text + "; verified: NO NAME: any certificate of " + caName(read.CA) + " is accepted"
	case len(t.Names) == 0:
		return text + fmt.Sprintf("; verified: %s, from the Host header, against %s", strings.Join(read.Verifies, ", "), caName(read.CA))
	}
	return text + fmt.Sprintf("; verified: %s against %s", strings.Join(read.Verifies, ", "), caName(read.CA))
}

const secretPrefix = "kubernetes://"

func secretName(certificate string) string {
	if name, secret := strings.CutPrefix(certificate, secretPrefix); secret {
		return "of Secret " + name
	}
	return certificate
}

func caName(ca string) string {
	if ca == "system" {
		return "the public CAs"
	}
	if name, secret := strings.CutPrefix(ca, secretPrefix); secret {
		name = strings.TrimSuffix(name, "-cacert")
		return fmt.Sprintf("the CA of Secret %s (its ca.crt, or Secret %s-cacert)", name, name)
	}
	return ca
}

// warnOfTLS warns of TLS that does not protect, or breaks the call.
func (w *walk) warnOfTLS(verdict Verdict, t *envoy.TLS, target istiod.Target, external bool) {
	if w.request.sendsTLS() && (external || verdict != SentMeshMTLS) { // inside of the mesh it does no harm
		w.warn("manifest-tls-twice", "encrypted twice: the workload sends TLS itself, and the sidecar encrypts it once more")
	}
	if verdict == SentMeshMTLS {
		if external {
			w.warn("manifest-istio-mutual", "the mesh's certificate is sent to a server outside of the mesh, which does not know it: the call fails")
		}
		return
	}
	read := w.readTLS(t)
	switch {
	case read.CA == "":
		w.warn("insecure-skip-verify", "the server's certificate is not verified at all")
	case len(read.Verifies) == 0:
		w.warn("manifest-subject-alt-names", "the server's name is not verified")
	case len(t.Names) == 0 && (!strings.Contains(read.Verifies[0], ".") || strings.HasSuffix(read.Verifies[0], ".svc."+w.index.domain)):
		w.warn("manifest-sni", "%s has TLS settings without sni and subjectAltNames: the sidecar asks the server for %s, the name inside of the mesh", target.Host, read.Verifies[0])
	}
}
