package world

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"github.com/istio-egress/istio-egress/test/wire/internal/hbone"
	"github.com/istio-egress/istio-egress/test/wire/internal/pki"
)

// gatewayName is the label of a waypoint's pods.
const gatewayName = "gateway.networking.k8s.io/gateway-name"

// ztunnel stands in for the ztunnel of a pod: it asks istiod what an address is, and carries calls of a Service to its waypoint,
// else to its endpoints. Unknown addresses it passes on.
type ztunnel struct {
	world       *World
	pod         *Pod
	certificate tls.Certificate
}

func (w *World) ztunnelOf(p *Pod) (*ztunnel, error) {
	pair, err := w.tools.Authorities.byName[mesh].Issue(pki.Request{Identity: identityOf(p)})
	if err != nil {
		return nil, err
	}
	return &ztunnel{w, p, pair.Certificate}, nil
}

// identityOf is the SPIFFE ID of a pod.
func identityOf(p *Pod) string {
	return fmt.Sprintf("spiffe://cluster.local/ns/%s/sa/%s", p.described.HomeNamespace(), p.described.Account())
}

// dial connects to an address as ztunnel does for the pod.
func (z *ztunnel) dial(ctx context.Context, target netip.AddrPort) (net.Conn, error) {
	d, known := z.world.istiod.Ztunnel(target)
	switch {
	case !known:
		return z.pod.Namespace.Dial(ctx, target.String())
	case d.Waypoint == "" && len(d.Backends) == 0:
		return nil, fmt.Errorf("ztunnel knows no endpoint of %s: %w", target, syscall.ECONNREFUSED)
	case d.Waypoint == "":
		return z.pod.Namespace.Dial(ctx, d.Backends[0].String())
	}
	waypoint := z.world.waypointPod(d.WaypointNamespace, d.WaypointName())
	if waypoint == nil {
		return nil, fmt.Errorf("there is no pod of the waypoint %s", d.Waypoint)
	}
	over, err := z.pod.Namespace.Dial(ctx, netip.AddrPortFrom(waypoint.Addresses[0], hbone.Port).String())
	if err != nil {
		return nil, err
	}
	peer := hbone.Peer{Certificate: z.certificate, Roots: z.world.tools.Authorities.byName[mesh].Pool(), Identity: identityOf(waypoint)}
	return hbone.Tunnel(ctx, over, peer, target.String())
}

// waypointPod is the pod of a waypoint, nil when there is none.
func (w *World) waypointPod(namespace, name string) *Pod {
	for _, p := range w.Pods {
		if p.described.HomeNamespace() == namespace && p.described.Labels[gatewayName] == name {
			return p
		}
	}
	return nil
}
