// Package firstheap lets a command allocate its first memory without collecting garbage: importing it suffices. Starting
// istiod's packages allocates 14 MiB that stays, for which Go would collect five times, in a third of the time that a start takes.
//
// It must depend on little, as packages are initialised in the order of what they need, and then of their paths.
package firstheap

import (
	"os"
	"runtime"
	"runtime/debug"
)

// percent lets the heap grow to 32 MiB before it is collected first: Go begins at 4 MiB for a hundred.
const percent = 800

func init() {
	if os.Getenv("GOGC") == "" {
		waitOnce(percent)
	}
}

// waitOnce sets the percentage up to the first collection, after which the one before counts again.
func waitOnce(percent int) {
	before := debug.SetGCPercent(percent)
	collected := new([16]byte) // found to be unused by the first collection
	runtime.AddCleanup(collected, func(percent int) { debug.SetGCPercent(percent) }, before)
}
