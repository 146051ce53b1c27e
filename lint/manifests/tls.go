package manifests

import (
	"fmt"
	"iter"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"
)

// tlsBlock is one tls block of a DestinationRule.
type tlsBlock struct {
	*networking.ClientTLSSettings
	path string
}

func (b tlsBlock) originates() bool { return originates(b.ClientTLSSettings) }

func originates(tls *networking.ClientTLSSettings) bool {
	return tls.GetMode() == networking.ClientTLSSettings_SIMPLE || tls.GetMode() == networking.ClientTLSSettings_MUTUAL
}

// tlsBlocks returns all tls blocks of a DestinationRule, those of subsets too.
func tlsBlocks(rule *istio.DestinationRule) []tlsBlock {
	blocks := blocksOf(rule.Spec.GetTrafficPolicy(), "spec.trafficPolicy")
	for i, subset := range rule.Spec.GetSubsets() {
		blocks = append(blocks, blocksOf(subset.GetTrafficPolicy(), fmt.Sprintf("spec.subsets[%d].trafficPolicy", i))...)
	}
	return blocks
}

func blocksOf(policy *networking.TrafficPolicy, path string) []tlsBlock {
	var blocks []tlsBlock
	if tls := policy.GetTls(); tls != nil {
		blocks = append(blocks, tlsBlock{tls, path + ".tls"})
	}
	for i, level := range policy.GetPortLevelSettings() {
		if tls := level.GetTls(); tls != nil {
			blocks = append(blocks, tlsBlock{tls, fmt.Sprintf("%s.portLevelSettings[%d].tls", path, i)})
		}
	}
	return blocks
}

// tlsPort is a port of a server outside the mesh to which a rule originates TLS.
type tlsPort struct {
	hostPort
	rule  *istio.DestinationRule
	host  string
	block tlsBlock
}

// tlsPorts are those of all rules in effect, with the rules' objects.
func (s *set) tlsPorts() iter.Seq2[*object, tlsPort] {
	return func(yield func(*object, tlsPort) bool) {
		for o, rule := range s.rulesInEffect() {
			host := s.hostOf(rule)
			if !s.external(host) {
				continue
			}
			for _, port := range s.ports(host, o.name.Namespace) {
				if block := tlsOfPort(rule, port.number); block.originates() && !yield(o, tlsPort{port, rule, host, block}) {
					return
				}
			}
		}
	}
}

// tlsOfPort returns the block that counts for a port of the rule's host: that of the port alone, when the port has settings of
// its own, since nothing is inherited. It is empty where there is none.
func tlsOfPort(rule *istio.DestinationRule, port int) tlsBlock {
	return blockFor(rule.Spec.GetTrafficPolicy(), "spec.trafficPolicy", port)
}

func blockFor(policy *networking.TrafficPolicy, path string, port int) tlsBlock {
	for i, level := range policy.GetPortLevelSettings() {
		if int(level.GetPort().GetNumber()) == port {
			return tlsBlock{level.GetTls(), fmt.Sprintf("%s.portLevelSettings[%d].tls", path, i)}
		}
	}
	return tlsBlock{policy.GetTls(), path + ".tls"}
}

// tlsOfSubset returns the block that counts for a port of a subset, which inherits the rule's settings.
func tlsOfSubset(rule *istio.DestinationRule, name string, port int) tlsBlock {
	for i, subset := range rule.Spec.GetSubsets() {
		path := fmt.Sprintf("spec.subsets[%d].trafficPolicy", i)
		if block := blockFor(subset.GetTrafficPolicy(), path, port); subset.GetName() == name && block.ClientTLSSettings != nil {
			return block
		}
	}
	return tlsOfPort(rule, port)
}

func hasSelector(rule *istio.DestinationRule) bool {
	return len(rule.Spec.GetWorkloadSelector().GetMatchLabels()) > 0
}
