//go:build e2e

package mesh

import (
	"context"
	"fmt"
	"hash/crc32"
	"testing"
	"time"

	"istio.io/istio/pilot/pkg/controllers/ipallocate"
	"istio.io/istio/pkg/config/schema/gvr"
	kubelib "istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/kube/kclient/clienttest"
	istiotest "istio.io/istio/pkg/test"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"
)

// inAmbient returns the objects as they are in a cluster in ambient mode: with the namespaces that they are in, what Istio's
// controller makes of the Gateways of waypoints, and the addresses that istiod gives to ServiceEntries.
func inAmbient(t *testing.T, objects Objects) Objects {
	t.Helper()
	namespaces := map[string]bool{"default": true, RootNamespace: true}
	var added []string
	for _, object := range objects {
		if namespace := object.GetNamespace(); namespace != "" {
			namespaces[namespace] = true
		}
		if object.isWaypoint() {
			added = append(added, fmt.Sprintf(ofWaypoint, object.GetName(), object.GetNamespace(), len(added)+1, waypointIP(object.GetNamespace(), object.GetName())))
		}
	}
	added = append(added, "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: istio-waypoint}\nspec: {controllerName: istio.io/mesh-controller}")
	for namespace := range namespaces {
		added = append(added, fmt.Sprintf("apiVersion: v1\nkind: Namespace\nmetadata: {name: %q, labels: {kubernetes.io/metadata.name: %[1]q}}", namespace))
	}
	more, err := Split(added...)
	if err != nil {
		t.Fatalf("add what is in an ambient mesh: %v", err)
	}
	given := addressesGiven(t, objects)
	var all Objects
	for i, object := range append(objects, more...) {
		twin := object.DeepCopy()
		twin.SetUID(types.UID(fmt.Sprintf("uid-%d", i)))
		if object.isWaypoint() {
			host := object.GetName() + "." + object.GetNamespace() + ".svc." + clusterDomain
			set(t, twin, []any{map[string]any{"type": "Hostname", "value": host}}, "status", "addresses")
		}
		if addresses := given[object.GetNamespace()+"/"+object.GetName()]; object.GetKind() == "ServiceEntry" && addresses != nil {
			set(t, twin, addresses, "status", "addresses")
		}
		if object.GetKind() == "EndpointSlice" {
			withProtocols(t, twin)
		}
		text, err := yaml.Marshal(twin.Object)
		if err != nil {
			t.Fatalf("print %s: %v", object, err)
		}
		all = append(all, Object{Unstructured: twin, YAML: string(text)})
	}
	return all
}

func set(t *testing.T, object *unstructured.Unstructured, value any, path ...string) {
	t.Helper()
	if err := unstructured.SetNestedField(object.Object, value, path...); err != nil {
		t.Fatalf("set %v of %s: %v", path, object.GetName(), err)
	}
}

// withProtocols sets the protocol of ports, as the API server does: istiod tells ztunnel of no port without.
func withProtocols(t *testing.T, slice *unstructured.Unstructured) {
	t.Helper()
	ports, _, _ := unstructured.NestedSlice(slice.Object, "ports")
	for _, port := range ports {
		port.(map[string]any)["protocol"] = "TCP"
	}
	set(t, slice, ports, "ports")
}

func (o Object) isWaypoint() bool { return o.GetKind() == "Gateway" && !o.IsIstio() }

// addressesGiven has istiod's controller give addresses to the ServiceEntries, and returns them by namespace/name.
func addressesGiven(t *testing.T, objects Objects) map[string][]any {
	t.Helper()
	var entries []runtime.Object
	for _, entry := range objects.Of("ServiceEntry") {
		object, _, err := kubelib.IstioCodec.UniversalDeserializer().Decode([]byte(entry.YAML), nil, nil)
		if err != nil {
			t.Fatalf("read %s: %v", entry, err)
		}
		entries = append(entries, object)
	}
	client := kubelib.NewFakeClient(entries...)
	clienttest.MakeCRD(t, client, gvr.ServiceEntry)
	stop := istiotest.NewStop(t)
	allocator := ipallocate.NewIPAllocator(stop, client)
	go allocator.Run(stop)
	client.RunAndWait(stop)
	for deadline := time.Now().Add(10 * time.Second); !allocator.HasSynced(); time.Sleep(10 * time.Millisecond) { //nolint:forbidigo // it has no channel
		if time.Now().After(deadline) {
			t.Fatal("istiod's allocator of addresses does not get ready")
		}
	}
	time.Sleep(200 * time.Millisecond) //nolint:forbidigo // its queue has no channel either
	list, err := client.Istio().NetworkingV1().ServiceEntries("").List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatalf("list the ServiceEntries: %v", err)
	}
	given := map[string][]any{}
	for _, entry := range list.Items {
		for _, address := range entry.Status.Addresses {
			key := entry.Namespace + "/" + entry.Name
			given[key] = append(given[key], map[string]any{"host": address.Host, "value": address.Value})
		}
	}
	return given
}

// waypointIP is the address of a waypoint's pod, by which istiod knows whose it is.
func waypointIP(namespace, name string) string {
	sum := crc32.ChecksumIEEE([]byte(namespace + "/" + name))
	return fmt.Sprintf("10.245.%d.%d", byte(sum>>8), byte(sum))
}

// ofWaypoint is what Istio's controller makes of a waypoint's Gateway, and one of its pods.
const ofWaypoint = `
apiVersion: v1
kind: Service
metadata:
  name: %[1]s
  namespace: %[2]s
  labels: {gateway.istio.io/managed: istio.io-mesh-controller, gateway.networking.k8s.io/gateway-name: %[1]s}
spec:
  clusterIP: 10.97.0.%[3]d
  ports: [{name: mesh, port: 15008, targetPort: 15008, appProtocol: hbone}]
  selector: {gateway.networking.k8s.io/gateway-name: %[1]s}
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: %[1]s-a, namespace: %[2]s}
spec:
  address: %[4]s
  serviceAccount: %[1]s
  labels: {gateway.networking.k8s.io/gateway-name: %[1]s}
`
