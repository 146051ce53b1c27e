package istiod

import (
	"errors"
	"fmt"
	"sync"
	"time"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/config/memory"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	"istio.io/istio/pilot/pkg/serviceregistry/aggregate"
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
}

// Plane is a control plane that has read its input. It does not change any more, and is safe for concurrent use.
type Plane struct {
	environment *model.Environment
	push        *model.PushContext
	generator   *core.ConfigGeneratorImpl
	domain      string
	stop        chan struct{}
	client      *client
}

// Load builds the registries of istiod and its view of the mesh. Close ends what runs in the background.
func Load(in Input) (*Plane, error) {
	quiet()
	p := &Plane{
		environment: model.NewEnvironment(),
		push:        model.NewPushContext(),
		generator:   core.NewConfigGenerator(&model.DisabledCache{}),
		domain:      in.Domain,
		stop:        make(chan struct{}),
		client:      newClient(in.Kubernetes),
	}
	p.environment.Watcher = meshwatcher.NewTestWatcher(in.Mesh)
	p.environment.DomainSuffix = in.Domain
	if in.AllocateAddresses {
		in.Istio = allocate(in.Istio)
	}
	if err := p.start(in.Istio); err != nil {
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

// start is what istiod's main function does, without servers.
func (p *Plane) start(configs []config.Config) error {
	env := p.environment
	store := memory.NewController(memory.MakeSkipValidation(collections.PilotGatewayAPI()))
	for _, c := range configs {
		if _, err := store.Create(c); err != nil {
			return fmt.Errorf("%s %s/%s: %w", c.GroupVersionKind.Kind, c.Namespace, c.Name, err)
		}
	}
	updater := model.NewEndpointIndexUpdater(env.EndpointIndex)
	// Collections register themselves there, and the global one would keep them for ever.
	debugger := new(krt.DebugHandler)
	routes := model.NewVirtualServiceController(store, model.VSControllerOptions{KrtDebugger: debugger, XDSUpdater: updater}, env.Watcher)
	registry, entries, err := p.registries(store, updater, debugger)
	if err != nil {
		return err
	}
	env.ServiceDiscovery = registry
	env.ConfigStore = store
	env.VirtualServiceController = routes
	env.NetworksWatcher = meshwatcher.NewFixedNetworksWatcher(nil)
	env.Init()
	p.client.RunAndWait(p.stop)
	go registry.Run(p.stop)
	go store.Run(p.stop)
	go routes.Run(p.stop)
	if err := waitFor(registry.HasSynced, store.HasSynced, routes.HasSynced); err != nil {
		return err
	}
	entries.ResyncEDS()
	if err := env.InitNetworksManager(updater); err != nil {
		return err
	}
	p.push.InitContext(env, nil, nil)
	env.SetPushContext(p.push)
	return nil
}

// registries are those of Services and of ServiceEntries, which tell each other of workloads.
func (p *Plane) registries(store model.ConfigStoreController, updater model.XDSUpdater, debugger *krt.DebugHandler) (
	*aggregate.Controller, *serviceentry.Controller, error,
) {
	env := p.environment
	clusters := multicluster.NewController(multicluster.ControllerOptions{
		Client: p.client, ClusterID: clusterID, SystemNamespace: env.Mesh().GetRootNamespace(),
		MeshConfig: env.Watcher, Debugger: debugger,
	})
	if err := clusters.Run(p.stop); err != nil {
		return nil, nil, err
	}
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
	return registry, entries, nil
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
