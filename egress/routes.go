package egress

import (
	"slices"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"
)

// MeshHeaders are the headers by which Envoy tells servers about the mesh. The chart takes them off, unless told otherwise.
var MeshHeaders = []string{"x-envoy-peer-metadata", "x-envoy-peer-metadata-id", "x-envoy-decorator-operation", "x-envoy-attempt-count"}

// route is what a VirtualService does with the calls of a port.
type route struct {
	authority string                // of the Host header; empty for the caller's
	host      string                // where it leads; empty where it does not say
	port      int                   // 0 for the same
	subset    string                // of the host; empty for none
	requests  *networking.HTTPRoute // timeout, retries and headers; nil for none
	from      *istio.VirtualService
}

// routeOf finds the route of a port: of a VirtualService for the service's own name, else for the host that it leads to.
func (r *objectReader) routeOf(port *Port, host string) (route, bool) {
	for _, name := range []string{port.Service.Host, host} {
		for _, from := range OwnFirst(r.objects.Routes(name, port.Service.Namespace), port.Service.Namespace) {
			if !ForMesh(from) {
				continue
			}
			if found, ok := routeFor(from, port); ok {
				found.from = from
				return found, true
			}
		}
	}
	return route{}, false
}

// routeFor finds the first route of a VirtualService that is for all calls of the port.
func routeFor(from *istio.VirtualService, port *Port) (route, bool) {
	for _, http := range from.Spec.GetHttp() {
		if port.Protocol.IsHTTP() && matchesPort(http.GetMatch(), port.Number) && len(http.GetRoute()) > 0 {
			found := leadingTo(http.GetRoute()[0].GetDestination())
			found.authority = http.GetRewrite().GetAuthority()
			found.requests = requestsOf(http)
			return found, true
		}
	}
	for _, tls := range from.Spec.GetTls() {
		if port.Protocol.IsTLS() && matchesPort(tls.GetMatch(), port.Number) && len(tls.GetRoute()) > 0 {
			return leadingTo(tls.GetRoute()[0].GetDestination()), true
		}
	}
	for _, tcp := range from.Spec.GetTcp() {
		if port.Protocol.IsTCP() && matchesPort(tcp.GetMatch(), port.Number) && len(tcp.GetRoute()) > 0 {
			return leadingTo(tcp.GetRoute()[0].GetDestination()), true
		}
	}
	return route{}, false
}

// requestsOf is what a route does with requests, besides leading them.
func requestsOf(from *networking.HTTPRoute) *networking.HTTPRoute {
	if from.GetTimeout() == nil && from.GetRetries() == nil && from.GetHeaders() == nil {
		return nil
	}
	return &networking.HTTPRoute{Timeout: from.GetTimeout(), Retries: from.GetRetries(), Headers: from.GetHeaders()}
}

// ForMesh tells whether sidecars follow a VirtualService: one that names no gateways, or mesh among them. Others are for gateways
// alone.
func ForMesh(from *istio.VirtualService) bool {
	return len(from.Spec.GetGateways()) == 0 || slices.Contains(from.Spec.GetGateways(), "mesh")
}

func leadingTo(to *networking.Destination) route {
	return route{host: to.GetHost(), port: int(to.GetPort().GetNumber()), subset: to.GetSubset()}
}

// matchesPort tells whether the matches of a route are for a port, or for all: no match at all, or one without a port.
func matchesPort[M interface{ GetPort() uint32 }](matches []M, number int) bool {
	for _, match := range matches {
		if match.GetPort() == 0 || int(match.GetPort()) == number {
			return true
		}
	}
	return len(matches) == 0
}
