package istiod

import (
	"net/netip"

	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pilot/pkg/networking/serviceentry"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/gvk"
)

// allocate gives ServiceEntries without addresses one for each host, as istiod's controller does. Entries that have been
// given some keep them.
func allocate(configs []config.Config) []config.Config {
	taken := map[netip.Addr]bool{}
	for _, c := range configs {
		for _, addresses := range serviceentry.GetHostAddressesFromConfig(c) {
			for _, address := range addresses {
				taken[address] = true
			}
		}
	}
	next := netip.MustParseAddr("240.240.0.0")
	for i, c := range configs {
		if c.GroupVersionKind != gvk.ServiceEntry || !serviceentry.ShouldV2AutoAllocateIPFromConfig(c) ||
			len(serviceentry.GetHostAddressesFromConfig(c)) > 0 {
			continue
		}
		status := &networking.ServiceEntryStatus{}
		for _, host := range c.Spec.(*networking.ServiceEntry).GetHosts() {
			for next = next.Next(); taken[next]; next = next.Next() {
			}
			status.Addresses = append(status.Addresses, &networking.ServiceEntryAddress{Host: host, Value: next.String()})
		}
		configs[i].Status = status
	}
	return configs
}
