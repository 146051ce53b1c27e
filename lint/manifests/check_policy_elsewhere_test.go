package manifests_test

import (
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint/catalogue"
)

func TestPoliciesThatAreNotTheGateways(t *testing.T) {
	entry, err := catalogue.Find("manifest-policy-elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	const (
		name     = "metadata: {name: ledger.shop, namespace: istio-system}"
		abroad   = "metadata: {name: ledger, namespace: shop}"
		selector = "  selector:\n    matchLabels: {istio: egressgateway}\n  action: DENY"
		route    = "metadata: {name: ledger, namespace: shop}\nspec:\n  hosts: [ledger.shop.svc.cluster.local]"
		callers  = "metadata: {name: ledger, namespace: shop, annotations: {istio-egress/allow-from: shop/ledger}}\nspec:\n  hosts: [ledger.shop.svc.cluster.local]"
	)
	for what, test := range map[string]struct {
		edits     []string // old and new text by turns
		says      string   // empty for nothing
		unrelated bool     // the policy names nothing of the gateway's
	}{
		"as it should be":                  {},
		"in the callers' namespace":        {edits: []string{name, abroad}, says: "the gateway's pods are in namespace istio-system: this policy has no effect on calls of 6380.ledger.shop.tcp.egress.internal"},
		"one that allows":                  {edits: []string{name, abroad, "action: DENY", "action: ALLOW"}, says: "put it into namespace istio-system, with spec.selector.matchLabels {istio: egressgateway}"},
		"of other pods":                    {edits: []string{selector, "  selector:\n    matchLabels: {istio: ingressgateway}\n  action: DENY"}, says: "the gateway's pods have istio=egressgateway"},
		"bound to a ServiceEntry":          {edits: []string{selector, "  targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: ledger}]\n  action: DENY"}, says: "policies for a ServiceEntry are a waypoint's"},
		"of all pods of the namespace":     {edits: []string{selector, "  action: DENY"}},
		"of pods with one label more":      {edits: []string{selector, "  selector:\n    matchLabels: {istio: egressgateway, app: egress}\n  action: DENY"}},
		"of the root namespace":            {edits: []string{name, name, "istio-system", "exits"}},
		"of the root namespace and others": {edits: []string{name, name, "istio-system", "exits", selector, "  selector:\n    matchLabels: {istio: ingressgateway}\n  action: DENY"}, says: "the gateway's pods have istio=egressgateway"},
		"of all names of a namespace":      {edits: []string{name, abroad, "values: [6380.ledger.shop.tcp.egress.internal]", `values: ["*.shop.tcp.egress.internal"]`}, says: "the gateway's pods are in namespace istio-system: this policy has no effect on calls of 6380.ledger.shop.tcp.egress.internal"},
		"of all names":                     {edits: []string{name, abroad, "values: [6380.ledger.shop.tcp.egress.internal]", `values: ["*"]`}, unrelated: true},
		"of another server name":           {edits: []string{name, abroad, "values: [6380.ledger.shop.tcp.egress.internal]", "values: [ledger.example.com]"}, unrelated: true},
	} {
		t.Run(what, func(t *testing.T) {
			text := strings.NewReplacer(test.edits...).Replace(entry.Repair[0].Text)
			if len(test.edits) > 0 && text == entry.Repair[0].Text {
				t.Fatal("the example has no such text")
			}
			if got := saidBy(t, "manifest-policy-elsewhere", text); (test.says == "") != (got == "") || !strings.Contains(got, test.says) {
				t.Errorf("want %q, got %q", test.says, got)
			}
			// Nobody is denied where the route says who may call.
			text = strings.Replace(text, route, callers, 1)
			if got := saidBy(t, "manifest-allow-from", text); !test.unrelated && (test.says == "") != (got == "") {
				t.Errorf("the route says %q", got)
			}
		})
	}
}

// Each of two gateways that serve one host has its own policy. One that is neither's is told of, and so is a name that no gateway
// of the policy serves.
func TestPoliciesOfOneOfTwoGateways(t *testing.T) {
	entry, err := catalogue.Find("manifest-policy-elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	const name = "6380.ledger.shop.tcp.egress.internal"
	first := entry.Repair[0].Text
	const begin = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ledger.6380"
	_, rest, found := strings.Cut(first, begin)
	if !found {
		t.Fatalf("no VirtualService of the gateway in\n%s", first)
	}
	atGateway := begin + rest
	second := "---\n" + strings.NewReplacer("istio-system", "exits", "ledger.6380", "ledger.exits", "name: egress,", "name: exits,", "shop/egress", "shop/exits",
		"istio: egressgateway", "istio: exits").Replace(atGateway)
	for what, test := range map[string]struct{ text, says string }{
		"one of two gateways":     {text: first + second},
		"neither of two gateways": {text: first + strings.Replace(second, "name: ledger.shop, namespace: exits", "name: ledger, namespace: shop", 1), says: "put it into namespace istio-system"},
		"another name of each gateway": {
			text: first + strings.ReplaceAll(strings.Replace(second, "values: ["+name+"]", "values: [8443.pay.shop.tcp.egress.internal, "+name+"]", 1),
				"["+name+"]", "[8443.pay.shop.tcp.egress.internal]"),
			says: "the gateway's pods are in namespace istio-system: this policy has no effect on calls of " + name,
		},
	} {
		t.Run(what, func(t *testing.T) {
			if got := saidBy(t, "manifest-policy-elsewhere", test.text); (test.says == "") != (got == "") || !strings.Contains(got, test.says) {
				t.Errorf("want %q, got %q", test.says, got)
			}
		})
	}
}

// saidBy is the message of the finding; empty where there is none.
func saidBy(t *testing.T, id, text string) string {
	t.Helper()
	for _, finding := range lintText(t, text) {
		if finding.ID == id {
			return finding.Message
		}
	}
	return ""
}
