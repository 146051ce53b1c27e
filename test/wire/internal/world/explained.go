package world

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	meshapi "istio.io/api/mesh/v1alpha1"
	"istio.io/client-go/pkg/clientset/versioned/scheme"
	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/runtime"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/test/wire/internal/call"
	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/istiod"
	"github.com/istio-egress/istio-egress/test/wire/internal/server"
)

// schemes are the protocols that egress-explain can be asked about, by its words for them.
var schemes = map[call.Protocol]string{
	call.HTTP: "http", call.HTTP2: "grpc", call.GRPC: "grpc", call.HTTPS: "https", call.TLS: "tls",
	call.TCP: "tcp", call.Mongo: "tcp", call.MySQL: "tcp", call.Redis: "tcp",
}

// explained holds what became of a call against what egress-explain says of it, among the same objects. It answers false
// for calls that it cannot be asked about: of other protocols, and by proxies that know more than objects say.
func (w *World) explained(r Result) (compared bool, problems []string) {
	asked, ok := w.asExplained(r.Planned)
	if !ok {
		return false, nil
	}
	trace, err := w.trace(asked)
	if err != nil {
		return true, []string{"egress-explain: " + err.Error()}
	}
	for _, arrival := range r.Arrivals {
		if !arrival.Content() {
			continue
		}
		if own := w.Pods[r.Planned.Caller].Addresses[0]; arrival.Source.Is4() != own.Is4() {
			return false, nil // of the family that a mesh of one does not redirect
		}
		if problem := w.unlike(trace, arrival); problem != "" {
			problems = append(problems, fmt.Sprintf("egress-explain says that it %s, and %s: %s", trace.Verdict, problem, arrival))
		}
	}
	return true, problems
}

// asExplained is a call as egress-explain is asked about it.
func (w *World) asExplained(p cases.Planned) (explain.Call, bool) {
	scheme := schemes[p.Protocol]
	described := w.Pods[p.Caller].described
	if scheme == "" || len(described.Metadata) > 0 {
		return explain.Call{}, false
	}
	host := p.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	asked := explain.Call{
		From:      explain.Workload{Namespace: described.HomeNamespace(), Labels: described.Labels, ServiceAccount: described.ServiceAccount},
		URL:       fmt.Sprintf("%s://%s:%d", scheme, host, p.Port),
		NoSidecar: !w.Pods[p.Caller].hasProxy() && !w.Pods[p.Caller].ambient,
	}
	if w.Pods[p.Caller].ambient {
		asked.From.DataPlane = egress.DataPlaneAmbient
	}
	for _, address := range w.Pods[p.Caller].Addresses {
		asked.From.IPs = append(asked.From.IPs, address.String())
	}
	if address := w.dialled(p); address.IsValid() {
		if address.Is4() != w.Pods[p.Caller].Addresses[0].Is4() {
			return explain.Call{}, false // in a mesh of one family, connections of the other go around the sidecar
		}
		asked.Address = address.String()
	}
	switch scheme {
	case "http", "grpc":
		asked.URL += p.Path
		asked.Header = http.Header{"Host": {sentHost(p.Call)}}
		for name, value := range p.Header {
			asked.Header.Set(name, value)
		}
	case "https", "tls":
		asked.ServerName = p.SNI
	}
	return asked, asked.Check() == nil
}

// dialled is the address outside of the cluster that DNS answers with; none for a Service.
func (w *World) dialled(p cases.Planned) netip.Addr {
	if p.Address.IsValid() {
		return p.Address
	}
	namespace := w.Pods[p.Caller].described.HomeNamespace()
	for _, suffix := range []string{"." + namespace + ".svc.cluster.local", ".svc.cluster.local", ".cluster.local", ""} {
		name := strings.ToLower(p.Host + suffix)
		records, found := w.cluster.Records(name)
		if !found {
			continue
		}
		for found && records.Alias != "" {
			name = strings.ToLower(strings.TrimSuffix(records.Alias, "."))
			records, found = w.cluster.Records(name)
		}
		if strings.HasSuffix(name, ".svc.cluster.local") {
			return netip.Addr{}
		}
		for _, address := range records.Addresses {
			if slices.ContainsFunc(w.Pods[p.Caller].Addresses, func(own netip.Addr) bool { return own.Is4() == address.Is4() }) {
				return address
			}
		}
		return netip.Addr{}
	}
	return netip.Addr{}
}

func (w *World) trace(asked explain.Call) (*explain.Trace, error) {
	var objects []explain.Object
	for _, object := range w.cluster.Objects() {
		typed, err := typedObject(object)
		if err != nil {
			return nil, err
		}
		if typed != nil {
			objects = append(objects, explain.Object{Value: typed})
		}
	}
	text, err := w.meshConfig()
	if err != nil {
		return nil, err
	}
	var mesh *meshapi.MeshConfig
	if mesh, err = explain.ReadMeshConfig([]byte(text)); err != nil {
		return nil, err
	}
	loaded, err := explain.LoadFor(objects, explain.Options{MeshConfig: mesh}, asked)
	if err != nil {
		return nil, err
	}
	defer loaded.Close()
	return loaded.Explain(asked)
}

// unlike says what is not as explained of a part of a call that arrived; empty for nothing.
func (w *World) unlike(trace *explain.Trace, arrival server.Arrival) string {
	tls := arrival.TLS
	switch trace.Verdict {
	case explain.SentTLS, explain.SentMutual:
		switch {
		case tls == nil && isHello(arrival.First):
			return "" // the server does not speak TLS, and can tell no more
		case tls == nil:
			return "plaintext arrived"
		case tls.SNI != trace.TLS.SNI:
			return fmt.Sprintf("the SNI is to be %q", trace.TLS.SNI)
		case (tls.Client != "") != (trace.Verdict == explain.SentMutual):
			return "the client certificate is not as explained"
		}
	case explain.SentAsIs:
		if tls == nil {
			return "plaintext arrived"
		}
	case explain.SentPlaintext:
		if tls != nil {
			return "TLS arrived"
		}
	case explain.Passthrough:
		if sends := strings.HasPrefix(trace.Call.URL, "https:") || strings.HasPrefix(trace.Call.URL, "tls:"); sends != (tls != nil) {
			return "TLS or its absence is not the workload's own"
		}
		return ""
	default:
		return "something arrived"
	}
	if !slices.ContainsFunc(trace.Upstream, func(upstream string) bool { return w.isAt(upstream, arrival.Address) }) {
		return fmt.Sprintf("it is to arrive at %v", trace.Upstream)
	}
	if arrival.Kind == server.Request && trace.Host != "" && arrival.Host != trace.Host {
		return fmt.Sprintf("the Host is to be %q", trace.Host)
	}
	return ""
}

// isHello tells whether bytes are the begin of TLS, or none yet.
func isHello(first []byte) bool { return len(first) == 0 || first[0] == 22 }

// isAt tells whether an upstream, host:port, is at an address.
func (w *World) isAt(upstream string, address netip.AddrPort) bool {
	host, port, err := net.SplitHostPort(upstream)
	if err != nil {
		return false
	}
	if endpoint, behind := w.cluster.Resolve(address); behind { // as kube-proxy does
		address = endpoint
	}
	if port != strconv.Itoa(int(address.Port())) {
		return false
	}
	records, _ := w.cluster.Records(strings.ToLower(host))
	return host == address.Addr().String() || slices.Contains(records.Addresses, address.Addr())
}

// typedObject is an object as client libraries have it; nil for one without a part in calls.
func typedObject(o istiod.Object) (runtime.Object, error) {
	if o.Istio != nil {
		return typedConfig(o.Istio)
	}
	switch o.Kubernetes.(type) {
	case *corev1.Service, *corev1.Pod, *corev1.Namespace, *discoveryv1.EndpointSlice, *gatewayv1.Gateway:
		return o.Kubernetes, nil
	}
	return nil, nil // Endpoints are mirrored by the cluster
}

// typedConfig is an object of Istio in the Go type of its kind.
func typedConfig(c *config.Config) (runtime.Object, error) {
	kind, err := crd.ConvertConfig(*c)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(kind)
	if err != nil {
		return nil, err
	}
	object, err := scheme.Scheme.New(c.GroupVersionKind.Kubernetes())
	if err != nil {
		return nil, err
	}
	return object, json.Unmarshal(data, object)
}
