//go:build e2e

package mesh

import (
	"fmt"
	"regexp"

	rbac "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	httprbac "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	netrbac "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/rbac/v3"
	matching "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"google.golang.org/protobuf/types/known/anypb"
)

// deniedBy tells whether a filter is one of access control, and keeps an identity out.
func deniedBy(filter *anypb.Any, identity string) (bool, error) {
	http, network := &httprbac.RBAC{}, &netrbac.RBAC{}
	var rules *rbac.RBAC
	switch {
	case filter.MessageIs(http):
		if err := filter.UnmarshalTo(http); err != nil {
			return false, err
		}
		rules = http.GetRules()
	case filter.MessageIs(network):
		if err := filter.UnmarshalTo(network); err != nil {
			return false, err
		}
		rules = network.GetRules()
	}
	if rules == nil {
		return false, nil
	}
	matched := false
	for _, policy := range rules.GetPolicies() {
		one, err := anyOf(policy.GetPrincipals(), identity)
		if err != nil {
			return false, err
		}
		matched = matched || one
	}
	return matched == (rules.GetAction() == rbac.RBAC_DENY), nil
}

func anyOf(principals []*rbac.Principal, identity string) (bool, error) {
	for _, principal := range principals {
		if is, err := isPrincipal(principal, identity); is || err != nil {
			return is, err
		}
	}
	return false, nil
}

// isPrincipal knows what istiod makes of namespaces and principals.
func isPrincipal(principal *rbac.Principal, identity string) (bool, error) {
	switch id := principal.GetIdentifier().(type) {
	case *rbac.Principal_Any:
		return true, nil
	case *rbac.Principal_OrIds:
		return anyOf(id.OrIds.GetIds(), identity)
	case *rbac.Principal_AndIds:
		for _, each := range id.AndIds.GetIds() {
			if is, err := isPrincipal(each, identity); !is || err != nil {
				return is, err
			}
		}
		return true, nil
	case *rbac.Principal_NotId:
		is, err := isPrincipal(id.NotId, identity)
		return !is, err
	case *rbac.Principal_FilterState:
		return matches(id.FilterState.GetStringMatch(), identity)
	case *rbac.Principal_Authenticated_:
		return matches(id.Authenticated.GetPrincipalName(), identity)
	}
	return false, fmt.Errorf("principal %v is not known here", principal)
}

func matches(match *matching.StringMatcher, text string) (bool, error) {
	switch pattern := match.GetMatchPattern().(type) {
	case *matching.StringMatcher_Exact:
		return text == pattern.Exact, nil
	case *matching.StringMatcher_Suffix:
		return len(text) >= len(pattern.Suffix) && text[len(text)-len(pattern.Suffix):] == pattern.Suffix, nil
	case *matching.StringMatcher_SafeRegex:
		compiled, err := regexp.Compile("^(?:" + pattern.SafeRegex.GetRegex() + ")$")
		return err == nil && compiled.MatchString(text), err
	}
	return false, fmt.Errorf("match %v is not known here", match)
}
