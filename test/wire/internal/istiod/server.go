// Package istiod runs istiod's own code for the objects of a cluster: its registries, its generators
// and its ADS server. The cluster is a simple store, and what the proxies lack is stood in for.
package istiod

import (
	"fmt"
	"sync"
	"time"

	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/serviceregistry/ambient"
	"istio.io/istio/pilot/pkg/xds"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/schema/gvr"
	kubelib "istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/log"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	gatewayfake "sigs.k8s.io/gateway-api/pkg/client/clientset/versioned/fake"
)

// Version is what the proxies say they are, as injected by this Istio.
const Version = "1.31.0"

// quiet keeps istiod's own log out of the output, which in a healthy start has errors.
var quiet = sync.OnceFunc(func() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
})

// Server is istiod with the objects of a cluster.
type Server struct {
	discovery *xds.DiscoveryServer
	store     model.ConfigStoreController
	kube      *fake.Clientset
	gateways  *gatewayfake.Clientset
	index     ambient.Index // nil where istiod is not in ambient mode
	stop      chan struct{}
	created   int
	allocated int

	mu      sync.Mutex
	proxies []*Proxy
}

// Start starts istiod. The mesh config is YAML, put over Istio's defaults.
func Start(meshConfig string, objects []Object) (*Server, error) {
	quiet()
	merged, err := mesh.ApplyMeshConfig(meshConfig, mesh.DefaultMeshConfig())
	if err != nil {
		return nil, fmt.Errorf("read the mesh config: %w", err)
	}
	s := &Server{stop: make(chan struct{})}
	var kube []kruntime.Object
	for _, object := range objects {
		s.setAge(object)
		allocate(object, &s.allocated)
		if object.Istio == nil && gatewayOf(object) == nil {
			kube = append(kube, object.Kubernetes)
		}
	}
	if err := s.assemble(merged, kube, objects); err != nil {
		s.Close()
		return nil, fmt.Errorf("start istiod: %w", err)
	}
	return s, nil
}

// setAge makes each object a second younger than the one before: of two for a host the older wins.
func (s *Server) setAge(object Object) {
	s.created++
	setCreated(object, metav1.NewTime(start.Add(time.Duration(s.created)*time.Second)))
}

var start = time.Now().Add(-24 * time.Hour).Truncate(time.Second)

// Close ends istiod.
func (s *Server) Close() {
	for _, p := range s.all() {
		p.Close()
	}
	close(s.stop)
	if s.discovery != nil {
		s.discovery.Shutdown()
	}
}

// Apply creates an object, or replaces it.
func (s *Server) Apply(object Object) error {
	err := s.apply(object)
	if err != nil {
		return fmt.Errorf("apply %s: %w", object, err)
	}
	return nil
}

func (s *Server) apply(object Object) error {
	s.setAge(object)
	allocate(object, &s.allocated)
	if gateway := gatewayOf(object); gateway != nil {
		return s.applyGateway(gateway)
	}
	if object.Istio == nil {
		resource, _ := meta.UnsafeGuessKindToResource(kindOf(object.Kubernetes))
		tracker := s.kube.Tracker()
		if _, err := tracker.Get(resource, object.Namespace, object.Name); err != nil {
			return tracker.Create(resource, object.Kubernetes, object.Namespace)
		}
		return tracker.Update(resource, object.Kubernetes, object.Namespace)
	}
	if before := s.store.Get(object.Istio.GroupVersionKind, object.Name, object.Namespace); before != nil {
		replacement := *object.Istio
		replacement.CreationTimestamp, replacement.ResourceVersion = before.CreationTimestamp, before.ResourceVersion
		_, err := s.store.Update(replacement)
		return err
	}
	_, err := s.store.Create(*object.Istio)
	return err
}

// Delete deletes an object.
func (s *Server) Delete(object Object) (err error) {
	switch {
	case gatewayOf(object) != nil:
		err = s.gateways.Tracker().Delete(gvr.KubernetesGateway, object.Namespace, object.Name)
	case object.Istio == nil:
		resource, _ := meta.UnsafeGuessKindToResource(kindOf(object.Kubernetes))
		err = s.kube.Tracker().Delete(resource, object.Namespace, object.Name)
	default:
		err = s.store.Delete(object.Istio.GroupVersionKind, object.Name, object.Namespace, nil)
	}
	if err != nil {
		return fmt.Errorf("delete %s: %w", object, err)
	}
	return nil
}

func kindOf(object kruntime.Object) (kind schema.GroupVersionKind) {
	kinds, _, err := kubelib.IstioScheme.ObjectKinds(object)
	if err != nil || len(kinds) == 0 {
		return kind
	}
	return kinds[0]
}
