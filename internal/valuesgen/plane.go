package valuesgen

import (
	"math/rand/v2"
	"slices"
)

// OnPlane changes valid values into valid ones for callers of ambient mode, or of both, who pass a waypoint: without what a
// waypoint cannot give.
func OnPlane(random *rand.Rand, values map[string]any, dataPlane string) {
	g := &generator{Rand: random}
	values["dataPlane"] = dataPlane
	waypoint := map[string]any{"name": g.pick("waypoint", "egress")}
	g.maybe(waypoint, 2, "namespace", g.pick("default", "team-a", "istio-egress"))
	g.maybe(waypoint, 2, "create", true)
	values["waypoint"] = waypoint
	delete(values, "serviceType")
	delete(values, "endpointsKind")
	delete(values, "egressGateway")
	delete(values, "externalHosts") // called by their own names, they pass no waypoint
	for _, collection := range []string{"externalNameServices", "endpointServices"} {
		for _, entry := range entriesOf(values[collection]) {
			ambientEntry(entry, collection, dataPlane)
		}
	}
}

func entriesOf(collection any) []map[string]any {
	var all []map[string]any
	add := func(entry any) {
		if fields, ok := entry.(map[string]any); ok {
			all = append(all, fields)
		}
	}
	switch entries := collection.(type) {
	case []any:
		for _, entry := range entries {
			add(entry)
		}
	case map[string]any:
		for _, entry := range entries {
			add(entry)
		}
	}
	return all
}

func ambientEntry(entry map[string]any, collection, dataPlane string) {
	for _, field := range []string{"workloadSelector", "serviceType", "endpointsKind", "through"} {
		delete(entry, field)
	}
	if dataPlane == "both" {
		delete(entry, "allowFrom")
	}
	if collection == "externalNameServices" {
		delete(entry, "addresses")
	}
	ports, _ := entry["ports"].([]any)
	for _, holder := range append(slices.Clone(ports), any(entry)) {
		fields, _ := holder.(map[string]any)
		tls, _ := fields["tls"].(map[string]any)
		if tls["credentialName"] != nil && dataPlane == "both" {
			delete(tls, "credentialName")
			if tls["mode"] == "MUTUAL" {
				tls["clientCertificate"], tls["privateKey"] = "/etc/certs/tls.crt", "/etc/certs/tls.key"
			}
		}
	}
}
