package explain

import (
	"context"
	"slices"
)

// Reason is why an object has no part in a call. The words are stable.
type Reason string

// The reasons.
const (
	Refused      Reason = "REFUSED"        // istiod's validation refuses it
	AliasRule    Reason = "ALIAS_RULE"     // a DestinationRule on an ExternalName alias, which is no destination
	NotVisible   Reason = "NOT_VISIBLE"    // it is not exported to the caller, or counts for other namespaces
	Selector     Reason = "SELECTOR"       // it is for other workloads
	OtherWins    Reason = "OTHER_WINS"     // another object for the host counts
	GatewayOnly  Reason = "GATEWAY_ONLY"   // it is for gateways
	NoRouteMatch Reason = "NO_ROUTE_MATCH" // none of its routes is for the call
	SidecarScope Reason = "SIDECAR_SCOPE"  // a Sidecar keeps it from the caller
	NoWaypoint   Reason = "NO_WAYPOINT"    // ztunnel does not read it, and no waypoint takes the call
	NoEffect     Reason = "NO_EFFECT"      // the call is the same without it
)

// Ignored is an object about the names of a call that has no part in it: taking it away changes nothing.
type Ignored struct {
	Reference
	Reason Reason
	Text   string
}

// counterfactual is what taking objects away shows of a call.
type counterfactual struct {
	trace *Trace
	whole *index // of all objects
	part  *index // of those that can matter
	base  *Trace // of the part
}

// Ignored returns the objects about the names of the call that have no part in it. Each is taken away, and the call followed
// anew: it is ignored when nothing changes. What turns out to decide about the call, though no step names it, becomes a step
// of the stage involved: the trace must not be read meanwhile.
func (t *Trace) Ignored(ctx context.Context) ([]Ignored, error) {
	if t.Call.NoSidecar {
		return nil, nil
	}
	c, err := newCounterfactual(t)
	if err != nil {
		return nil, err
	}
	var ignored []Ignored
	var involved []Reference
	for _, it := range c.candidates() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found, effect, err := c.judge(it)
		switch {
		case err != nil:
			return nil, err
		case effect == changesOutcome:
			involved = append(involved, found.Reference)
		case effect == changesNothing && !(found.Reason == NoEffect && it.isForAll()):
			ignored = append(ignored, found)
		}
	}
	wide, err := c.meshWide(ctx)
	if err != nil {
		return nil, err
	}
	if involved = append(involved, wide...); len(involved) > 0 && !slices.ContainsFunc(t.Steps, isInvolved) {
		t.step(StageInvolved, "without these the call would be another", "", involved...)
	}
	return ignored, nil
}

// effect is what taking objects away does to a call.
type effect int

const (
	changesNothing effect = iota
	changesWay            // the steps are others, and lead to the same
	changesOutcome
)

// judge tells what an item does to the call, and why it does nothing.
func (c *counterfactual) judge(it *item) (Ignored, effect, error) {
	e, err := c.effectOf(it)
	if err != nil || e != changesNothing {
		return Ignored{Reference: it.ref(it.aspect(c.trace.dialledPort()))}, e, err
	}
	found, err := c.explain(it)
	return found, e, err
}

// isForAll tells whether the item is about every host.
func (it *item) isForAll() bool { return slices.Contains(it.hosts, "*") }

func isInvolved(s Step) bool { return s.Stage == StageInvolved }

func newCounterfactual(t *Trace) (*counterfactual, error) {
	c := &counterfactual{trace: t, whole: t.mesh.all()}
	var err error
	if c.part, err = c.whole.part(t.mesh.options, []Call{t.Call}); err != nil {
		return nil, err
	}
	if c.base, err = c.again(c.part); err != nil {
		return nil, err
	}
	return c, nil
}

// all returns the index of all objects, those that were not loaded included.
func (m *Mesh) all() *index {
	if m.whole != nil {
		return m.whole
	}
	return m.index
}

// again follows the call among other objects.
func (c *counterfactual) again(ix *index) (*Trace, error) {
	m := newMesh(ix, c.trace.mesh.options)
	defer m.Close()
	return m.Explain(c.trace.Call)
}

// effectOf tells what taking items away does.
func (c *counterfactual) effectOf(items ...*item) (effect, error) {
	if len(items) == 1 && items[0].refused() != nil {
		return changesNothing, nil // it was never loaded
	}
	other, err := c.again(c.part.without(items...))
	switch {
	case err != nil:
		return changesNothing, err
	case !other.endsAs(c.base):
		return changesOutcome, nil
	case !other.sameAs(c.base):
		return changesWay, nil
	}
	return changesNothing, nil
}

// candidates are the objects about the call's names that no step names.
func (c *counterfactual) candidates() []*item {
	var found []*item
	for _, it := range c.part.items {
		if !c.trace.namesObject(it.identity) && slices.ContainsFunc(c.trace.names, it.isAbout) {
			found = append(found, it)
		}
	}
	slices.SortStableFunc(found, func(a, b *item) int { return a.ref(Aspect{}).Compare(b.ref(Aspect{})) })
	return found
}

// meshWide returns the Sidecars, EnvoyFilters and PeerAuthentications without which the call would be another. As most have
// no effect on it, they are taken away together first.
func (c *counterfactual) meshWide(ctx context.Context) ([]Reference, error) {
	var items []*item
	for _, it := range c.part.items {
		switch it.kind {
		case kindSidecar, kindEnvoyFilter, kindPeerAuthentication:
			if it.refused() == nil {
				items = append(items, it)
			}
		}
	}
	return c.effective(ctx, items)
}

// effective returns those of the items that change the call, by halves.
func (c *counterfactual) effective(ctx context.Context, items []*item) ([]Reference, error) {
	if len(items) == 0 {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e, err := c.effectOf(items...)
	switch {
	case err != nil || e != changesOutcome:
		return nil, err
	case len(items) == 1:
		return []Reference{items[0].ref(Aspect{})}, nil
	}
	first, err := c.effective(ctx, items[:len(items)/2])
	if err != nil {
		return nil, err
	}
	second, err := c.effective(ctx, items[len(items)/2:])
	return append(first, second...), err
}
