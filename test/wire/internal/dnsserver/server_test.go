package dnsserver

import (
	"net"
	"net/netip"
	"testing"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type zone map[string]Records

func (z zone) Records(name string) (Records, bool) {
	records, found := z[name]
	return records, found
}

// writer keeps the answer.
type writer struct {
	dns.ResponseWriter
	answer *dns.Msg
}

func (w *writer) WriteMsg(answer *dns.Msg) error {
	w.answer = answer
	return nil
}

func (w *writer) RemoteAddr() net.Addr { return nil }

func TestAnswers(t *testing.T) {
	both := Records{Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}, TTL: 7}
	server := &Server{asked: map[string]int{}, zone: zone{
		"alias.default.svc.cluster.local": {Alias: "Api.example.com", TTL: 5},
		"api.example.com":                 both,
		"dangling.example.com":            {Alias: "nobody.example.com"},
		"loop.example.com":                {Alias: "loop.example.com"},
	}}
	ask := func(name string, family uint16) *dns.Msg {
		question := new(dns.Msg)
		question.SetQuestion(name, family)
		w := &writer{}
		server.ServeDNS(w, question)
		require.NotNil(t, w.answer)
		return w.answer
	}
	answer := ask("Alias.default.svc.cluster.local.", dns.TypeA)
	require.Len(t, answer.Answer, 2)
	assert.Equal(t, "Api.example.com.", answer.Answer[0].(*dns.CNAME).Target)
	assert.Equal(t, "192.0.2.1", answer.Answer[1].(*dns.A).A.String())
	assert.EqualValues(t, 7, answer.Answer[1].Header().Ttl)

	answer = ask("api.example.com.", dns.TypeAAAA)
	require.Len(t, answer.Answer, 1)
	assert.Equal(t, "2001:db8::1", answer.Answer[0].(*dns.AAAA).AAAA.String())

	answer = ask("api.example.com.", dns.TypeMX)
	assert.Empty(t, answer.Answer)
	assert.Equal(t, dns.RcodeSuccess, answer.Rcode)
	assert.Equal(t, dns.RcodeNameError, ask("nobody.example.com.", dns.TypeA).Rcode)
	assert.Equal(t, dns.RcodeNameError, ask("dangling.example.com.", dns.TypeA).Rcode)
	assert.Equal(t, dns.RcodeServerFailure, ask("loop.example.com.", dns.TypeA).Rcode)
	assert.Equal(t, 2, server.Asked("api.example.com"))
}
