package istiod

import (
	"context"
	"sync"
	"time"

	"istio.io/client-go/pkg/clientset/versioned"
	istiofake "istio.io/client-go/pkg/clientset/versioned/fake"
	"istio.io/istio/pkg/cluster"
	"istio.io/istio/pkg/config/schema/gvr"
	kubelib "istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/kube/informerfactory"
	"istio.io/istio/pkg/kube/kubetypes"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
	gatewayversioned "sigs.k8s.io/gateway-api/pkg/client/clientset/versioned"
	gatewayfake "sigs.k8s.io/gateway-api/pkg/client/clientset/versioned/fake"
)

// client is what istiod's registries see of a cluster: a set of objects. Istio's own fake client keeps the managers of each
// field, which takes ten times as long as all of istiod; client-go's simple one does not. What the registries never ask for
// is left nil.
type client struct {
	kubelib.Client
	kube      kubernetes.Interface
	informers informerfactory.InformerFactory
	dynamic   func() dynamic.Interface
	istio     func() versioned.Interface
	gateways  func() gatewayversioned.Interface
	crds      kubetypes.CrdWatcher
}

// newClient is the client of a mesh of sidecars, whose registries read Istio's objects from a store.
func newClient(objects []runtime.Object) *client {
	return &client{
		kube:      fake.NewSimpleClientset(objects...), //nolint:staticcheck // see above
		informers: informerfactory.NewSharedInformerFactory(),
		dynamic: sync.OnceValue(func() dynamic.Interface {
			return dynamicfake.NewSimpleDynamicClient(kubelib.FakeIstioScheme)
		}),
		istio: sync.OnceValue(func() versioned.Interface { return istiofake.NewSimpleClientset() }),
		crds:  noCRDs{},
	}
}

// newAmbientClient is that of a mesh whose istiod tells ztunnel and waypoints what to do: that part of it reads all from the
// cluster.
func newAmbientClient(objects, istio, gateways []runtime.Object) *client {
	c := newClient(objects)
	c.istio = sync.OnceValue(func() versioned.Interface { return istiofake.NewSimpleClientset(istio...) })
	c.gateways = sync.OnceValue(func() gatewayversioned.Interface { return gatewayClient(gateways) })
	c.crds = allCRDs{}
	return c
}

// gatewayClient has Gateways put in by the name of their resource, as the fake would guess gatewaies.
func gatewayClient(gateways []runtime.Object) gatewayversioned.Interface {
	c := gatewayfake.NewSimpleClientset()
	for _, gateway := range gateways {
		// the tracker of an empty client refuses nothing but what it has already, and items are there once
		_ = c.Tracker().Create(gvr.KubernetesGateway, gateway, gateway.(metav1.Object).GetNamespace())
	}
	return c
}

func (c *client) Kube() kubernetes.Interface                  { return c.kube }
func (c *client) Dynamic() dynamic.Interface                  { return c.dynamic() }
func (c *client) Istio() versioned.Interface                  { return c.istio() }
func (c *client) Informers() informerfactory.InformerFactory  { return c.informers }
func (c *client) ObjectFilter() kubetypes.DynamicObjectFilter { return nil }
func (c *client) GatewayAPI() gatewayversioned.Interface      { return c.gateways() }
func (c *client) CrdWatcher() kubetypes.CrdWatcher            { return c.crds }
func (c *client) ClusterID() cluster.ID                       { return clusterID }
func (c *client) IsWatchListSemanticsUnSupported() bool       { return true }
func (c *client) Shutdown()                                   { c.informers.Shutdown() }

func (c *client) WaitForCacheSync(name string, stop <-chan struct{}, synced ...cache.InformerSynced) bool {
	return kubelib.WaitForCacheSync(name, stop, synced...)
}

// RunAndWait starts the informers, and looks more often than client-go does whether they are ready.
func (c *client) RunAndWait(stop <-chan struct{}) bool {
	c.informers.Start(stop)
	now := make(chan struct{})
	close(now)
	ctx := wait.ContextForChannel(stop)
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(context.Context) (bool, error) {
		return c.informers.WaitForCacheSync(now), nil
	})
	return err == nil
}

const pollInterval = 100 * time.Microsecond

// noCRDs is the watcher of a cluster that has no kinds but Kubernetes' own: Istio's come from the store.
type noCRDs struct{}

func (noCRDs) HasSynced() bool { return true }
func (noCRDs) KnownOrCallback(schema.GroupVersionResource, func(stop <-chan struct{})) bool {
	return false
}
func (noCRDs) WaitForCRD(schema.GroupVersionResource, <-chan struct{}) bool { return false }
func (noCRDs) Run(<-chan struct{})                                          {}

// allCRDs is the watcher of a cluster that has every kind.
type allCRDs struct{ noCRDs }

func (allCRDs) KnownOrCallback(schema.GroupVersionResource, func(stop <-chan struct{})) bool {
	return true
}
func (allCRDs) WaitForCRD(schema.GroupVersionResource, <-chan struct{}) bool { return true }
