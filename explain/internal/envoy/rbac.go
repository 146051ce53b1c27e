package envoy

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	rbac "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	httprbac "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	netrbac "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/rbac/v3"
)

// Caller is a call as rules of access see it.
type Caller struct {
	Principal  string // of the certificate, such as spiffe://cluster.local/ns/shop/sa/default; empty for none
	Address    netip.Addr
	Connection // to the proxy
	Request    *Request
}

// Access is what the rules of a proxy say of a caller.
type Access struct {
	Denied bool
	// By are the policies by whose rules the caller is denied, or is let in: those that are for the call and not for others
	// alone. None is by a rule when all are let in, or when no policy allows the caller.
	By []Policy
}

// Policy is an AuthorizationPolicy.
type Policy struct{ Namespace, Name string }

// AccessOfConnection evaluates the rules of a filter chain that are for connections.
func AccessOfConnection(chain *listener.FilterChain, c Caller) (Access, error) {
	var all []*rbac.RBAC
	for _, f := range chain.GetFilters() {
		rules := &netrbac.RBAC{}
		if f.GetTypedConfig().MessageIs(rules) {
			if err := f.GetTypedConfig().UnmarshalTo(rules); err != nil {
				return Access{}, fmt.Errorf("the rules of access of filter chain %q: %w", chain.GetName(), err)
			}
			all = append(all, rules.GetRules())
		}
	}
	return accessOf(all, c), nil
}

// AccessOfRequest evaluates the rules that are for requests.
func AccessOfRequest(manager *hcm.HttpConnectionManager, c Caller) (Access, error) {
	var all []*rbac.RBAC
	for _, f := range manager.GetHttpFilters() {
		rules := &httprbac.RBAC{}
		if f.GetTypedConfig().MessageIs(rules) {
			if err := f.GetTypedConfig().UnmarshalTo(rules); err != nil {
				return Access{}, fmt.Errorf("the rules of access of requests: %w", err)
			}
			all = append(all, rules.GetRules())
		}
	}
	return accessOf(all, c), nil
}

func accessOf(all []*rbac.RBAC, c Caller) Access {
	access := Access{}
	for _, rules := range all {
		if rules == nil || rules.GetAction() == rbac.RBAC_LOG {
			continue
		}
		matched, passed := c.policies(rules)
		switch denies := rules.GetAction() == rbac.RBAC_DENY; {
		case denies && len(matched) > 0:
			return Access{Denied: true, By: matched}
		case denies:
			access.By = append(access.By, passed...)
		case len(matched) == 0:
			return Access{Denied: true, By: passed}
		default:
			access.By = append(access.By, matched...)
		}
	}
	return access
}

// policies are those that match, and those that are for the call and for other callers.
func (c Caller) policies(rules *rbac.RBAC) (matched, passed []Policy) {
	for _, name := range slices.Sorted(maps.Keys(rules.GetPolicies())) {
		policy := rules.GetPolicies()[name]
		if !slices.ContainsFunc(policy.GetPermissions(), c.permission) {
			continue
		}
		into := &passed
		if slices.ContainsFunc(policy.GetPrincipals(), c.principal) {
			into = &matched
		}
		if p, ok := policyOf(name); ok && !slices.Contains(*into, p) {
			*into = append(*into, p)
		}
	}
	return matched, passed
}

// policyOf reads istiod's name of a rule: ns[shop]-policy[payments]-rule[0].
func policyOf(name string) (Policy, bool) {
	_, rest, found := strings.Cut(name, "ns[")
	namespace, rest, more := strings.Cut(rest, "]-policy[")
	policy, _, ends := strings.Cut(rest, "]-rule[")
	return Policy{namespace, policy}, found && more && ends
}

func (c Caller) permission(p *rbac.Permission) bool {
	switch rule := p.GetRule().(type) {
	case *rbac.Permission_Any:
		return rule.Any
	case *rbac.Permission_AndRules:
		return all(rule.AndRules.GetRules(), c.permission)
	case *rbac.Permission_OrRules:
		return slices.ContainsFunc(rule.OrRules.GetRules(), c.permission)
	case *rbac.Permission_NotRule:
		return !c.permission(rule.NotRule)
	case *rbac.Permission_RequestedServerName:
		return stringMatches(rule.RequestedServerName, c.ServerName)
	case *rbac.Permission_DestinationPort:
		return int(rule.DestinationPort) == c.Port
	case *rbac.Permission_Header:
		return c.Request != nil && headerMatches(rule.Header, *c.Request) != rule.Header.GetInvertMatch()
	case *rbac.Permission_UrlPath:
		path := ""
		if c.Request != nil {
			path, _, _ = strings.Cut(c.Request.Path, "?")
		}
		return c.Request != nil && stringMatches(rule.UrlPath.GetPath(), path)
	}
	return false // of what only the proxy that runs knows
}

func (c Caller) principal(p *rbac.Principal) bool {
	switch rule := p.GetIdentifier().(type) {
	case *rbac.Principal_Any:
		return rule.Any
	case *rbac.Principal_AndIds:
		return all(rule.AndIds.GetIds(), c.principal)
	case *rbac.Principal_OrIds:
		return slices.ContainsFunc(rule.OrIds.GetIds(), c.principal)
	case *rbac.Principal_NotId:
		return !c.principal(rule.NotId)
	case *rbac.Principal_FilterState:
		return c.Principal != "" && stringMatches(rule.FilterState.GetStringMatch(), c.Principal)
	case *rbac.Principal_Authenticated_:
		name := rule.Authenticated.GetPrincipalName()
		return c.Principal != "" && (name == nil || stringMatches(name, c.Principal))
	case *rbac.Principal_DirectRemoteIp:
		return inRange(rule.DirectRemoteIp.GetAddressPrefix(), rule.DirectRemoteIp.GetPrefixLen().GetValue(), c.Address)
	case *rbac.Principal_RemoteIp:
		return inRange(rule.RemoteIp.GetAddressPrefix(), rule.RemoteIp.GetPrefixLen().GetValue(), c.Address)
	case *rbac.Principal_Header:
		return c.Request != nil && headerMatches(rule.Header, *c.Request) != rule.Header.GetInvertMatch()
	}
	return false // of what only the proxy that runs knows, such as tokens
}

func inRange(prefix string, bits uint32, address netip.Addr) bool {
	first, err := netip.ParseAddr(prefix)
	return err == nil && netip.PrefixFrom(first, int(bits)).Contains(address)
}

func all[T any](items []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(items, func(item T) bool { return !holds(item) })
}

// And is what both say.
func (a Access) And(other Access) Access {
	if a.Denied {
		return a
	}
	if other.Denied {
		return other
	}
	return Access{By: append(slices.Clone(a.By), other.By...)}
}
