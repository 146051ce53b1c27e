package egress_test

import (
	"fmt"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/render"
)

// declared is the model of an alias with a TLS mode.
func declared(tls map[string]any) (*egress.Model, error) {
	chart, err := render.Load()
	if err != nil {
		return nil, err
	}
	model, _, err := chart.Declare(map[string]any{"externalNameServices": []any{map[string]any{
		"name": "my-httpbin", "externalName": "httpbin.org",
		"ports": []any{map[string]any{"name": "http", "port": 80, "targetPort": 443}},
		"tls":   tls,
	}}}, render.Options{})
	return model, err
}

func ExampleModel_Ways() {
	model, err := declared(map[string]any{"mode": "SIMPLE"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, way := range model.Ways() {
		fmt.Println(way.Name(), "leads to", way.To.Destination.Name(), way.To.TargetPort)
		fmt.Println(way.Grade(), way.Verifies(), way.CA(), way.Namespaces())
	}
	// Output:
	// my-httpbin.default:80 leads to httpbin.org 443
	// verified [httpbin.org] public CAs [*]
}

func ExampleDiff() {
	before, err := declared(map[string]any{"mode": "SIMPLE"})
	if err != nil {
		fmt.Println(err)
		return
	}
	after, err := declared(map[string]any{"mode": "SIMPLE", "insecureSkipVerify": true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, change := range egress.Diff(before, after) {
		fmt.Println(change.Class, change.Names, change.Text)
	}
	// Output:
	// weaker [my-httpbin.default:80] TLS weakened: TLS, verified -> TLS, server not verified
}
