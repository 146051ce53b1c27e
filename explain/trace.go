package explain

import (
	"fmt"
	"reflect"
	"slices"
)

// Stage is a stage of a call's way. The words are stable.
type Stage string

// The stages, in their order.
const (
	StageName       Stage = "name"       // what DNS makes of the name
	StageAddress    Stage = "address"    // that the workload dials
	StageListener   Stage = "listener"   // how the sidecar takes the connection
	StageRoute      Stage = "route"      // how it takes the request, and what it changes
	StageCluster    Stage = "cluster"    // the host and port that it leads to
	StageEncryption Stage = "encryption" // what is sent there
	StageUpstream   Stage = "upstream"   // the server
	StageZtunnel    Stage = "ztunnel"    // where ztunnel carries the call of an ambient pod; behind a waypoint, what follows is what that does
	StageGateway    Stage = "gateway"    // the egress gateway that takes the call over; what follows is what it does
	StageAccess     Stage = "access"     // who may call, at the gateway or the waypoint
	StageUnfollowed Stage = "unfollowed" // objects that change how the proxy works, in ways that are not followed
	StageInvolved   Stage = "involved"   // objects without which the call would be another, though no step is theirs alone
)

// Step is what happens at one stage, and because of what.
type Step struct {
	Stage Stage
	Text  string
	// Detail has Envoy's own names, such as those of the listener and the cluster; empty where there are none.
	Detail string
	By     []Reference
}

// TLS is what the sidecar sends.
type TLS struct {
	SNI string
	// Verifies are the names of which the server's certificate must have one; none lets any pass.
	Verifies []string
	// CA is "system" for the public CAs, a file, or kubernetes:// and the name of a Secret; empty when nothing is verified.
	CA string
	// Certificate is a file, kubernetes:// and the name of a Secret, or "default" for the mesh's own; empty for none.
	Certificate string
}

// Warning is something that a user should know of a call. Render lint --explain tells more of its id.
type Warning struct {
	ID   string
	Text string
}

// Trace is what becomes of a call.
type Trace struct {
	Call    Call
	Verdict Verdict
	// Upstream are the servers, host:port, sorted. For calls that leave as unknown traffic it is what was dialled.
	Upstream []string
	TLS      *TLS   // nil where the sidecar encrypts nothing
	Host     string // the Host header that the server gets; empty for what is no HTTP
	// Through is the egress gateway, or of an ambient workload the waypoint, that takes the call over, as namespace/name; empty
	// for none. Verdict, Upstream, TLS and Host are what it sends.
	Through  string
	Steps    []Step
	Warnings []Warning

	mesh  *Mesh
	names []string // that took part
}

// String is the verdict in a sentence.
func (t *Trace) String() string {
	from := t.Call.From.namespace()
	if labels := t.Call.From.labels(); labels != "" {
		from += " " + labels
	}
	if t.Call.From.ServiceAccount != "" {
		from += " as " + t.Call.From.ServiceAccount
	}
	switch {
	case t.Call.NoSidecar:
		from += " without a sidecar"
	case t.Call.From.isAmbient():
		from += " in ambient mode"
	}
	text := fmt.Sprintf("%s from %s %s", t.Call.URL, from, t.Verdict.Says())
	if len(t.Upstream) > 0 {
		text += " to " + join(t.Upstream)
	}
	switch {
	case t.Verdict == Denied:
		text += " by the " + t.over() + " " + t.Through
	case t.Through != "":
		text += ", through the " + t.over() + " " + t.Through
	}
	return text
}

// over is what takes calls over, for sentences.
func (t *Trace) over() string {
	if t.Call.From.isAmbient() {
		return atWaypoint
	}
	return atGateway
}

func (t *Trace) step(stage Stage, text, detail string, by ...Reference) {
	t.Steps = append(t.Steps, Step{Stage: stage, Text: text, Detail: detail, By: by})
}

// named adds names that took part.
func (t *Trace) named(names ...string) {
	for _, name := range names {
		if !slices.Contains(t.names, name) {
			t.names = append(t.names, name)
		}
	}
}

func (t *Trace) warn(id, format string, arguments ...any) {
	w := Warning{ID: id, Text: fmt.Sprintf(format, arguments...)}
	if !slices.Contains(t.Warnings, w) {
		t.Warnings = append(t.Warnings, w)
	}
}

// Names are those that took part: what was called, the aliases and the hosts that it led to.
func (t *Trace) Names() []string { return slices.Clone(t.names) }

// namesObject tells whether a step names an object.
func (t *Trace) namesObject(id identity) bool {
	return slices.ContainsFunc(t.Steps, func(s Step) bool {
		return slices.ContainsFunc(s.By, func(r Reference) bool {
			return identity{r.Kind, r.Namespace, r.Name} == id
		})
	})
}

// sameAs tells whether two traces say the same.
func (t *Trace) sameAs(other *Trace) bool {
	return t.endsAs(other) && reflect.DeepEqual(t.Steps, other.Steps)
}

// endsAs tells whether two calls do the same, on whatever way.
func (t *Trace) endsAs(other *Trace) bool {
	return t.Verdict == other.Verdict && slices.Equal(t.Upstream, other.Upstream) && reflect.DeepEqual(t.TLS, other.TLS) &&
		t.Host == other.Host && t.Through == other.Through && reflect.DeepEqual(t.Warnings, other.Warnings)
}
