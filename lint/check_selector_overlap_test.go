package lint_test

import (
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
)

// One rule applies to a workload, with all ports of the host: what counts is whether any of them differs.
func TestSelectorOverlap(t *testing.T) {
	const (
		orders   = "  orders: {externalName: api.example.com, exportTo: [\".\"], ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: MUTUAL, credentialName: orders}, workloadSelector: {matchLabels: {app: orders}}}\n"
		orders81 = "  orders81: {externalName: api.example.com, exportTo: [\".\"], ports: [{name: http, port: 81, targetPort: 8443}], tls: {mode: MUTUAL, credentialName: orders}, workloadSelector: {matchLabels: {app: orders}}}\n"
		team     = "  team: {externalName: api.example.com, exportTo: [\".\"], ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: MUTUAL, credentialName: team}, workloadSelector: {matchLabels: {team: a}}}\n"
		team81   = "  team81: {externalName: api.example.com, exportTo: [\".\"], ports: [{name: http, port: 81, targetPort: 8443}], tls: {mode: MUTUAL, credentialName: team}, workloadSelector: {matchLabels: {team: a}}}\n"
	)
	for name, test := range map[string]struct{ entries, want string }{
		"the same port":              {orders + team, "differ on port 80;"},
		"the same settings":          {orders + strings.ReplaceAll(team, "credentialName: team", "credentialName: orders"), ""},
		"other ports":                {orders + team81, "differ on ports 80, 81;"},
		"both name all ports":        {orders + orders81 + team + team81, "differ on ports 80, 81;"},
		"another CA":                 {strings.NewReplacer("mode: MUTUAL, credentialName: orders", "mode: SIMPLE, credentialName: ca", "mode: MUTUAL, credentialName: team", "mode: SIMPLE").Replace(orders + team81), "differ on port 80;"},
		"no other than all have":     {strings.NewReplacer("mode: MUTUAL, credentialName: orders", "mode: SIMPLE", "mode: MUTUAL, credentialName: team", "mode: SIMPLE").Replace(orders + team81), ""},
		"other traffic policies":     {strings.NewReplacer("mode: MUTUAL, credentialName: orders", "mode: SIMPLE", "mode: MUTUAL, credentialName: team", "mode: SIMPLE").Replace(orders + strings.Replace(team, "exportTo", "trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}, exportTo", 1)), "differ on port 80;"},
		"no workload matches both":   {orders + strings.ReplaceAll(team81, "team: a", "app: web"), ""},
		"the same selector":          {orders + strings.ReplaceAll(team81, "team: a", "app: orders"), ""},
		"another host":               {orders + strings.ReplaceAll(team81, "api.example", "other.example"), ""},
		"another namespace":          {orders + strings.ReplaceAll(team81, "exportTo", "namespace: b, exportTo"), ""},
		"errors of another host":     {orders + team81 + "  broken: {externalName: broken}\n", "differ on ports 80, 81;"},
		"the top level's visibility": {strings.Replace(orders, `exportTo: ["."], `, "", 1) + team81, "differ on ports 80, 81;"},
	} {
		t.Run(name, func(t *testing.T) {
			files(t, map[string]string{"values.yaml": "exportTo: [\".\"]\nserviceType: ExternalName\nexternalNameServices:\n" + test.entries})
			findings, err := lint.Releases(load(t), []lint.Release{{Values: render.ValuesOptions{Files: []string{"values.yaml"}}}}, lint.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, finding := range findings {
				if finding.ID == "selector-overlap" {
					got = append(got, finding.Message)
				}
			}
			if test.want == "" && len(got) > 0 || test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)) {
				t.Errorf("got %q, want one with %q", got, test.want)
			}
		})
	}
}
