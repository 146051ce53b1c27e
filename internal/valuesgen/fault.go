package valuesgen

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Fault is what Plant did.
type Fault struct {
	ID   string // of the finding that is due
	Path string // of the value that is wrong
}

// Plant returns a copy of the values with one more fault, which the chart must refuse. The values need an entry that has
// ports and is not an alias within the cluster; without one, they are returned as they are, with an empty Fault. A fault
// planted where one is already may hide it.
func Plant(random *rand.Rand, values map[string]any) (map[string]any, Fault) {
	values = clone(values).(map[string]any)
	targets := find(values)
	if len(targets) == 0 {
		return values, Fault{}
	}
	for {
		target := targets[random.IntN(len(targets))]
		fitting := plants
		if target.collection == "externalHosts" {
			fitting = hostPlants
		}
		if id, path := fitting[random.IntN(len(fitting))](random, target); id != "" {
			return values, Fault{ID: id, Path: target.path + path}
		}
	}
}

// target is an entry to plant a fault in.
type target struct{ declaredEntry }

func find(values map[string]any) []target {
	var targets []target
	for _, entry := range declared(values) {
		ports, _ := entry.fields["ports"].([]any)
		if len(ports) > 0 && (entry.fields["tls"] != nil || entry.collection == "endpointServices") {
			targets = append(targets, target{entry})
		}
	}
	return targets
}

// plant changes an entry, and returns the id of the finding and the path within the entry; an empty id when the entry
// does not lend itself to the fault.
type plant func(*rand.Rand, target) (id, path string)

var plants = []plant{
	unknownField, unknownPortField, stringPort, portRange, wrongMode, meshMode, noPorts, noPortName,
	badNamespace, emptyNames, badExternalName, badAddress, addressTwice, doubleTLS, http443, reservedPort, unknownProtocol, portTwice,
	tcpWithoutAddresses, disabledField, noCertificate, noSelector, noServerName, allAndSome, noName, noTLS,
}

func set(parent string, field string, fields map[string]any, value any) string {
	fields[field] = value
	return parent + "." + field
}

func (t target) port(random *rand.Rand) (map[string]any, string) {
	ports := t.fields["ports"].([]any)
	i := random.IntN(len(ports))
	return ports[i].(map[string]any), fmt.Sprintf(".ports[%d]", i)
}

func (t target) tls() map[string]any {
	tls, _ := t.fields["tls"].(map[string]any)
	return tls
}

// direct makes calls leave directly: through a gateway there is no open form, and certificates are the gateway's.
func (t target) direct() {
	t.fields["through"] = "direct"
	delete(t.fields, "allowFrom")
}

// open chooses the open form, in which addresses count, and ports can take others' calls.
func (t target) open() {
	t.direct()
	if t.collection == "externalNameServices" {
		t.fields["serviceType"] = "ExternalName"
		return
	}
	if kind := t.fields["endpointsKind"]; kind == nil || kind == "ServiceEntry" {
		t.fields["endpointsKind"] = "EndpointSlice"
	}
}

// usesTLS tells whether a port follows the entry's tls block.
func (t target) usesTLS() bool {
	return slices.ContainsFunc(t.fields["ports"].([]any), func(port any) bool { return port.(map[string]any)["tls"] == nil })
}

func unknownField(_ *rand.Rand, t target) (string, string) {
	return "schema-unknown-field", set("", "exportsTo", t.fields, []any{"."})
}

func unknownPortField(random *rand.Rand, t target) (string, string) {
	port, path := t.port(random)
	return "schema-unknown-field", set(path, "protocol", port, "TCP")
}

func stringPort(random *rand.Rand, t target) (string, string) {
	port, path := t.port(random)
	return "schema-type", set(path, "port", port, "443")
}

func portRange(random *rand.Rand, t target) (string, string) {
	port, path := t.port(random)
	return "schema-range", set(path, "port", port, []any{0.0, 65536.0, -1.0}[random.IntN(3)])
}

func wrongMode(_ *rand.Rand, t target) (string, string) {
	if t.tls() == nil {
		return "", ""
	}
	return "schema-enum", set(".tls", "mode", t.tls(), "simple")
}

func meshMode(_ *rand.Rand, t target) (string, string) {
	if t.tls() == nil {
		return "", ""
	}
	return "schema-enum", set(".tls", "mode", t.tls(), "ISTIO_MUTUAL")
}

func noPorts(_ *rand.Rand, t target) (string, string) {
	delete(t.fields, "ports")
	return "schema-required", ".ports"
}

func noPortName(random *rand.Rand, t target) (string, string) {
	port, path := t.port(random)
	delete(port, "name")
	return "schema-required", path + ".name"
}

func noName(_ *rand.Rand, t target) (string, string) {
	if !t.inList {
		return "", ""
	}
	delete(t.fields, "name")
	return "schema-required", ".name"
}

func noTLS(_ *rand.Rand, t target) (string, string) {
	if !t.usesTLS() {
		return "", ""
	}
	delete(t.fields, "tls")
	return "tls-missing", ".tls"
}

func badNamespace(random *rand.Rand, t target) (string, string) {
	return "schema-pattern", set("", "namespace", t.fields, []any{"Team-A", "team_a", "-a"}[random.IntN(3)])
}

func emptyNames(_ *rand.Rand, t target) (string, string) {
	if t.tls() == nil || t.tls()["mode"] == "DISABLE" {
		return "", ""
	}
	return "schema-range", set(".tls", "subjectAltNames", t.tls(), []any{})
}

func badExternalName(random *rand.Rand, t target) (string, string) {
	if t.collection != "externalNameServices" {
		return "", ""
	}
	fault := []struct{ id, name string }{
		{"external-name-upper-case", "API.example.com"}, {"external-name-trailing-dot", "api.example.com."},
		{"external-name-wildcard", "*.example.com"}, {"external-name-ip", "192.0.2.1"}, {"external-name-ip", "2001:db8::1"},
		{"external-name-underscore", "my_api.example.com"}, {"external-name-short", "api"},
		{"external-name-invalid", "https://api.example.com"},
	}[random.IntN(8)]
	return fault.id, set("", "externalName", t.fields, fault.name)
}

func badAddress(random *rand.Rand, t target) (string, string) {
	addresses, _ := t.fields["addresses"].([]any)
	if len(addresses) == 0 {
		return "", ""
	}
	t.open()
	fault := []struct{ id, address string }{
		{"address-loopback", "127.0.0.1"}, {"address-loopback", "::1"}, {"address-unspecified", "0.0.0.0"},
		{"address-unspecified", "::"}, {"address-link-local", "169.254.169.254"}, {"address-link-local", "fe80::1"},
		{"address-multicast", "224.0.0.1"}, {"address-multicast", "ff02::1"}, {"address-cidr", "192.0.2.0/24"},
		{"address-invalid", "256.1.1.1"}, {"address-invalid", "example.com"}, {"address-invalid", "2001:db8:::1"},
	}[random.IntN(12)]
	i := random.IntN(len(addresses))
	addresses[i] = fault.address
	return fault.id, fmt.Sprintf(".addresses[%d]", i)
}

func addressTwice(_ *rand.Rand, t target) (string, string) {
	addresses, _ := t.fields["addresses"].([]any)
	if len(addresses) == 0 {
		return "", ""
	}
	t.open()
	t.fields["addresses"] = append(addresses, "2001:db8::a1", "2001:0DB8:0:0::a1")
	return "address-twice", fmt.Sprintf(".addresses[%d]", len(addresses)+1)
}

func doubleTLS(random *rand.Rand, t target) (string, string) {
	port, path := t.port(random)
	if t.tls()["mode"] != "SIMPLE" || port["tls"] != nil {
		return "", ""
	}
	delete(port, "appProtocol")
	set(path, "name", port, "https-"+fmt.Sprint(port["port"]))
	return "tls-twice", path
}

func http443(random *rand.Rand, t target) (string, string) {
	port, path := t.port(random)
	for _, other := range t.fields["ports"].([]any) {
		if other.(map[string]any)["port"] == 443.0 {
			return "", ""
		}
	}
	t.open()
	delete(port, "appProtocol")
	port["name"] = "http-443"
	return "http-on-443", set(path, "port", port, 443.0)
}

func reservedPort(random *rand.Rand, t target) (string, string) {
	port, path := t.port(random)
	delete(port, "appProtocol")
	port["name"] = "http-own"
	return "port-reserved", set(path, "port", port, float64(reservedPorts[random.IntN(len(reservedPorts))]))
}

func unknownProtocol(random *rand.Rand, t target) (string, string) {
	port, path := t.port(random)
	delete(port, "appProtocol")
	port["port"] = 9999.0
	return "protocol-unknown", set(path, "name", port, "web")
}

func portTwice(_ *rand.Rand, t target) (string, string) {
	ports := t.fields["ports"].([]any)
	again := clone(ports[0]).(map[string]any)
	again["name"] = fmt.Sprint(again["name"], "-again")
	t.fields["ports"] = append(ports, again)
	return "port-twice", fmt.Sprintf(".ports[%d].port", len(ports))
}

func tcpWithoutAddresses(random *rand.Rand, t target) (string, string) {
	if t.collection != "externalNameServices" {
		return "", ""
	}
	t.open()
	port, path := t.port(random)
	delete(t.fields, "addresses")
	delete(port, "appProtocol")
	port["name"], port["port"] = "tcp-9998", 9998.0
	t.fields["externalName"] = "alone.example.com"
	return "tcp-without-addresses", path
}

func disabledField(_ *rand.Rand, t target) (string, string) {
	if t.tls()["mode"] != "DISABLE" {
		return "", ""
	}
	return "tls-disable-field", set(".tls", "sni", t.tls(), "api.example.com")
}

func noCertificate(_ *rand.Rand, t target) (string, string) {
	if t.tls()["mode"] != "MUTUAL" || t.tls()["credentialName"] != nil {
		return "", ""
	}
	delete(t.tls(), "privateKey")
	return "client-certificate-missing", ".tls.privateKey"
}

func noSelector(_ *rand.Rand, t target) (string, string) {
	if t.tls()["mode"] != "MUTUAL" || t.tls()["credentialName"] == nil {
		return "", ""
	}
	t.direct()
	delete(t.fields, "workloadSelector")
	return "credential-name-selector", ".tls.credentialName"
}

func noServerName(_ *rand.Rand, t target) (string, string) {
	if t.collection != "endpointServices" || t.tls()["mode"] == "DISABLE" || t.tls()["sni"] != nil || !t.usesTLS() {
		return "", ""
	}
	delete(t.fields, "serverName")
	return "server-name-missing", ".serverName"
}

func allAndSome(_ *rand.Rand, t target) (string, string) {
	return "export-to-all-and-some", set("", "exportTo", t.fields, []any{"*", "team-x"})
}
