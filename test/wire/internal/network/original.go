package network

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// originalDestination is the option of redirected sockets, for IPv4 and IPv6.
const originalDestination = 80

// Original returns where a redirected connection was meant to go.
func Original(connection *net.TCPConn) (netip.AddrPort, error) {
	raw, err := connection.SyscallConn()
	if err != nil {
		return netip.AddrPort{}, err
	}
	local := netip.MustParseAddrPort(connection.LocalAddr().String()).Addr().Unmap()
	var target netip.AddrPort
	var failure error
	err = raw.Control(func(fd uintptr) {
		if local.Is4() {
			target, failure = original4(int(fd))
		} else {
			target, failure = original6(int(fd))
		}
	})
	if err == nil {
		err = failure
	}
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("find out where a connection was meant to go: %w", err)
	}
	return target, nil
}

func original4(fd int) (netip.AddrPort, error) {
	// The kernel fills in a sockaddr_in or sockaddr_in6, for which these types have the room.
	request, err := unix.GetsockoptIPv6Mreq(fd, unix.IPPROTO_IP, originalDestination)
	if err != nil {
		return netip.AddrPort{}, err
	}
	port := binary.BigEndian.Uint16(request.Multiaddr[2:4])
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(request.Multiaddr[4:8])), port), nil
}

func original6(fd int) (netip.AddrPort, error) {
	info, err := unix.GetsockoptIPv6MTUInfo(fd, unix.IPPROTO_IPV6, originalDestination)
	if err != nil {
		return netip.AddrPort{}, err
	}
	var port [2]byte
	binary.NativeEndian.PutUint16(port[:], info.Addr.Port)
	return netip.AddrPortFrom(netip.AddrFrom16(info.Addr.Addr), binary.BigEndian.Uint16(port[:])), nil
}
