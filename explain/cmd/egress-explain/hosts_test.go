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
		got := answer(t, "-f", values, "--proxy-metadata", "ISTIO_META_DNS_CAPTURE=true", target)
		if !strings.Contains(got, want) || strings.Contains(got, "REFUSED") {
			t.Errorf("%s: %s", target, got)
		}
	}
}
