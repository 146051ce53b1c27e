package world

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/test/wire/internal/call"
	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/envoy"
	"github.com/istio-egress/istio-egress/test/wire/internal/istiod"
	"github.com/istio-egress/istio-egress/test/wire/internal/network"
	"github.com/istio-egress/istio-egress/test/wire/internal/pki"
	"github.com/istio-egress/istio-egress/test/wire/internal/pod"
)

// Pod is a pod of the world.
type Pod struct {
	*pod.Pod
	// Caller makes the calls of the workload in it.
	Caller *call.Caller

	described *cases.Caller
	proxy     *istiod.Proxy
}

func (p *Pod) hasProxy() bool { return p.Admin != nil }

// The first addresses of pods.
var (
	firstPod  = netip.MustParseAddr("10.244.0.9")
	firstPod6 = netip.MustParseAddr("fd00:10:244::9")
)

func (w *World) startPods() error {
	v4, v6 := firstPod, firstPod6
	var all []netip.Addr
	for _, name := range slices.Sorted(maps.Keys(w.file.Callers)) {
		described := w.file.Callers[name]
		addresses := map[string][]netip.Addr{"": {v4}, "IPv4": {v4}, "IPv6": {v6}, "dual": {v4, v6}}[described.Families]
		v4, v6 = v4.Next(), v6.Next()
		all = append(all, addresses...)
		if err := w.startPod(name, described, addresses); err != nil {
			return fmt.Errorf("caller %s: %w", name, err)
		}
	}
	w.Servers.SetPods(all)
	return w.Servers.Redirect()
}

func (w *World) startPod(name string, described *cases.Caller, addresses []netip.Addr) error {
	started, err := pod.New(w.network, addresses)
	if err != nil {
		return err
	}
	w.onClose(func() { _ = started.Close() })
	namespace := described.Namespace
	if namespace == "" {
		namespace = "default"
	}
	p := &Pod{Pod: started, described: described, Caller: &call.Caller{
		Pod: started.Namespace, Namespace: namespace, Nameserver: network.Nameservers[0],
		HasIPv4: addresses[0].Is4(), HasIPv6: addresses[len(addresses)-1].Is6(),
		Roots: w.tools.Authorities.byName[cases.Public].Pool(),
	}}
	if !p.Caller.HasIPv4 {
		p.Caller.Nameserver = network.Nameservers[1]
	}
	w.Pods[name] = p
	if described.Sidecar != nil && !*described.Sidecar {
		return nil
	}
	return w.inject(name, p, envoy.Node{
		Kind: "sidecar", Name: name, Namespace: namespace, ServiceAccount: "default",
		Labels: described.Labels, Addresses: addresses, IstioVersion: istiod.Version, Metadata: described.Metadata,
	})
}

// inject gives a pod its sidecar.
func (w *World) inject(name string, p *Pod, node envoy.Node) error {
	folder := filepath.Join(w.folder, name)
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	socket := filepath.Join(folder, "xds.sock")
	proxy, err := w.istiod.Serve(socket, node.Identity())
	if err != nil {
		return err
	}
	p.proxy = proxy
	workload, err := w.tools.Authorities.byName[mesh].Issue(pki.Request{Identity: node.Identity()})
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	for path, content := range p.described.Files {
		if files[path], err = w.content(content); err != nil {
			return err
		}
	}
	return p.Inject(pod.Spec{
		Folder: folder, Envoy: w.tools.Envoy, Node: node, XDS: socket, Nameservers: network.Nameservers,
		SystemCA: w.tools.Authorities.byName[cases.Public].PEM(), Workload: workload,
		MeshCA: w.tools.Authorities.byName[mesh].PEM(), Files: files, Redirect: true,
		DualStack: w.file.Surroundings.Istiod["ISTIO_DUAL_STACK"] == "true",
	})
}

// content is what a file of a sidecar holds, by its words in the file of cases.
func (w *World) content(words string) ([]byte, error) {
	kind, name, _ := strings.Cut(words, " ")
	switch kind {
	case "ca":
		return w.tools.Authorities.byName[name].PEM(), nil
	case "certificate":
		return w.identities.pair(name).CertificatePEM(), nil
	case "key":
		return w.identities.pair(name).KeyPEM()
	}
	return nil, nil
}
