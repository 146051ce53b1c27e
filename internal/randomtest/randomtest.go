// Package randomtest gives property tests their random cases: a few dozen by default, so that the tests answer soon, and
// as many as the flag -cases says. The cases of a seed are the same whatever their number.
package randomtest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
)

var (
	cases = flag.Int("cases", 40, "random cases of each property")
	seed  = flag.Uint64("seed", 1, "seed of the random cases")
)

// Each runs a property for every case, until one fails. Each case is a test of its own, so that what it cleans up is gone before
// the next: a case may hold a whole istiod.
func Each(t *testing.T, property func(t *testing.T, random *rand.Rand)) {
	t.Helper()
	for i := range uint64(*cases) {
		passed := t.Run(fmt.Sprintf("case %d", i), func(t *testing.T) {
			property(t, rand.New(rand.NewPCG(*seed, i)))
		})
		if !passed {
			t.Fatalf("case %d (-seed %d -cases %d)", i, *seed, i+1)
		}
	}
}
