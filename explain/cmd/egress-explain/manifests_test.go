package main

import (
	"strings"
	"testing"
)

const (
	plainHost = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: shop}
spec: {hosts: [api.example.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}
---
`
	luaFilter = `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: lua, namespace: shop}
spec:
  workloadSelector: {labels: {app: checkout}}
  configPatches:
  - applyTo: HTTP_FILTER
    match: {context: SIDECAR_OUTBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
    patch:
      operation: INSERT_BEFORE
      value: {name: lua, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, inlineCode: "function envoy_on_request(h) end"}}
`
	selectsCheckout = "workloadSelector: {labels: {app: checkout}}"
	targetsGateway  = "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: egress}]"
	slowCluster     = `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: slow, namespace: istio-system}
spec:
  configPatches:
  - applyTo: CLUSTER
    match: {context: SIDECAR_OUTBOUND, cluster: {service: api.example.com}}
    patch: {operation: MERGE, value: {connect_timeout: 1s}}
`
	headless = `apiVersion: v1
kind: Service
metadata: {name: head, namespace: shop}
spec: {clusterIP: None, selector: {app: head}, ports: [{name: http, port: 80, targetPort: web}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: head-1, namespace: shop, labels: {kubernetes.io/service-name: head}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints: [{addresses: [10.0.0.7], conditions: {ready: true}}]
---
apiVersion: v1
kind: Service
metadata: {name: nobody, namespace: shop}
spec: {clusterIP: None, ports: [{name: http, port: 80}]}
`
)

// What others have applied to the cluster.
func TestManifestsOfOthers(t *testing.T) {
	for name, c := range map[string]struct {
		manifests, from, url string
		flags                []string
		want, never          string
	}{
		"a filter of its own":         {plainHost + luaFilter, "shop/app=checkout", "http://api.example.com/", nil, "unfollowed  what filters do with the call that these add or change is not followed\n              by EnvoyFilter shop/lua", ""},
		"a filter of other workloads": {plainHost + luaFilter, "shop", "http://api.example.com/", nil, "leaves in PLAINTEXT", "unfollowed"},
		"a filter of others":          {plainHost + luaFilter, "billing/app=checkout", "http://api.example.com/", nil, "leaves in PLAINTEXT", "unfollowed"},
		"a filter that is followed":   {plainHost + slowCluster, "shop", "http://api.example.com/", nil, "leaves in PLAINTEXT", "unfollowed"},
		"a filter of a Gateway":       {plainHost + strings.ReplaceAll(luaFilter, selectsCheckout, targetsGateway), "shop/app=checkout", "http://api.example.com/", nil, "leaves in PLAINTEXT", "unfollowed"},
		"headless":                    {headless, "shop", "http://head/", nil, "leaves in PLAINTEXT to 10.0.0.7:80", ""},
		"headless, another port":      {headless, "shop", "http://head:8080/", nil, "leaves the mesh as UNKNOWN traffic to 10.0.0.7:8080", "NOTHING"},
		"headless, no sidecar":        {headless, "shop", "http://head:8080/", []string{"--no-sidecar"}, "leaves in PLAINTEXT to 10.0.0.7:8080", "kube-proxy"},
		"headless, registry only":     {headless, "shop", "http://head:8080/", []string{"--registry-only"}, "is BLOCKED", ""},
		"headless, without endpoints": {headless, "shop", "http://nobody:8080/", nil, "nothing is behind Service shop/nobody, so that its name has no address", "cluster IP"},
	} {
		t.Run(name, func(t *testing.T) {
			got := answer(t, append([]string{"--with", write(t, c.manifests), "--from", c.from, c.url}, c.flags...)...)
			if !strings.Contains(got, c.want) || c.never != "" && strings.Contains(got, c.never) {
				t.Errorf("got\n%s\nwant %q, and never %q", got, c.want, c.never)
			}
		})
	}
}
