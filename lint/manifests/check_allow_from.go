package manifests

import (
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// allowFromAnnotation is where the chart says who may call, beside the policy that enforces it.
const allowFromAnnotation = "istio-egress/allow-from"

// checkAllowFrom reports routes through an egress gateway or a waypoint that say who may call, where no policy denies everybody else: the
// policy is the one object whose absence opens something.
func checkAllowFrom(s *set) []finding {
	if !slices.ContainsFunc(s.all, saysAllowFrom) {
		return nil
	}
	var findings []finding
	for _, service := range egress.FromObjects(s.Objects).Services {
		for _, route := range service.Objects {
			i := slices.IndexFunc(s.all, func(o *object) bool { return o.value == route && saysAllowFrom(o) })
			if i < 0 || !s.knows(s.all[i]) || service.Through+service.Waypoint == "" {
				continue
			}
			o := s.all[i]
			said := annotationOf(o)
			policy := policyFor(service)
			path := `metadata.annotations["` + allowFromAnnotation + `"]`
			switch {
			case service.AllowFrom == nil:
				findings = append(findings, o.finding("manifest-allow-from", lint.Error, path,
					"only %s may call, and nothing denies everybody else: apply the AuthorizationPolicy %s in namespace %s, which the chart renders (%s)",
					strings.Join(said, ", "), policy.name, policy.namespace, policy.template))
			case !slices.Equal(said, allowed(service.AllowFrom)):
				findings = append(findings, o.finding("manifest-allow-from", lint.Error, path,
					"only %s may call by this, and the policies in namespace %s let %s: apply the AuthorizationPolicy %s again, which the chart renders (%s)",
					strings.Join(said, ", "), policy.namespace, strings.Join(allowed(service.AllowFrom), ", "), policy.name, policy.template))
			}
		}
	}
	return findings
}

// policyName is where the chart renders the policy of a service.
type policyName struct{ namespace, name, template string }

// policyFor is the policy that says who may call a service: at the gateway or, in its own namespace, at the waypoint.
func policyFor(service *egress.Service) policyName {
	if gateway, _, through := strings.Cut(service.Through, "/"); through {
		return policyName{gateway, service.Name + "." + service.Namespace, "templates/gateway-namespace.yaml"}
	}
	return policyName{service.Namespace, service.Name, "templates/authorizationpolicy.yaml"}
}

func saysAllowFrom(o *object) bool { return o.kind == "VirtualService" && annotationOf(o) != nil }

// annotationOf is who may call by the annotation, sorted; nil where there is none.
func annotationOf(o *object) []string {
	route, ok := o.value.(interface{ GetAnnotations() map[string]string })
	if !ok || route.GetAnnotations()[allowFromAnnotation] == "" {
		return nil
	}
	return slices.Sorted(slices.Values(strings.Split(route.GetAnnotations()[allowFromAnnotation], ",")))
}

func allowed(from *egress.AllowFrom) []string {
	return slices.Sorted(slices.Values(slices.Concat(from.Namespaces, from.ServiceAccounts)))
}
