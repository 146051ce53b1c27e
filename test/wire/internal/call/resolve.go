package call

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

var errNoSuchName = errors.New("no such name")

// resolve looks a name up as a pod does: through the search list of its resolv.conf, with ndots:5.
func (c *Caller) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if address, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{address}, nil
	}
	const suffix = "svc.cluster.local"
	candidates := []string{host + "." + c.Namespace + "." + suffix, host + "." + suffix, host + ".cluster.local", host}
	if strings.HasSuffix(host, ".") {
		candidates = []string{host}
	} else if strings.Count(host, ".") >= 5 {
		candidates = []string{host, candidates[0], candidates[1], candidates[2]}
	}
	for _, name := range candidates {
		addresses, found, err := c.ask(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("look up %s: %w", name, err)
		}
		if found && len(addresses) > 0 {
			return addresses, nil
		}
		if found {
			return nil, fmt.Errorf("%s has no address that this pod can use: %w", name, errNoSuchName)
		}
	}
	return nil, fmt.Errorf("%s: %w", host, errNoSuchName)
}

// ask returns the addresses of the families that the pod has.
func (c *Caller) ask(ctx context.Context, name string) (addresses []netip.Addr, found bool, err error) {
	families := []uint16{dns.TypeAAAA, dns.TypeA}
	if !c.HasIPv6 {
		families = slices.DeleteFunc(families, func(t uint16) bool { return t == dns.TypeAAAA })
	}
	if !c.HasIPv4 {
		families = slices.DeleteFunc(families, func(t uint16) bool { return t == dns.TypeA })
	}
	for _, family := range families {
		answer, err := c.query(ctx, name, family)
		if err != nil {
			return nil, false, err
		}
		found = found || answer.Rcode == dns.RcodeSuccess
		for _, record := range answer.Answer {
			switch typed := record.(type) {
			case *dns.A:
				address, _ := netip.AddrFromSlice(typed.A.To4())
				addresses = append(addresses, address)
			case *dns.AAAA:
				address, _ := netip.AddrFromSlice(typed.AAAA)
				addresses = append(addresses, address)
			}
		}
	}
	return addresses, found, nil
}

func (c *Caller) query(ctx context.Context, name string, family uint16) (answer *dns.Msg, err error) {
	question := new(dns.Msg)
	question.SetQuestion(dns.Fqdn(name), family)
	var connection net.Conn
	err = c.Pod.Do(func() error {
		connection, err = (&net.Dialer{}).DialContext(ctx, "udp", netip.AddrPortFrom(c.Nameserver, 53).String())
		return err
	})
	if err != nil {
		return nil, err
	}
	defer func() { _ = connection.Close() }()
	answer, _, err = (&dns.Client{}).ExchangeWithConnContext(ctx, question, &dns.Conn{Conn: connection})
	return answer, err
}
