//go:build e2e

package simulation

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// way is a call's way through a sidecar, in Envoy's names.
type way struct {
	Fails       bool // the sidecar closes the connection or answers itself
	VirtualHost string
	Chain       string
	Cluster     string
	Upstreams   []string // none where it is what the workload dialled
	TLS         mesh.TLS
	Host        string
}

// The clusters whose server is what the workload dialled.
func passes(cluster string) bool {
	return cluster == mesh.Passthrough || cluster == mesh.BlackHole || cluster == ""
}

func asSimulated(o mesh.Outcome) way {
	w := way{Fails: o.Error != nil || o.Status != 0, VirtualHost: o.VirtualHost, Chain: o.Chain, Cluster: o.Cluster, TLS: o.TLS, Host: o.Host}
	if w.Fails {
		return way{Fails: true}
	}
	if !passes(o.Cluster) {
		w.Upstreams = slices.Compact(slices.Clone(o.Upstreams)) // one for each declared address
	}
	return w.settled()
}

// toWhatIsDialled tells whether the cluster is of a wildcard: its server is whatever the workload dialled, which the simulation
// knows by an address, and explain by the name that was called.
func toWhatIsDialled(cluster string) bool { return strings.Contains(cluster, "||*.") }

// settled leaves out what does not matter where nothing leaves for a server of a cluster.
func (w way) settled() way {
	if toWhatIsDialled(w.Cluster) && len(w.Upstreams) > 0 {
		w.Upstreams = []string{"dialled"}
	}
	if len(w.Upstreams) == 0 {
		w.TLS, w.Host = mesh.TLS{}, ""
	}
	if w.VirtualHost != "" {
		w.Chain = "" // named by the virtual host's table
	}
	w.TLS.Certificate, _, _ = strings.Cut(w.TLS.Certificate, "~") // and its key
	slices.Sort(w.TLS.Names)
	return w
}

var (
	virtualHost = regexp.MustCompile(`virtual host "([^"]*)"`)
	filterChain = regexp.MustCompile(`filter chain "([^"]*)"`)
)

func asExplained(t *explain.Trace) way {
	var w way
	for _, step := range t.Steps {
		switch step.Stage { //nolint:exhaustive // no other stage has a name of Envoy's
		case explain.StageListener:
			w.Chain = first(filterChain, step.Detail)
		case explain.StageRoute:
			w.VirtualHost = first(virtualHost, step.Detail)
		case explain.StageCluster:
			w.Cluster, _, _ = strings.Cut(step.Detail, ",")
		}
	}
	missing := t.Verdict == explain.NoUpstream && !passes(w.Cluster) && len(t.Steps) > 0 && t.Steps[len(t.Steps)-1].Stage == explain.StageCluster
	if w.Cluster == "" || missing || t.Verdict == explain.Failed {
		return way{Fails: true}
	}
	if !passes(w.Cluster) {
		w.Upstreams, w.Host = t.Upstream, t.Host
	}
	w.TLS = explainedTLS(t)
	return w.settled()
}

func explainedTLS(t *explain.Trace) mesh.TLS {
	if t.TLS == nil {
		return mesh.TLS{}
	}
	return mesh.TLS{On: true, SNI: t.TLS.SNI, Names: slices.Clone(t.TLS.Verifies), CA: t.TLS.CA, Certificate: t.TLS.Certificate}
}

func first(expression *regexp.Regexp, text string) string {
	if found := expression.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

// dialled is the declared address that explain assumes of DNS; empty where the simulation's own will do.
func dialled(t *explain.Trace) string {
	for _, step := range t.Steps {
		if step.Stage != explain.StageAddress {
			continue
		}
		words := strings.Fields(step.Text)
		if address, err := netip.ParseAddr(strings.TrimSuffix(words[1], ",")); err == nil {
			return address.String()
		}
	}
	return ""
}
