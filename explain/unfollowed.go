package explain

import networkingapi "istio.io/api/networking/v1alpha3"

// followed are what EnvoyFilters may change and a walk reads: routes, and the clusters that they lead to. Filters, Lua's and
// WebAssembly's among them, may do anything with a call.
var followed = map[networkingapi.EnvoyFilter_ApplyTo]bool{
	networkingapi.EnvoyFilter_CLUSTER:             true,
	networkingapi.EnvoyFilter_ROUTE_CONFIGURATION: true,
	networkingapi.EnvoyFilter_VIRTUAL_HOST:        true,
	networkingapi.EnvoyFilter_HTTP_ROUTE:          true,
}

// tellUnfollowed names the EnvoyFilters that change the caller's sidecar in ways that are not followed.
func (w *walk) tellUnfollowed() {
	var by []Reference
	for _, it := range w.index.listening().forAll {
		if it.kind == kindEnvoyFilter && it.refused() == nil && w.countsForCaller(it) && changesUnfollowed(it) {
			by = append(by, it.ref(Aspect{}))
		}
	}
	if len(by) > 0 {
		w.step(StageUnfollowed, "what filters do with the call that these add or change is not followed", "", by...)
	}
}

// countsForCaller tells whether an object for workloads, of their namespace or for all, is for the caller.
func (w *walk) countsForCaller(it *item) bool {
	from := w.Call.From
	return (it.namespace == from.namespace() || it.namespace == w.mesh.options.MeshConfig.GetRootNamespace()) && it.selects(from.Labels)
}

func changesUnfollowed(it *item) bool {
	c, err := it.config()
	if err != nil {
		return false
	}
	spec, ok := c.Spec.(*networkingapi.EnvoyFilter)
	if !ok {
		return false
	}
	for _, patch := range spec.GetConfigPatches() {
		context := patch.GetMatch().GetContext()
		isOurs := context == networkingapi.EnvoyFilter_ANY || context == networkingapi.EnvoyFilter_SIDECAR_OUTBOUND
		if isOurs && !followed[patch.GetApplyTo()] {
			return true
		}
	}
	return false
}
