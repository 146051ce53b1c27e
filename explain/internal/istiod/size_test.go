package istiod

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	"google.golang.org/protobuf/proto"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/schema/gvk"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/istio-egress/istio-egress/explain/internal/envoy"
	"github.com/istio-egress/istio-egress/render"
)

var entries = flag.Int("entries", 300, "number of entries, and a tenth of them")

// size is that of a sidecar's configuration; the bytes of clusters, listeners and route tables alone.
type size struct{ clusters, listeners, routes, bytes int }

func (s size) String() string {
	return fmt.Sprintf("%d clusters, %d listeners, %d routes, %d bytes", s.clusters, s.listeners, s.routes, s.bytes)
}

// Ten times the entries cost a sidecar ten times as much, in both forms and with the mesh's headers taken off or not.
func TestSizeGrowsWithEntries(t *testing.T) {
	for _, port := range []string{
		"ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}",
		"ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}, keepMeshHeaders: true",
		"ports: [{name: tls, port: 443}], tls: {mode: DISABLE}, keepMeshHeaders: true",
		"ports: [{name: tcp, port: 5432}], tls: {mode: SIMPLE}, keepMeshHeaders: true",
	} {
		for _, form := range []string{"ExternalName", "ClusterIP"} {
			less, more := sizeOf(t, form, port, *entries/10), sizeOf(t, form, port, *entries)
			t.Logf("%s, %s\n%d entries: %s\n%d entries: %s", form, port, *entries/10, less, *entries, more)
			if more.bytes*10 > less.bytes*105 || more.clusters > less.clusters*105/10 {
				t.Errorf("%s, %s: %d entries cost %s, a tenth of them %s", form, port, *entries, more, less)
			}
		}
	}
}

// sizeOf is what a sidecar gets for so many entries.
func sizeOf(t *testing.T, form, port string, count int) size {
	t.Helper()
	text := "serviceType: " + form + "\nexternalNameServices:\n"
	for i := range count {
		addresses := ""
		if form == "ExternalName" && strings.Contains(port, "name: tcp") {
			addresses = fmt.Sprintf("addresses: [198.18.%d.%d], ", i/250, i%250+1)
		}
		text += fmt.Sprintf("  - {name: my-api-%d, externalName: api-%d.example.com, %s%s}\n", i, i, addresses, port)
	}
	plane := loaded(t, input(t, text))
	return plane.size(t, workload)
}

// workload is a caller.
var workload = Node{Type: model.SidecarProxy, Namespace: "team-1", IPs: []string{"10.244.0.9"}}

// And so it does through an egress gateway, where the gateway pays too.
func TestSizeThroughTheGatewayGrowsWithEntries(t *testing.T) {
	for _, port := range []string{
		"ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}, keepMeshHeaders: true",
		"ports: [{name: tls, port: 443}], tls: {mode: DISABLE}, keepMeshHeaders: true",
	} {
		lessCaller, lessGateway := sizesThroughGateway(t, port, *entries/10)
		caller, gateway := sizesThroughGateway(t, port, *entries)
		t.Logf("%s\n%d entries: sidecar %s; gateway %s\n%d entries: sidecar %s; gateway %s",
			port, *entries/10, lessCaller, lessGateway, *entries, caller, gateway)
		for _, each := range [][2]size{{lessCaller, caller}, {lessGateway, gateway}} {
			if less, more := each[0], each[1]; more.bytes*10 > less.bytes*105 || more.clusters > less.clusters*105/10 {
				t.Errorf("%s: %d entries cost %s, a tenth of them %s", port, *entries, more, less)
			}
		}
	}
}

// sizesThroughGateway are what a sidecar and the gateway get for so many entries.
func sizesThroughGateway(t *testing.T, port string, count int) (caller, gateway size) {
	t.Helper()
	text := "egressGateway: {name: egress, namespace: istio-system, selector: {istio: egressgateway}, default: gateway}\nexternalNameServices:\n"
	for i := range count {
		text += fmt.Sprintf("  - {name: my-api-%d, externalName: api-%d.example.com, %s}\n", i, i, port)
	}
	in := input(t, text)
	labels := map[string]string{"istio": "egressgateway"}
	const address = "10.244.9.1"
	in.Kubernetes = append(in.Kubernetes,
		&corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: "egress", Namespace: "istio-system"},
			Spec: corev1.ServiceSpec{ClusterIP: "10.95.0.1", Selector: labels, Ports: []corev1.ServicePort{
				{Name: "http2", Port: 80, TargetPort: intstr.FromInt32(8080)}, {Name: "https", Port: 443, TargetPort: intstr.FromInt32(8443)},
			}},
		},
		&corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "egress-1", Namespace: "istio-system", Labels: labels},
			Status:     corev1.PodStatus{PodIP: address, PodIPs: []corev1.PodIP{{IP: address}}, Phase: corev1.PodRunning},
		})
	plane := loaded(t, in)
	return plane.size(t, workload), plane.size(t, Node{Type: model.Router, Namespace: "istio-system", Labels: labels, IPs: []string{address}})
}

// plane measures what nodes get.
type plane struct{ *Plane }

func loaded(t *testing.T, in Input) plane {
	t.Helper()
	loaded, err := Load(in)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(loaded.Close)
	return plane{loaded}
}

func (p plane) size(t *testing.T, node Node) size {
	t.Helper()
	var tables []string
	proxy, err := p.Proxy(node, func(all []*listener.Listener) []string {
		tables = envoy.RouteTables(all)
		return tables
	})
	if err != nil {
		t.Fatal(err)
	}
	found := size{clusters: len(proxy.clusters), listeners: len(proxy.Listeners)}
	for _, resource := range proxy.clusters {
		found.bytes += len(resource.GetResource().GetValue())
	}
	for _, l := range proxy.Listeners {
		found.bytes += proto.Size(l)
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(tables))) {
		found.routes += len(proxy.Route(name).GetVirtualHosts())
		found.bytes += proto.Size(proxy.Route(name))
	}
	return found
}

// input is what values render to, with cluster IPs as an API server gives them.
func input(t *testing.T, values string) Input {
	t.Helper()
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := render.ParseValues([]byte(values))
	if err != nil {
		t.Fatal(err)
	}
	result, err := chart.Render(parsed, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	objects, err := result.Objects()
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Mesh: mesh.DefaultMeshConfig(), Domain: "cluster.local"}
	for i, object := range objects {
		switch typed := object.Value.(type) {
		case *corev1.Service:
			if typed.Spec.Type != corev1.ServiceTypeExternalName {
				typed.Spec.ClusterIP = fmt.Sprintf("10.%d.%d.%d", 96+i/62500, i/250%250, i%250+1)
			}
			in.Kubernetes = append(in.Kubernetes, typed)
		case *networking.ServiceEntry:
			in.Istio = append(in.Istio, stored(gvk.ServiceEntry, typed.Name, typed.Namespace, typed.Labels, &typed.Spec))
		case *networking.DestinationRule:
			in.Istio = append(in.Istio, stored(gvk.DestinationRule, typed.Name, typed.Namespace, typed.Labels, &typed.Spec))
		case *networking.Gateway:
			in.Istio = append(in.Istio, stored(gvk.Gateway, typed.Name, typed.Namespace, typed.Labels, &typed.Spec))
		case *networking.VirtualService:
			in.Istio = append(in.Istio, stored(gvk.VirtualService, typed.Name, typed.Namespace, typed.Labels, &typed.Spec))
		default:
			t.Fatalf("there is a %T", typed)
		}
	}
	return in
}

func stored(kind config.GroupVersionKind, name, namespace string, labels map[string]string, spec config.Spec) config.Config {
	return config.Config{
		Meta: config.Meta{GroupVersionKind: kind, Name: name, Namespace: namespace, Labels: labels, Domain: "cluster.local"},
		Spec: spec,
	}
}
