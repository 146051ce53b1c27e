package egress

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"
	security "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// said are the fields that a model has a place for, by the kind of object; "[]" stands for the items of a list, and "*"
// for all that is below. What the API server fills in by itself says nothing.
func said(object runtime.Object) []string {
	switch object.(type) {
	case *corev1.Service:
		return []string{
			"spec.type=ClusterIP", "spec.type=ExternalName", "spec.externalName", "spec.ports[].name", "spec.ports[].port", "spec.ports[].targetPort", "spec.ports[].appProtocol",
			"spec.ports[].protocol=TCP", "spec.clusterIP", "spec.clusterIPs.*", "spec.ipFamilies.*", "spec.ipFamilyPolicy",
			"spec.internalTrafficPolicy=Cluster", "spec.sessionAffinity=None",
		}
	case *corev1.Endpoints: //nolint:staticcheck // deprecated, and still in use
		return []string{
			"subsets[].addresses[].ip", "subsets[].ports[].name", "subsets[].ports[].port", "subsets[].ports[].protocol=TCP", "subsets[].ports[].appProtocol",
		}
	case *discoveryv1.EndpointSlice:
		return []string{
			"addressType", "endpoints[].addresses.*", "endpoints[].conditions.ready=true", "endpoints[].conditions.serving=true",
			"endpoints[].conditions.terminating=false", "ports[].name", "ports[].port", "ports[].protocol=TCP", "ports[].appProtocol",
		}
	case *istio.ServiceEntry:
		return []string{
			"spec.hosts.*", "spec.addresses.*", "spec.ports.*", "spec.location=MESH_EXTERNAL", "spec.resolution=DNS", "spec.resolution=NONE", "spec.resolution=STATIC", "spec.exportTo.*",
			"spec.endpoints[].address", "spec.endpoints[].ports.*",
		}
	case *istio.DestinationRule:
		return []string{
			"spec.host", "spec.exportTo.*", "spec.workloadSelector.matchLabels.*",
			"spec.trafficPolicy.tls.*", "spec.trafficPolicy.connectionPool.*", "spec.trafficPolicy.loadBalancer.*", "spec.trafficPolicy.outlierDetection.*",
			"spec.trafficPolicy.portLevelSettings[].port.number", "spec.trafficPolicy.portLevelSettings[].tls.*",
			"spec.trafficPolicy.portLevelSettings[].connectionPool.*", "spec.trafficPolicy.portLevelSettings[].loadBalancer.*",
			"spec.trafficPolicy.portLevelSettings[].outlierDetection.*", "spec.subsets[].name",
		}
	case *security.AuthorizationPolicy:
		return []string{"spec.targetRefs.*", "spec.action=DENY", "spec.rules[].from[].source.notNamespaces.*", "spec.rules[].from[].source.notPrincipals.*"}
	case *istio.VirtualService:
		return []string{
			"spec.hosts.*", "spec.exportTo.*", "spec.http[].name", "spec.http[].match[].port", "spec.http[].rewrite.authority",
			"spec.http[].timeout", "spec.http[].retries.attempts", "spec.http[].retries.perTryTimeout", "spec.http[].retries.retryOn", "spec.http[].headers.request.remove.*",
			"spec.http[].route[].destination.host", "spec.http[].route[].destination.port.number", "spec.http[].route[].destination.subset", "spec.http[].route[].weight=100",
			"spec.tcp[].match[].port", "spec.tcp[].route[].destination.host", "spec.tcp[].route[].destination.port.number", "spec.tcp[].route[].destination.subset", "spec.tcp[].route[].weight=100",
		}
	}
	return nil
}

// Unsaid is a field of an object that a model has no place for: it would be lost on the way from the object to the model.
type Unsaid struct {
	Object runtime.Object
	Path   string // such as spec.http[0].fault
}

// Unsaid returns what the objects of the destination say beyond the model.
func (d *Destination) Unsaid() []Unsaid {
	found := unsaid(d.Objects)
	if slices.ContainsFunc(d.Services, func(s *Service) bool { return s.Through != "" }) {
		return found // the gateway alone sees the objects
	}
	for _, object := range d.Objects {
		var exportTo []string
		switch object := object.(type) {
		case *istio.DestinationRule:
			if len(object.Spec.GetWorkloadSelector().GetMatchLabels()) == 0 { // others work in their own namespace alone
				exportTo = object.Spec.GetExportTo()
			}
		case *istio.ServiceEntry:
			if !slices.Contains(object.Spec.GetExportTo(), "~") {
				exportTo = object.Spec.GetExportTo()
			}
		}
		if v := visibleIn(exportTo, d.Namespace); !v.All() && !slices.Equal(v.ExportTo, d.ExportTo) {
			found = append(found, Unsaid{object, "spec.exportTo"})
		}
	}
	return found
}

// Unsaid returns what the objects of the service say beyond the model.
func (s *Service) Unsaid() []Unsaid {
	found := unsaid(s.Objects)
	for _, object := range s.Objects {
		route, ok := object.(*istio.VirtualService)
		if !ok {
			continue
		}
		seen := visibleIn(route.Spec.GetExportTo(), NameOf(route).Namespace)
		for _, port := range s.Ports {
			if !seen.All() && port.To != nil && !slices.Equal(seen.ExportTo, port.To.Destination.ExportTo) {
				found = append(found, Unsaid{route, "spec.exportTo"})
				break
			}
		}
	}
	return found
}

func unsaid(objects []runtime.Object) []Unsaid {
	var found []Unsaid
	var first map[string]int32 // the ports of the first slice
	for _, object := range objects {
		for _, path := range UnsaidFields(object) {
			found = append(found, Unsaid{object, path})
		}
		slice, ok := object.(*discoveryv1.EndpointSlice)
		if !ok {
			continue
		}
		ports := map[string]int32{}
		for _, port := range slice.Ports {
			ports[value(port.Name)] = value(port.Port)
		}
		if first == nil {
			first = ports
		}
		if !maps.Equal(ports, first) { // all addresses of a destination have the same ports
			found = append(found, Unsaid{object, "ports"})
		}
	}
	return found
}

// UnsaidFields returns the paths of an object's fields that a model has no place for, without metadata.
func UnsaidFields(object runtime.Object) []string {
	data, err := json.Marshal(object)
	if err != nil {
		panic(err) // an object that was read encodes
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		panic(err) // so does JSON decode
	}
	for _, name := range []string{"apiVersion", "kind", "metadata", "status"} {
		delete(fields, name)
	}
	known := said(object)
	var found []string
	visitFields(fields, "", "", func(path, pattern string, value any) bool {
		if isSaid(known, pattern, value) {
			return false
		}
		if isAbove(known, pattern) {
			return true
		}
		found = append(found, path)
		return false
	})
	return append(found, unsaidValues(object)...)
}

// unsaidValues returns the fields that a model has a place for, though not for what this object says there.
func unsaidValues(object runtime.Object) []string {
	var found []string
	switch object := object.(type) {
	case *istio.ServiceEntry:
		if object.Spec.GetResolution() == networking.ServiceEntry_NONE && !allWildcards(object) { // the default, which JSON leaves out
			found = append(found, "spec.resolution")
		}
		if waypoint := object.Labels[useWaypoint]; waypoint != "" && waypoint != "none" {
			found = append(found, fmt.Sprintf("metadata.labels[%q]", useWaypoint))
		}
		found = append(found, unsaidEndpoints(object)...)
	case *istio.DestinationRule:
		if selector := object.Spec.GetWorkloadSelector(); selector != nil && len(selector.GetMatchLabels()) == 0 {
			found = append(found, "spec.workloadSelector")
		}
	case *corev1.Endpoints: //nolint:staticcheck // deprecated, and still in use
		for i, subset := range object.Subsets {
			if !slices.EqualFunc(subset.Ports, object.Subsets[0].Ports, func(a, b corev1.EndpointPort) bool { return a.Name == b.Name && a.Port == b.Port }) {
				found = append(found, fmt.Sprintf("subsets[%d].ports", i))
			}
		}
	case *corev1.Service:
		if object.Spec.ClusterIP == corev1.ClusterIPNone {
			found = append(found, "spec.clusterIP")
		}
	}
	return found
}

// allWildcards tells whether an entry is of wildcards alone, which have no address to go to.
func allWildcards(entry *istio.ServiceEntry) bool {
	return !slices.ContainsFunc(entry.Spec.GetHosts(), func(host string) bool { return !strings.HasPrefix(host, "*.") })
}

// unsaidEndpoints returns the endpoints of an entry that its first one does not speak for: another server by name, and other
// ports.
func unsaidEndpoints(entry *istio.ServiceEntry) []string {
	var found []string
	endpoints := entry.Spec.GetEndpoints()
	for i, endpoint := range endpoints {
		switch {
		case i > 0 && entry.Spec.GetResolution() != networking.ServiceEntry_STATIC:
			found = append(found, fmt.Sprintf("spec.endpoints[%d].address", i))
		case !maps.Equal(endpoint.GetPorts(), endpoints[0].GetPorts()):
			found = append(found, fmt.Sprintf("spec.endpoints[%d].ports", i))
		}
	}
	return found
}

// isSaid tells whether a field is known as a whole.
func isSaid(known []string, pattern string, value any) bool {
	return slices.Contains(known, pattern) || slices.Contains(known, pattern+".*") ||
		slices.Contains(known, fmt.Sprintf("%s=%v", pattern, value))
}

// isAbove tells whether fields below are known.
func isAbove(known []string, pattern string) bool {
	return slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, pattern+".") || strings.HasPrefix(k, pattern+"[") })
}

// visitFields calls visit for every field that is set, and for those below where it returns true.
func visitFields(value any, path, pattern string, visit func(path, pattern string, value any) bool) {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range sortedKeys(value) {
			below, belowPattern := joined(path, name), joined(pattern, name)
			if value[name] != nil && visit(below, belowPattern, value[name]) {
				visitFields(value[name], below, belowPattern, visit)
			}
		}
	case []any:
		for i, item := range value {
			visitFields(item, fmt.Sprintf("%s[%d]", path, i), pattern+"[]", visit)
		}
	}
}

func joined(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
