package valuesgen

// egressGateway adds the gateway that entries may pass: to some values, or always.
func (g *generator) egressGateway(values map[string]any, always bool) {
	if !g.chance(3) && !always {
		return
	}
	g.gateway = true
	gateway := map[string]any{"name": "istio-egressgateway", "namespace": "istio-system", "selector": map[string]any{"istio": "egressgateway"}}
	g.maybe(gateway, 4, "port", float64(8443))
	if g.chance(2) {
		g.through = g.pick("direct", "gateway")
		gateway["default"] = g.through
	}
	g.maybe(gateway, 4, "identity", "spiffe://cluster.local/ns/istio-system/sa/istio-egressgateway-service-account")
	g.identity = gateway["identity"] != nil
	values["egressGateway"] = gateway
}

// leave decides how calls of a closed entry leave the mesh, and who may call it.
func (g *generator) leave(entry map[string]any) {
	if !g.gateway || g.chance(2) {
		g.direct(entry)
		return
	}
	if g.through != "gateway" || g.chance(2) {
		entry["through"] = "gateway"
	}
	delete(entry, "workloadSelector") // the gateway has the certificates
	if !g.identity && g.chance(2) {
		entry["allowFrom"] = []any{
			map[string]any{"namespaces": []any{"team-a", "team-b"}},
			map[string]any{"serviceAccounts": []any{"payments/client"}},
			map[string]any{"namespaces": []any{"default"}, "serviceAccounts": []any{"team-a/client", "0-prod/batch.job"}},
		}[g.IntN(3)]
	}
}

// direct makes an entry leave directly, whatever the default is.
func (g *generator) direct(entry map[string]any) {
	if g.through == "gateway" || g.chance(20) {
		entry["through"] = "direct"
	}
}

func (g *generator) passesGateway(entry map[string]any) bool {
	return entry["through"] == "gateway" || entry["through"] == nil && g.through == "gateway"
}
