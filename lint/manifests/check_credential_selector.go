package manifests

import (
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/lint"
)

// checkCredentialSelector reports credentialName without a selector, which sidecars ignore together with the TLS. Rules
// for hosts that a gateway serves are left alone: gateways do read it.
func checkCredentialSelector(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, rule := range s.ofKind(kindDestinationRule) {
		host := fullHost(text(rule.spec(), "host"), rule.namespace)
		if hasSelector(rule) || s.throughGateway(host) {
			continue
		}
		for _, block := range tlsBlocks(rule) {
			if block.originates() && needsSelector(text(block.tls, "credentialName")) {
				findings = append(findings, rule.finding("manifest-credential-selector", lint.Error, block.path+".credentialName",
					"without spec.workloadSelector, sidecars ignore the credential and send plaintext: add workloadSelector.matchLabels, or give the certificates as files"))
			}
		}
	}
	return findings
}

func (s *set) throughGateway(host string) bool {
	for _, route := range s.routes[host] {
		for _, gateway := range texts(route.spec(), "gateways") {
			if gateway != "mesh" {
				return true
			}
		}
	}
	return slices.ContainsFunc(s.ofKind(kindVirtualService), func(route object) bool { return routesTo(route, host) })
}

// ofGateway tells whether a rule selects the pods of a gateway, by the label that Istio gives them.
func ofGateway(rule object) bool {
	labels := child(child(rule.spec(), "workloadSelector"), "matchLabels")
	return strings.HasSuffix(text(labels, "istio"), "gateway")
}

// routesTo tells whether a VirtualService of a gateway sends traffic to the host.
func routesTo(route object, host string) bool {
	if !slices.ContainsFunc(texts(route.spec(), "gateways"), func(name string) bool { return name != "mesh" }) {
		return false
	}
	for _, kind := range []string{"http", "tls", "tcp"} {
		for _, rule := range children(route.spec(), kind) {
			for _, destination := range children(rule, "route") {
				if fullHost(text(child(destination, "destination"), "host"), route.namespace) == host {
					return true
				}
			}
		}
	}
	return false
}

// needsSelector tells whether a credential is one that sidecars use only with a selector: not so a CA in a ConfigMap.
func needsSelector(credential string) bool {
	return credential != "" && !strings.HasPrefix(credential, "configmap://")
}
