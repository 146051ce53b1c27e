// Package world makes what a file of cases describes: a cluster with istiod, pods with their
// proxies, and the servers and the DNS outside.
package world

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/cluster"
	"github.com/istio-egress/istio-egress/test/wire/internal/dnsserver"
	"github.com/istio-egress/istio-egress/test/wire/internal/istiod"
	"github.com/istio-egress/istio-egress/test/wire/internal/network"
	"github.com/istio-egress/istio-egress/test/wire/internal/server"
)

// Tools are what all worlds share.
type Tools struct {
	// Envoy is the path of the program, which every user may start.
	Envoy string
	// Chart is what is installed.
	Chart *render.Chart
	// Examples is the folder of the examples.
	Examples string
	// Authorities issue all certificates.
	Authorities *Authorities
}

// startTime is how long a world or a change may take to be ready, on a machine that has other things to
// do, and lateTime how long a sidecar that waits for what does not come: Envoy gives up after fifteen
// seconds.
const (
	startTime = 90 * time.Second
	lateTime  = 120 * time.Second
)

// World is a running world.
type World struct {
	Variant cases.Variant
	// Servers are the servers outside, and what arrived at them.
	Servers *server.Outside
	// Pods are callers and gateways, by name.
	Pods map[string]*Pod

	tools      Tools
	file       *cases.File
	folder     string
	cluster    *cluster.Cluster
	istiod     *istiod.Server
	network    *network.Outside
	dns        *dnsserver.Server
	identities *identities
	releases   []*release
	addresses  map[string][]netip.Addr
	closers    []func()
}

// New makes the world of a file in an empty folder.
func New(ctx context.Context, tools Tools, folder string, file *cases.File, variant cases.Variant) (*World, error) {
	w := &World{Variant: variant, Pods: map[string]*Pod{}, addresses: map[string][]netip.Addr{}, tools: tools, file: file, folder: folder}
	if err := w.start(ctx); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// Close ends the world.
func (w *World) Close() {
	for _, function := range slices.Backward(w.closers) {
		function()
	}
	_ = os.RemoveAll(w.folder)
}

func (w *World) onClose(function func()) { w.closers = append(w.closers, function) }

func (w *World) start(ctx context.Context) (err error) {
	families := cluster.Families(w.file.Surroundings.Families)
	if families == "" {
		families = cluster.IPv4
	}
	w.cluster = cluster.New(families)
	if w.identities, err = newIdentities(w.tools.Authorities, w.file.Surroundings.ClientCertificates); err != nil {
		return err
	}
	if err := w.startOutside(ctx); err != nil {
		return err
	}
	if err := w.planPods(); err != nil {
		return err
	}
	if err := w.install(ctx); err != nil {
		return err
	}
	config, err := w.meshConfig()
	if err != nil {
		return err
	}
	if w.istiod, err = istiod.Start(config, w.cluster.Objects()); err != nil {
		return err
	}
	w.onClose(w.istiod.Close)
	if err := w.startPods(); err != nil {
		return err
	}
	return w.ready(ctx)
}

// startOutside starts all that is no pod.
func (w *World) startOutside(ctx context.Context) (err error) {
	if w.network, err = network.NewOutside(); err != nil {
		return err
	}
	w.onClose(w.network.Close)
	if w.dns, err = dnsserver.Start(ctx, w.network, network.Nameservers, w.cluster); err != nil {
		return err
	}
	w.onClose(w.dns.Close)
	if w.Servers, err = server.Start(ctx, w.network); err != nil {
		return err
	}
	w.onClose(w.Servers.Close)
	w.Servers.SetServices(w.cluster.Resolve, w.cluster.Serving)
	given := netip.MustParseAddr("203.0.113.128")
	for _, name := range slices.Sorted(maps.Keys(w.file.Surroundings.Servers)) {
		given = given.Next()
		if err := w.addServer(name, w.file.Surroundings.Servers[name], given); err != nil {
			return fmt.Errorf("server %s: %w", name, err)
		}
	}
	for name, records := range w.file.Surroundings.Names {
		w.setRecords(name, records.Addresses, records.TTL)
	}
	return nil
}

func (w *World) addServer(name string, described *cases.Server, given netip.Addr) error {
	s := &server.Server{Name: name, Ports: map[uint16]*server.Port{}}
	addresses := described.Addresses
	if len(addresses) == 0 {
		addresses = []string{given.String()}
	}
	for _, address := range addresses {
		s.Addresses = append(s.Addresses, netip.MustParseAddr(address))
	}
	for number, port := range described.Ports {
		speech, encrypted := port.Speech()
		s.Ports[number] = &server.Port{Speaks: speech, TLS: encrypted}
		if port.Clients != "" {
			s.Ports[number].Clients = w.tools.Authorities.byName[port.Clients].Pool()
		}
	}
	if described.Host != "" {
		w.setRecords(described.Host, addresses, described.TTL)
	}
	if err := w.Servers.Add(s); err != nil {
		return err
	}
	return w.setCertificate(s, described, described.Certificate)
}

const minute = 60

// setRecords sets the addresses of a name; none takes the name away.
func (w *World) setRecords(name string, addresses []string, ttl uint32) {
	if len(addresses) == 0 {
		w.cluster.SetRecords(name, nil)
		return
	}
	records := &dnsserver.Records{TTL: ttl}
	if ttl == 0 {
		records.TTL = minute
	}
	for _, address := range addresses {
		records.Addresses = append(records.Addresses, netip.MustParseAddr(address))
	}
	w.cluster.SetRecords(name, records)
}

// ready waits until all is in force.
func (w *World) ready(ctx context.Context) error {
	late, cancelLate := context.WithTimeout(ctx, lateTime)
	defer cancelLate()
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for _, name := range slices.Sorted(maps.Keys(w.Pods)) {
		pod := w.Pods[name]
		if !pod.hasProxy() {
			continue
		}
		if pod.described.Ready == cases.Late {
			if err := w.readyLate(late, pod); err != nil {
				return fmt.Errorf("pod %s: %w", name, err)
			}
			continue
		}
		if err := pod.Ready(ctx); err != nil {
			return fmt.Errorf("pod %s: %w", name, errors.Join(err, pod.proxy.Rejected()))
		}
		waits, err := pod.Admin.Stat(ctx, "init_fetch_timeout")
		if err == nil && waits > 0 {
			err = errors.New("it waited for a certificate that did not come: write ready: late where that is meant")
		}
		if err != nil {
			return fmt.Errorf("pod %s: %w", name, err)
		}
	}
	if err := w.Servers.Redirect(); err != nil {
		return err
	}
	return w.settle(ctx)
}

// readyLate expects a sidecar to be ready only when Envoy has given up waiting for a certificate.
func (w *World) readyLate(ctx context.Context, pod *Pod) error {
	if err := pod.Ready(ctx); err != nil {
		return err
	}
	waits, err := pod.Admin.Stat(ctx, "init_fetch_timeout")
	if err != nil {
		return err
	}
	if waits == 0 {
		return errors.New("the sidecar was to be ready late, and waited for nothing")
	}
	return nil
}

// settle waits until all proxies have what istiod made of the last change, and it is in force.
func (w *World) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	ctx, ended := w.whileProxiesRun(ctx)
	defer ended()
	if err := w.istiod.Settle(ctx); err != nil {
		return errors.Join(err, w.endedProxies())
	}
	for _, pod := range w.Pods {
		if !pod.hasProxy() {
			continue
		}
		if err := pod.Ready(ctx); err != nil {
			return err
		}
	}
	return nil
}

// whileProxiesRun returns a context that ends with the first proxy.
func (w *World) whileProxiesRun(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	for _, pod := range w.Pods {
		if pod.hasProxy() {
			context.AfterFunc(pod.Running(), cancel)
		}
	}
	return ctx, cancel
}

// endedProxies tells of proxies that have ended by themselves.
func (w *World) endedProxies() error {
	var all []error
	for name, pod := range w.Pods {
		if pod.hasProxy() && pod.Running().Err() != nil {
			all = append(all, fmt.Errorf("pod %s: the proxy has ended\n%s", name, pod.Logs()))
		}
	}
	return errors.Join(all...)
}

// Dump writes what istiod sent to each proxy into files of the folder.
func (w *World) Dump(ctx context.Context, folder, prefix string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, pod := range w.Pods {
		if !pod.hasProxy() {
			continue
		}
		content, err := pod.Admin.Get(ctx, "/config_dump?include_eds")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, prefix+"-"+name+".json"), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}
