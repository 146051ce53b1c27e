// Command render prints the manifests of the istio-egress chart for given values, without helm and without a cluster.
package main

import (
	"os"
	"runtime/debug"
)

func main() {
	collectEagerly()
	os.Exit(run(os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// collectEagerly trades a little time for memory, which matters where large values are rendered in small
// containers. GOGC in the environment wins.
func collectEagerly() {
	const percent = 75
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}
