package manifests_test

import (
	"strings"
	"testing"
)

// atWaypoint is an entry that a waypoint lets namespace shop call alone, as the chart renders it.
const atWaypoint = `apiVersion: v1
kind: Service
metadata:
  name: pay
  namespace: shop
  labels: {istio.io/use-waypoint: egress, istio.io/use-waypoint-namespace: infra}
spec:
  ports:
    - {name: http, port: 80}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: pay
  namespace: shop
  labels: {istio.io/use-waypoint: none, networking.istio.io/enable-autoallocate-ip: "false"}
spec:
  hosts: [pay.shop.egress.internal]
  exportTo: [infra]
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
    - {number: 80, name: http-80, protocol: HTTP, targetPort: 443}
  endpoints:
    - address: pay.example.com
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: pay, namespace: shop}
spec:
  host: pay.shop.egress.internal
  exportTo: [infra]
  trafficPolicy:
    portLevelSettings:
      - port: {number: 80}
        tls: {mode: SIMPLE, sni: pay.example.com, subjectAltNames: [pay.example.com]}
  subsets:
    - name: as-declared
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pay
  namespace: shop
  annotations: {istio-egress/allow-from: shop}
spec:
  hosts: [pay.shop.svc.cluster.local]
  exportTo: [infra]
  http:
    - match:
        - port: 80
      rewrite: {authority: pay.example.com}
      route:
        - destination: {host: pay.shop.egress.internal, subset: as-declared, port: {number: 80}}
`

// waypointPolicy is what makes the waypoint do so.
const waypointPolicy = `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: pay, namespace: shop}
spec:
  targetRefs:
    - {group: "", kind: Service, name: pay}
  action: DENY
  rules:
    - from:
        - source:
            notNamespaces: [shop]
`

// A policy at the waypoint that is gone, of another Service or namespace, or lets others, is told of: nothing fails without it.
func TestAllowFromAtWaypoint(t *testing.T) {
	const denied = "only shop may call, and nothing denies everybody else: apply the AuthorizationPolicy pay in namespace shop"
	for what, test := range map[string]struct {
		policy string
		says   string // empty for nothing
	}{
		"as rendered":                  {policy: waypointPolicy},
		"of the Service among others":  {policy: strings.Replace(waypointPolicy, "name: pay}\n  action", "name: ledger}\n    - {group: \"\", kind: Service, name: pay}\n  action", 1)},
		"gone":                         {policy: "", says: denied},
		"of another Service":           {policy: strings.Replace(waypointPolicy, "kind: Service, name: pay", "kind: Service, name: ledger", 1), says: denied},
		"of another namespace":         {policy: strings.Replace(waypointPolicy, "namespace: shop}", "namespace: infra}", 1), says: denied},
		"of the exit":                  {policy: strings.Replace(waypointPolicy, `group: "", kind: Service`, "group: networking.istio.io, kind: ServiceEntry", 1), says: denied},
		"that denies nobody":           {policy: strings.Replace(waypointPolicy, "DENY", "AUDIT", 1), says: denied},
		"that allows":                  {policy: strings.NewReplacer("DENY", "ALLOW", "notNamespaces", "namespaces").Replace(waypointPolicy), says: denied},
		"that denies on one condition": {policy: waypointPolicy + "      when:\n        - {key: \"request.headers[x-team]\", values: [shop]}\n", says: denied},
		"that lets others": {policy: strings.Replace(waypointPolicy, "[shop]", "[shop, billing]", 1),
			says: "only shop may call by this, and the policies in namespace shop let billing, shop: apply the AuthorizationPolicy pay again"},
	} {
		t.Run(what, func(t *testing.T) {
			if what != "as rendered" && test.policy == waypointPolicy {
				t.Fatal("the policy has no such text")
			}
			for _, finding := range lintText(t, atWaypoint+test.policy) {
				if finding.ID != "manifest-allow-from" {
					t.Errorf("said besides: %s: %s", finding.ID, finding.Message)
				}
			}
			got := saidBy(t, "manifest-allow-from", atWaypoint+test.policy)
			if (test.says == "") != (got == "") || !strings.Contains(got, test.says) {
				t.Errorf("want %q, got %q", test.says, got)
			}
		})
	}
}
