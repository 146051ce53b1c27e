package lint_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/lint/objects"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// Every property that the schema has of tls, ports and trafficPolicy is known to whoever must know it: values are tried until
// each of them has been seen everywhere.
func TestPropertiesAreKnownEverywhere(t *testing.T) {
	const mostCases = 3000 // a few hundred do
	walk := newPropertyWalk(t)
	for i := uint64(0); i < mostCases && len(walk.missing) > 0; i++ {
		walk.try(valuesgen.Random(rand.New(rand.NewPCG(i, 9)), 1))
	}
	for _, missing := range slices.Sorted(maps.Keys(walk.missing)) {
		t.Error(missing)
	}
}

const (
	generator     = "internal/valuesgen never makes"
	templates     = "the chart does not render"
	chartModel    = "the model of the chart has not"
	objectModel   = "the model of objects has not"
	strictReading = "lint/objects does not know"
	refusal       = "DISABLE does not refuse"
)

// propertyWalk notes what is not known yet, as sentences.
type propertyWalk struct {
	*testing.T
	chart   *render.Chart
	missing map[string]bool
}

func newPropertyWalk(t *testing.T) *propertyWalk {
	walk := &propertyWalk{t, load(t), map[string]bool{}}
	for prefix, definition := range map[string]string{"tls": "tls", "ports": "port", "trafficPolicy": "trafficPolicy"} {
		for _, property := range valuesgen.Properties(definition) {
			path := prefix + "." + property
			for _, who := range []string{generator, templates, chartModel, objectModel, strictReading} {
				walk.missing[who+" "+path] = true
			}
			if inTLS(path) && !strings.HasSuffix(path, ".mode") {
				walk.missing[refusal+" "+path] = true
			}
		}
	}
	return walk
}

func inTLS(path string) bool { return strings.HasPrefix(strings.TrimPrefix(path, "ports."), "tls.") }

// try looks where the properties of one entry have got.
func (w *propertyWalk) try(values map[string]any) {
	entry := onlyEntry(values)
	given := settingsIn(map[string]any{"tls": entry["tls"], "ports": entry["ports"], "trafficPolicy": entry["trafficPolicy"]})
	w.note(generator, given, given)

	result, err := w.chart.Render(values, render.Options{})
	if err != nil {
		w.Fatal(err)
	}
	model, _, err := w.chart.Declare(values, render.Options{})
	if err != nil {
		w.Fatal(err)
	}
	rendered, read, kinds := settings{}, settings{}, []runtime.Object(nil)
	for _, document := range result.Documents() {
		rendered.add("", decoded(w.T, document.Content))
		object := readStrictly(w.T, document.Content)
		read.add("", asMap(w.T, object))
		kinds = append(kinds, object)
	}
	w.note(templates, given, rendered)
	w.note(strictReading, given, read)
	w.note(chartModel, given, settingsOf(w.T, model))
	w.note(objectModel, given, settingsOf(w.T, egress.FromObjects(egress.NewObjects(kinds))))
	w.disable(values, entry)
}

// note strikes out what has been found: all that the values say of a property, at the end of a path there.
func (w *propertyWalk) note(who string, given, found settings) {
	for path, texts := range given {
		if w.missing[who+" "+path] && found.have(path, texts) {
			delete(w.missing, who+" "+path)
		}
	}
}

// disable sets the mode of the tls blocks to DISABLE, with which no other property goes.
func (w *propertyWalk) disable(values, entry map[string]any) {
	blocks := []any{entry["tls"]}
	for _, port := range entry["ports"].([]any) {
		blocks = append(blocks, port.(map[string]any)["tls"])
	}
	for _, block := range blocks {
		if tls, ok := block.(map[string]any); ok {
			tls["mode"] = "DISABLE"
		}
	}
	findings, err := w.chart.Findings(values, render.Options{})
	if err != nil {
		w.Fatal(err)
	}
	for _, finding := range findings {
		if finding.ID != "tls-disable-field" {
			continue
		}
		parts := strings.Split(finding.Path, ".")
		path := "tls." + parts[len(parts)-1]
		if strings.HasPrefix(parts[len(parts)-3], "ports[") {
			path = "ports." + path
		}
		delete(w.missing, refusal+" "+path)
	}
}

// onlyEntry is the entry of values that have one.
func onlyEntry(values map[string]any) map[string]any {
	for _, collection := range []string{"externalNameServices", "endpointServices", "externalHosts"} {
		switch entries := values[collection].(type) {
		case []any:
			if len(entries) > 0 {
				return entries[0].(map[string]any)
			}
		case map[string]any:
			for _, entry := range entries {
				if entry != nil {
					return entry.(map[string]any)
				}
			}
		}
	}
	return nil
}

// settings are values by path, without the numbers of list items, as texts that all notations have in common.
type settings map[string][]string

func settingsIn(value any) settings {
	s := settings{}
	s.add("", value)
	return s
}

func (s settings) add(path string, value any) {
	switch value := value.(type) {
	case nil:
	case map[string]any:
		for name, item := range value {
			s.add(strings.TrimPrefix(path+"."+name, "."), item)
		}
	case []any:
		for _, item := range value {
			s.add(path, item)
		}
	default:
		s[path] = append(s[path], settingText(value))
	}
}

func settingText(value any) string {
	switch value := value.(type) {
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case string:
		if duration, err := time.ParseDuration(value); err == nil && value != "0" {
			return duration.String()
		}
	}
	return fmt.Sprint(value)
}

// have tells whether a path that ends like the given one has all the texts.
func (s settings) have(path string, texts []string) bool {
	end := strings.TrimPrefix(path, "trafficPolicy.")
	if inTLS(path) {
		end = strings.TrimPrefix(path, "ports.")
	}
	for at, there := range s {
		if !strings.HasSuffix("."+at, "."+end) {
			continue
		}
		if !slices.ContainsFunc(texts, func(text string) bool { return !slices.Contains(there, text) }) {
			return true
		}
	}
	return false
}

// settingsOf writes what a model says under the names of the values.
func settingsOf(t *testing.T, model *egress.Model) settings {
	s := settings{}
	for _, service := range model.Services {
		for _, port := range service.Ports {
			s.add("ports.name", port.Name)
			s.add("ports.port", port.Number)
			s.add("ports.targetPort", port.TargetPort)
			s.add("ports.appProtocol", port.AppProtocol)
			if port.To == nil {
				continue
			}
			for _, rule := range port.To.Rules {
				s.addMessage(t, "tls", rule.TLS.GetSettings())
				s.addMessage(t, "trafficPolicy", rule.Policy)
			}
		}
	}
	return s
}

func (s settings) addMessage(t *testing.T, path string, message proto.Message) {
	t.Helper()
	data, err := protojson.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	s.add(path, value)
}

func readStrictly(t *testing.T, document string) runtime.Object {
	t.Helper()
	files, faults := position.Documents("rendered.yaml", []byte(document))
	if len(files) != 1 || len(faults) > 0 {
		t.Fatalf("%d documents and %v in\n%s", len(files), faults, document)
	}
	object, misfits, whole := objects.Read(files[0].Root())
	if len(misfits) > 0 || !whole {
		t.Fatalf("%+v in\n%s", misfits, document)
	}
	return object
}

func decoded(t *testing.T, document string) any {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(document), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func asMap(t *testing.T, object runtime.Object) any {
	t.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, string(data))
}
