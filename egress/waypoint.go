package egress

import (
	"cmp"
	"slices"
	"strings"

	"istio.io/api/security/v1beta1"
	istio "istio.io/client-go/pkg/apis/networking/v1"
	security "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"
)

// The labels that bind a Service to a waypoint, or a ServiceEntry to none.
const (
	useWaypoint          = "istio.io/use-waypoint"
	useWaypointNamespace = "istio.io/use-waypoint-namespace"
)

// waypointOf is the waypoint that a Service is bound to by labels of its own, as namespace/name.
func waypointOf(service *corev1.Service) string {
	name := service.Labels[useWaypoint]
	if name == "" || name == "none" {
		return ""
	}
	return cmp.Or(service.Labels[useWaypointNamespace], NameOf(service).Namespace) + "/" + name
}

// dataPlaneOf tells whom a model's objects serve: those with sidecars alone where nothing is bound to a waypoint, and those
// in ambient mode alone where only waypoints see the hosts that bound services lead to.
func dataPlaneOf(m *Model) DataPlane {
	plane := DataPlaneSidecar
	for _, service := range m.Services {
		if service.Waypoint == "" {
			continue
		}
		plane = DataPlaneAmbient
		namespace, _, _ := strings.Cut(service.Waypoint, "/")
		for _, port := range service.Ports {
			if port.To != nil && !slices.Equal(port.To.Destination.ExportTo, []string{namespace}) {
				return DataPlaneBoth
			}
		}
	}
	return plane
}

// allowedAtWaypoint is who may call by the policies that are bound to the Service and deny everybody else; nil for everybody.
func (r *objectReader) allowedAtWaypoint(service *corev1.Service) *AllowFrom {
	for _, policy := range r.objects.PoliciesOf(service) {
		if policy.Spec.GetAction() != v1beta1.AuthorizationPolicy_DENY {
			continue
		}
		for _, rule := range policy.Spec.GetRules() {
			if len(rule.GetFrom()) != 1 || len(rule.GetTo())+len(rule.GetWhen()) > 0 {
				continue
			}
			if allowed := allowedBySource(rule.GetFrom()[0].GetSource()); allowed != nil {
				return allowed
			}
		}
	}
	return nil
}

// PoliciesOf returns the policies that are bound to a Service, at its waypoint.
func (o *Objects) PoliciesOf(service *corev1.Service) []*security.AuthorizationPolicy {
	var policies []*security.AuthorizationPolicy
	for _, policy := range o.AuthorizationPolicies {
		if NameOf(policy).Namespace == NameOf(service).Namespace && isBoundTo(policy, service.Name) {
			policies = append(policies, policy)
		}
	}
	return policies
}

// isBoundTo tells whether a policy is for a Service of its namespace.
func isBoundTo(policy *security.AuthorizationPolicy, service string) bool {
	for _, target := range policy.Spec.GetTargetRefs() {
		if target.GetKind() == "Service" && target.GetGroup() == "" && target.GetName() == service {
			return true
		}
	}
	return false
}

// gatewayName is the label that Istio gives to the pods of a waypoint.
const gatewayName = "gateway.networking.k8s.io/gateway-name"

// isWaypoints tells whether a rule is a waypoint's alone. The chart has such a rule where sidecars see the route of a waypoint
// that lets some callers through, or that reads a Secret.
func isWaypoints(rule *istio.DestinationRule) bool {
	labels := rule.Spec.GetWorkloadSelector().GetMatchLabels()
	return len(labels) == 1 && labels[gatewayName] != "" && isExit(rule.Spec.GetHost())
}

// selectorOf has the labels of the workloads that a rule is for; nil for all who call, be that a waypoint alone.
func selectorOf(rule *istio.DestinationRule) map[string]string {
	if isWaypoints(rule) {
		return nil
	}
	return rule.Spec.GetWorkloadSelector().GetMatchLabels()
}

// keepsSidecarsOut tells whether a rule is that of everybody else then: it lacks the subset that the route names.
func keepsSidecarsOut(rule *istio.DestinationRule) bool {
	host := rule.Spec.GetHost()
	return rule.Spec.GetWorkloadSelector() == nil && len(rule.Spec.GetSubsets()) == 0 && isExit(host) && rule.Spec.GetTrafficPolicy().GetTls().GetSni() == host
}
