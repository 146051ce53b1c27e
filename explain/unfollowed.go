package explain

import (
	"slices"

	"istio.io/api/label"
	networkingapi "istio.io/api/networking/v1alpha3"
	typeapi "istio.io/api/type/v1beta1"
)

// followed are what EnvoyFilters may change and a walk reads: routes, and the clusters that they lead to. Filters, Lua's and
// WebAssembly's among them, may do anything with a call.
var followed = map[networkingapi.EnvoyFilter_ApplyTo]bool{
	networkingapi.EnvoyFilter_CLUSTER:             true,
	networkingapi.EnvoyFilter_ROUTE_CONFIGURATION: true,
	networkingapi.EnvoyFilter_VIRTUAL_HOST:        true,
	networkingapi.EnvoyFilter_HTTP_ROUTE:          true,
}

// tellUnfollowed names the EnvoyFilters that change the proxy of a pod in ways that are not followed.
func (w *walk) tellUnfollowed(namespace string, labels map[string]string, context networkingapi.EnvoyFilter_PatchContext) {
	var by []Reference
	for _, it := range w.index.listening().forAll {
		if filter := envoyFilterOf(it); filter != nil && w.countsFor(it, filter, namespace, labels) && changesUnfollowed(filter, context) {
			by = append(by, it.ref(Aspect{}))
		}
	}
	if len(by) == 0 {
		return
	}
	whose := ""
	if w.at != "" {
		whose = " of the " + w.at
	}
	w.step(StageUnfollowed, "what filters"+whose+" do with the call that these add or change is not followed", "", by...)
}

// envoyFilterOf is nil for other kinds, and for what istiod refuses.
func envoyFilterOf(it *item) *networkingapi.EnvoyFilter {
	if it.kind != kindEnvoyFilter {
		return nil
	}
	c, err := it.config()
	if err != nil {
		return nil
	}
	filter, _ := c.Spec.(*networkingapi.EnvoyFilter)
	return filter
}

// countsFor tells whether an EnvoyFilter, of the pod's namespace or for all, is for a pod. One with targetRefs is for the pods of
// Gateways of the Gateway API alone, as istiod's WorkloadPolicyMatcher has it.
func (w *walk) countsFor(it *item, filter *networkingapi.EnvoyFilter, namespace string, labels map[string]string) bool {
	if len(filter.GetTargetRefs()) == 0 {
		return (it.namespace == namespace || it.namespace == w.mesh.options.MeshConfig.GetRootNamespace()) && it.selects(labels)
	}
	gateway := labels[label.IoK8sNetworkingGatewayGatewayName.Name]
	return gateway != "" && it.namespace == namespace &&
		slices.ContainsFunc(filter.GetTargetRefs(), func(target *typeapi.PolicyTargetReference) bool {
			return target.GetGroup() == gatewayKind.Group && target.GetKind() == gatewayKind.Kind && target.GetName() == gateway
		})
}

func changesUnfollowed(filter *networkingapi.EnvoyFilter, context networkingapi.EnvoyFilter_PatchContext) bool {
	return slices.ContainsFunc(filter.GetConfigPatches(), func(patch *networkingapi.EnvoyFilter_EnvoyConfigObjectPatch) bool {
		of := patch.GetMatch().GetContext()
		return (of == networkingapi.EnvoyFilter_ANY || of == context) && !followed[patch.GetApplyTo()]
	})
}
