package objects_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	kruntime "k8s.io/apimachinery/pkg/runtime"

	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/lint/objects"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

func read(t *testing.T, text string) (kruntime.Object, []objects.Misfit) {
	t.Helper()
	files, _ := position.Documents("objects.yaml", []byte(text))
	if len(files) != 1 {
		t.Fatalf("%d documents in %s", len(files), text)
	}
	object, misfits, _ := objects.Read(files[0].Root())
	return object, misfits
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// compareDecoders reads an object and decodes it strictly: both take it, and make the same of it, or neither does.
func compareDecoders(t *testing.T, k kind, text string) {
	t.Helper()
	got, misfits := read(t, text)
	want, err := render.Document{APIVersion: k.id.GroupVersion().String(), Kind: k.id.Kind, Content: text}.Decode()
	for _, misfit := range misfits {
		if len(misfit.At) == 0 {
			t.Errorf("%s\nis read, but then not decoded: %s", text, misfit.Message)
		}
	}
	switch {
	case err != nil && len(misfits) == 0:
		t.Errorf("%s\nis read without a misfit: %v", text, err)
	case err == nil && len(misfits) == 0 && asJSON(t, got) != asJSON(t, want):
		t.Errorf("%s\nis read as %s\ninstead of %s", text, asJSON(t, got), asJSON(t, want))
	case err == nil:
		for _, misfit := range misfits {
			if !strings.HasSuffix(k.id.Group, ".istio.io") || !strictOfKubernetes(misfit.Message) {
				t.Errorf("%s\nis decoded, but does not fit: %s: %s", text, misfit.At, misfit.Message)
			}
		}
	}
}

// strictOfKubernetes tells whether a misfit is of what Istio's decoder takes, and the schemas that Kubernetes has of
// Istio's kinds do not: numbers in quotes, and the numbers of an enumeration's values.
func strictOfKubernetes(message string) bool {
	return strings.HasSuffix(message, "remove the quotes") || strings.Contains(message, "a number is none of the values")
}

func TestReadAgreesWithDecode(t *testing.T) {
	kinds := allKinds()
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		for range 20 {
			k := kinds[random.IntN(len(kinds))]
			compareDecoders(t, k, sampler{random, 0}.object(k))
			compareDecoders(t, k, sampler{random, 0.05}.object(k))
		}
	})
}

// FuzzReadAgreesWithDecode does the same without end.
func FuzzReadAgreesWithDecode(f *testing.F) {
	kinds := allKinds()
	f.Add(uint64(0), uint(0), 0.1)
	f.Fuzz(func(t *testing.T, seed uint64, number uint, wrong float64) {
		k := kinds[number%uint(len(kinds))]
		compareDecoders(t, k, sampler{rand.New(rand.NewPCG(seed, 0)), wrong}.object(k))
	})
}

// FuzzRead reads anything as any kind.
func FuzzRead(f *testing.F) {
	kinds := allKinds()
	f.Add("spec: {ports: [{port: \"80\"}, &a {x: *a}], <<: {type: 5}}\n", uint(0))
	f.Add("metadata: [\n", uint(1))
	f.Fuzz(func(_ *testing.T, text string, number uint) {
		k := kinds[number%uint(len(kinds))]
		files, _ := position.Documents("objects.yaml", []byte("apiVersion: "+k.id.GroupVersion().String()+"\nkind: "+k.id.Kind+"\n"+text))
		for _, file := range files {
			objects.Read(file.Root())
		}
	})
}
