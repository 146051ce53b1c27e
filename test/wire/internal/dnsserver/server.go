// Package dnsserver plays the DNS of a cluster, and of the world outside.
package dnsserver

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/istio-egress/istio-egress/test/wire/internal/network"
)

// Records are what a name has: addresses, or another name.
type Records struct {
	Addresses []netip.Addr
	// Alias is the target of a CNAME.
	Alias string
	// TTL in seconds.
	TTL uint32
}

// Zone answers for names, which are in lower case and have no trailing dot.
type Zone interface {
	Records(name string) (Records, bool)
}

// Server answers on port 53 of its addresses.
type Server struct {
	zone    Zone
	servers []*dns.Server

	mu    sync.Mutex
	asked map[string]int
}

// Start serves the zone on the addresses, in the outside.
func Start(ctx context.Context, outside *network.Outside, addresses []netip.Addr, zone Zone) (*Server, error) {
	s := &Server{zone: zone, asked: map[string]int{}}
	for _, address := range addresses {
		connection, err := outside.ListenPacket(ctx, netip.AddrPortFrom(address, 53).String())
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("start the DNS server: %w", err)
		}
		started := make(chan struct{})
		server := &dns.Server{PacketConn: connection, Handler: s, NotifyStartedFunc: func() { close(started) }}
		go func() { _ = server.ActivateAndServe() }()
		<-started
		s.servers = append(s.servers, server)
	}
	return s, nil
}

// Close ends the server.
func (s *Server) Close() {
	for _, server := range s.servers {
		_ = server.Shutdown()
	}
}

// Asked returns how often a name was asked for.
func (s *Server) Asked(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[name]
}

// ServeDNS answers a question.
func (s *Server) ServeDNS(w dns.ResponseWriter, request *dns.Msg) {
	answer := new(dns.Msg)
	answer.SetReply(request)
	answer.Authoritative = true
	if len(request.Question) == 1 {
		s.answer(answer, request.Question[0])
	}
	_ = w.WriteMsg(answer)
}

func (s *Server) answer(answer *dns.Msg, question dns.Question) {
	name := strings.ToLower(strings.TrimSuffix(question.Name, "."))
	s.mu.Lock()
	s.asked[name]++
	s.mu.Unlock()
	// As the cluster's DNS does, follow aliases and put all of it into one answer.
	for range 8 {
		records, found := s.zone.Records(name)
		if !found {
			answer.Rcode = dns.RcodeNameError
			return
		}
		header := dns.RR_Header{Name: dns.Fqdn(name), Class: dns.ClassINET, Ttl: records.TTL}
		if records.Alias == "" {
			addAddresses(answer, header, question.Qtype, records.Addresses)
			return
		}
		header.Rrtype = dns.TypeCNAME
		answer.Answer = append(answer.Answer, &dns.CNAME{Hdr: header, Target: dns.Fqdn(records.Alias)})
		name = strings.ToLower(records.Alias)
	}
	answer.Rcode = dns.RcodeServerFailure
}

func addAddresses(answer *dns.Msg, header dns.RR_Header, wanted uint16, addresses []netip.Addr) {
	header.Rrtype = wanted
	for _, address := range addresses {
		switch {
		case wanted == dns.TypeA && address.Is4():
			answer.Answer = append(answer.Answer, &dns.A{Hdr: header, A: address.AsSlice()})
		case wanted == dns.TypeAAAA && address.Is6():
			answer.Answer = append(answer.Answer, &dns.AAAA{Hdr: header, AAAA: address.AsSlice()})
		}
	}
}
