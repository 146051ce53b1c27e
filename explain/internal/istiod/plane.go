package istiod

import (
	"errors"
	"fmt"
	"sync"
	"time"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/config/memory"
	"istio.io/istio/pilot/pkg/features"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	"istio.io/istio/pilot/pkg/serviceregistry/aggregate"
	"istio.io/istio/pilot/pkg/serviceregistry/ambient"
	kubecontroller "istio.io/istio/pilot/pkg/serviceregistry/kube/controller"
	"istio.io/istio/pilot/pkg/serviceregistry/serviceentry"
	"istio.io/istio/pkg/activenotifier"
	"istio.io/istio/pkg/cluster"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/mesh/meshwatcher"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/kube/krt"
	"istio.io/istio/pkg/kube/multicluster"
	"istio.io/istio/pkg/log"
	"k8s.io/apimachinery/pkg/runtime"
)

const clusterID = cluster.ID("Kubernetes")

// Input is what a control plane reads.
type Input struct {
	Kubernetes []runtime.Object // Services, EndpointSlices, Pods, Namespaces
	Istio      []config.Config
	Mesh       *meshconfig.MeshConfig
	Domain     string // of the cluster's DNS, such as cluster.local
	// AllocateAddresses gives ServiceEntries without addresses one of the mesh's own, as for proxies that capture DNS.
	AllocateAddresses bool
	// Ambient asks for what ztunnel and waypoints are told too: [Plane.Ztunnel], and [Plane.Proxy] of a waypoint.
	Ambient  bool
	Gateways []runtime.Object // of the Gateway API; with Ambient
}

// Plane is a control plane that has read its input. It does not change any more, and is safe for concurrent use.
type Plane struct {
	environment *model.Environment
	push        *model.PushContext
	generator   *core.ConfigGeneratorImpl
	domain      string
	stop        chan struct{}
	client      *client
	// Ztunnel is what ztunnel is told; nil unless the input asks for it.
	Ztunnel *Ztunnel
}

// Load builds the registries of istiod and its view of the mesh. Close ends what runs in the background.
func Load(in Input) (*Plane, error) {
	quiet()
	forget()
	serveWaypoints()
	p := &Plane{
		environment: model.NewEnvironment(),
		push:        model.NewPushContext(),
		generator:   core.NewConfigGenerator(&model.DisabledCache{}),
		domain:      in.Domain,
		stop:        make(chan struct{}),
	}
	p.environment.Watcher = meshwatcher.NewTestWatcher(in.Mesh)
	p.environment.DomainSuffix = in.Domain
	if in.AllocateAddresses {
		in.Istio = allocate(in.Istio)
	}
	if in.Ambient {
		p.client = newAmbientClient(in.Kubernetes, objectsOf(in.Istio), in.Gateways)
	} else {
		p.client = newClient(in.Kubernetes)
	}
	if err := p.start(in); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Close ends the plane.
func (p *Plane) Close() {
	close(p.stop)
	p.client.Shutdown()
}

// quiet takes istiod's log away. It reports healthy starts as errors, and what is wrong with objects is known otherwise.
var quiet = sync.OnceFunc(func() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
})

// serveWaypoints has istiod remember where routes lead, without which a waypoint gets no cluster of an exit. Other proxies are
// sent the same with it and without.
var serveWaypoints = sync.OnceFunc(func() { features.EnableAmbientWaypoints = true })

// forget keeps istiod's store from registering its collections where they stay for ever, a megabyte of each plane.
var forget = sync.OnceFunc(func() { krt.GlobalDebugHandler = nil })

// start is what istiod's main function does, without servers.
func (p *Plane) start(in Input) error {
	env := p.environment
	store := memory.NewController(memory.MakeSkipValidation(collections.PilotGatewayAPI()))
	for _, c := range in.Istio {
		if _, err := store.Create(c); err != nil {
			return fmt.Errorf("%s %s/%s: %w", c.GroupVersionKind.Kind, c.Namespace, c.Name, err)
		}
	}
	updater := model.NewEndpointIndexUpdater(env.EndpointIndex)
	// Collections register themselves there, and the global one would keep them for ever.
	debugger := new(krt.DebugHandler)
	routes := model.NewVirtualServiceController(store, model.VSControllerOptions{KrtDebugger: debugger, XDSUpdater: updater}, env.Watcher)
	clusters, err := p.clusters(debugger)
	if err != nil {
		return err
	}
	registry, entries := p.registries(store, updater, clusters, debugger)
	env.ServiceDiscovery = registry
	env.ConfigStore = store
	env.VirtualServiceController = routes
	env.NetworksWatcher = meshwatcher.NewFixedNetworksWatcher(nil)
	env.AmbientIndexes = &model.NoopAmbientIndexes{}
	synced := []func() bool{registry.HasSynced, store.HasSynced, routes.HasSynced}
	var index ambient.Index
	if in.Ambient {
		index = p.newAmbientIndex(clusters, updater, debugger)
		env.AmbientIndexes = index
		synced = append(synced, index.HasSynced)
	}
	env.Init()
	p.client.RunAndWait(p.stop)
	go registry.Run(p.stop)
	go store.Run(p.stop)
	go routes.Run(p.stop)
	if index != nil {
		go index.Run(p.stop)
	}
	if err := waitFor(synced...); err != nil {
		return err
	}
	if index != nil {
		p.Ztunnel = newZtunnel(index)
	}
	entries.ResyncEDS()
	if err := env.InitNetworksManager(updater); err != nil {
		return err
	}
	p.push.InitContext(env, nil, nil)
	env.SetPushContext(p.push)
	return nil
}

func (p *Plane) clusters(debugger *krt.DebugHandler) (*multicluster.Controller, error) {
	clusters := multicluster.NewController(multicluster.ControllerOptions{
		Client: p.client, ClusterID: clusterID, SystemNamespace: p.environment.Mesh().GetRootNamespace(),
		MeshConfig: p.environment.Watcher, Debugger: debugger,
	})
	return clusters, clusters.Run(p.stop)
}

// registries are those of Services and of ServiceEntries, which tell each other of workloads.
func (p *Plane) registries(store model.ConfigStoreController, updater model.XDSUpdater, clusters *multicluster.Controller,
	debugger *krt.DebugHandler,
) (*aggregate.Controller, *serviceentry.Controller) {
	env := p.environment
	registry := aggregate.NewController(aggregate.Options{MeshHolder: env.Watcher, ConfigClusterID: clusterID})
	services := kubecontroller.NewController(p.client, kubecontroller.Options{
		DomainSuffix: p.domain, XDSUpdater: updater, Metrics: env, MeshWatcher: env.Watcher, ClusterID: clusterID,
		MeshServiceController: registry, ConfigCluster: true, StatusWritingEnabled: activenotifier.New(false),
		KrtDebugger: debugger,
	})
	entries := serviceentry.NewController(store, updater, clusters, env.Watcher,
		serviceentry.WithClusterID(clusterID), serviceentry.WithKRTDebugger(debugger))
	entries.AppendWorkloadHandler(services.WorkloadInstanceHandler)
	services.AppendWorkloadHandler(entries.WorkloadInstanceHandler)
	registry.AddRegistry(services)
	registry.AddRegistry(entries)
	return registry, entries
}

// loadTimeout is ten times what 10,000 entries take on two busy cores.
const loadTimeout = 5 * time.Minute

var errNotReady = errors.New("istiod's registries did not become ready within " + loadTimeout.String())

func waitFor(ready ...func() bool) error {
	deadline := time.NewTimer(loadTimeout)
	defer deadline.Stop()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for _, isReady := range ready {
		for !isReady() {
			select {
			case <-tick.C:
			case <-deadline.C:
				return errNotReady
			}
		}
	}
	return nil
}
