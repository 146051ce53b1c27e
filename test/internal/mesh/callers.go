//go:build e2e

package mesh

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	rbac "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	httprbac "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	netrbac "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/rbac/v3"
	matcher "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"istio.io/istio/pilot/test/xdstest"
)

// Caller is a workload that calls the gateway, by what its certificate says; the zero value has none.
type Caller struct{ Namespace, ServiceAccount string }

func (c Caller) principal() string {
	if c.ServiceAccount == "" {
		return ""
	}
	return "spiffe://cluster.local/ns/" + c.Namespace + "/sa/" + c.ServiceAccount
}

// Allowed tells whether the gateway's filters let the caller pass: those of connections, and for HTTP those of requests.
// Envoy is not asked: the rules of its configuration are evaluated here.
func (p Passage) Allowed(t *testing.T, caller Caller) bool {
	t.Helper()
	if p.chain == nil {
		t.Fatalf("the call does not get to a filter chain of the gateway: %s", p)
	}
	e := evaluation{t, caller, p.arrival.Sni, p.arrival.HostHeader, p.arrival.Port}
	for _, filter := range p.chain.GetFilters() {
		if filter.GetTypedConfig().MessageIs(&netrbac.RBAC{}) {
			config := &netrbac.RBAC{}
			if err := filter.GetTypedConfig().UnmarshalTo(config); err != nil {
				t.Fatal(err)
			}
			if !e.passes(config.GetRules()) {
				return false
			}
		}
	}
	manager := xdstest.ExtractHTTPConnectionManager(t, p.chain)
	for _, filter := range manager.GetHttpFilters() {
		if filter.GetTypedConfig().MessageIs(&httprbac.RBAC{}) {
			config := &httprbac.RBAC{}
			if err := filter.GetTypedConfig().UnmarshalTo(config); err != nil {
				t.Fatal(err)
			}
			if !e.passes(config.GetRules()) {
				return false
			}
		}
	}
	return true
}

// evaluation is what rules are evaluated for.
type evaluation struct {
	t         *testing.T
	caller    Caller
	sni, host string
	port      int
}

func (e evaluation) passes(rules *rbac.RBAC) bool {
	if rules == nil {
		return true
	}
	matches := false
	for _, policy := range rules.GetPolicies() {
		permitted, identified := false, false
		for _, permission := range policy.GetPermissions() {
			permitted = permitted || e.permission(permission)
		}
		for _, principal := range policy.GetPrincipals() {
			identified = identified || e.principal(principal)
		}
		matches = matches || permitted && identified
	}
	return matches == (rules.GetAction() == rbac.RBAC_ALLOW)
}

func (e evaluation) permission(permission *rbac.Permission) bool {
	switch rule := permission.GetRule().(type) {
	case *rbac.Permission_Any:
		return rule.Any
	case *rbac.Permission_AndRules:
		for _, p := range rule.AndRules.GetRules() {
			if !e.permission(p) {
				return false
			}
		}
		return true
	case *rbac.Permission_OrRules:
		return slices.ContainsFunc(rule.OrRules.GetRules(), e.permission)
	case *rbac.Permission_NotRule:
		return !e.permission(rule.NotRule)
	case *rbac.Permission_RequestedServerName:
		return e.matches(rule.RequestedServerName, e.sni)
	case *rbac.Permission_DestinationPort:
		return int(rule.DestinationPort) == e.port
	case *rbac.Permission_Header:
		if rule.Header.GetName() == ":authority" {
			return e.matches(rule.Header.GetStringMatch(), e.host)
		}
	}
	e.t.Fatalf("the evaluation knows no permission %v", permission)
	return false
}

func (e evaluation) principal(principal *rbac.Principal) bool {
	switch rule := principal.GetIdentifier().(type) {
	case *rbac.Principal_Any:
		return rule.Any
	case *rbac.Principal_AndIds:
		for _, p := range rule.AndIds.GetIds() {
			if !e.principal(p) {
				return false
			}
		}
		return true
	case *rbac.Principal_OrIds:
		return slices.ContainsFunc(rule.OrIds.GetIds(), e.principal)
	case *rbac.Principal_NotId:
		return !e.principal(rule.NotId)
	case *rbac.Principal_FilterState:
		return e.caller.principal() != "" && e.matches(rule.FilterState.GetStringMatch(), e.caller.principal())
	case *rbac.Principal_Authenticated_:
		return e.caller.principal() != "" && (rule.Authenticated.GetPrincipalName() == nil || e.matches(rule.Authenticated.GetPrincipalName(), e.caller.principal()))
	}
	e.t.Fatalf("the evaluation knows no principal %v", principal)
	return false
}

func (e evaluation) matches(m *matcher.StringMatcher, text string) bool {
	fold := func(s string) string { return s }
	if m.GetIgnoreCase() {
		fold, text = strings.ToLower, strings.ToLower(text)
	}
	switch pattern := m.GetMatchPattern().(type) {
	case *matcher.StringMatcher_Exact:
		return fold(pattern.Exact) == text
	case *matcher.StringMatcher_Prefix:
		return strings.HasPrefix(text, fold(pattern.Prefix))
	case *matcher.StringMatcher_Suffix:
		return strings.HasSuffix(text, fold(pattern.Suffix))
	case *matcher.StringMatcher_SafeRegex:
		return regexp.MustCompile("^(?:" + pattern.SafeRegex.GetRegex() + ")$").MatchString(text)
	}
	e.t.Fatalf("the evaluation knows no match %v", m)
	return false
}
