package lint_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
)

// A policy that permits the values changes nothing of what they render to, and one that forbids an entry is told of there.
func TestPoliciesOnlyRestrict(t *testing.T) {
	chart := load(t)
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.Random(random, 1+random.IntN(6))
		free, err := chart.Render(values, render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		restricted := maps.Clone(values)
		policy := valuesgen.Permit(random, values)
		restricted["policy"] = policy
		permitted, err := chart.Render(restricted, render.Options{})
		if err != nil {
			t.Fatalf("%v\n%s", err, text(t, restricted))
		}
		if !bytes.Equal(free.Manifest(), permitted.Manifest()) {
			t.Fatalf("the policy changes what is rendered\n%s", text(t, restricted))
		}
		fault := valuesgen.Forbid(random, values, policy)
		if fault.ID == "" {
			return
		}
		if findings := lintValues(t, chart, restricted); !found(findings, fault) {
			t.Errorf("%+v not found among %+v\n%s", fault, findings, text(t, restricted))
		}
		var refused *render.RefusedError
		if _, err := chart.Render(restricted, render.Options{}); !errors.As(err, &refused) {
			t.Errorf("refused by lint, and the chart says %v\n%s", err, text(t, restricted))
		}
	})
}

// An address is in a range where net/netip says so, in every spelling of both.
func TestRangesOfPolicies(t *testing.T) {
	chart := load(t)
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		for range 10 {
			address, prefix := near(random)
			values := map[string]any{
				"policy": map[string]any{"addressesInside": []any{prefix.String()}},
				"endpointServices": []any{map[string]any{
					"name": "erp", "addresses": []any{address.StringExpanded()},
					"ports": []any{map[string]any{"name": "https", "port": 443}}, "tls": map[string]any{"mode": "DISABLE"},
				}},
			}
			_, findings, err := chart.Declare(values, render.Options{})
			if err != nil {
				t.Fatal(err)
			}
			forbidden := false
			for _, finding := range findings {
				forbidden = forbidden || finding.ID == "policy-forbids"
			}
			if forbidden == prefix.Contains(address) {
				t.Errorf("%s in %s: forbidden %v", address, prefix, forbidden)
			}
		}
	})
}

// near returns an address, and a range that has it or an address that differs in one bit.
func near(random *rand.Rand) (netip.Addr, netip.Prefix) {
	octets := make([]byte, []int{4, 16}[random.IntN(2)])
	for i := range octets {
		octets[i] = byte(random.IntN(256))
	}
	octets[0] = 0x20 // nothing that the chart refuses
	address, _ := netip.AddrFromSlice(octets)
	bit := random.IntN(len(octets) * 8)
	if random.IntN(2) == 0 {
		octets[bit/8] ^= 0x80 >> (bit % 8)
	}
	other, _ := netip.AddrFromSlice(octets)
	return address, netip.PrefixFrom(other, random.IntN(len(octets)*8+1))
}

// The linter shows both places, each in its file.
func TestPolicyFindingsNameBothPlaces(t *testing.T) {
	chart := load(t)
	dir := t.TempDir()
	write := func(name, values string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(values), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tenant := write("tenant.yaml", "externalNameServices:\n  api:\n    externalName: api.example.net\n    ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n")
	platform := write("platform.yaml", "policy:\n  namespaces: [default]\n  hosts:\n    - \"*.example.com\"\n")
	findings, err := lint.Releases(chart, []lint.Release{{Values: render.ValuesOptions{Files: []string{tenant, platform}}}}, lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) != 1 || len(findings[0].Related) != 1 {
		t.Fatalf("%+v", findings)
	}
	got := fmt.Sprintf("%s %s", findings[0].Position, findings[0].Related[0].Position)
	if want := tenant + ":3:19 " + platform + ":3:3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Of an item that the schema refuses the policy says nothing; of the others it does.
func TestPolicyOfItemsThatAreNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "values.yaml")
	values := `externalNameServices:
  - {name: api, externalName: api.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}, exportTo: [".,*", team-b]}
policy: {exportTo: ["."]}
`
	if err := os.WriteFile(path, []byte(values), 0o600); err != nil {
		t.Fatal(err)
	}
	findings, err := lint.Releases(load(t), []lint.Release{{Values: render.ValuesOptions{Files: []string{path}}}}, lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, finding := range findings {
		got = append(got, finding.ID+" "+finding.Message)
	}
	want := []string{
		`policy-forbids policy.exportTo forbids visibility to namespace "team-b": it allows "."`,
		`schema-pattern must be ".", "*" or the name of a namespace, such as team-a, not ".,*"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
