// Command render prints the manifests of the istio-egress chart for given values, without helm and without a cluster.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}
