package egress

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1"
)

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
