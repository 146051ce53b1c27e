package render_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
)

func loadEmbedded(t testing.TB) *render.Chart {
	t.Helper()
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

func findings(t *testing.T, yaml string) []render.Finding {
	t.Helper()
	values, err := render.ParseValues([]byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	found, err := loadEmbedded(t).Findings(values, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

const cleanEntry = `
externalNameServices:
  - name: my-httpbin
    externalName: httpbin.org
    ports: [{name: http, port: 80}]
    tls: {mode: DISABLE}
`

func TestFindingsOfCleanValues(t *testing.T) {
	if found := findings(t, cleanEntry); len(found) != 0 {
		t.Errorf("findings %v", found)
	}
}

func TestFindingsOfTheSchema(t *testing.T) {
	entry := func(text string) string { return strings.Replace(cleanEntry, "    tls: {mode: DISABLE}\n", text, 1) }
	for name, tc := range map[string]struct{ values, id, path, message string }{
		"unknown field": {
			"endpointKind: EndpointSlice", render.FindingUnknownField, "endpointKind", `did you mean "endpointsKind"?`,
		},
		"a field of another collection": {
			entry("    tls: {mode: DISABLE}\n    endpointsKind: ServiceEntry"), render.FindingUnknownField,
			"externalNameServices[0].endpointsKind", `unknown field "endpointsKind" here: it belongs to entries of endpointServices`,
		},
		"a field of the top level": {
			entry("    tls: {mode: DISABLE}\n    waypoint: egress"), render.FindingUnknownField,
			"externalNameServices[0].waypoint", `unknown field "waypoint" here: waypoint stands at the top level of the values`,
		},
		"a field of two collections": {
			"externalHosts: [{name: a, hosts: [a.example.com], ports: [{name: https, port: 443}], tls: {mode: DISABLE}, allowFrom: {namespaces: [a]}}]",
			render.FindingUnknownField, "externalHosts[0].allowFrom", "it belongs to entries of endpointServices or externalNameServices",
		},
		"a field of two collections, and below another field": {
			"externalHosts: [{name: a, hosts: [a.example.com], ports: [{name: https, port: 443}], tls: {mode: DISABLE}, timeout: 5s}]",
			render.FindingUnknownField, "externalHosts[0].timeout",
			`unknown field "timeout" here: it belongs to entries of endpointServices or externalNameServices`,
		},
		"a field of one other collection": {
			entry("    tls: {mode: DISABLE}\n") + "endpointServices: [{name: a, externalName: a.example.com}]", render.FindingUnknownField,
			"endpointServices[0].externalName", `unknown field "externalName" here: it belongs to entries of externalNameServices`,
		},
		"a field of entries at the top level": {
			"timeout: 5s", render.FindingUnknownField, "timeout",
			`unknown field "timeout" here: it belongs to entries of endpointServices or externalNameServices`,
		},
		"the policy of the values": {
			entry("    tls: {mode: DISABLE}\n    policy: {}"), render.FindingUnknownField, "externalNameServices[0].policy",
			`unknown field "policy" here: policy stands at the top level of the values`,
		},
		"a traffic policy by a short name": {
			entry("    tls: {mode: DISABLE}\n    policy: {connectionPool: {}}"), render.FindingUnknownField, "externalNameServices[0].policy",
			`unknown field "policy": write trafficPolicy instead`,
		},
		"the opposite of a field": { // true would become insecureSkipVerify: true
			entry("    tls: {mode: DISABLE, verify: true}"), render.FindingUnknownField, "externalNameServices[0].tls.verify", "allowed are caCertificates, caCrl",
		},
		"no port": { // and nothing of port 0
			strings.Replace(cleanEntry, "{name: http, port: 80}]\n    tls: {mode: DISABLE}", "{name: https}]\n    tls: {mode: SIMPLE}", 1), render.FindingRequired,
			"externalNameServices[0].ports[0].port", "is missing: write one such as port: 443",
		},
		"no space after a colon": {
			entry("    tls: {mode:DISABLE}"), render.FindingUnknownField, `externalNameServices[0].tls["mode:DISABLE"]`,
			`unknown field "mode:DISABLE": YAML wants a space after the colon: write mode: DISABLE`,
		},
		"ports as Docker has them": {
			strings.Replace(cleanEntry, "{name: http, port: 80}", `"8080:443"`, 1), render.FindingType, "externalNameServices[0].ports[0]",
			`must be a map, not the string "8080:443": write one such as {name: http, port: 8080, targetPort: 443}`,
		},
		"unknown field unlike others": {
			entry("    tls: {mode: DISABLE, verification: strict}"), render.FindingUnknownField,
			"externalNameServices[0].tls.verification", "allowed are caCertificates, caCrl, clientCertificate,",
		},
		"type": {
			entry("    tls: DISABLE"), render.FindingType, "externalNameServices[0].tls", `must be a map, not the string "DISABLE": write tls: {mode: DISABLE}`,
		},
		"type of an entry": {
			"externalNameServices: [nonsense]", render.FindingType, "externalNameServices[0]", `must be a map, not the string "nonsense"`,
		},
		"enumeration": {
			entry("    tls: {mode: disable}"), render.FindingEnum,
			"externalNameServices[0].tls.mode", "must be DISABLE, SIMPLE or MUTUAL, not the string \"disable\": write DISABLE",
		},
		"pattern": {
			entry("    tls: {mode: DISABLE}\n    namespace: Default"), render.FindingPattern,
			"externalNameServices[0].namespace", `must be the name of a namespace: lower-case letters, digits and hyphens, such as team-a, not "Default": write default`,
		},
		"key": {
			"endpointServices: {My_Alias: {}}", render.FindingPattern, "endpointServices.My_Alias", `such as my-httpbin, not "My_Alias": write my-alias`,
		},
		"word without quotes": {
			strings.Replace(cleanEntry, "name: my-httpbin", "name: n", 1), render.FindingType, "externalNameServices[0].name",
			"must be a string, not the boolean false (as n, no and off without quotes are), so write it in quotes, or set it by --set-string",
		},
		"number without quotes": {
			strings.Replace(cleanEntry, "httpbin.org", "1.20", 1), render.FindingType, "externalNameServices[0].externalName",
			"must be a string, not the number 1.2: write one such as externalName: api.example.com",
		},
		"word of an enumeration without quotes": {
			entry("    tls: {mode: ON}"), render.FindingType, "externalNameServices[0].tls.mode",
			"must be DISABLE, SIMPLE or MUTUAL, not the boolean true (as y, yes and on without quotes are): write SIMPLE if the mesh is to send TLS",
		},
		"missing": {
			entry("    tls: {sni: httpbin.org}"), render.FindingRequired, "externalNameServices[0].tls.mode", "is missing: write mode: DISABLE, SIMPLE or MUTUAL",
		},
		"missing, required elsewhere": {
			"externalNameServices: [{name: a}]", render.FindingRequired, "externalNameServices[0].externalName", "is missing: write one such as externalName: api.example.com",
		},
		"missing, by another field": {
			entry("    tls: {mode: DISABLE}\n    trafficPolicy: {outlierDetection: {consecutiveLocalOriginFailures: 4}}"), render.FindingRequired,
			"externalNameServices[0].trafficPolicy.outlierDetection.splitExternalLocalOriginErrors",
			"is missing: consecutiveLocalOriginFailures needs it; write splitExternalLocalOriginErrors: true",
		},
		"wrong, by another field": {
			entry("    tls: {mode: DISABLE}\n    trafficPolicy: {outlierDetection: {consecutiveLocalOriginFailures: 4, splitExternalLocalOriginErrors: false}}"), render.FindingEnum,
			"externalNameServices[0].trafficPolicy.outlierDetection.splitExternalLocalOriginErrors",
			"must be true, not the boolean false: consecutiveLocalOriginFailures needs it: write true",
		},
		"excluded by another field": {
			entry("    tls: {mode: DISABLE}\n    trafficPolicy: {connectionPool: {http: {h2UpgradePolicy: UPGRADE, useClientProtocol: true}}}"), render.FindingEnum,
			"externalNameServices[0].trafficPolicy.connectionPool.http.useClientProtocol",
			"must be false, not the boolean true: h2UpgradePolicy: UPGRADE excludes it; remove one of them",
		},
		"missing with a switch": {
			"test: {enabled: true, image: null}", render.FindingRequired, "test.image", "is missing: enabled: true needs it; write one such as image: docker.io/curlimages/curl",
		},
		"range": {
			strings.Replace(cleanEntry, "80", "80000", 1), render.FindingRange, "externalNameServices[0].ports[0].port", "must be at most 65535, not 80000",
		},
		"empty list": {
			entry("    tls: {mode: DISABLE}\n    exportTo: []"), render.FindingRange, "externalNameServices[0].exportTo", `is empty: write one such as exportTo: [".", team-b]`,
		},
		"given twice": {
			`exportTo: [team-a, team-a]`, render.FindingConflict, "exportTo[1]", "is the same as item 0",
		},
		"excluded": {
			`commonLabels: {helm.sh/chart: mine}`, render.FindingConflict, `commonLabels["helm.sh/chart"]`, "must be left out: the chart sets this label itself",
		},
		"null where a value is needed": {
			strings.Replace(cleanEntry, "port: 80", "port: null", 1), render.FindingType, "externalNameServices[0].ports[0].port", "must be a whole number, not null",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range findings(t, tc.values) {
				if f.ID == tc.id && f.Path == tc.path && strings.Contains(f.Message, tc.message) && f.Severity == render.SeverityError {
					return
				}
			}
			t.Errorf("findings %+v, want %s at %s: %s", findings(t, tc.values), tc.id, tc.path, tc.message)
		})
	}
}

// Who knows the text of the file can repeat it.
func TestFindingsNameTheTextWithoutQuotes(t *testing.T) {
	for values, want := range map[string]string{
		"exportTo: [no]":     `exportTo[0]: must be a string, and no without quotes is the boolean false, so write "no"`,
		"endpointsKind: no":  "endpointsKind: must be EndpointSlice, ServiceEntry or Endpoints, not the boolean false",
		"exportTo: no":       "exportTo: must be a list, not the boolean false: write ",
		"exportTo: [[no]]":   "exportTo[0]: must be a string, not a list",
		"clusterDomain: 1.0": `clusterDomain: must be a string, and no without quotes is the number 1: write one such as clusterDomain: `,
	} {
		for _, f := range findings(t, values) {
			if got := f.Path + ": " + f.MessageFor("no"); !strings.HasPrefix(got, want) {
				t.Errorf("%s: got %s, want %s", values, got, want)
			}
			if f.MessageFor("") != f.Message {
				t.Errorf("%s: without the text %s, want %s", values, f.MessageFor(""), f.Message)
			}
		}
	}
}

func TestFindingsAreToldAllAtOnce(t *testing.T) {
	values, err := os.ReadFile("testdata/findings/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var ofSchema strings.Builder
	ofChart := map[string]string{}
	for _, f := range findings(t, string(values)) {
		if strings.HasPrefix(f.ID, "schema-") {
			fmt.Fprintf(&ofSchema, "%s: %s [%s] %s\n", f.Path, f.Message, f.ID, strings.Join(f.Related, ", "))
		} else {
			ofChart[f.Path] = f.ID
		}
	}
	golden.Equal(t, "testdata/findings/schema.txt", ofSchema.String())
	// What the schema refuses elsewhere does not hide them, and blanked values are not told twice.
	want := map[string]string{
		"externalNameServices[3].externalName":               "external-name-upper-case",
		"externalNameServices[3].tls.credentialName":         "credential-name-selector",
		"externalNameServices[3].trafficPolicy.loadBalancer": "load-balancer-choice",
		"endpointServices.low.addresses[0]":                  "address-loopback",
		"endpointServices.low.tls":                           "tls-missing",
	}
	if !maps.Equal(ofChart, want) {
		t.Errorf("the chart's findings %v, want %v", ofChart, want)
	}
}

// Whatever is written in place of a value: the findings have an error exactly when the chart refuses the values.
func TestFindingsAgreeWithRender(t *testing.T) {
	chart := loadEmbedded(t)
	files, err := filepath.Glob("../examples/*/values.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("examples %v, %v", files, err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, file := range files {
		for range 20 {
			values, err := render.ReadValues(render.ValuesOptions{Files: []string{file}})
			if err != nil {
				t.Fatal(err)
			}
			valuesgen.Change(random, values)
			_, renderErr := chart.Render(values, render.Options{})
			found, err := chart.Findings(values, render.Options{})
			if err != nil {
				t.Errorf("%s: no findings for %v: %v", file, values, err)
				continue
			}
			var refused *render.RefusedError
			if got := hasError(found); got != errors.As(renderErr, &refused) {
				t.Errorf("%s: findings %+v, but rendering says %v for %v", file, found, renderErr, values)
			}
		}
	}
}

func hasError(found []render.Finding) bool {
	for _, f := range found {
		if f.Severity == render.SeverityError {
			return true
		}
	}
	return false
}

func TestBlankedValuesHideOnlyWhatMissesThem(t *testing.T) {
	for name, tc := range map[string]struct {
		values string
		want   string
	}{
		"another field of the port": {
			`externalNameServices: [{name: db, externalName: db.example.com, serviceType: ExternalName, ports: [{name: tcp, port: 5432, targetPort: "5433"}], tls: {mode: DISABLE}}]`,
			"schema-type tcp-without-addresses",
		},
		"the addresses themselves": {
			`externalNameServices: [{name: db, externalName: db.example.com, serviceType: ExternalName, addresses: 192.0.2.1, ports: [{name: tcp, port: 5432}], tls: {mode: DISABLE}}]`,
			"schema-type",
		},
		"no mode": {
			`externalNameServices: [{name: web, externalName: web.example.com, ports: [{name: http, port: 80}], tls: {}}]`,
			"schema-required",
		},
		"no mode on a port": {
			`externalNameServices: [{name: web, externalName: web.example.com, ports: [{name: http, port: 80, tls: {sni: a.example.com}}]}]`,
			"schema-required",
		},
		"no mode of another entry": {
			`externalNameServices: [{name: web, externalName: web.example.com, ports: [{name: http, port: 80}], tls: {}}, {name: db, externalName: db.example.com, ports: [{name: http, port: 80}]}]`,
			"schema-required tls-missing",
		},
		"no mode of an entry with a longer name": {
			`externalNameServices: {we: {externalName: web.example.com, ports: [{name: http, port: 80}], tls: {}}, web: {externalName: db.example.com, ports: [{name: http, port: 80}]}}`,
			"schema-required tls-missing",
		},
		"no labels in the selector": {
			`externalNameServices: [{name: web, externalName: web.example.com, exportTo: ["."], ports: [{name: http, port: 80, targetPort: 443}], workloadSelector: {}, tls: {mode: SIMPLE, credentialName: ca}}]`,
			"schema-required",
		},
		"the mode": {
			`externalNameServices: [{name: db, externalName: db.example.com, ports: [{name: http, port: 80}], tls: {mode: 1}}]`,
			"schema-type",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var ids []string
			for _, f := range findings(t, tc.values) {
				ids = append(ids, f.ID)
			}
			if got := strings.Join(ids, " "); got != tc.want {
				t.Errorf("findings %s, want %s", got, tc.want)
			}
		})
	}
}
