package report_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/report"
)

// Reports of values are what reports of the objects are that the values render to, but for places, and for names of servers
// that no object has.
func TestRowsOfValuesAndObjects(t *testing.T) {
	chart := loadChart(t)
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.Random(random, 1+random.IntN(10))
		declared := declare(t, chart, values)
		fromValues := report.Rows(&report.Declaration{Model: declared})
		fromObjects := report.Rows(&report.Declaration{Model: objectsOf(t, chart, values)})
		if a, b := withoutPlaces(fromValues), withoutPlaces(fromObjects); !slices.Equal(a, b) {
			t.Errorf("values\n%s\nobjects\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
		}
		checkRows(t, declared, fromValues)
	})
}

func declare(t *testing.T, chart *render.Chart, values map[string]any) *egress.Model {
	t.Helper()
	model, findings, err := chart.Declare(values, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range findings {
		if finding.Severity == render.SeverityError {
			t.Fatalf("%+v", finding)
		}
	}
	return model
}

func objectsOf(t *testing.T, chart *render.Chart, values map[string]any) *egress.Model {
	t.Helper()
	result, err := chart.Render(values, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	model, err := result.Model()
	if err != nil {
		t.Fatal(err)
	}
	return model
}

func withoutPlaces(rows []report.Row) []string {
	var all []string
	for _, row := range rows {
		if len(row.Addresses) > 0 {
			row.Destination = row.Addresses[0]
		}
		row.Place = report.Place{}
		data, err := json.Marshal(row)
		if err != nil {
			panic(err) // rows always encode
		}
		all = append(all, string(data))
	}
	slices.Sort(all)
	return all
}

// checkRows holds rows against the model: every port that leads out has a row for each of its rules, with the grade that
// its TLS mode and protocol ask for, and no other port has one.
func checkRows(t *testing.T, model *egress.Model, rows []report.Row) {
	t.Helper()
	found := map[string]int{}
	worst := 0
	for _, row := range rows {
		if rank := row.Grade.Rank(); rank < worst {
			t.Errorf("%s stands behind better ones", row.Grade)
		} else {
			worst = rank
		}
		for i, name := range row.Names {
			found[name]++
			if way := row.Ways[i]; way.Name() != name || way.Grade() != wantedGrade(way) {
				t.Errorf("%s: %s is %s, want %s", name, way.Name(), row.Grade, wantedGrade(way))
			}
		}
	}
	if want := rowsOfNames(model); !maps.Equal(found, want) {
		t.Errorf("rows of names are %v, want %v", found, want)
	}
}

// rowsOfNames counts the rules of every name that is called: a service's, or an external host's own. One for some workloads that
// says the same as the one for all others is no row.
func rowsOfNames(model *egress.Model) map[string]int {
	counts := map[string]int{}
	for _, service := range model.Services {
		for _, port := range service.Ports {
			if port.To != nil && len(port.To.Rules) > 0 {
				counts[fmt.Sprintf("%s.%s:%d", service.Name, service.Namespace, port.Number)] += distinctRules(port.To)
			}
		}
	}
	for _, destination := range model.Destinations {
		for _, port := range destination.Ports {
			if destination.Kind == egress.ExternalHost && len(port.Rules) > 0 {
				counts[fmt.Sprintf("%s:%d", destination.Host, port.Number)] += distinctRules(port)
			}
		}
	}
	return counts
}

func distinctRules(port *egress.DestinationPort) int {
	count := 1
	for _, rule := range port.Rules[1:] {
		if !proto.Equal(rule.TLS.GetSettings(), port.Rules[0].TLS.GetSettings()) {
			count++
		}
	}
	return count
}

func wantedGrade(way egress.Way) egress.Grade {
	settings := way.Rule.TLS.GetSettings()
	switch mode := way.Rule.TLS.Mode(); {
	case mode != "DISABLE" && settings.GetInsecureSkipVerify().GetValue():
		return egress.Unverified
	case mode == "SIMPLE":
		return egress.Verified
	case mode == "MUTUAL":
		return egress.Mutual
	}
	switch way.To.Protocol {
	case "HTTP", "HTTP2", "GRPC", "GRPC-Web":
		return egress.Plaintext
	case "HTTPS", "TLS":
		return egress.WorkloadTLS
	}
	return egress.Opaque
}

// A port without TLS is the same for workloads that have a client certificate for the other ports: one row tells.
func TestRowOfPortWithoutTLSForSelectedWorkloads(t *testing.T) {
	values := `
  - name: risk
    namespace: shop
    externalName: risk.example.com
    workloadSelector: {matchLabels: {app: checkout}}
    ports: [{name: http, port: 80, targetPort: 443}, {name: http-plain, port: 8080, tls: {mode: DISABLE}}]
    tls: {mode: MUTUAL, clientCertificate: /c.pem, privateKey: /k.pem}
`
	file := filepath.Join(t.TempDir(), "values.yaml")
	for form, line := range map[string]string{"closed": "", "open": "    serviceType: ExternalName\n"} {
		if err := os.WriteFile(file, []byte("externalNameServices:"+values+line), 0o600); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range report.Rows(load(t, file)) {
			got = append(got, row.String())
		}
		loaded, err := render.ReadValues(render.ValuesOptions{Files: []string{file}})
		if err != nil {
			t.Fatal(err)
		}
		result, err := loadChart(t).Render(loaded, render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var ofObjects []string
		for _, row := range report.Rows(manifestsOf(t, string(result.Manifest()))) {
			ofObjects = append(ofObjects, row.String())
		}
		want := []string{
			"risk.example.com:8080 as risk.shop:8080: plaintext",
			"risk.example.com:443 as risk.shop:80: TLS, verified, for all others",
			"risk.example.com:443 as risk.shop:80: TLS with a client certificate, verified, for app=checkout",
		}
		if !slices.Equal(got, want) || !slices.Equal(ofObjects, want) {
			t.Errorf("%s:\n%s\nobjects:\n%s", form, strings.Join(got, "\n"), strings.Join(ofObjects, "\n"))
		}
	}
}
