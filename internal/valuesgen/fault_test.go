package valuesgen

import (
	"math/rand/v2"
	"testing"
)

// Faults can be planted on top of each other, until no entry is left that a fault fits.
func TestPlantManyFaults(t *testing.T) {
	planted := 0
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		values := Random(random, 1+int(seed%4))
		for range 40 {
			var fault Fault
			if values, fault = Plant(random, values); fault.ID != "" {
				planted++
			}
		}
	}
	if planted < 1000 {
		t.Errorf("%d faults planted", planted)
	}
}

func TestPlantNeedsAnEntry(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	for name, values := range map[string]map[string]any{
		"nothing":  {},
		"no ports": {"endpointServices": []any{map[string]any{"name": "api"}}},
		"no list":  {"endpointServices": []any{map[string]any{"name": "api", "ports": "http"}}},
	} {
		if _, fault := Plant(random, values); fault != (Fault{}) {
			t.Errorf("%s: planted %v", name, fault)
		}
	}
}
