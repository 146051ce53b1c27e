package objects_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/objecttypes"
	"github.com/istio-egress/istio-egress/internal/randomtest"
)

// schemaOf is what the schema of a kind, which Kubernetes checks objects by, says of a value.
type schemaOf struct {
	Type                 string
	Format               string
	Enum                 []string
	Properties           map[string]schemaOf
	AdditionalProperties *schemaOf
	Items                *schemaOf
	IntOrString          bool                    `json:"x-kubernetes-int-or-string"`
	Open                 bool                    `json:"x-kubernetes-preserve-unknown-fields"`
	Validations          []struct{ Rule string } `json:"x-kubernetes-validations"`
}

type kindOfIstio struct {
	kind
	schema schemaOf
}

// kindsOfIstio reads the schemas that come with Istio's Go types.
func kindsOfIstio(t *testing.T) []kindOfIstio {
	t.Helper()
	folder, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "istio.io/api").Output()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)), "kubernetes/customresourcedefinitions.gen.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []kindOfIstio
	for document := range strings.SplitSeq(string(data), "\n---\n") {
		var definition struct {
			Spec struct {
				Group    string
				Names    struct{ Kind string }
				Versions []struct {
					Name   string
					Schema struct{ OpenAPIV3Schema schemaOf }
				}
			}
		}
		if err := yaml.Unmarshal([]byte(document), &definition); err != nil {
			t.Fatal(err)
		}
		for _, version := range definition.Spec.Versions {
			id := schema.GroupVersionKind{Group: definition.Spec.Group, Version: version.Name, Kind: definition.Spec.Names.Kind}
			if object, err := objecttypes.New(id.GroupVersion().String(), id.Kind); err == nil {
				kinds = append(kinds, kindOfIstio{kind{id, reflect.TypeOf(object).Elem()}, version.Schema.OpenAPIV3Schema})
			}
		}
	}
	if len(kinds) < 20 {
		t.Fatalf("%d kinds", len(kinds))
	}
	return kinds
}

// What the schemas of Istio's kinds take fits, and the other way round.
func TestReadAgreesWithTheSchemasOfIstio(t *testing.T) {
	kinds := kindsOfIstio(t)
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		for _, k := range kinds {
			s := sampler{Rand: random}
			fields := s.accepted(k.schema).(map[string]any)
			fields["apiVersion"], fields["kind"], fields["metadata"] = k.id.GroupVersion().String(), k.id.Kind, nil
			_, misfits := read(t, flow(fields))
			for _, misfit := range misfits {
				// What the schemas leave to rules, or do not say of all.
				if !strings.Contains(misfit.Message, "exclude each other") && !strings.Contains(misfit.Message, "is no duration") {
					t.Errorf("%s: %s: %s", k.id, misfit.At, misfit.Message)
				}
			}
			made := s.structure(k.as, 0).(map[string]any)
			refused(t, k.id.Kind+" spec", made["spec"], k.schema.Properties["spec"])
			refused(t, k.id.Kind+" status", made["status"], k.schema.Properties["status"])
		}
	})
}

// accepted makes a value that the schema takes.
func (s sampler) accepted(schema schemaOf) any {
	switch {
	case schema.IntOrString:
		return s.pick(5, "5")
	case schema.Type == "object" && schema.AdditionalProperties != nil:
		return map[string]any{s.pick("80", "8080").(string): s.accepted(*schema.AdditionalProperties)}
	case schema.Type == "object":
		fields := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
			if s.IntN(3) > 0 {
				fields[name] = s.accepted(schema.Properties[name])
			}
		}
		return fields
	case schema.Type == "array":
		return s.list(func() any { return s.accepted(*schema.Items) })
	case schema.Type == "integer":
		return s.IntN(100)
	case schema.Type == "number":
		return s.pick(5, 1.5)
	case schema.Type == "boolean":
		return s.IntN(2) == 0
	case len(schema.Enum) > 0:
		return schema.Enum[s.IntN(len(schema.Enum))]
	case schema.Format == "date-time":
		return "2006-01-02T15:04:05Z"
	case schema.Format == "byte":
		return "aGk="
	case len(schema.Validations) > 0 && strings.Contains(schema.Validations[0].Rule, "duration("):
		return s.pick("5s", "1h30m")
	}
	return s.pick("text", "5", "")
}

// refused complains of a value that the schema does not take.
func refused(t *testing.T, at string, value any, schema schemaOf) {
	t.Helper()
	wrong := false
	switch value := value.(type) {
	case map[string]any:
		wrong = schema.Type != "object"
		for name, value := range value {
			if field, exists := schema.Properties[name]; exists {
				refused(t, at+"."+name, value, field)
			} else if schema.AdditionalProperties != nil {
				refused(t, at+"."+name, value, *schema.AdditionalProperties)
			} else if !schema.Open && schema.Type == "object" {
				t.Errorf("%s has no field %s", at, name)
			}
		}
	case []any:
		wrong = schema.Type != "array"
		for _, item := range value {
			refused(t, at+"[]", item, *schema.Items)
		}
	case string:
		wrong = schema.Type != "string"
	case bool:
		wrong = schema.Type != "boolean"
	case int:
		wrong = schema.Type != "integer" && schema.Type != "number"
	case float64:
		wrong = schema.Type != "number"
	}
	if wrong && !schema.IntOrString {
		t.Errorf("%s: %v is no %s", at, value, schema.Type)
	}
}
