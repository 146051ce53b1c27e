package network

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// The addresses of pods, and of cluster IPs.
var (
	PodRange       = netip.MustParsePrefix("10.244.0.0/16")
	PodRange6      = netip.MustParsePrefix("fd00:10:244::/64")
	ServiceRange   = netip.MustParsePrefix("10.96.0.0/16")
	ServiceRange6  = netip.MustParsePrefix("fd00:10:96::/64")
	gateway        = netip.MustParseAddr("10.244.0.1")
	gateway6       = netip.MustParseAddr("fd00:10:244::1")
	defaultRoute   = netip.MustParsePrefix("0.0.0.0/0")
	defaultRoute6  = netip.MustParsePrefix("::/0")
	bitsOfFamily   = map[bool]int{true: 32, false: 128}
	restoreCommand = map[bool]string{true: "iptables-restore", false: "ip6tables-restore"}
)

// Nameservers are the addresses of the cluster's DNS, one of each family.
var Nameservers = []netip.Addr{netip.MustParseAddr("10.96.0.10"), netip.MustParseAddr("fd00:10:96::a")}

// Outside is all that pods are not: every address that is no pod's leads there.
type Outside struct {
	*Namespace
	pods int
}

// NewOutside makes an outside without pods.
func NewOutside() (*Outside, error) {
	n, err := NewNamespace()
	if err != nil {
		return nil, err
	}
	o := &Outside{Namespace: n}
	loopback, err := n.links.LinkByName("lo")
	if err == nil {
		err = o.answerToAll(loopback)
	}
	if err != nil {
		o.Close()
		return nil, fmt.Errorf("set up the outside: %w", err)
	}
	return o, nil
}

// answerToAll makes every address that has no other route one of the outside's own.
func (o *Outside) answerToAll(loopback netlink.Link) error {
	for _, all := range []netip.Prefix{defaultRoute, defaultRoute6} {
		route := &netlink.Route{
			LinkIndex: loopback.Attrs().Index, Dst: asNet(all),
			Type: unix.RTN_LOCAL, Scope: unix.RT_SCOPE_HOST, Table: unix.RT_TABLE_MAIN,
		}
		if err := o.links.RouteAdd(route); err != nil {
			return fmt.Errorf("route %s: %w", all, err)
		}
	}
	// To listen on an address of IPv6, a route to it is not enough.
	for _, address := range Nameservers {
		if err := addAddress(o.links, loopback, address); err != nil {
			return fmt.Errorf("add %s: %w", address, err)
		}
	}
	return nil
}

// Join connects a pod with these addresses. A family of which it has no address is unreachable for it.
func (o *Outside) Join(pod *Namespace, addresses []netip.Addr) error {
	o.pods++
	name := fmt.Sprintf("pod%d", o.pods)
	pair := &netlink.Veth{
		LinkAttrs:     netlink.LinkAttrs{Name: name},
		PeerName:      "eth0",
		PeerNamespace: netlink.NsFd(pod.file.Fd()),
	}
	if err := o.links.LinkAdd(pair); err != nil {
		return fmt.Errorf("connect a pod: %w", err)
	}
	outer, err := o.links.LinkByName(name)
	if err != nil {
		return err
	}
	inner, err := pod.links.LinkByName("eth0")
	if err != nil {
		return err
	}
	for _, gateway := range []netip.Addr{gateway, gateway6} {
		if err := addAddress(o.links, outer, gateway); err != nil {
			return err
		}
	}
	if err := o.links.LinkSetUp(outer); err != nil {
		return err
	}
	if err := pod.links.LinkSetUp(inner); err != nil {
		return err
	}
	for _, address := range addresses {
		if err := o.joinAddress(pod, outer, inner, address); err != nil {
			return fmt.Errorf("give a pod the address %s: %w", address, err)
		}
	}
	return nil
}

func (o *Outside) joinAddress(pod *Namespace, outer, inner netlink.Link, address netip.Addr) error {
	if err := addAddress(pod.links, inner, address); err != nil {
		return err
	}
	way, all := gateway, defaultRoute
	if address.Is6() {
		way, all = gateway6, defaultRoute6
	}
	onLink := &netlink.Route{LinkIndex: inner.Attrs().Index, Dst: asNet(hostPrefix(way)), Scope: unix.RT_SCOPE_LINK}
	if err := pod.links.RouteAdd(onLink); err != nil {
		return err
	}
	if err := pod.links.RouteAdd(&netlink.Route{LinkIndex: inner.Attrs().Index, Dst: asNet(all), Gw: way.AsSlice()}); err != nil {
		return err
	}
	return o.links.RouteAdd(&netlink.Route{LinkIndex: outer.Attrs().Index, Dst: asNet(hostPrefix(address)), Scope: unix.RT_SCOPE_LINK})
}

func addAddress(links *netlink.Handle, link netlink.Link, address netip.Addr) error {
	entry := &netlink.Addr{IPNet: asNet(hostPrefix(address))}
	if address.Is6() {
		entry.Flags = unix.IFA_F_NODAD
	}
	return links.AddrAdd(link, entry)
}

func hostPrefix(address netip.Addr) netip.Prefix { return netip.PrefixFrom(address, address.BitLen()) }

func asNet(prefix netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: prefix.Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), bitsOfFamily[prefix.Addr().Is4()])}
}

// Redirection says which connections of pods a listener of the outside takes: all but those to cluster
// IPs, to which the kernel answers that nobody listens.
type Redirection struct {
	// Port of the listener.
	Port int
	// Serving are cluster IPs and ports that the listener takes all the same.
	Serving []netip.AddrPort
	// Down are addresses and ports where nobody listens.
	Down []netip.AddrPort
}

// Redirect sets the redirection, instead of the one before.
func (o *Outside) Redirect(r Redirection) error {
	for _, is4 := range []bool{true, false} {
		rules := r.rules(is4)
		var stderr bytes.Buffer
		command := exec.Command(restoreCommand[is4]) //nolint:noctx // a few milliseconds
		command.Stdin, command.Stderr = strings.NewReader(rules), &stderr
		if err := o.Do(command.Run); err != nil {
			return fmt.Errorf("%s in the outside: %w\n%s%s", restoreCommand[is4], err, stderr.String(), rules)
		}
	}
	return nil
}

func (r Redirection) rules(is4 bool) string {
	services := ServiceRange
	if !is4 {
		services = ServiceRange6
	}
	lines := []string{"*nat", ":PREROUTING ACCEPT", ":INPUT ACCEPT", ":OUTPUT ACCEPT", ":POSTROUTING ACCEPT"}
	rule := func(format string, args ...any) {
		lines = append(lines, "-A PREROUTING -p tcp "+fmt.Sprintf(format, args...))
	}
	for _, target := range r.Down {
		if target.Addr().Is4() == is4 {
			rule("-d %s --dport %d -j ACCEPT", target.Addr(), target.Port())
		}
	}
	for _, target := range r.Serving {
		if target.Addr().Is4() == is4 {
			rule("-d %s --dport %d -j REDIRECT --to-ports %d", target.Addr(), target.Port(), r.Port)
		}
	}
	rule("-d %s -j ACCEPT", services)
	rule("-j REDIRECT --to-ports %d", r.Port)
	return strings.Join(append(lines, "COMMIT", ""), "\n")
}
