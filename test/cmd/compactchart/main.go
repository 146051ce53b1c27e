// Command compactchart takes comments and spaces out of the chart in a folder, which is a copy that is about to be packaged:
//
//	go run ./test/cmd/compactchart FOLDER
package main

import (
	"fmt"
	"os"

	"github.com/istio-egress/istio-egress/test/internal/compact"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: compactchart FOLDER")
		os.Exit(2)
	}
	if err := compact.Chart(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}
