package world

import (
	"cmp"
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

	described cases.Pod
	proxy     *istiod.Proxy
	ambient   bool
}

func (p *Pod) hasProxy() bool { return p.Admin != nil }

// The first addresses of pods.
var (
	firstPod  = netip.MustParseAddr("10.244.0.9")
	firstPod6 = netip.MustParseAddr("fd00:10:244::9")
)

// sidecar is the kind of a proxy that has a workload beside it.
const sidecar = "sidecar"

// planPods gives every pod its addresses, and tells the cluster of it.
func (w *World) planPods() error {
	v4, v6 := firstPod, firstPod6
	pods := w.file.Pods()
	for _, name := range slices.Sorted(maps.Keys(pods)) {
		described := pods[name]
		addresses := map[string][]netip.Addr{"": {v4}, "IPv4": {v4}, "IPv6": {v6}, "dual": {v4, v6}}[described.Families]
		v4, v6 = v4.Next(), v6.Next()
		w.addresses[name] = addresses
		if err := w.cluster.AddPod(name, described.HomeNamespace(), described.Account(), described.Labels, addresses); err != nil {
			return err
		}
	}
	return nil
}

// startPods starts all pods.
func (w *World) startPods() error {
	all := map[netip.Addr]string{}
	pods := w.file.Pods()
	for _, name := range slices.Sorted(maps.Keys(pods)) {
		for _, address := range w.addresses[name] {
			all[address] = name
		}
		if err := w.startPod(name, pods[name]); err != nil {
			return fmt.Errorf("pod %s: %w", name, err)
		}
	}
	w.Servers.SetPods(all)
	return w.Servers.Redirect()
}

func (w *World) startPod(name string, described cases.Pod) error {
	addresses := w.addresses[name]
	started, err := pod.New(w.network, addresses)
	if err != nil {
		return err
	}
	w.onClose(func() { _ = started.Close() })
	p := &Pod{Pod: started, described: described}
	w.Pods[name] = p
	kind := sidecar
	if gateway := w.file.Surroundings.Gateways[name]; gateway != nil {
		kind = cmp.Or(gateway.Kind, cases.Router)
	} else {
		p.Caller = w.caller(p)
		caller := w.file.Callers[name]
		if caller.Ambient {
			return w.enrol(p)
		}
		if caller.Sidecar != nil && !*caller.Sidecar {
			return nil
		}
	}
	return w.inject(p, envoy.Node{
		Kind: kind, Name: name, Namespace: described.HomeNamespace(), ServiceAccount: described.Account(),
		Labels: described.Labels, Addresses: addresses, IstioVersion: istiod.Version, Metadata: described.Metadata,
	})
}

// enrol has ztunnel take the calls of a pod.
func (w *World) enrol(p *Pod) error {
	z, err := w.ztunnelOf(p)
	if err != nil {
		return err
	}
	p.ambient, p.Caller.Carry = true, z.dial
	return nil
}

// caller is the workload in a pod.
func (w *World) caller(p *Pod) *call.Caller {
	c := &call.Caller{
		Pod: p.Namespace, Namespace: p.described.HomeNamespace(), Nameserver: network.Nameservers[0],
		HasIPv4: p.Addresses[0].Is4(), HasIPv6: p.Addresses[len(p.Addresses)-1].Is6(),
		Roots: w.tools.Authorities.byName[cases.Public].Pool(),
	}
	if !c.HasIPv4 {
		c.Nameserver = network.Nameservers[1]
	}
	return c
}

// inject gives a pod its proxy.
func (w *World) inject(p *Pod, node envoy.Node) error {
	folder := filepath.Join(w.folder, node.Name)
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
		MeshCA: w.tools.Authorities.byName[mesh].PEM(), Files: files, Redirect: node.Kind == sidecar,
		DualStack: w.file.Surroundings.Istiod["ISTIO_DUAL_STACK"] == "true",
	})
}

// content is what a file of a proxy holds, by its words in the file of cases.
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
