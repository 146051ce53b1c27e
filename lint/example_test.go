package lint_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
)

func ExampleReleases() {
	chart, err := render.Load()
	if err != nil {
		log.Fatal(err)
	}
	values := `externalNameServices:
  - name: httpbin
    externalName: HttpBin.org
    ports:
      - {name: https, port: 443}
    tls:
      mode: DISABLE
`
	findings, err := lint.Releases(chart, []lint.Release{{
		Values: render.ValuesOptions{Files: []string{"-"}, Stdin: strings.NewReader(values)},
	}}, lint.Options{})
	if err != nil {
		log.Fatal(err) // linting itself failed
	}
	for _, finding := range findings {
		fmt.Printf("%s: %s: %s [%s]\n", finding.Position, finding.Severity, finding.Path, finding.ID)
	}
	// Output: <stdin>:3:19: error: externalNameServices[0].externalName [external-name-upper-case]
}

func ExampleValues() {
	chart, err := render.Load()
	if err != nil {
		log.Fatal(err)
	}
	findings, err := lint.Values(chart, map[string]any{
		"endpointServices": []any{map[string]any{
			"name": "database", "addresses": []any{"192.0.2.10"},
			"ports": []any{map[string]any{"name": "tls", "port": 5432}}, "tls": map[string]any{"mode": "SIMPLE"},
		}},
	}, lint.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, finding := range findings {
		fmt.Println(finding.Path, finding.ID)
	}
	// Output:
	// endpointServices[0].ports[0] tls-twice
	// endpointServices[0].serverName server-name-missing
}
