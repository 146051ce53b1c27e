package egress

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// GuardRails are what the values of a release say that entries may be: their policy. They make no way and take none away.
type GuardRails struct {
	// Release names the release where there are several; empty for a single one.
	Release string
	// Of each list, nil restricts nothing, and a list without items lets nothing pass.
	Namespaces, Hosts, ExportTo, Modes []string
	AddressesInside, AddressesOutside  []string // CIDRs
	ForbidInsecureSkipVerify           bool
	RequireGateway, RequireExportTo    bool
}

// rail is one field of the guard rails.
type rail struct {
	field string
	// loosened is what it means that the field lets more pass.
	loosened Class
	items    func(*GuardRails) []string
	// covers tells whether whatever one item lets pass another does, too.
	covers func(item, other string) bool
	// forbids tells that the items are what does not pass; without any, all does.
	forbids bool
	// unset is what a field that is not there says.
	unset string
}

var rails = []rail{
	{"namespaces", Wider, func(g *GuardRails) []string { return g.Namespaces }, sameItem, false, "anything"},
	{"hosts", Wider, func(g *GuardRails) []string { return g.Hosts }, coversHost, false, "anything"},
	{"exportTo", Wider, (*GuardRails).visibility, sameItem, false, "anything"},
	{"modes", Weaker, func(g *GuardRails) []string { return g.Modes }, sameItem, false, "anything"},
	{"addressesInside", Wider, func(g *GuardRails) []string { return g.AddressesInside }, coversRange, false, "anything"},
	{"addressesOutside", Wider, func(g *GuardRails) []string { return g.AddressesOutside }, coversRange, true, "nothing"},
	{"forbidInsecureSkipVerify", Weaker, switched(func(g *GuardRails) bool { return g.ForbidInsecureSkipVerify }), sameItem, true, "false"},
	{"requireGateway", Weaker, switched(func(g *GuardRails) bool { return g.RequireGateway }), sameItem, true, "false"},
	{"requireExportTo", Wider, switched(func(g *GuardRails) bool { return g.RequireExportTo }), sameItem, true, "false"},
}

// switched reads a boolean as a list of what it forbids.
func switched(on func(*GuardRails) bool) func(*GuardRails) []string {
	return func(g *GuardRails) []string {
		if on(g) {
			return []string{"true"}
		}
		return nil
	}
}

// visibility is what exportTo restricts; with "*" that is nothing.
func (g *GuardRails) visibility() []string {
	if slices.Contains(g.ExportTo, "*") {
		return nil
	}
	return g.ExportTo
}

func sameItem(item, other string) bool { return item == other }

func coversHost(item, other string) bool {
	return item == other || strings.HasPrefix(item, "*.") && Covers(item, other)
}

// coversRange tells whether a range has all addresses of another. An address is the range of itself.
func coversRange(item, other string) bool {
	outer, inner := rangeOf(item), rangeOf(other)
	return outer.IsValid() && inner.IsValid() && outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

func rangeOf(text string) netip.Prefix {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(address, address.BitLen())
}

// compareGuardRails reports what the guard rails of each release let pass more, and what less. A release that one model has no
// guard rails of, as it is new or made of objects, is not compared; nor are those whose name does not tell them apart.
func (d *differ) compareGuardRails(before, after []*GuardRails) {
	was, is := byRelease(before), byRelease(after)
	for _, g := range after {
		if len(was[g.Release]) != 1 || len(is[g.Release]) != 1 {
			continue
		}
		for _, rail := range rails {
			d.changes = append(d.changes, rail.compare(was[g.Release][0], g)...)
		}
	}
}

func byRelease(all []*GuardRails) map[string][]*GuardRails {
	of := map[string][]*GuardRails{}
	for _, g := range all {
		of[g.Release] = append(of[g.Release], g)
	}
	return of
}

func (r *rail) compare(was, is *GuardRails) []Change {
	path := "policy." + r.field
	change := Change{
		Text:   fmt.Sprintf("%s: %s -> %s", path, r.said(was), r.said(is)),
		Before: Site{Path: path, GuardRails: was}, After: Site{Path: path, GuardRails: is},
	}
	var changes []Change
	if r.lessThan(is, was) {
		change.Class = r.loosened
		changes = append(changes, change)
	}
	if r.lessThan(was, is) {
		change.Class = r.loosened.Mirrored()
		changes = append(changes, change)
	}
	return changes
}

// lessThan tells whether a rail stops less than another stops.
func (r *rail) lessThan(g, other *GuardRails) bool {
	items, others := r.items(g), r.items(other)
	if r.forbids {
		return r.uncovered(others, items)
	}
	return others != nil && (items == nil || r.uncovered(items, others))
}

// uncovered tells whether one of the items is covered by none of the others.
func (r *rail) uncovered(items, others []string) bool {
	return slices.ContainsFunc(items, func(item string) bool {
		return !slices.ContainsFunc(others, func(other string) bool { return r.covers(other, item) })
	})
}

// said writes what a rail allows; of those that forbid, what that is.
func (r *rail) said(g *GuardRails) string {
	items := r.items(g)
	if len(items) == 0 && items != nil && !r.forbids {
		return "nothing"
	}
	return cmp.Or(strings.Join(items, ", "), r.unset)
}
