// Package network makes networks of namespaces: pods, and the outside that they are joined to.
package network

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

const ownNamespace = "/proc/thread-self/ns/net"

// Namespace is a network namespace. It has no name, and lives while it is open or a process is in it.
type Namespace struct {
	file  *os.File
	links *netlink.Handle
}

// NewNamespace makes a namespace with nothing but a loopback device in it, which is up.
func NewNamespace() (*Namespace, error) {
	opened := make(chan *os.File, 1)
	failed := make(chan error, 1)
	go func() {
		// Never unlocked: the thread ends with this goroutine, so that nothing else runs in the namespace.
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			failed <- fmt.Errorf("make a network namespace: %w", err)
			return
		}
		file, err := os.Open(ownNamespace)
		if err != nil {
			failed <- err
			return
		}
		opened <- file
	}()
	select {
	case err := <-failed:
		return nil, err
	case file := <-opened:
		n := &Namespace{file: file}
		if err := n.prepare(); err != nil {
			n.Close()
			return nil, err
		}
		return n, nil
	}
}

// settings of every namespace: IPv6 is off in some containers, addresses are to be usable at once, and
// a gateway's proxy listens on any port without being root.
var settings = map[string]string{
	"ipv4/ip_forward":                 "1",
	"ipv4/ip_unprivileged_port_start": "0",
	"ipv6/conf/all/accept_dad":        "0",
	"ipv6/conf/all/disable_ipv6":      "0",
	"ipv6/conf/all/forwarding":        "1",
	"ipv6/conf/default/accept_dad":    "0",
	"ipv6/conf/default/accept_ra":     "0",
}

func (n *Namespace) prepare() error {
	for name, value := range settings {
		err := n.Do(func() error { return os.WriteFile("/proc/sys/net/"+name, []byte(value), 0) })
		if err != nil {
			return fmt.Errorf("set net/%s in a network namespace: %w", name, err)
		}
	}
	err := n.Do(func() (err error) {
		n.links, err = netlink.NewHandle(unix.NETLINK_ROUTE)
		return err
	})
	if err != nil {
		return fmt.Errorf("reach the devices of a network namespace: %w", err)
	}
	loopback, err := n.links.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find the loopback device: %w", err)
	}
	return n.links.LinkSetUp(loopback)
}

// Close gives the namespace up.
func (n *Namespace) Close() {
	if n.links != nil {
		n.links.Close()
	}
	_ = n.file.Close()
}

// Do calls the function on a thread that is in the namespace: sockets that it opens and processes
// that it starts stay there. The function must not start goroutines that do either.
func (n *Namespace) Do(f func() error) error {
	runtime.LockOSThread()
	home, err := os.Open(ownNamespace)
	if err != nil {
		runtime.UnlockOSThread()
		return err
	}
	defer home.Close()
	if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("enter a network namespace: %w", err)
	}
	defer func() {
		// A thread that cannot go home stays locked, and ends with its goroutine.
		if unix.Setns(int(home.Fd()), unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
	}()
	return f()
}

// Dial connects to an address, which must be an IP and a port.
func (n *Namespace) Dial(ctx context.Context, address string) (connection net.Conn, err error) {
	err = n.Do(func() error {
		connection, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
		return err
	})
	return connection, err
}

// Listen listens for TCP connections.
func (n *Namespace) Listen(ctx context.Context, address string) (listener net.Listener, err error) {
	err = n.Do(func() error {
		listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		return err
	})
	return listener, err
}

// ListenPacket listens for UDP packets.
func (n *Namespace) ListenPacket(ctx context.Context, address string) (listener net.PacketConn, err error) {
	err = n.Do(func() error {
		listener, err = (&net.ListenConfig{}).ListenPacket(ctx, "udp", address)
		return err
	})
	return listener, err
}

// Start starts a command in the namespace.
func (n *Namespace) Start(command *exec.Cmd) error {
	return n.Do(command.Start)
}
