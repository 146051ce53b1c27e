package explain

import (
	"fmt"
	"strings"

	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	fault "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	percent "github.com/envoyproxy/go-control-plane/envoy/type/v3"

	"github.com/istio-egress/istio-egress/explain/internal/istiod"
)

// routeText says how a request was found, and what the proxy changes in it.
func (w *walk) routeText(r *route.Route) string {
	q := w.request
	parts := []string{"by the Host " + q.Authority}
	if w.at == atWaypoint { // which tells services apart by the address
		parts = []string{"for the service, whatever the Host"}
	}
	if host := hostSent(q, r); host != q.Authority {
		parts = append(parts, "Host rewritten to "+host)
	}
	if rewritten := rewrittenPath(q, r.GetRoute()); rewritten != "" {
		parts = append(parts, "path rewritten to "+rewritten)
	}
	if injected := faultOf(r); injected != nil {
		parts = append(parts, describeFault(injected))
	}
	for _, mirror := range r.GetRoute().GetRequestMirrorPolicies() {
		target := istiod.TargetOf(mirror.GetCluster())
		parts = append(parts, fmt.Sprintf("a copy of requests goes to %s port %d", target.Host, target.Port))
	}
	return strings.Join(parts, "; ")
}

// hostSent is the Host header that the server gets.
func hostSent(q *request, r *route.Route) string {
	switch action := r.GetRoute(); {
	case action.GetHostRewriteLiteral() != "":
		return action.GetHostRewriteLiteral()
	case action.GetHostRewriteHeader() != "" && q.Headers.Get(action.GetHostRewriteHeader()) != "":
		return q.Headers.Get(action.GetHostRewriteHeader())
	case action.GetAutoHostRewrite().GetValue():
		for _, c := range []string{action.GetCluster()} {
			return istiod.TargetOf(c).Host
		}
	}
	return q.Authority
}

func rewrittenPath(q *request, action *route.RouteAction) string {
	path, _, _ := strings.Cut(q.Path, "?")
	switch {
	case action.GetPrefixRewrite() != "":
		return action.GetPrefixRewrite() + "..."
	case action.GetRegexRewrite() != nil:
		return action.GetRegexRewrite().GetSubstitution() + " by a regular expression on " + path
	}
	return ""
}

// answerOf says how the proxy answers a request itself; empty when it does not.
func (w *walk) answerOf(r *route.Route) string {
	switch action := r.GetAction().(type) {
	case *route.Route_DirectResponse:
		return fmt.Sprintf("the %s answers itself with status %d", w.who(), action.DirectResponse.GetStatus())
	case *route.Route_Redirect:
		return "the " + w.who() + " answers itself with a redirect to " + redirected(action.Redirect)
	}
	abort := faultOf(r).GetAbort()
	if abort != nil && share(abort.GetPercentage()) >= 1 {
		return fmt.Sprintf("the %s answers every call itself with status %d (fault injection)", w.who(), abort.GetHttpStatus())
	}
	return ""
}

func redirected(r *route.RedirectAction) string {
	to := r.GetSchemeRedirect()
	if to != "" {
		to += "://"
	}
	to += r.GetHostRedirect() + r.GetPathRedirect()
	if to == "" {
		to = "https"
	}
	return to
}

// faultOf is what a VirtualService injects; nil for nothing.
func faultOf(r *route.Route) *fault.HTTPFault {
	packed := r.GetTypedPerFilterConfig()["envoy.filters.http.fault"]
	injected := &fault.HTTPFault{}
	if packed == nil || packed.UnmarshalTo(injected) != nil {
		return nil
	}
	return injected
}

func describeFault(f *fault.HTTPFault) string {
	var parts []string
	if abort := f.GetAbort(); abort != nil {
		parts = append(parts, fmt.Sprintf("%.4g %% of the calls are answered with status %d", 100*share(abort.GetPercentage()), abort.GetHttpStatus()))
	}
	if delay := f.GetDelay(); delay != nil {
		parts = append(parts, fmt.Sprintf("%.4g %% of the calls are delayed by %s", 100*share(delay.GetPercentage()), delay.GetFixedDelay().AsDuration()))
	}
	return strings.Join(parts, ", ") + " (fault injection)"
}

func share(p *percent.FractionalPercent) float64 {
	of := map[percent.FractionalPercent_DenominatorType]float64{
		percent.FractionalPercent_HUNDRED: 100, percent.FractionalPercent_TEN_THOUSAND: 10_000, percent.FractionalPercent_MILLION: 1_000_000,
	}
	return float64(p.GetNumerator()) / of[p.GetDenominator()]
}
