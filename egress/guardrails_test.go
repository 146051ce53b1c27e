package egress_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/istio-egress/istio-egress/egress"
)

// Guard rails that let more pass are wider or weaker, those that let less pass the reverse, and what only reads otherwise is
// nothing.
func TestDiffOfGuardRails(t *testing.T) {
	chart := loadChart(t)
	for _, test := range []struct {
		before, after string
		class         egress.Class // empty for no change
	}{
		{"{hosts: [a.example.com]}", "{hosts: [a.example.com, b.example.com]}", egress.Wider},
		{"{hosts: [a.example.com]}", "{hosts: [\"*.example.com\"]}", egress.Wider},
		{"{hosts: [a.example.com]}", "{hosts: null}", egress.Wider},
		{"{hosts: []}", "{hosts: [a.example.com]}", egress.Wider},
		{"{hosts: [a.example.com, \"*.example.com\"]}", "{hosts: [\"*.example.com\"]}", ""},
		{"{hosts: [a.example.com, b.example.com]}", "{hosts: [b.example.com, a.example.com]}", ""},
		{"{hosts: [\"*.example.com\"]}", "{hosts: [\"*.example.com\", \"*.a.example.com\"]}", ""},
		{"{hosts: [\"*.example.com\"]}", "{hosts: [example.com, \"*.example.com\"]}", egress.Wider},
		{"{namespaces: [shop]}", "{namespaces: [shop, billing]}", egress.Wider},
		{"{exportTo: [shop]}", "{exportTo: [\"*\"]}", egress.Wider},
		{"{exportTo: [\"*\"]}", "{}", ""},
		{"{modes: [SIMPLE]}", "{modes: [SIMPLE, DISABLE]}", egress.Weaker},
		{"{addressesInside: [10.0.0.0/8]}", "{addressesInside: [10.0.0.0/7]}", egress.Wider},
		{"{addressesInside: [10.0.0.0/8]}", "{addressesInside: [10.0.0.0/8, 10.1.2.3]}", ""},
		{"{addressesInside: [\"2001:db8::/32\"]}", "{addressesInside: [\"2001:DB8:0::/32\"]}", ""},
		{"{addressesOutside: [10.0.0.0/8]}", "{addressesOutside: [10.0.0.0/9]}", egress.Wider},
		{"{addressesOutside: [10.0.0.0/8]}", "{addressesOutside: []}", egress.Wider},
		{"{addressesOutside: []}", "{}", ""},
		{"{forbidInsecureSkipVerify: true}", "{}", egress.Weaker},
		{"{requireGateway: true}", "{requireGateway: false}", egress.Weaker},
		{"{requireExportTo: true}", "{requireExportTo: false}", egress.Wider},
		{"{requireExportTo: false}", "{}", ""},
	} {
		t.Run(fmt.Sprintf("%s to %s", test.before, test.after), func(t *testing.T) {
			before, after := modelOf(t, chart, parse(t, "policy: "+test.before)), modelOf(t, chart, parse(t, "policy: "+test.after))
			wantClass(t, egress.Diff(before, after), test.class)
			wantClass(t, egress.Diff(after, before), test.class.Mirrored())
		})
	}
}

func wantClass(t *testing.T, changes []egress.Change, class egress.Class) {
	t.Helper()
	if class == "" && len(changes) == 0 {
		return
	}
	if len(changes) != 1 || changes[0].Class != class || changes[0].Before.Path == "" || changes[0].After.Path == "" {
		t.Errorf("want one change that is %q, got %v", class, lines(changes))
	}
}

// A list that gains and loses items is both; a release of objects, or one that is new, is not compared.
func TestDiffOfGuardRailsBothWays(t *testing.T) {
	chart := loadChart(t)
	shop := modelOf(t, chart, parse(t, "policy: {namespaces: [shop]}"))
	billing := modelOf(t, chart, parse(t, "policy: {namespaces: [billing]}"))
	var classes []egress.Class
	for _, change := range egress.Diff(shop, billing) {
		classes = append(classes, change.Class)
	}
	if !slices.Equal(classes, []egress.Class{egress.Wider, egress.Narrower}) {
		t.Errorf("other namespaces: %v", classes)
	}
	for _, other := range []*egress.Model{{}, {GuardRails: []*egress.GuardRails{{Release: "other"}}}} {
		if changes := slices.Concat(egress.Diff(shop, other), egress.Diff(other, shop)); len(changes) > 0 {
			t.Errorf("without guard rails to compare: %v", lines(changes))
		}
	}
}
