package render_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	istio "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/render"
)

// Print the manifests of a values file, as helm template does.
func Example() {
	chart, err := render.Load()
	if err != nil {
		log.Fatal(err)
	}
	values, err := render.ReadValues(render.ValuesOptions{
		Files: []string{"-"},
		Set:   []string{"externalNameServices.my-httpbin.tls.mode=DISABLE"},
		Stdin: strings.NewReader(`
externalNameServices:
  my-httpbin:
    externalName: httpbin.org
    ports: [{name: http, port: 80}]
`),
	})
	if err != nil {
		log.Fatal(err)
	}
	result, err := chart.Render(values, render.Options{Namespace: "team-a"})
	if err != nil {
		log.Fatal(err)
	}
	shown, err := result.ShowOnly("templates/serviceentry.yaml")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(shown[0].ID())
	fmt.Println(len(result.Documents()), "objects in", strings.Count(string(result.Manifest()), "\n---")+1, "documents")
	// Output:
	// ServiceEntry team-a/httpbin.org
	// 4 objects in 4 documents
}

// Build the values as Go types, and get the objects as Go types.
func ExampleValues() {
	values, err := render.Values{
		ExternalNameServices: []render.ExternalNameService{{
			Service: render.Service{
				Name:  "billing",
				Ports: []render.Port{{Name: "http", Port: 80, TargetPort: 443}},
				TLS:   &render.TLS{Mode: render.TLSSimple},
			},
			ExternalName: "billing.example.com",
		}},
	}.Map()
	if err != nil {
		log.Fatal(err)
	}
	chart, err := render.Load()
	if err != nil {
		log.Fatal(err)
	}
	result, err := chart.Render(values, render.Options{Namespace: "team-a"})
	if err != nil {
		log.Fatal(err)
	}
	objects, err := result.Objects()
	if err != nil {
		log.Fatal(err)
	}
	for _, object := range objects {
		if rule, ok := object.Value.(*istio.DestinationRule); ok {
			tls := rule.Spec.TrafficPolicy.PortLevelSettings[0].Tls
			fmt.Println(rule.Spec.Host, tls.Mode, tls.Sni, tls.SubjectAltNames)
		}
	}
	// Output: billing.team-a.egress.internal SIMPLE billing.example.com [billing.example.com]
}

// Tell all problems of values at once, each with its path.
func ExampleChart_Findings() {
	chart, err := render.Load()
	if err != nil {
		log.Fatal(err)
	}
	values := map[string]any{
		"endpointKind": "ServiceEntry",
		"externalNameServices": []any{map[string]any{
			"name":         "api",
			"externalName": "API.example.com",
			"ports":        []any{map[string]any{"name": "http", "port": "80"}},
			"tls":          map[string]any{"mode": "SIMPLE"},
		}},
	}
	found, err := chart.Findings(values, render.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range found {
		fmt.Printf("%s: %s [%s]\n", f.Severity, f.Path, f.ID)
	}
	// Output:
	// error: endpointKind [schema-unknown-field]
	// error: externalNameServices[0].ports[0].port [schema-type]
	// error: externalNameServices[0].externalName [external-name-upper-case]
}

// Tell wrong values from everything else that can fail.
func ExampleRefusedError() {
	chart, err := render.Load()
	if err != nil {
		log.Fatal(err)
	}
	_, err = chart.Render(map[string]any{"endpointsKind": "Pods"}, render.Options{})
	var refused *render.RefusedError
	if errors.As(err, &refused) {
		fmt.Fprintln(os.Stderr, refused) // Helm's own message
		fmt.Println("refused by the", refused.Step)
	}
	// Output: refused by the schema
}
