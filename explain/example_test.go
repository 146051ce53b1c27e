package explain_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/render"
)

// A program asks what becomes of a call, and why, before the values are anywhere.
func Example() {
	const values = `
externalNameServices:
- name: my-httpbin
  externalName: httpbin.org
  ports: [{name: http, port: 80, targetPort: 443}]
  tls: {mode: SIMPLE}
`
	release := explain.Release{Values: render.ValuesOptions{Files: []string{"-"}, Stdin: strings.NewReader(values)}}
	declared, err := release.Declare()
	if err != nil {
		log.Fatal(err)
	}
	mesh, err := explain.Load(declared.Objects, explain.Options{RegistryOnly: true})
	if err != nil {
		log.Fatal(err)
	}
	defer mesh.Close()
	trace, err := mesh.Explain(explain.Call{URL: "http://my-httpbin/headers"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(trace.Verdict, trace.Upstream, trace.TLS.Verifies)
	for _, step := range trace.Steps {
		for _, by := range step.By {
			fmt.Printf("%s: %s by %s\n", step.Stage, by, by.Place)
		}
	}
	// Output:
	// SENT_TLS [httpbin.org:443] [httpbin.org]
	// name: Service default/my-httpbin by externalNameServices[0] (<stdin>:3)
	// route: VirtualService default/my-httpbin by externalNameServices[0] (<stdin>:3)
	// cluster: ServiceEntry default/my-httpbin by externalNameServices[0].ports[0] (<stdin>:5)
	// encryption: DestinationRule default/my-httpbin by externalNameServices[0].tls (<stdin>:6)
}

// What has no part in a call is found by taking it away.
func ExampleTrace_Ignored() {
	const cluster = `
{apiVersion: v1, kind: Service, metadata: {name: my-httpbin}, spec: {type: ExternalName, externalName: httpbin.org}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: my-httpbin}
spec: {host: my-httpbin, trafficPolicy: {tls: {mode: SIMPLE}}}
`
	manifests, err := explain.ReadManifests([]string{"-"}, strings.NewReader(cluster), "default")
	if err != nil {
		log.Fatal(err)
	}
	call := explain.Call{From: explain.Workload{Namespace: "default"}, URL: "http://my-httpbin/"}
	mesh, err := explain.LoadFor(manifests.Objects, explain.Options{}, call)
	if err != nil {
		log.Fatal(err)
	}
	defer mesh.Close()
	trace, err := mesh.Explain(call)
	if err != nil {
		log.Fatal(err)
	}
	ignored, err := trace.Ignored(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(trace)
	for _, object := range ignored {
		fmt.Println(object, object.Reason)
	}
	// Output:
	// http://my-httpbin/ from default leaves the mesh as UNKNOWN traffic to httpbin.org:80
	// DestinationRule default/my-httpbin ALIAS_RULE
}
