package egress

import (
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1"
	"istio.io/api/security/v1beta1"
	istio "istio.io/client-go/pkg/apis/networking/v1"
	security "istio.io/client-go/pkg/apis/security/v1"
	"k8s.io/apimachinery/pkg/types"
)

// pastGateway follows a route that leads to a gateway of the mesh: what the gateway does with the calls is in a route of
// its own, for the Host or the SNI that the caller's route gives them. Other routes are returned as they are.
func (r *objectReader) pastGateway(port *Port, first route) route {
	service := port.Service
	gateway, found := r.gatewayBehind(first.host, service.Namespace)
	if !found || first.subset == "" {
		return first
	}
	hop := hop{host: first.authority, sni: r.sniOf(first, service.Namespace)}
	if !port.Protocol.IsHTTP() {
		hop.host = hop.sni
	}
	for _, from := range r.objects.Routes(hop.host, service.Namespace) {
		second, found := routeFor(from, port)
		if !found || ForMesh(from) {
			continue
		}
		known := r.gatewayOf(gateway, first.port, from)
		allowed := r.allowed(hop, port.Protocol.IsHTTP(), known)
		if service.Through != "" {
			allowed = either(service.AllowFrom, allowed)
		}
		if host := r.objects.FullHost(first.host, service.Namespace); host != r.objects.FullName(gateway) {
			known.Identity = r.identityOf(first, service.Namespace)
			r.inFront[host] = true
		}
		service.Through, service.AllowFrom = known.ID(), allowed
		second.requests = bothRequests(first.requests, second.requests)
		return second
	}
	return first
}

// gatewayBehind is the Service of the gateway to which a host leads: its own name, or a host in front of it.
func (r *objectReader) gatewayBehind(host, namespace string) (types.NamespacedName, bool) {
	if name, inCluster := ServiceName(host, namespace); inCluster {
		return name, true
	}
	for _, entry := range r.objects.Entries(host, namespace) {
		for _, endpoint := range entry.Spec.GetEndpoints() {
			if name, inCluster := ServiceName(endpoint.GetAddress(), ""); inCluster && strings.Contains(endpoint.GetAddress(), ".") {
				return name, true
			}
		}
	}
	return types.NamespacedName{}, false
}

// identityOf is the name that sidecars verify where a route leads; empty for none.
func (r *objectReader) identityOf(to route, namespace string) string {
	if names := r.subsetOf(to, namespace).GetTrafficPolicy().GetTls().GetSubjectAltNames(); len(names) > 0 {
		return names[0]
	}
	return ""
}

// gatewayOf adds a gateway to the model, with the labels that its pods are known to have by a route that is bound to it.
func (r *objectReader) gatewayOf(name types.NamespacedName, port int, bound *istio.VirtualService) *Gateway {
	for _, known := range r.model.Gateways {
		if known.Name == name.Name && known.Namespace == name.Namespace {
			return known
		}
	}
	gateway := &Gateway{Name: name.Name, Namespace: name.Namespace, Port: port, Selector: r.objects.GatewayLabels(bound)}
	r.model.Gateways = append(r.model.Gateways, gateway)
	slices.SortFunc(r.model.Gateways, func(a, b *Gateway) int { return strings.Compare(a.ID(), b.ID()) })
	return gateway
}

// GatewayLabels are those that the pods of a gateway are known to have: by the selectors of the Gateway objects that a route is
// bound to. There are none where the objects lack these.
func (o *Objects) GatewayLabels(bound *istio.VirtualService) map[string]string {
	labels := map[string]string{}
	for _, reference := range bound.Spec.GetGateways() {
		for _, object := range o.Gateways {
			if id := NameOf(object); reference == id.String() || reference == id.Name && id.Namespace == NameOf(bound).Namespace {
				maps.Copy(labels, object.Spec.GetSelector())
			}
		}
	}
	return labels
}

// hop is by what a gateway tells calls apart.
type hop struct{ host, sni string }

// sniOf is the server name that sidecars send to the subset that a route leads to; empty where none is told.
func (r *objectReader) sniOf(to route, namespace string) string {
	return r.subsetOf(to, namespace).GetTrafficPolicy().GetTls().GetSni()
}

// subsetOf is the subset that a route leads to; nil where no rule has it.
func (r *objectReader) subsetOf(to route, namespace string) *networking.Subset {
	for _, rule := range r.objects.Rules(to.host, namespace) {
		for _, subset := range rule.Spec.GetSubsets() {
			if subset.GetName() == to.subset {
				return subset
			}
		}
	}
	return nil
}

// bothRequests is what two routes do with requests, one after the other: the first waits and tries again.
func bothRequests(first, second *networking.HTTPRoute) *networking.HTTPRoute {
	both := &networking.HTTPRoute{Timeout: first.GetTimeout(), Retries: first.GetRetries(), Headers: first.GetHeaders()}
	if both.Headers == nil {
		both.Headers = second.GetHeaders()
	}
	return requestsOf(both)
}

// either is who may call one of two ports; nil for everybody.
func either(a, b *AllowFrom) *AllowFrom {
	if a == nil || b == nil {
		return nil
	}
	return NewAllowFrom(slices.Concat(a.Namespaces, b.Namespaces), slices.Concat(a.ServiceAccounts, b.ServiceAccounts))
}

// allowed is who may call by the gateway's policies that deny everybody else; nil for everybody.
func (r *objectReader) allowed(hop hop, http bool, gateway *Gateway) *AllowFrom {
	for _, policy := range r.objects.AuthorizationPolicies {
		if !isOf(gateway, policy) || policy.Spec.GetAction() != v1beta1.AuthorizationPolicy_DENY {
			continue
		}
		if allowed := allowedBy(policy, hop, http); allowed != nil {
			return allowed
		}
	}
	return nil
}

// isOf tells whether a policy is for the gateway's pods: one of their namespace or the root namespace, that selects none of the
// labels that they have with other values.
func isOf(gateway *Gateway, policy *security.AuthorizationPolicy) bool {
	if namespace := NameOf(policy).Namespace; namespace != gateway.Namespace && namespace != rootNamespace {
		return false
	}
	for key, value := range policy.Spec.GetSelector().GetMatchLabels() {
		if known, found := gateway.Selector[key]; found && known != value {
			return false
		}
	}
	return len(policy.Spec.GetTargetRefs()) == 0
}

// allowedBy reads the callers whom a policy does not deny, of its first rule that is for the hop.
func allowedBy(policy *security.AuthorizationPolicy, hop hop, http bool) *AllowFrom {
	for _, rule := range policy.Spec.GetRules() {
		if len(rule.GetFrom()) != 1 || !denies(rule, hop, http) {
			continue
		}
		if allowed := allowedBySource(rule.GetFrom()[0].GetSource()); allowed != nil {
			return allowed
		}
	}
	return nil
}

// allowedBySource are those whom a source is not; nil where it names nobody.
func allowedBySource(source *v1beta1.Source) *AllowFrom {
	var accounts []string
	for _, principal := range source.GetNotPrincipals() {
		if parts := strings.Split(principal, "/"); len(parts) >= 4 && parts[len(parts)-4] == "ns" && parts[len(parts)-2] == "sa" {
			accounts = append(accounts, parts[len(parts)-3]+"/"+parts[len(parts)-1])
		}
	}
	if len(source.GetNotNamespaces())+len(accounts) == 0 {
		return nil
	}
	return NewAllowFrom(source.GetNotNamespaces(), accounts)
}

// denies tells whether a rule is for all calls of the hop: of bytes by their SNI, of HTTP by their Host, with and without a
// port.
func denies(rule *v1beta1.Rule, hop hop, http bool) bool {
	for _, condition := range rule.GetWhen() {
		if condition.GetKey() != "connection.sni" || !slices.ContainsFunc(condition.GetValues(), func(name string) bool { return Covers(name, hop.sni) }) {
			return false
		}
	}
	if !http {
		return len(rule.GetTo()) == 0 && len(rule.GetWhen()) > 0
	}
	return slices.ContainsFunc(rule.GetTo(), func(to *v1beta1.Rule_To) bool {
		hosts := to.GetOperation().GetHosts()
		return slices.Contains(hosts, hop.host) && slices.Contains(hosts, hop.host+":*")
	})
}

// Covers tells whether a name of an AuthorizationPolicy, such as api.example.com or *.example.com, is for a host or a server name:
// what follows the "*" is how the text ends.
func Covers(name, text string) bool {
	if suffix, wildcard := strings.CutPrefix(name, "*"); wildcard {
		return strings.HasSuffix(text, suffix)
	}
	return name == text
}
