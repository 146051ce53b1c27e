package manifests

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-egress/istio-egress/lint"
)

// checkUnknownPort reports settings for a port that the host does not have, such as the server's own port where workloads
// call another one.
func checkUnknownPort(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, rule := range s.ofKind(kindDestinationRule) {
		host := fullHost(text(rule.spec(), "host"), rule.namespace)
		ports := s.ports(host, rule.namespace)
		if len(ports) == 0 || s.dead(host) || s.throughGateway(host) {
			continue
		}
		for i, level := range children(child(rule.spec(), "trafficPolicy"), "portLevelSettings") {
			number := number(child(level, "port"), "number")
			if number == 0 || slices.ContainsFunc(ports, func(port hostPort) bool { return port.number == number }) {
				continue
			}
			finding := rule.finding("manifest-unknown-port", lint.Error, fmt.Sprintf("spec.trafficPolicy.portLevelSettings[%d].port.number", i),
				"%s has no port %d, so these settings do nothing: write the port that workloads call, of %s", host, number, portNumbers(ports))
			finding.Related = append(finding.Related, ports[0].owner.related("spec.ports"))
			findings = append(findings, finding)
		}
	}
	return findings
}

func portNumbers(ports []hostPort) string {
	var numbers []string
	for _, port := range ports {
		numbers = append(numbers, strconv.Itoa(port.number))
	}
	return strings.Join(numbers, ", ")
}
