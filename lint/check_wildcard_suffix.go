package lint

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/istio-egress/istio-egress/egress"
)

const idWildcardSuffix = "wildcard-public-suffix"

// checkWildcardSuffix reports wildcards of domains below which anybody can have a host: registries' own, such as co.uk, and those
// of providers that give them to their customers, such as github.io. The list is that of https://publicsuffix.org.
func checkWildcardSuffix(release *loadedRelease, _ Options) []Finding {
	var findings []Finding
	for _, host := range release.model.Destinations {
		domain, isWildcard := strings.CutPrefix(host.Host, "*.")
		if host.Kind != egress.ExternalHost || !isWildcard {
			continue
		}
		suffix, registry := publicsuffix.PublicSuffix(domain)
		switch {
		case suffix != domain:
		case registry:
			findings = append(findings, warning(idWildcardSuffix, at(host.HostPath),
				"%q is every host that anybody registers below %s: write the vendor's own domain, such as %q", host.Host, domain, "*.example."+domain))
		default:
			findings = append(findings, warning(idWildcardSuffix, at(host.HostPath),
				"anybody can have a host below %s, and workloads may send data to all of them: list those that are yours or the vendor's", domain))
		}
	}
	return findings
}
