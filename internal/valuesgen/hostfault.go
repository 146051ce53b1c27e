package valuesgen

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
)

// hostPlants are faults of entries of externalHosts.
var hostPlants = []plant{
	unknownField, unknownPortField, stringPort, portRange, wrongMode, noPorts, noPortName, badNamespace, noName, noTLS,
	noHosts, badHost, hostOfCluster, hostTwice, wildcardTCP, wildcardPolicy, sharedSNI, hostsThroughGateway, aliasField,
}

// with adds a host, and returns its path.
func (t target) with(host string) string {
	hosts, _ := t.fields["hosts"].([]any)
	t.fields["hosts"] = append(slices.Clone(hosts), host)
	return fmt.Sprintf(".hosts[%d]", len(hosts))
}

func noHosts(_ *rand.Rand, t target) (string, string) {
	delete(t.fields, "hosts")
	return "schema-required", ".hosts"
}

func badHost(random *rand.Rand, t target) (string, string) {
	return "host-invalid", t.with([]string{
		"https://planted.example.com/", "planted.example.com:443", "192.0.2.77", "*.com", "planted.*.example.com", "planted",
	}[random.IntN(6)])
}

func hostOfCluster(random *rand.Rand, t target) (string, string) {
	return "host-in-cluster", t.with([]string{"planted.team-a.svc.cluster.local", "*.svc.cluster.local", "planted.egress.internal"}[random.IntN(3)])
}

// hostShape is that of a host, which other faults may have taken from it.
var hostShape = regexp.MustCompile(`^(\*\.)?([a-z0-9-]+\.)+[a-z]+$`)

func hostTwice(_ *rand.Rand, t target) (string, string) {
	hosts, _ := t.fields["hosts"].([]any)
	if len(hosts) == 0 {
		return "", ""
	}
	text, _ := hosts[0].(string)
	if !hostShape.MatchString(text) {
		return "", ""
	}
	return "host-twice", t.with(text)
}

func wildcardTCP(_ *rand.Rand, t target) (string, string) {
	t.with("*.planted.example.com")
	ports := t.fields["ports"].([]any)
	t.fields["ports"] = append(slices.Clone(ports), map[string]any{"name": "tcp-planted", "port": 64998.0, "tls": map[string]any{"mode": "DISABLE"}})
	return "wildcard-port", fmt.Sprintf(".ports[%d]", len(ports))
}

func wildcardPolicy(_ *rand.Rand, t target) (string, string) {
	t.with("*.planted.example.com")
	return "wildcard-policy", set("", "trafficPolicy", t.fields, map[string]any{"connectionPool": map[string]any{"tcp": map[string]any{"maxConnections": 5.0}}})
}

func sharedSNI(_ *rand.Rand, t target) (string, string) {
	if t.tls() == nil || t.tls()["mode"] != "SIMPLE" || !t.usesTLS() {
		return "", ""
	}
	t.with("planted-1.example.com")
	t.with("planted-2.example.com")
	return "hosts-share-names", set(".tls", "sni", t.tls(), "planted.example.com")
}

func hostsThroughGateway(_ *rand.Rand, t target) (string, string) {
	return "hosts-through-gateway", set("", "through", t.fields, "gateway")
}

// aliasField is a field of the other collections.
func aliasField(_ *rand.Rand, t target) (string, string) {
	return "schema-unknown-field", set("", "serviceType", t.fields, "ClusterIP")
}
