package explain

import (
	"net/netip"
	"slices"

	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
)

// listening finds the items of an index by what sidecars listen on for them.
type listening struct {
	byPort map[int][]*item // the oldest first
	byIP   map[netip.Addr][]*item
	cidrs  []*item // ServiceEntries for networks
	forAll []*item // those that may have a part in every call
}

func newListening(items []*item) *listening {
	l := &listening{byPort: map[int][]*item{}, byIP: map[netip.Addr][]*item{}}
	for _, it := range items {
		l.add(it)
	}
	for _, items := range l.byPort {
		slices.SortStableFunc(items, byAge)
	}
	return l
}

func (l *listening) add(it *item) {
	switch object := it.value.(type) {
	case *corev1.Service:
		for _, port := range object.Spec.Ports {
			l.byPort[int(port.Port)] = append(l.byPort[int(port.Port)], it)
		}
		for _, ip := range append(slices.Clone(object.Spec.ClusterIPs), object.Spec.ClusterIP) {
			l.addAddress(ip, it)
		}
	case *networkingv1.ServiceEntry:
		for _, port := range object.Spec.GetPorts() {
			l.byPort[int(port.GetNumber())] = append(l.byPort[int(port.GetNumber())], it)
		}
		for _, address := range object.Spec.GetAddresses() {
			l.addAddress(address, it)
		}
	default:
		switch it.kind {
		case kindSidecar, kindEnvoyFilter, kindPeerAuthentication, kindNamespace, kindGateway, kindWaypoint:
			l.forAll = append(l.forAll, it)
		case kindAuthorizationPolicy:
			if len(it.hosts) == 0 {
				l.forAll = append(l.forAll, it)
			}
		}
	}
}

func (l *listening) addAddress(text string, it *item) {
	if address, err := netip.ParseAddr(text); err == nil {
		l.byIP[address] = append(l.byIP[address], it)
	} else if _, err := netip.ParsePrefix(text); err == nil {
		l.cidrs = append(l.cidrs, it)
	}
}
