package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"google.golang.org/protobuf/proto"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/report"
)

func loadChart(t *testing.T) *render.Chart {
	t.Helper()
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

// load reads values files of a release in the namespace shop.
func load(t *testing.T, files ...string) *report.Declaration {
	t.Helper()
	return loadInto(t, "shop", files...)
}

func loadInto(t *testing.T, namespace string, files ...string) *report.Declaration {
	t.Helper()
	declaration, err := report.Load(loadChart(t), lint.Release{
		Options: render.Options{Namespace: namespace}, Values: render.ValuesOptions{Files: files},
	})
	if err != nil {
		t.Fatal(err)
	}
	return declaration
}

func write(t *testing.T, format string, rows []report.Row, o report.Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.Write(format, &out, rows, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestFormats(t *testing.T) {
	declaration := load(t, "testdata/values.yaml")
	for _, format := range report.Formats() {
		golden.Equal(t, "testdata/report."+format, write(t, format, report.Rows(declaration), report.Options{
			Title: "Egress of release shop", Sources: declaration.Sources, Version: "v1.2.3",
		}))
		golden.Equal(t, "testdata/nothing."+format, write(t, format, nil, report.Options{}))
	}
}

func TestUnknownFormat(t *testing.T) {
	err := report.Write("xml", nil, nil, report.Options{})
	if err == nil || !strings.Contains(err.Error(), `unknown format "xml": want one of csv, html, json, md, mermaid`) {
		t.Errorf("got %v", err)
	}
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	rows := report.Rows(load(t, "testdata/values.yaml"))
	for _, format := range report.Formats() {
		if err := report.Write(format, brokenPipe{}, rows, report.Options{}); err == nil {
			t.Errorf("%s: no error", format)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

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

// Rows lead to the line of the entry, in whatever file or flag it is.
func TestPlaces(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	base := file("base.yaml", "# base\nexternalNameServices:\n  api:\n    externalName: api.example.com\n    ports: [{name: https, port: 443}]\n    tls: {mode: DISABLE}\n")
	over := file("over.yaml", "externalNameServices:\n  web:\n    externalName: web.example.com\n    ports:\n      - {name: https, port: 443}\n    tls: {mode: DISABLE}\n")
	list := file("list.yaml", "endpointServices:\n\n  - name: sink\n    addresses: [192.0.2.2, 192.0.2.1]\n    ports: [{name: https, port: 443}]\n    tls: {mode: DISABLE}\n")
	declaration, err := report.Load(loadChart(t), lint.Release{Values: render.ValuesOptions{
		Files: []string{base, over, list},
		Set:   []string{"externalNameServices.flag.externalName=flag.example.com,externalNameServices.flag.ports[0].name=https,externalNameServices.flag.ports[0].port=443,externalNameServices.flag.tls.mode=DISABLE"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]report.Place{}
	for _, row := range report.Rows(declaration) {
		got[row.Destination] = row.Place
	}
	want := map[string]report.Place{
		"api.example.com":  {Path: "externalNameServices.api", File: base, Line: 3},
		"web.example.com":  {Path: "externalNameServices.web", File: over, Line: 2},
		"192.0.2.2":        {Path: "endpointServices[0]", File: list, Line: 3},
		"flag.example.com": {Path: "externalNameServices.flag", Flag: "--set externalNameServices.flag.tls.mode=DISABLE"},
	}
	for destination, place := range want {
		if got[destination] != place {
			t.Errorf("%s: %+v, want %+v", destination, got[destination], place)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

func TestRefusedValues(t *testing.T) {
	_, err := report.Load(loadChart(t), lint.Release{Label: "a", Values: render.ValuesOptions{
		Files: []string{"values.yaml"},
		ReadFile: func(string) ([]byte, error) {
			return []byte("externalNameServices:\n  api: {externalName: API.example.com}\n"), nil
		},
	}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"the chart refuses the values of release a", "values.yaml:2: externalNameServices.api.externalName:", "[external-name-upper-case]", "[schema-required]",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}

// validator holds JSON against a schema.
func validator(t *testing.T, path string) func(text string) error {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) error {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(document)
	}
}

// A report is valid by the schema that its document points to.
func TestSchema(t *testing.T) {
	validate := validator(t, "../docs/report.schema.json")
	for _, rows := range [][]report.Row{nil, report.Rows(load(t, "testdata/values.yaml")), hostileRows("x")} {
		if err := validate(write(t, "json", rows, report.Options{})); err != nil {
			t.Error(err)
		}
	}
	if validate(`{"apiVersion": "report.istio-egress/v1", "rows": [{"destination": "a", "port": 1, "grade": "fine"}]}`) == nil {
		t.Error("an unknown grade is valid")
	}
}

// The diagram of hostile rows is one that mermaid reads: make diagrams parses it.
func TestHostileDiagram(t *testing.T) {
	golden.Equal(t, "testdata/hostile.mermaid", write(t, "mermaid", hostileRows(hostile), report.Options{}))
}

const hostile = "<script>alert(1)</script>\"'`|*_[x](http://x)&#60;\n=1+1;%0a#quot;]:::x\u2028\x1b[31m"

// hostileRows have a text in every place of a row.
func hostileRows(text string) []report.Row {
	return []report.Row{{
		Destination: text, Addresses: []string{text, text}, Port: 443, Protocol: text, Names: []string{text + ":80"}, Namespaces: []string{text},
		Workloads: text, AllowFrom: &report.AllowFrom{Namespaces: []string{text}, ServiceAccounts: []string{text}}, Through: text, DataPlane: egress.DataPlaneBoth, Waypoint: text,
		Form: egress.FormOpen, Grade: egress.Unverified, SNI: text, Verifies: []string{text}, CA: text, Certificate: text, Host: text, Release: text,
		Place: report.Place{Path: text, File: text, Line: 1},
	}}
}

func FuzzFormats(f *testing.F) {
	for _, text := range []string{hostile, "=cmd|' /C calc'!A0", "  @x", "a\\", "``a`", "", "\xff", "--></style>", "{{.}}", "a\r\nb", "\t+1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows := hostileRows(text)
		options := report.Options{Title: text, Sources: []string{text}, Unsaid: []string{text}, Version: text}
		checkHTML(t, write(t, "html", rows, options))
		checkCSV(t, write(t, "csv", rows, options))
		checkMarkdown(t, write(t, "md", rows, options))
		checkMermaid(t, write(t, "mermaid", rows, options))
		var decoded map[string]any
		if err := json.Unmarshal([]byte(write(t, "json", rows, options)), &decoded); err != nil {
			t.Error(err)
		}
	})
}

// checkHTML counts tags: a text adds none.
func checkHTML(t *testing.T, page string) {
	t.Helper()
	wanted := write(t, "html", hostileRows("x"), report.Options{Title: "x", Sources: []string{"x"}, Unsaid: []string{"x"}, Version: "x"})
	for _, tag := range []string{"<script", "<style", "</style", "<img", "<a ", "<td", "<li", "<text", "<div", "<meta", "style=", "onload=", "href="} {
		if got, want := strings.Count(page, tag), strings.Count(wanted, tag); got > want {
			if tag == "style=" || tag == "onload=" || tag == "href=" { // no attribute, but text of somebody
				continue
			}
			t.Errorf("%d of %s, want %d", got, tag, want)
		}
	}
}

func checkCSV(t *testing.T, text string) {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(records) != 2 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for _, cell := range records[1] {
		if strings.ContainsAny(strings.TrimLeft(cell, " ")+"x", "=+-@") && strings.IndexAny(strings.TrimLeft(cell, " "), "=+-@\t\r") == 0 {
			t.Errorf("a spreadsheet executes %q", cell)
		}
	}
}

// checkMarkdown counts the cells of the table's rows.
func checkMarkdown(t *testing.T, text string) {
	t.Helper()
	var cells []int
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "|") {
			cells = append(cells, strings.Count(strings.ReplaceAll(strings.ReplaceAll(line, `\\`, ""), `\|`, ""), "|"))
		}
	}
	if len(cells) != 3 || cells[0] != cells[1] || cells[0] != cells[2] {
		t.Errorf("cells of the lines: %v\n%s", cells, text)
	}
	if strings.Contains(strings.ToLower(text), "\n<script") {
		t.Errorf("a tag in\n%s", text)
	}
}

// checkMermaid finds quotes and brackets that end a text early.
func checkMermaid(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.Count(line, `"`)%2 != 0 || strings.Count(line, `"`) > 2 || strings.ContainsAny(line, "<`\r") {
			t.Errorf("a text ends early in %q", line)
		}
	}
}

// Very many names are counted, the worst first, and none is lost.
func TestFolding(t *testing.T) {
	var rows []report.Row
	for i := range 400 {
		grade := egress.Grades()[i%6]
		rows = append(rows, report.Row{
			Destination: fmt.Sprintf("host-%d.example.com", i), Port: 443, Grade: grade, Namespaces: []string{fmt.Sprintf("team-%d", i%40)},
			Names: []string{fmt.Sprintf("name-%d.team-%d:80", i, i%40)},
		})
		service := &egress.Service{Name: fmt.Sprintf("name-%d", i), Namespace: fmt.Sprintf("team-%d", i%40)}
		rows[i].Ways = []egress.Way{{Port: &egress.Port{Service: service, Number: 80}, To: &egress.DestinationPort{}}}
	}
	page := write(t, "html", rows, report.Options{})
	if !strings.Contains(page, "400 names are more than a picture can show") {
		t.Error("the page does not tell that it counts")
	}
	if boxes := strings.Count(page, "<rect "); boxes > 3*70 {
		t.Errorf("%d boxes", boxes)
	}
	diagram := write(t, "mermaid", rows, report.Options{})
	total := 0
	for line := range strings.Lines(diagram) {
		var namespace string
		var names int
		if _, err := fmt.Sscanf(strings.TrimSpace(line[strings.Index(line, "\"")+1:]), "%s %d name", &namespace, &names); err == nil {
			total += names
		}
	}
	if other := strings.Count(diagram, "other namespaces, "); other == 0 || total == 0 {
		t.Errorf("nothing is counted in\n%s", diagram)
	}
	if first, last := strings.Index(diagram, `"plaintext"`), strings.Index(diagram, `"TLS, verified"`); first > last && last >= 0 {
		t.Error("the worst does not come first")
	}
}

// What an example renders to is reported as its values are.
func TestManifestsOfExamples(t *testing.T) {
	rendered, err := filepath.Glob("../examples/*/rendered.yaml")
	if err != nil || len(rendered) < 10 {
		t.Fatalf("%d examples, %v", len(rendered), err)
	}
	for _, file := range rendered {
		values := filepath.Join(filepath.Dir(file), "values.yaml")
		if _, err := os.Stat(values); err != nil {
			continue
		}
		manifests, err := report.Manifests([]string{file}, nil)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		a, b := withoutPlaces(report.Rows(loadInto(t, "default", values))), withoutPlaces(report.Rows(manifests))
		if !slices.Equal(a, b) {
			t.Errorf("%s: values\n%s\nmanifests\n%s", file, strings.Join(a, "\n"), strings.Join(b, "\n"))
		}
	}
}
