package explain

import (
	"fmt"
	"slices"
	"strings"

	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"
	securityv1 "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/egress"
)

// explain says why an item has no part in the call, by a rule of Istio. Where a rule speaks of other objects, those are taken
// away to see that it holds. Without a rule it says no more than what was seen.
func (c *counterfactual) explain(it *item) (Ignored, error) {
	found := Ignored{Reference: it.ref(it.aspect(c.trace.dialledPort()))}
	for _, rule := range []func(*item) (Reason, string){c.refusal, c.ztunnel, c.selection, c.visibility, c.gateways, c.alias} {
		if found.Reason, found.Text = rule(it); found.Reason != "" {
			return found, nil
		}
	}
	for _, rule := range []func(*item) (Reason, string, error){c.scope, c.winner} {
		var err error
		if found.Reason, found.Text, err = rule(it); err != nil || found.Reason != "" {
			return found, err
		}
	}
	found.Reason, found.Text = c.routes(it)
	return found, nil
}

func (c *counterfactual) refusal(it *item) (Reason, string) {
	err := it.refused()
	if err == nil {
		return "", ""
	}
	return Refused, "istiod refuses it: " + strings.Join(strings.Fields(err.Error()), " ")
}

// ztunnel is about what an ambient pod would need a waypoint for.
func (c *counterfactual) ztunnel(it *item) (Reason, string) {
	if !c.trace.Call.From.isAmbient() || c.trace.Through != "" {
		return "", ""
	}
	switch it.kind {
	case kindDestinationRule, kindVirtualService, kindAuthorizationPolicy:
		return NoWaypoint, "ztunnel does not read it: a waypoint would, and none takes this call"
	}
	return "", ""
}

func (c *counterfactual) selection(it *item) (Reason, string) {
	if !it.isIstio() || c.trace.Call.From.isAmbient() || it.selects(c.trace.Call.From.Labels) || it.namespace != c.trace.Call.From.namespace() {
		return "", ""
	}
	return Selector, "it is for workloads with " + Workload{Labels: it.selector()}.labels() + " only"
}

// seesFrom is the namespace from which objects are seen: the caller's, or that of an ambient caller's waypoint.
func (c *counterfactual) seesFrom() string {
	if namespace, _, passes := strings.Cut(c.trace.Through, "/"); passes && c.trace.Call.From.isAmbient() {
		return namespace
	}
	return c.trace.Call.From.namespace()
}

// visibility is about exportTo, and about the namespaces whose rules count.
func (c *counterfactual) visibility(it *item) (Reason, string) {
	caller := c.seesFrom()
	if c.isForGateway(it) {
		return "", ""
	}
	if !it.seenFrom(caller, c.trace.mesh.options.exportDefaults(it.kind)) {
		if rule, ok := it.value.(*networkingv1.DestinationRule); ok && rule.Spec.GetWorkloadSelector() != nil {
			return NotVisible, fmt.Sprintf("a rule with a workloadSelector counts in its own namespace alone, not in %s", caller)
		}
		exportTo := it.exportTo()
		if len(exportTo) == 0 {
			return NotVisible, fmt.Sprintf("it is not visible in namespace %s, by the mesh's default", caller)
		}
		return NotVisible, fmt.Sprintf("it is not visible in namespace %s: exportTo is %s", caller, strings.Join(exportTo, ", "))
	}
	if it.kind != kindDestinationRule {
		return "", ""
	}
	counted := []string{caller, c.trace.mesh.options.MeshConfig.GetRootNamespace()}
	for _, name := range c.trace.names {
		for _, other := range append(c.whole.entries(name), c.whole.services[name]) {
			if other != nil && it.isAbout(name) {
				counted = append(counted, other.namespace)
			}
		}
	}
	if slices.Contains(counted, it.namespace) {
		return "", ""
	}
	return NotVisible, fmt.Sprintf("rules count from the namespaces of the caller and of what declares the host, and from %s: not from %s", counted[1], it.namespace)
}

// isForGateway tells whether the gateway that takes the call over sees the item, though the caller does not.
func (c *counterfactual) isForGateway(it *item) bool {
	namespace, _, passes := strings.Cut(c.trace.Through, "/")
	return passes && it.seenFrom(namespace, c.trace.mesh.options.exportDefaults(it.kind))
}

func (c *counterfactual) gateways(it *item) (Reason, string) {
	route, ok := it.value.(*networkingv1.VirtualService)
	if !ok || c.isForGateway(it) || egress.ForMesh(route) {
		return "", ""
	}
	return GatewayOnly, "it is for gateways only: mesh is not among its gateways"
}

func (c *counterfactual) alias(it *item) (Reason, string) {
	if it.kind != kindDestinationRule {
		return "", ""
	}
	_, service := c.whole.service(it.hosts[0])
	if service == nil || service.Spec.Type != corev1.ServiceTypeExternalName {
		return "", ""
	}
	return AliasRule, "its host is an ExternalName alias, which is no destination since Istio 1.21; write the rule for " +
		strings.ToLower(strings.TrimSuffix(service.Spec.ExternalName, "."))
}

// scope is about Sidecars: without them, the item would have a part.
func (c *counterfactual) scope(it *item) (Reason, string, error) {
	sidecars := slices.DeleteFunc(slices.Clone(c.part.items), func(other *item) bool { return other.kind != kindSidecar })
	takesPart, err := c.hasPartWithout(it, sidecars)
	if err != nil || !takesPart {
		return "", "", err
	}
	return SidecarScope, "a Sidecar keeps it from this workload: " + listed(sidecars), nil
}

// winner is about objects of the same kind: without them, the item would have a part.
func (c *counterfactual) winner(it *item) (Reason, string, error) {
	named := slices.DeleteFunc(slices.Clone(c.part.items), func(other *item) bool {
		return other.kind != it.kind || !c.trace.namesObject(other.identity)
	})
	takesPart, err := c.hasPartWithout(it, named)
	if err != nil || !takesPart {
		return "", "", err
	}
	return OtherWins, fmt.Sprintf("another %s for the host wins: %s", it.kind, listed(named)), nil
}

// hasPartWithout tells whether the item would be named, were it not for others.
func (c *counterfactual) hasPartWithout(it *item, others []*item) (bool, error) {
	if len(others) == 0 {
		return false, nil
	}
	trace, err := c.again(c.part.without(others...))
	return err == nil && trace.namesObject(it.identity), err
}

func listed(items []*item) string {
	names := make([]string, 0, len(items))
	for _, it := range items {
		names = append(names, it.String())
	}
	return strings.Join(names, ", ")
}

// routes says what is left to say: that the item is not for this call.
func (c *counterfactual) routes(it *item) (Reason, string) {
	if c.trace.Verdict == Denied {
		return NoEffect, "the " + c.trace.over() + " turns the call away before"
	}
	taken := c.trace.Verdict != Passthrough && c.trace.Verdict != Blocked
	switch it.kind {
	case kindAuthorizationPolicy:
		if !c.trace.Call.From.isAmbient() && len(it.hosts) > 0 && servicesOf(it.value.(*securityv1.AuthorizationPolicy), c.whole.domain) != nil {
			return GatewayOnly, "it is for the waypoint, which sidecars pass by"
		}
	case kindVirtualService:
		if taken {
			return NoRouteMatch, "none of its routes is for this call"
		}
	case kindServiceEntry:
		if port := c.trace.dialledPort(); !hasPort(it, port) {
			return NoEffect, fmt.Sprintf("it does not have port %d", port)
		}
	case kindDestinationRule:
		if !taken && c.declared(it) {
			return NoEffect, "the sidecar does not take this call for its host"
		}
		if !taken {
			return NoEffect, "nothing that this workload sees makes its host a destination"
		}
	}
	return NoEffect, "the call is the same without it"
}

// declared tells whether the caller sees something that makes a rule's host a destination, on the port of the call.
func (c *counterfactual) declared(rule *item) bool {
	for _, name := range c.trace.names {
		for _, it := range c.whole.entries(name) {
			if rule.isAbout(name) && hasPort(it, c.trace.dialledPort()) && it.refused() == nil &&
				it.seenFrom(c.trace.Call.From.namespace(), c.trace.mesh.options.exportDefaults(it.kind)) {
				return true
			}
		}
	}
	return false
}
