package istiod

import (
	"fmt"

	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pilot/pkg/networking/serviceentry"
	"istio.io/istio/pkg/config/schema/gvk"
)

// allocate gives a ServiceEntry without addresses one of its own for each host, as istiod's controller does. Proxies that
// capture DNS, and waypoints, use it. The caller numbers the addresses that have been given.
func allocate(object Object, given *int) {
	entry := object.Istio
	if entry == nil || entry.GroupVersionKind != gvk.ServiceEntry || !serviceentry.ShouldV2AutoAllocateIPFromConfig(*entry) {
		return
	}
	status := &networking.ServiceEntryStatus{}
	for _, host := range entry.Spec.(*networking.ServiceEntry).GetHosts() {
		*given++
		address := fmt.Sprintf("240.240.%d.%d", *given/250, 1+*given%250)
		status.Addresses = append(status.Addresses, &networking.ServiceEntryAddress{Host: host, Value: address})
	}
	entry.Status = status
}
