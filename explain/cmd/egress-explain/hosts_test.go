package main

import (
	"strings"
	"testing"
)

// Sidecars that capture DNS tell hosts by their own names apart on one TCP port, and leave the port to others.
func TestHostsThatCapturedDNSTellsApart(t *testing.T) {
	values := write(t, `
dnsCapture: true
externalHosts:
  - name: databases
    hosts: [a.vendor.example, b.vendor.example]
    ports: [{name: tcp-db, port: 5432}]
    tls: {mode: DISABLE}
`)
	const (
		own    = "leaves in PLAINTEXT to "
		others = "leaves the mesh as UNKNOWN traffic to "
	)
	for target, want := range map[string]string{
		"tcp://a.vendor.example:5432": own + "a.vendor.example:5432",
		"tcp://b.vendor.example:5432": own + "b.vendor.example:5432",
		"tcp://192.0.2.1:5432":        others + "192.0.2.1:5432",
	} {
		if got := answer(t, "-f", values, target); !strings.Contains(got, want) || strings.Contains(got, "REFUSED") {
			t.Errorf("%s: %s", target, got)
		}
	}
	if got := answer(t, "-f", values, "--proxy-metadata", "ISTIO_META_DNS_CAPTURE=false", "tcp://192.0.2.1:5432"); !strings.Contains(got, own) {
		t.Errorf("want that without DNS capture, the port takes what is called by any address: %s", got)
	}
}

// Hosts by their own names are names of the values too: --all calls them, and --check misses their entries.
func TestHostsAreAmongAllNames(t *testing.T) {
	values := write(t, `
externalHosts:
  - {name: vendor, hosts: [api.vendor.example, "*.cdn.vendor.example"], ports: [{name: https, port: 443}], tls: {mode: DISABLE}, exportTo: [shop, billing]}
  - {name: origin, hosts: [o.vendor.example], ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
`)
	all := answer(t, "-f", values, "-n", "shop", "--all")
	for _, want := range []string{
		"SENT_AS_IS      https://api.vendor.example from billing leaves", "SENT_AS_IS      https://api.vendor.example from shop leaves",
		"SENT_AS_IS      https://any.cdn.vendor.example from shop leaves", "SENT_TLS        http://o.vendor.example/ from shop leaves",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s", want, all)
		}
	}
	check := write(t, "calls: [{from: shop, to: https://any.cdn.vendor.example, expect: {verdict: SENT_AS_IS}}]")
	if got := answer(t, "-f", values, "-n", "shop", "--check", check); !strings.Contains(got, "1 of 2 entries has no call: externalHosts[1] ") {
		t.Error(got)
	}
}
