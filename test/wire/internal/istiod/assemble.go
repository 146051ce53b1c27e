package istiod

import (
	"errors"
	"fmt"
	"slices"
	"time"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/autoregistration"
	"istio.io/istio/pilot/pkg/bootstrap"
	"istio.io/istio/pilot/pkg/config/memory"
	kubecredentials "istio.io/istio/pilot/pkg/credentials/kube"
	"istio.io/istio/pilot/pkg/features"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	"istio.io/istio/pilot/pkg/serviceregistry/aggregate"
	kubecontroller "istio.io/istio/pilot/pkg/serviceregistry/kube/controller"
	"istio.io/istio/pilot/pkg/serviceregistry/serviceentry"
	"istio.io/istio/pilot/pkg/xds"
	"istio.io/istio/pkg/activenotifier"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/constants"
	"istio.io/istio/pkg/config/mesh/meshwatcher"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/schema/gvk"
	"istio.io/istio/pkg/config/schema/kind"
	"istio.io/istio/pkg/keepalive"
	kubelib "istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/kube/krt"
	"istio.io/istio/pkg/kube/multicluster"
	istiosecurity "istio.io/istio/pkg/security"
	"istio.io/istio/pkg/util/sets"
	authorizationv1 "k8s.io/api/authorization/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	k8stesting "k8s.io/client-go/testing"
	gatewayfake "sigs.k8s.io/gateway-api/pkg/client/clientset/versioned/fake"
)

const (
	clusterID     = constants.DefaultClusterName
	rootNamespace = constants.IstioSystemNamespace
	startTime     = time.Minute
)

// simpleClient is istiod's client of a cluster that is a simple store. In istiod's own fake client each
// object takes milliseconds to load.
type simpleClient struct {
	kubelib.CLIClient
	kube kubernetes.Interface
}

func (c simpleClient) Kube() kubernetes.Interface { return c.kube }

// assemble puts istiod together from its parts, as its own start does, without what needs a cluster.
func (s *Server) assemble(meshConfig *meshconfig.MeshConfig, kube []kruntime.Object, objects []Object) error {
	s.kube = fake.NewSimpleClientset(kube...)
	s.allowSecrets()
	s.gateways = gatewayfake.NewSimpleClientset()
	if err := s.applyGateways(objects); err != nil {
		return err
	}
	var client kubelib.Client = simpleClient{kubelib.NewFakeClient(), s.kube}
	if features.EnableAmbient {
		client = ambientClient{client.(simpleClient), s.gateways}
	}
	env := model.NewEnvironment()
	env.Watcher = meshwatcher.NewTestWatcher(meshConfig)
	env.NetworksWatcher = meshwatcher.NewFixedNetworksWatcher(nil)
	debug := new(krt.DebugHandler)
	s.discovery = xds.NewDiscoveryServer(env, nil, debug)
	s.discovery.DebounceOptions.DebounceAfter = 0
	s.discovery.Authenticators = []istiosecurity.Authenticator{authenticator{}}
	s.store = memory.NewController(memory.MakeSkipValidation(collections.PilotGatewayAPI()))
	routes := model.NewVirtualServiceController(s.store, model.VSControllerOptions{KrtDebugger: debug, XDSUpdater: s.discovery}, env.Watcher)

	clusters := multicluster.NewController(multicluster.ControllerOptions{
		Client: client, ClusterID: clusterID, SystemNamespace: rootNamespace, MeshConfig: env.Watcher, Debugger: debug,
	})
	secrets := kubecredentials.NewMulticluster(clusterID, clusters)
	secrets.AddSecretHandler(func(k kind.Kind, name, namespace string) { s.changed(k, name, namespace, model.SecretTrigger) })
	env.CredentialsController = secrets
	registry, entries := s.registries(env, client, clusters, debug)
	env.ServiceDiscovery, env.ConfigStore, env.VirtualServiceController = registry, s.store, routes
	s.index = s.ambientIndex(env, clusters, debug)
	env.Init()
	if err := env.InitNetworksManager(s.discovery); err != nil {
		return err
	}
	bootstrap.InitGenerators(s.discovery, core.NewConfigGenerator(s.discovery.Cache), rootNamespace, clusterID, nil)
	s.discovery.WorkloadEntryController = autoregistration.NewController(s.store, "wire", keepalive.Infinity)
	s.watchConfigs()
	if err := clusters.Run(s.stop); err != nil {
		return err
	}
	if err := s.create(objects); err != nil {
		return err
	}
	client.RunAndWait(s.stop)
	s.discovery.Start(s.stop)
	parts := []runner{registry, s.store, routes}
	if s.index != nil {
		parts = append(parts, s.index)
	}
	if err := s.run(parts); err != nil {
		return err
	}
	entries.ResyncEDS()
	s.discovery.ConfigUpdate(&model.PushRequest{Forced: true, Reason: model.NewReasonStats(model.UnknownTrigger)})
	inbound := s.discovery.InboundUpdates.Load()
	if err := until(func() bool { return s.discovery.CommittedUpdates.Load() >= inbound }); err != nil {
		return err
	}
	s.discovery.CachesSynced()
	return nil
}

func (s *Server) applyGateways(objects []Object) error {
	for _, object := range objects {
		if gateway := gatewayOf(object); gateway != nil {
			if err := s.applyGateway(gateway); err != nil {
				return err
			}
		}
	}
	return nil
}

// create creates Istio's objects.
func (s *Server) create(objects []Object) error {
	for _, object := range objects {
		if object.Istio == nil {
			continue
		}
		if _, err := s.store.Create(*object.Istio); err != nil {
			return fmt.Errorf("%s: %w", object, err)
		}
	}
	return nil
}

// runner is a part of istiod that runs until it is stopped, and knows when it has read all.
type runner interface {
	Run(stop <-chan struct{})
	HasSynced() bool
}

// run starts the parts, and waits until all have read all.
func (s *Server) run(parts []runner) error {
	for _, part := range parts {
		go part.Run(s.stop)
	}
	return until(func() bool { return !slices.ContainsFunc(parts, func(part runner) bool { return !part.HasSynced() }) })
}

// registries are those of Services and of ServiceEntries.
func (s *Server) registries(env *model.Environment, client kubelib.Client, clusters *multicluster.Controller, debug *krt.DebugHandler,
) (*aggregate.Controller, *serviceentry.Controller) {
	registry := aggregate.NewController(aggregate.Options{MeshHolder: env.Watcher, ConfigClusterID: clusterID})
	services := kubecontroller.NewController(client, kubecontroller.Options{
		DomainSuffix: constants.DefaultClusterLocalDomain, XDSUpdater: s.discovery, Metrics: env, MeshWatcher: env.Watcher,
		ClusterID: clusterID, MeshServiceController: registry, ConfigCluster: true, SystemNamespace: rootNamespace,
		StatusWritingEnabled: activenotifier.New(false), KrtDebugger: debug,
	})
	entries := serviceentry.NewController(s.store, s.discovery, clusters, env.Watcher,
		serviceentry.WithClusterID(clusterID), serviceentry.WithKRTDebugger(debug))
	entries.AppendWorkloadHandler(services.WorkloadInstanceHandler)
	services.AppendWorkloadHandler(entries.WorkloadInstanceHandler)
	registry.AddRegistry(services)
	registry.AddRegistry(entries)
	registry.AppendServiceHandler(func(_, service *model.Service, _ model.Event) {
		s.changed(kind.ServiceEntry, string(service.Hostname), service.Attributes.Namespace, model.ServiceUpdate)
	})
	return registry, entries
}

// watchConfigs tells proxies of changes. Those of ServiceEntries come from their registry.
func (s *Server) watchConfigs() {
	for _, schema := range collections.PilotGatewayAPI().All() {
		if schema.GroupVersionKind() == gvk.ServiceEntry || schema.GroupVersionKind() == gvk.WorkloadEntry {
			continue
		}
		s.store.RegisterEventHandler(schema.GroupVersionKind(), func(_, current config.Config, _ model.Event) {
			s.changed(gvk.MustToKind(current.GroupVersionKind), current.Name, current.Namespace, model.ConfigUpdate)
		})
	}
}

func (s *Server) changed(k kind.Kind, name, namespace string, reason model.TriggerReason) {
	s.discovery.ConfigUpdate(&model.PushRequest{
		ConfigsUpdated: sets.New(model.ConfigKey{Kind: k, Name: name, Namespace: namespace}),
		Reason:         model.NewReasonStats(reason),
	})
}

// allowSecrets lets every service account list the Secrets of its namespace, which istiod asks before
// it hands one out.
func (s *Server) allowSecrets() {
	s.kube.PrependReactor("create", "subjectaccessreviews", func(k8stesting.Action) (bool, kruntime.Object, error) {
		return true, &authorizationv1.SubjectAccessReview{Status: authorizationv1.SubjectAccessReviewStatus{Allowed: true}}, nil
	})
}

func until(condition func() bool) error {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	tooLate := time.After(startTime)
	for !condition() {
		select {
		case <-ticker.C:
		case <-tooLate:
			return errors.New("it did not become ready")
		}
	}
	return nil
}
