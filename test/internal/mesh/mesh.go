//go:build e2e

// Package mesh asks istiod's own code what sidecars do with a set of objects:
// which cluster a call takes, where it goes and with which TLS settings.
package mesh

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/features"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/test/xds"
	meshdefaults "istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/log"
	istiotest "istio.io/istio/pkg/test"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/test/internal/project"
)

// RootNamespace is where mesh-wide rules live.
const RootNamespace = "istio-system"

// ProxyVersion is what the sidecars say they are, as injected by this Istio.
var ProxyVersion = project.IstiodVersion() + ".0"

// Options describes a mesh. The zero value is an empty one with Istio's
// defaults.
type Options struct {
	// Objects are manifests of Kubernetes and Istio, many documents each.
	Objects []string
	// RegistryOnly sets outboundTrafficPolicy REGISTRY_ONLY instead of ALLOW_ANY.
	RegistryOnly bool
	// Ambient makes it a mesh in ambient mode, which may have sidecars too.
	Ambient bool
	// NamespaceVisibility sets serviceEntryVisibility NAMESPACE.
	NamespaceVisibility bool
}

// Mesh is istiod with a set of objects loaded.
type Mesh struct {
	t      *testing.T
	server *xds.FakeDiscoveryServer
	names  Names

	waypoints map[string]*waypointProxy // by the host of their Service
}

// New loads the objects into istiod's discovery server. The test fails when
// an object cannot be read; it ends with the test.
func New(t *testing.T, opts Options) *Mesh {
	t.Helper()
	quiet()
	objects, err := Split(opts.Objects...)
	if err != nil {
		t.Fatalf("read the mesh's objects: %v", err)
	}
	config := meshdefaults.DefaultMeshConfig()
	if opts.RegistryOnly {
		config.OutboundTrafficPolicy = &meshconfig.MeshConfig_OutboundTrafficPolicy{
			Mode: meshconfig.MeshConfig_OutboundTrafficPolicy_REGISTRY_ONLY,
		}
	}
	kubernetes, istio := objects.Kubernetes(), objects.Istio()
	clientBuilder := newClient
	if opts.Ambient {
		for _, feature := range []*bool{
			&features.EnableAmbient, &features.EnableAmbientWaypoints, &features.EnableHBONESend,
			&features.EnableSidecarHBONEListening, &features.EnableAmbientStatus, &features.DefaultAllowFromWaypoint,
		} {
			istiotest.SetForTest(t, feature, true) // as PILOT_ENABLE_AMBIENT sets them when istiod starts
		}
		objects = inAmbient(t, objects)
		kubernetes, istio = objects.String(), objects.String() // istiod's index for ztunnel reads them all by the one client
		clientBuilder = nil                                    // Istio's own, which has a store for each kind
	}
	if opts.NamespaceVisibility {
		config.ServiceEntryVisibility = &meshconfig.ServiceEntryVisibility{DefaultVisibility: meshconfig.ServiceEntryVisibility_NAMESPACE}
	}
	server := xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
		KubernetesObjectString: kubernetes, ConfigString: istio, MeshConfig: config, KubeClientBuilder: clientBuilder,
	})
	return &Mesh{t: t, server: server, names: NewNames(objects), waypoints: map[string]*waypointProxy{}}
}

// quiet keeps istiod's own log out of the test's output: what matters comes
// back as a result.
var quiet = sync.OnceFunc(func() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
})

// Workload is a pod with a sidecar. The zero value is a pod without labels in
// the namespace default.
type Workload struct {
	Namespace string
	Labels    map[string]string
	// IP of the pod, 10.244.0.9 when empty; an IPv6 address makes an IPv6 pod.
	IP string
}

// The ports of the listeners that a sidecar has before istiod sends any.
const (
	statusPort  = 15021
	metricsPort = 15090
)

// Sidecar generates the configuration that istiod sends to the workload's
// sidecar.
func (m *Mesh) Sidecar(w Workload) *Sidecar {
	m.t.Helper()
	if w.Namespace == "" {
		w.Namespace = corev1.NamespaceDefault
	}
	if w.IP == "" {
		w.IP = "10.244.0.9"
	}
	proxy := m.server.SetupProxy(&model.Proxy{
		ID:              "client." + w.Namespace,
		ConfigNamespace: w.Namespace,
		IPAddresses:     []string{w.IP},
		Labels:          w.Labels,
		Metadata: &model.NodeMetadata{
			Namespace:           w.Namespace,
			Labels:              w.Labels,
			IstioVersion:        ProxyVersion,
			EnvoyStatusPort:     statusPort,
			EnvoyPrometheusPort: metricsPort,
		},
	})
	listeners := m.server.Listeners(proxy)
	return NewSidecar(m.t, w.Namespace, m.names, Config{
		Listeners: listeners,
		Clusters:  m.server.Clusters(proxy),
		Routes:    m.server.RoutesFromListeners(proxy, listeners),
		Endpoints: m.server.Endpoints(proxy),
	})
}

// clusterName is istiod's name for the cluster of a host and port.
func clusterName(host string, port int) string {
	return fmt.Sprintf("outbound|%d||%s", port, strings.ToLower(host))
}
