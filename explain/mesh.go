package explain

import (
	"slices"
	"sync"

	"google.golang.org/protobuf/proto"
	meshconfig "istio.io/api/mesh/v1alpha1"
	networkingapi "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pkg/config"
	meshdefaults "istio.io/istio/pkg/config/mesh"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/istio-egress/istio-egress/explain/internal/envoy"
	"github.com/istio-egress/istio-egress/explain/internal/istiod"
)

// IstioVersion is the minor version of Istio whose code answers.
const IstioVersion = "1.31"

// Options are the settings of a mesh. The zero value is Istio's default.
type Options struct {
	// MeshConfig is the mesh's configuration; nil is Istio's default. See [ReadMeshConfig].
	MeshConfig *meshconfig.MeshConfig
	// RegistryOnly lets only declared destinations out, whatever MeshConfig says.
	RegistryOnly bool
	// ClusterDomain is the domain of the cluster's DNS; empty is cluster.local.
	ClusterDomain string
	// DNSCapture is for sidecars that answer their workloads' DNS queries, where neither MeshConfig nor ProxyMetadata says whether
	// they do.
	DNSCapture bool
	// ProxyMetadata is what the sidecars' environment has, such as ISTIO_META_DNS_CAPTURE: "true", over what MeshConfig says.
	ProxyMetadata map[string]string
}

// Mesh is istiod's view of a set of objects. It is safe for concurrent use.
type Mesh struct {
	options  Options
	index    *index        // what was loaded
	whole    *index        // all objects, where not all were loaded
	plane    *istiod.Plane // loaded when a workload with a sidecar calls
	mutex    sync.Mutex
	sidecars map[string]*Sidecar
	gateways map[string]*istiod.Proxy
	ambient  *ambientPlane // loaded when an ambient workload calls
}

// Load has istiod read all objects. Of objects with the same kind, namespace and name the last counts. What istiod's
// validation refuses has no part. [Mesh.Close] must be called in the end.
//
// Where few calls are asked about many objects, [LoadFor] is faster.
func Load(objects []Object, o Options) (*Mesh, error) {
	ix, o, err := prepare(objects, o)
	if err != nil {
		return nil, err
	}
	return load(ix, o)
}

// prepare fills the options in and indexes the objects.
func prepare(objects []Object, o Options) (*index, Options, error) {
	if o.ClusterDomain == "" {
		o.ClusterDomain = "cluster.local"
	}
	if o.MeshConfig == nil {
		o.MeshConfig = meshdefaults.DefaultMeshConfig()
	}
	if o.RegistryOnly {
		o.MeshConfig = proto.Clone(o.MeshConfig).(*meshconfig.MeshConfig)
		o.MeshConfig.OutboundTrafficPolicy = &meshconfig.MeshConfig_OutboundTrafficPolicy{
			Mode: meshconfig.MeshConfig_OutboundTrafficPolicy_REGISTRY_ONLY,
		}
	}
	items, err := newItems(objects, o.ClusterDomain)
	if err != nil {
		return nil, o, err
	}
	return newIndex(items, o.ClusterDomain), o, nil
}

// newMesh loads nothing yet.
func newMesh(ix *index, o Options) *Mesh {
	return &Mesh{options: o, index: ix, sidecars: map[string]*Sidecar{}, gateways: map[string]*istiod.Proxy{}}
}

// load is newMesh with what the calls need loaded at once, so that errors of it are known: what sidecars need where there are no
// calls.
func load(ix *index, o Options, calls ...Call) (*Mesh, error) {
	m := newMesh(ix, o)
	inAmbient := func(c Call) bool { return c.From.isAmbient() }
	withSidecar := func(c Call) bool { return !c.From.isAmbient() }
	var err error
	if len(calls) == 0 || slices.ContainsFunc(calls, withSidecar) {
		_, err = m.sidecarPlane()
	}
	if err == nil && slices.ContainsFunc(calls, inAmbient) {
		_, err = m.ambientPlane()
	}
	if err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

// sidecarPlane loads the objects as sidecars and gateways see them. Who shares the mesh holds its mutex.
func (m *Mesh) sidecarPlane() (*istiod.Plane, error) {
	if m.plane != nil {
		return m.plane, nil
	}
	in := inputOf(m.index, m.options)
	in.AllocateAddresses = m.options.capturesDNS()
	var err error
	m.plane, err = istiod.Load(in)
	return m.plane, err
}

// inputOf is what istiod reads.
func inputOf(ix *index, o Options) istiod.Input {
	in := istiod.Input{Mesh: o.MeshConfig, Domain: o.ClusterDomain}
	for _, it := range ix.items {
		kubernetes, c := istiodObjects(ix, it)
		in.Kubernetes = append(in.Kubernetes, kubernetes...)
		in.Istio = append(in.Istio, c...)
	}
	return in
}

// istiodObjects are an item as istiod reads it: Endpoints as the slices that the cluster makes of them, and nothing where the
// admission webhook refuses it.
func istiodObjects(ix *index, it *item) ([]runtime.Object, []config.Config) {
	switch {
	case it.kind == kindWaypoint:
		return nil, nil // those for ztunnel are read apart
	case it.isIstio():
		c, err := it.config()
		if err != nil {
			return nil, nil
		}
		return nil, []config.Config{c}
	case it.kind == kindEndpoints:
		host := serviceHost(it.name, it.namespace, ix.domain)
		for _, counted := range ix.slicesOf(host) {
			if counted == it {
				var all []runtime.Object
				for _, slice := range endpointSlices(it) {
					all = append(all, slice)
				}
				return all, nil
			}
		}
		return nil, nil
	}
	return []runtime.Object{it.value}, nil
}

// Close ends what runs in the background. Traces of the mesh stay readable.
func (m *Mesh) Close() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.plane != nil {
		m.plane.Close()
	}
	if m.ambient != nil {
		m.ambient.plane.Close()
		m.ambient = nil
	}
}

// Explain follows a call of its workload.
func (m *Mesh) Explain(call Call) (*Trace, error) {
	if call.From.isAmbient() {
		return m.explainAmbient(call)
	}
	s, err := m.Sidecar(call.From)
	if err != nil {
		return nil, err
	}
	return s.Explain(call)
}

// Sidecar returns the sidecar of a workload, whatever its data plane, as istiod configures it. It is generated once.
func (m *Mesh) Sidecar(w Workload) (*Sidecar, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	key := w.String()
	for _, ip := range w.IPs {
		key += " " + ip
	}
	if s := m.sidecars[key]; s != nil {
		twin := *s
		twin.workload = w // another service account has the same sidecar
		return &twin, nil
	}
	plane, err := m.sidecarPlane()
	if err != nil {
		return nil, err
	}
	proxy, err := plane.Proxy(istiod.Node{
		Type: model.SidecarProxy, Namespace: w.namespace(), Labels: w.Labels, IPs: w.ips(), Metadata: m.options.proxyMetadata(),
	}, envoy.RouteTables)
	if err != nil {
		return nil, err
	}
	s := &Sidecar{mesh: m, workload: w, proxy: proxy}
	s.resolver = resolver{index: m.index, namespace: w.namespace(), ipv6: isIPv6(w.ips()), captured: proxy.Names()}
	m.sidecars[key] = s
	return s, nil
}

// Sidecar is a workload's proxy. It is safe for concurrent use.
type Sidecar struct {
	mesh     *Mesh
	workload Workload
	proxy    *istiod.Proxy
	resolver resolver
}

// Explain follows a call through the sidecar, which takes the place of the call's From.
func (s *Sidecar) Explain(call Call) (*Trace, error) {
	call.From = s.workload
	r, err := call.parse()
	if err != nil {
		return nil, err
	}
	t := &Trace{Call: call, mesh: s.mesh}
	w := &walk{Trace: t, index: s.mesh.index, proxy: s.proxy, request: r}
	resolver := s.resolver
	if call.NoSidecar {
		resolver.captured = nil
	}
	w.dialled = t.dial(resolver, r)
	if call.NoSidecar {
		w.withoutSidecar()
		return t, nil
	}
	err = w.run()
	w.tellUnfollowed(call.From.namespace(), call.From.Labels, networkingapi.EnvoyFilter_SIDECAR_OUTBOUND)
	return t, err
}
