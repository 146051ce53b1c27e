package explain

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"
)

// giveClusterIPs gives Services without a cluster IP one that no other has, as the API server would.
func giveClusterIPs(items []*item) {
	taken := map[string]bool{}
	for _, it := range items {
		if service, ok := it.value.(*corev1.Service); ok {
			for _, ip := range append(service.Spec.ClusterIPs, service.Spec.ClusterIP) {
				taken[ip] = true
			}
		}
	}
	next := netip.MustParseAddr("10.96.0.0") // kubeadm's range
	for _, it := range items {
		service, ok := it.value.(*corev1.Service)
		if !ok || service.Spec.ClusterIP != "" || service.Spec.Type == corev1.ServiceTypeExternalName {
			continue
		}
		for next = next.Next(); taken[next.String()]; next = next.Next() {
		}
		service = service.DeepCopy()
		service.Spec.ClusterIP, service.Spec.ClusterIPs = next.String(), []string{next.String()}
		it.value, it.invented = service, true
	}
}
