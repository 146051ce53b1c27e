package report_test

import (
	"fmt"
	"log"
	"os"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/report"
)

// values of a release, as a file would have them.
func valuesOf(text string) lint.Release {
	return lint.Release{
		Options: render.Options{Namespace: "shop"},
		Values: render.ValuesOptions{
			Files:    []string{"values.yaml"},
			ReadFile: func(string) ([]byte, error) { return []byte(text), nil },
		},
	}
}

const httpbin = `externalNameServices:
  my-httpbin:
    externalName: httpbin.org
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
`

func ExampleRows() {
	chart, err := render.Load()
	if err != nil {
		log.Fatal(err)
	}
	declaration, err := report.Load(chart, valuesOf(httpbin))
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range report.Rows(declaration) {
		fmt.Println(row)
		fmt.Println(row.Grade, row.Verifies, row.CA, row.Place)
	}
	// Output:
	// httpbin.org:443 as my-httpbin.shop:80: TLS, verified
	// verified [httpbin.org] public CAs values.yaml:2
}

func ExampleChanges() {
	chart, err := render.Load()
	if err != nil {
		log.Fatal(err)
	}
	before, err := report.Load(chart, valuesOf(httpbin))
	if err != nil {
		log.Fatal(err)
	}
	after, err := report.Load(chart, valuesOf(httpbin+"    exportTo: [shop]\n"))
	if err != nil {
		log.Fatal(err)
	}
	changes := report.Changes([]*report.Declaration{before}, []*report.Declaration{after})
	if err := report.WriteChanges("text", os.Stdout, changes); err != nil {
		log.Fatal(err)
	}
	// Output:
	// ~ narrower  httpbin.org:443 as my-httpbin.shop:80: no longer visible to all other namespaces: all namespaces -> shop  [values.yaml:2 -> values.yaml:6]
	// 1 change, 0 to review
}
