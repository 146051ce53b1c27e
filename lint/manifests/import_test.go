package manifests_test

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/lint/manifests"
	"github.com/istio-egress/istio-egress/render"
)

// importFile imports a file, and returns the values and what is said of them.
func importFile(t *testing.T, path string) (imported *manifests.Imported, values, remarks string) {
	t.Helper()
	imported, err := manifests.Import([]string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	values, remarks = textsOf(t, imported)
	return imported, values, remarks
}

func textsOf(t *testing.T, imported *manifests.Imported) (values, remarks string) {
	t.Helper()
	var out, err strings.Builder
	if e := imported.WriteValues(&out); e != nil {
		t.Fatal(e)
	}
	if e := imported.WriteRemarks(&err); e != nil {
		t.Fatal(e)
	}
	return out.String(), err.String()
}

// What people have in their clusters becomes values, and what does not is listed.
func TestImport(t *testing.T) {
	files, err := filepath.Glob("testdata/import/*.yaml")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			_, values, remarks := importFile(t, path)
			golden.Equal(t, strings.TrimSuffix(path, "yaml")+"txt", "$ render import "+filepath.Base(path)+"\n"+values+"\n2>\n"+remarks)
		})
	}
}

var documentStart = regexp.MustCompile(`(?m)^(- )?kind: [A-Z]`)

// Nothing is dropped, of Istio's samples and tasks and of all that people asked about: each object is in an entry, listed with
// its reason, or no way out; and the chart takes the values.
func TestImportDropsNothing(t *testing.T) {
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	ofImport, err := filepath.Glob("testdata/import/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Concat(inputs(t, "testdata/clean/*.yaml"), inputs(t, "testdata/found/*.yaml"), ofImport) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			imported, text, remarks := importFile(t, path)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			told := toldOf(imported)
			if got, want := len(told)+imported.Read.Others, len(documentStart.FindAll(data, -1)); got < want {
				t.Errorf("%d of %d objects are accounted for: %v\n%s", got, want, told, text)
			}
			for _, unsaid := range imported.Unsaid {
				if strings.Contains(unsaid.Object, "\n") {
					continue // a name of several lines is not printed as it is
				}
				if unsaid.Reason == "" || !strings.Contains(text, "# - "+unsaid.String()) || !strings.Contains(remarks, unsaid.String()) {
					t.Errorf("%+v is not told", unsaid)
				}
			}
			values, err := render.ParseValues([]byte(text))
			if err == nil && len(imported.Entries) > 0 {
				_, err = chart.Render(values, render.Options{})
			}
			if err != nil {
				t.Errorf("%v\n%s", err, text)
			}
		})
	}
}

// toldOf are the objects that an import names.
func toldOf(imported *manifests.Imported) map[string]bool {
	told := map[string]bool{}
	add := func(source manifests.Source) {
		object, _, _ := strings.Cut(source.Object, " (")
		told[object] = true
	}
	for _, entry := range imported.Entries {
		for _, from := range entry.From {
			add(from)
		}
	}
	for _, unsaid := range imported.Unsaid {
		add(unsaid.Source)
	}
	return told
}

// importRendered imports what the chart renders for values.
func importRendered(t *testing.T, chart *render.Chart, values map[string]any) (*egress.Model, *render.Result, *manifests.Imported) {
	t.Helper()
	declared, _, err := chart.Declare(values, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	result, err := chart.Render(values, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	imported, err := manifests.Import([]string{"-"}, bytes.NewReader(result.Manifest()))
	if err != nil {
		t.Fatal(err)
	}
	return declared, result, imported
}

func modelOfText(t *testing.T, chart *render.Chart, text string) *egress.Model {
	t.Helper()
	values, err := render.ParseValues([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	model, _, err := chart.Declare(values, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return model
}

// What the chart renders for values is imported as values that declare the same; what leaves by a gateway is listed.
func TestImportOfRendered(t *testing.T) {
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.Random(random, 1+random.IntN(6))
		declared, result, imported := importRendered(t, chart, values)
		text, remarks := textsOf(t, imported)
		direct, indirect := withoutGateway(declared)
		captured := values["dnsCapture"] == true && strings.Contains(remarks, "dnsCapture: true is taken for granted")
		if len(indirect) == 0 && !captured && !imported.Exact() {
			t.Fatalf("%s\n%s", remarks, result.Manifest())
		}
		for _, service := range indirect {
			if !strings.Contains(remarks, "not in the values: Service "+service.ID()+" ") {
				t.Fatalf("%s is not told\n%s", service.ID(), remarks)
			}
		}
		model := modelOfText(t, chart, text)
		if changes := egress.Diff(direct, model); len(changes) > 0 || !slices.Equal(direct.Calls(), model.Calls()) || len(indirect) == 0 && !slices.Equal(direct.Effect(), model.Effect()) {
			t.Errorf("%v\n%s\n%s", changes, text, result.Manifest())
		}
		for n, service := range direct.Services {
			if !maps.Equal(service.Labels, model.Services[n].Labels) || !maps.Equal(service.Annotations, model.Services[n].Annotations) {
				t.Errorf("%s: labels %v, annotations %v\n%s", service.ID(), service.Labels, service.Annotations, text)
			}
		}
	})
}

// The same for callers in ambient mode: the labels of the waypoint, who may call there, and the rule that keeps sidecars out are
// said by dataPlane, waypoint and allowFrom.
func TestImportOfAmbient(t *testing.T) {
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	withPolicy := 0
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.Random(random, 1+random.IntN(6))
		valuesgen.OnPlane(random, values, []string{"ambient", "both"}[random.IntN(2)])
		declared, result, imported := importRendered(t, chart, values)
		text, remarks := textsOf(t, imported)
		if !imported.Exact() {
			t.Fatalf("%s\n%s", remarks, result.Manifest())
		}
		model := modelOfText(t, chart, text)
		if changes := egress.Diff(declared, model); len(changes) > 0 || !slices.Equal(declared.Calls(), model.Calls()) {
			t.Errorf("%v, %s\n%s\n%s", changes, model.DataPlane, text, result.Manifest())
		}
		bound := slices.ContainsFunc(declared.Services, func(s *egress.Service) bool { return s.Waypoint != "" })
		if bound && declared.DataPlane == egress.DataPlaneAmbient && model.DataPlane != egress.DataPlaneAmbient { // objects of both may be the same
			t.Errorf("dataPlane %s\n%s", model.DataPlane, text)
		}
		withPolicy += strings.Count(text, "allowFrom")
	})
	if withPolicy == 0 {
		t.Error("no values with allowFrom were imported")
	}
}

// withoutGateway parts a model: what leaves directly, and the services that do not.
func withoutGateway(model *egress.Model) (direct *egress.Model, indirect []*egress.Service) {
	direct = &egress.Model{}
	for _, service := range model.Services {
		if service.Through == "" {
			direct.Services = append(direct.Services, service)
		} else {
			indirect = append(indirect, service)
		}
	}
	for _, destination := range model.Destinations {
		if destination.Kind == egress.ExternalHost || slices.ContainsFunc(destination.Services, func(s *egress.Service) bool { return s.Through == "" }) {
			direct.Destinations = append(direct.Destinations, destination)
		}
	}
	return direct, indirect
}
