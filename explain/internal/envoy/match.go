package envoy

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	matcher "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
)

func matches(m *route.RouteMatch, r Request) bool {
	path, query, _ := strings.Cut(r.Path, "?")
	if !pathMatches(m, path) {
		return false
	}
	for _, h := range m.GetHeaders() {
		if headerMatches(h, r) == h.GetInvertMatch() {
			return false
		}
	}
	parameters, _ := url.ParseQuery(query)
	for _, q := range m.GetQueryParameters() {
		if !parameterMatches(q, parameters) {
			return false
		}
	}
	return true
}

func pathMatches(m *route.RouteMatch, path string) bool {
	equal, fold := func(a, b string) bool { return a == b }, func(s string) string { return s }
	if m.GetCaseSensitive() != nil && !m.GetCaseSensitive().GetValue() {
		equal, fold = strings.EqualFold, strings.ToLower
	}
	switch p := m.GetPathSpecifier().(type) {
	case *route.RouteMatch_Prefix:
		return strings.HasPrefix(fold(path), fold(p.Prefix))
	case *route.RouteMatch_PathSeparatedPrefix:
		return equal(path, p.PathSeparatedPrefix) || strings.HasPrefix(fold(path), fold(p.PathSeparatedPrefix)+"/")
	case *route.RouteMatch_Path:
		return equal(path, p.Path)
	case *route.RouteMatch_SafeRegex:
		return regexMatches(p.SafeRegex, path)
	}
	return false
}

// regexMatches matches the whole text, as Envoy does.
func regexMatches(m *matcher.RegexMatcher, text string) bool {
	expression, err := regexp.Compile("^(?:" + m.GetRegex() + ")$")
	return err == nil && expression.MatchString(text)
}

// header returns a header of a request, those of HTTP/2 that begin with a colon included.
func header(r Request, name string) (string, bool) {
	switch strings.ToLower(name) {
	case ":authority", "host":
		return r.Authority, true
	case ":method":
		return r.Method, true
	case ":path":
		return r.Path, true
	case ":scheme":
		return "http", true
	}
	values := r.Headers.Values(name)
	return strings.Join(values, ","), len(values) > 0
}

//nolint:staticcheck // Envoy still reads the deprecated matchers, and istiod may send them
func headerMatches(m *route.HeaderMatcher, r Request) bool {
	value, present := header(r, m.GetName())
	if wanted, ok := m.GetHeaderMatchSpecifier().(*route.HeaderMatcher_PresentMatch); ok {
		return present == wanted.PresentMatch
	}
	if !present && !m.GetTreatMissingHeaderAsEmpty() {
		return false
	}
	switch s := m.GetHeaderMatchSpecifier().(type) {
	case *route.HeaderMatcher_StringMatch:
		return stringMatches(s.StringMatch, value)
	case *route.HeaderMatcher_ExactMatch:
		return value == s.ExactMatch
	case *route.HeaderMatcher_PrefixMatch:
		return strings.HasPrefix(value, s.PrefixMatch)
	case *route.HeaderMatcher_SuffixMatch:
		return strings.HasSuffix(value, s.SuffixMatch)
	case *route.HeaderMatcher_ContainsMatch:
		return strings.Contains(value, s.ContainsMatch)
	case *route.HeaderMatcher_SafeRegexMatch:
		return regexMatches(s.SafeRegexMatch, value)
	case *route.HeaderMatcher_RangeMatch:
		number, err := strconv.ParseInt(value, 10, 64)
		return err == nil && s.RangeMatch.GetStart() <= number && number < s.RangeMatch.GetEnd()
	}
	return present
}

func stringMatches(m *matcher.StringMatcher, value string) bool {
	fold := func(s string) string { return s }
	if m.GetIgnoreCase() {
		fold = strings.ToLower
	}
	value = fold(value)
	switch p := m.GetMatchPattern().(type) {
	case *matcher.StringMatcher_Exact:
		return value == fold(p.Exact)
	case *matcher.StringMatcher_Prefix:
		return strings.HasPrefix(value, fold(p.Prefix))
	case *matcher.StringMatcher_Suffix:
		return strings.HasSuffix(value, fold(p.Suffix))
	case *matcher.StringMatcher_Contains:
		return strings.Contains(value, fold(p.Contains))
	case *matcher.StringMatcher_SafeRegex:
		return regexMatches(p.SafeRegex, value)
	}
	return false
}

func parameterMatches(m *route.QueryParameterMatcher, parameters url.Values) bool {
	values, present := parameters[m.GetName()]
	switch s := m.GetQueryParameterMatchSpecifier().(type) {
	case *route.QueryParameterMatcher_StringMatch:
		return present && stringMatches(s.StringMatch, values[0])
	case *route.QueryParameterMatcher_PresentMatch:
		return present == s.PresentMatch
	}
	return present
}
