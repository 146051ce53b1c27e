package egress

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	networking "istio.io/api/networking/v1"
)

// comparison collects the changes between two outlets.
type comparison struct {
	was, is *outlet
	changes []Change
}

// compare returns what changes between two outlets that lead to the same server.
func compare(was, is *outlet) []Change {
	c := &comparison{was: was, is: is}
	c.form()
	c.visibility()
	c.server()
	c.requests()
	c.groups()
	return c.changes
}

func (c *comparison) add(class Class, site func(*Way) string, format string, args ...any) {
	before, after := &c.was.ways[0], &c.is.ways[0]
	c.changes = append(c.changes, c.is.change(class, Site{site(before), before}, Site{site(after), after}, format, args...))
}

// Where values say what a way is made of. A path that the values do not have stands for its entry.

func atEntry(w *Way) string {
	if w.Port != nil {
		return w.Port.Service.Path
	}
	return w.To.Destination.Path
}

func atPort(w *Way) string {
	if w.Port != nil {
		return w.Port.Path
	}
	return w.To.Path
}

func atVisibility(w *Way) string {
	return cmp.Or(w.To.Destination.ExportToPath, w.To.Destination.Path, atEntry(w))
}

func atTLS(w *Way) string {
	if w.Rule.TLS == nil {
		return atPort(w)
	}
	return cmp.Or(w.Rule.TLS.Path, atPort(w))
}

func below(site func(*Way) string, field string) func(*Way) string {
	return func(w *Way) string {
		if path := site(w); path != "" {
			return path + "." + field
		}
		return ""
	}
}

// form compares how names are made, and which way calls take.
func (c *comparison) form() {
	was, is := c.was.ways[0], c.is.ways[0]
	if was.Form() != is.Form() {
		class, text := Weaker, "form: %s -> %s: who calls it past the mesh reaches the server now"
		if is.Form() == FormClosed {
			class, text = Stronger, "form: %s -> %s: who calls it past the mesh reaches nothing now"
		}
		c.add(class, atEntry, text, was.Form(), is.Form())
	}
	if from, to := was.Through(), is.Through(); from != to {
		class := Changed
		switch {
		case to == "":
			class = Weaker
		case from == "":
			class = Stronger
		}
		c.add(class, below(atEntry, "through"), "path: %s -> %s", pathText(from), pathText(to))
	} else if from != "" {
		c.gateway()
	}
	c.waypoint()
	c.sidecars()
	if from, to := was.To.Destination.Declared(), is.To.Destination.Declared(); from != to {
		class, text := Weaker, "no longer declared to the mesh: it leaves as traffic to an unknown address"
		if to {
			class, text = Stronger, "declared to the mesh: it left as traffic to an unknown address"
		}
		c.add(class, atEntry, "%s", text)
	}
}

// waypoint compares what takes over the calls of ambient pods. Without one, an open name leads them to the server as well, and
// a closed one nowhere.
func (c *comparison) waypoint() {
	was, is := c.was.ways[0], c.is.ways[0]
	from, to := was.Waypoint(), is.Waypoint()
	if from == to {
		return
	}
	class := Changed
	switch {
	case from == "" && was.Form() == FormClosed:
		class = Wider
	case to == "" && is.Form() == FormClosed:
		class = Narrower
	}
	c.add(class, atEntry, "ambient pods: %s -> %s", waypointText(from), waypointText(to))
}

// sidecars compares whether a waypoint alone sees the way out.
func (c *comparison) sidecars() {
	was, is := c.was.keepsSidecarsOut(), c.is.keepsSidecarsOut()
	switch {
	case was && !is:
		c.add(Wider, atEntry, "pods with sidecars outside namespace %s: kept out -> served", c.was.waypointNamespace())
	case is && !was:
		c.add(Narrower, atEntry, "pods with sidecars outside namespace %s: served -> kept out", c.is.waypointNamespace())
	}
}

// gateway compares what the models say of a gateway that both have on the way.
func (c *comparison) gateway() {
	was, is := c.was.gateway, c.is.gateway
	if was == nil || is == nil {
		return
	}
	site := func(w *Way) string {
		if atEntry(w) == "" {
			return ""
		}
		return "egressGateway"
	}
	if !maps.Equal(was.Selector, is.Selector) {
		c.add(Changed, site, "the gateway's pods: %s -> %s", labelsText(was.Selector), labelsText(is.Selector))
	}
	if was.Port != is.Port {
		c.add(Changed, site, "the gateway's port: %d -> %d", was.Port, is.Port)
	}
	if was.Identity != is.Identity {
		c.add(Changed, site, "the gateway's identity: %s -> %s", identityText(was.Identity), identityText(is.Identity))
	}
}

func identityText(identity string) string { return cmp.Or(identity, "that of its Service") }

func waypointText(waypoint string) string {
	if waypoint == "" {
		return "no waypoint"
	}
	return "the waypoint " + waypoint
}

func pathText(through string) string {
	if through == "" {
		return "direct"
	}
	return "through the gateway " + through
}

// visibility compares who may call.
func (c *comparison) visibility() {
	was, is := c.was.namespaces(), c.is.namespaces()
	c.moreOrLess(was, is, slices.Contains(was, "*"), slices.Contains(is, "*"), moreOrLess{
		site: atVisibility, more: "visible to %s%s: %s -> %s", less: "no longer visible to %s%s: %s -> %s",
		all: "all namespaces", rest: "all other namespaces",
	})
	from, to := c.was.ways[0].AllowFrom(), c.is.ways[0].AllowFrom()
	c.moreOrLess(callers(from), callers(to), from == nil, to == nil, moreOrLess{
		site: below(atEntry, "allowFrom"), more: "allowed to call: %s%s: %s -> %s", less: "no longer allowed to call: %s%s: %s -> %s",
		all: "everybody", rest: "everybody else",
	})
}

// moreOrLess says in words that a set has grown or shrunk.
type moreOrLess struct {
	site       func(*Way) string
	more, less string // with what is new or gone, whether the rest stays, the set before and the set after
	all, rest  string
}

// moreOrLess reports what is new in a set as wider, and what is gone as narrower. A set may stand for all.
func (c *comparison) moreOrLess(was, is []string, wasAll, isAll bool, words moreOrLess) {
	text := func(set []string, all bool) string {
		if all {
			return words.all
		}
		return listText(set)
	}
	report := func(class Class, format, besides string, set, other []string, all, otherAll bool) {
		more := without(set, other)
		switch {
		case otherAll, !all && len(more) == 0:
			return
		case all:
			more = []string{words.rest}
		}
		c.add(class, words.site, format, listText(more), besides, text(was, wasAll), text(is, isAll))
	}
	report(Wider, words.more, asWell(isAll || len(without(was, is)) == 0), is, was, isAll, wasAll)
	report(Narrower, words.less, "", was, is, wasAll, isAll)
}

// asWell says that what was there stays, if it does.
func asWell(stays bool) string {
	if stays {
		return " as well"
	}
	return ""
}

// without returns what a list has and another has not, sorted.
func without(list, other []string) []string {
	rest := slices.DeleteFunc(slices.Clone(list), func(item string) bool { return slices.Contains(other, item) })
	slices.Sort(rest)
	return slices.Compact(rest)
}

const mostListed = 6

// listText writes a list, and of a long one the first items.
func listText(items []string) string {
	switch n := len(items); {
	case n == 0:
		return "none"
	case n > mostListed:
		return fmt.Sprintf("%s and %d more", strings.Join(items[:mostListed], ", "), n-mostListed)
	}
	return strings.Join(items, ", ")
}

// server compares where calls go.
func (c *comparison) server() {
	was, is := c.was.ways[0], c.is.ways[0]
	if from, to := was.host(), is.host(); from != to && c.was.name == c.is.name {
		c.add(Changed, atEntry, "full name: %s -> %s", from, to)
	}
	if from, to := was.To.TargetPort, is.To.TargetPort; from != to {
		c.add(Changed, atPort, "the server's port: %d -> %d", from, to)
	}
	if from, to := was.To.Protocol, is.To.Protocol; from != to {
		c.add(Changed, atPort, "protocol: %s -> %s", from, to)
	}
	if was.Form() != is.Form() && is.To.Destination.Server != "" { // the closed form knows no addresses of a host
		return
	}
	from, to := was.To.Destination.Addresses, is.To.Destination.Addresses
	if slices.Equal(from, to) {
		return
	}
	more, less := without(to, from), without(from, to)
	if len(more) > 0 {
		c.add(Wider, below(atEntry, "addresses"), "leads to the address %s%s", listText(more), asWell(len(less) == 0))
	}
	if len(less) > 0 {
		c.add(Narrower, below(atEntry, "addresses"), "no longer leads to the address %s", listText(less))
	}
}

// requests compares what is done with HTTP requests.
func (c *comparison) requests() {
	was, is := c.was.ways[0].Port, c.is.ways[0].Port
	if was == nil || is == nil {
		return
	}
	if was.Host != is.Host {
		c.add(Changed, below(atEntry, "rewriteHost"), "Host sent: %s -> %s", hostText(was.Host), hostText(is.Host))
	}
	if proto.Equal(was.Route, is.Route) {
		return
	}
	from, to := was.Route, is.Route
	if !proto.Equal(from.GetTimeout(), to.GetTimeout()) {
		c.add(Changed, below(atEntry, "timeout"), "timeout: %s -> %s", durationText(from.GetTimeout()), durationText(to.GetTimeout()))
	}
	if !proto.Equal(from.GetRetries(), to.GetRetries()) {
		c.add(Changed, below(atEntry, "retries"), "retries: %s -> %s", retriesText(from.GetRetries()), retriesText(to.GetRetries()))
	}
	if !proto.Equal(from.GetHeaders(), to.GetHeaders()) {
		c.add(Changed, below(atEntry, "keepMeshHeaders"), "headers: %s -> %s", headersText(from.GetHeaders()), headersText(to.GetHeaders()))
	}
}

func hostText(host string) string {
	if host == "" {
		return "as the workload sends it"
	}
	return host
}

func durationText(d *durationpb.Duration) string {
	if d == nil {
		return "Istio's default"
	}
	return d.AsDuration().String()
}

func retriesText(r *networking.HTTPRetry) string {
	if r == nil {
		return "Istio's default"
	}
	text := fmt.Sprintf("at most %d", r.GetAttempts())
	if r.GetPerTryTimeout() != nil {
		text += ", each for " + durationText(r.GetPerTryTimeout())
	}
	if r.GetRetryOn() != "" {
		text += ", on " + r.GetRetryOn()
	}
	return text
}

func headersText(headers *networking.Headers) string {
	switch remove := headers.GetRequest().GetRemove(); {
	case headers == nil:
		return "as they are"
	case len(remove) > 0 && len(headers.GetRequest().GetSet())+len(headers.GetRequest().GetAdd()) == 0 && headers.GetResponse() == nil:
		return "without " + listText(remove)
	}
	return shortText(headers)
}

// shortText writes settings, or says that there are some where they are long.
func shortText(message proto.Message) string {
	const most = 120
	if !message.ProtoReflect().IsValid() {
		return "Istio's default"
	}
	if text := settingsText(message); len(text) <= most {
		return text
	}
	return "others"
}

// groups compares what each group of workloads does with calls: TLS and policies.
func (c *comparison) groups() {
	all := c.was.callerGroups()
	maps.Copy(all, c.is.callerGroups())
	found := map[string][]Change{}
	for name, group := range all {
		g := &groupComparison{comparison: comparison{was: c.was, is: c.is}, before: c.was.wayFor(group), after: c.is.wayFor(group)}
		g.tls()
		g.policy()
		found[name] = g.changes
	}
	if allHaveTexts(found, found[""]) {
		c.changes = append(c.changes, found[""]...)
		return
	}
	rest := restOfGroups(all)
	for _, name := range sortedKeys(found) {
		who := "for " + cmp.Or(name, rest) + ": "
		for _, change := range found[name] {
			change.Text = who + change.Text
			c.changes = append(c.changes, change)
		}
	}
}

// restOfGroups names those of no other group.
func restOfGroups(groups map[string]callerGroup) string {
	selected, hidden := false, false
	for _, g := range groups {
		selected = selected || len(g.selector) > 0
		hidden = hidden || g.namespace != ""
	}
	switch {
	case !hidden:
		return "other workloads"
	case !selected:
		return "other namespaces"
	}
	return "everybody else"
}

// allHaveTexts tells whether all groups have the same changes.
func allHaveTexts(groups map[string][]Change, wanted []Change) bool {
	for _, changes := range groups {
		if !slices.EqualFunc(changes, wanted, func(a, b Change) bool { return a.Class == b.Class && a.Text == b.Text }) {
			return false
		}
	}
	return true
}

// groupComparison compares the ways of one group of workloads.
type groupComparison struct {
	comparison
	before, after *Way
}

func (g *groupComparison) add(class Class, site func(*Way) string, format string, args ...any) {
	g.changes = append(g.changes, g.is.change(class, Site{site(g.before), g.before}, Site{site(g.after), g.after}, format, args...))
}

func (g *groupComparison) tls() {
	was, is := g.before.TLS(), g.after.TLS()
	if g.before.To.Protocol == g.after.To.Protocol && proto.Equal(was, is) {
		return
	}
	g.grade()
	if was == nil || is == nil {
		return
	}
	g.names()
	g.authorities()
	if was.GetSni() != is.GetSni() {
		g.add(Changed, atTLS, "SNI: %s -> %s", cmp.Or(was.GetSni(), "none"), cmp.Or(is.GetSni(), "none"))
	}
	if !proto.Equal(restOf(was), restOf(is)) {
		g.add(Changed, atTLS, "other TLS settings")
	}
}

// restOf are the settings that nothing else compares.
func restOf(settings *networking.ClientTLSSettings) proto.Message {
	rest := proto.Clone(settings).(*networking.ClientTLSSettings)
	rest.Mode, rest.Sni, rest.SubjectAltNames, rest.InsecureSkipVerify = 0, "", nil, nil
	rest.ClientCertificate, rest.PrivateKey, rest.CaCertificates, rest.CaCrl, rest.CredentialName = "", "", "", "", ""
	return rest
}

// grade compares grades. A client certificate that was in use before, and gets to more workloads, widens who may do as
// its owner.
func (g *groupComparison) grade() {
	was, is := g.before.Grade(), g.after.Grade()
	switch {
	case was == is, was.Rank() <= Opaque.Rank() && is.Rank() <= Opaque.Rank(): // the protocol alone has changed
		g.certificate()
	case was == Verified && is == Mutual && g.was.shows(g.after.Certificate()):
		g.add(Wider, atTLS, "shows the client certificate too: %s", printable(g.after.Certificate()))
	case was == Mutual && is == Verified && g.is.shows(g.before.Certificate()):
		g.add(Narrower, atTLS, "shows the client certificate no more: %s", printable(g.before.Certificate()))
	case is.Rank() < was.Rank():
		g.add(Weaker, atTLS, "TLS weakened: %s -> %s", was.Words(), is.Words())
	default:
		g.add(Stronger, atTLS, "TLS strengthened: %s -> %s", was.Words(), is.Words())
	}
}

// shows tells whether some workloads show a client certificate.
func (o *outlet) shows(certificate string) bool {
	return slices.ContainsFunc(o.ways, func(w Way) bool { return w.Certificate() == certificate })
}

func (g *groupComparison) certificate() {
	was, is := g.before.Certificate(), g.after.Certificate()
	switch {
	case was != is:
		g.add(Changed, atTLS, "client certificate: %s -> %s", cmp.Or(printable(was), "none"), cmp.Or(printable(is), "none"))
	case g.before.TLS().GetPrivateKey() != g.after.TLS().GetPrivateKey():
		g.add(Changed, atTLS, "another file of the private key")
	}
}

// names compares the names that are accepted.
func (g *groupComparison) names() {
	was, is := g.before.Verifies(), g.after.Verifies()
	if len(was) == 0 || len(is) == 0 { // the grade tells
		return
	}
	more, less := without(is, was), without(was, is)
	if len(more) > 0 {
		g.add(Weaker, atTLS, "accepts the name %s%s: %s -> %s", listText(more), asWell(len(less) == 0), listText(was), listText(is))
	}
	if len(less) > 0 {
		g.add(Stronger, atTLS, "no longer accepts the name %s: %s -> %s", listText(less), listText(was), listText(is))
	}
}

// authorities compares who may have signed the server's certificate.
func (g *groupComparison) authorities() {
	was, is := g.before.CA(), g.after.CA()
	if was != is && was != "" && is != "" {
		class := Changed
		switch {
		case is == PublicCAs:
			class = Weaker
		case was == PublicCAs:
			class = Stronger
		}
		g.add(class, atTLS, "CA: %s -> %s", printable(was), printable(is))
	}
	from, to := g.before.TLS().GetCaCrl(), g.after.TLS().GetCaCrl()
	switch {
	case from == to:
	case to == "":
		g.add(Weaker, atTLS, "revoked certificates are accepted: %s -> none", printable(from))
	case from == "":
		g.add(Stronger, atTLS, "revoked certificates are refused: none -> %s", printable(to))
	default:
		g.add(Changed, atTLS, "list of revoked certificates: %s -> %s", printable(from), printable(to))
	}
}

// printable keeps what is no path, and may be a key, out of texts.
func printable(path string) string {
	if strings.ContainsAny(path, "\n\r") || strings.Contains(path, "-----BEGIN") {
		return "(no path)"
	}
	return path
}

func (g *groupComparison) policy() {
	was, is := g.before.Rule.Policy, g.after.Rule.Policy
	if proto.Equal(was, is) {
		return
	}
	site := below(atEntry, "trafficPolicy")
	if !proto.Equal(was.GetConnectionPool(), is.GetConnectionPool()) {
		g.add(Changed, site, "connectionPool: %s -> %s", shortText(was.GetConnectionPool()), shortText(is.GetConnectionPool()))
	}
	if !proto.Equal(was.GetLoadBalancer(), is.GetLoadBalancer()) {
		g.add(Changed, site, "loadBalancer: %s -> %s", shortText(was.GetLoadBalancer()), shortText(is.GetLoadBalancer()))
	}
	if !proto.Equal(was.GetOutlierDetection(), is.GetOutlierDetection()) {
		g.add(Changed, site, "outlierDetection: %s -> %s", shortText(was.GetOutlierDetection()), shortText(is.GetOutlierDetection()))
	}
}
