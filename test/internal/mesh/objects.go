//go:build e2e

package mesh

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// Objects are the documents of some manifests.
type Objects []Object

// Object is one document of a manifest.
type Object struct {
	*unstructured.Unstructured
	YAML string
}

// Split reads the documents of the manifests and skips empty ones.
func Split(manifests ...string) (Objects, error) {
	var objects Objects
	for _, manifest := range manifests {
		reader := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(manifest)))
		for {
			document, err := reader.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("split a manifest: %w", err)
			}
			object, err := parse(document)
			if err != nil {
				return nil, err
			}
			if object.Unstructured != nil {
				objects = append(objects, object)
			}
		}
	}
	return objects, nil
}

func parse(document []byte) (Object, error) {
	content := map[string]any{}
	if err := yaml.Unmarshal(document, &content); err != nil {
		return Object{}, fmt.Errorf("parse a document: %w\n%s", err, document)
	}
	if len(content) == 0 {
		return Object{}, nil
	}
	object := &unstructured.Unstructured{Object: content}
	text, err := yaml.Marshal(object.Object)
	if err != nil {
		return Object{}, fmt.Errorf("print %s %s: %w", object.GetKind(), object.GetName(), err)
	}
	return Object{Unstructured: object, YAML: string(bytes.TrimSpace(text))}, nil
}

// IsIstio tells Istio's kinds from Kubernetes' own.
func (o Object) IsIstio() bool {
	return strings.HasSuffix(o.GroupVersionKind().Group, "istio.io")
}

// String names the object as Kind namespace/name.
func (o Object) String() string {
	return fmt.Sprintf("%s %s/%s", o.GetKind(), o.GetNamespace(), o.GetName())
}

// Of returns the objects of a kind.
func (o Objects) Of(kind string) Objects {
	return o.Filter(OfKind(kind))
}

// Filter returns the objects for which keep is true.
func (o Objects) Filter(keep func(Object) bool) Objects {
	var kept Objects
	for _, object := range o {
		if keep(object) {
			kept = append(kept, object)
		}
	}
	return kept
}

// Kubernetes prints the objects that are not Istio's.
func (o Objects) Kubernetes() string {
	return o.Filter(func(object Object) bool { return !object.IsIstio() }).String()
}

// Istio prints Istio's objects.
func (o Objects) Istio() string {
	return o.Filter(Object.IsIstio).String()
}

// String prints the objects as one manifest.
func (o Objects) String() string {
	documents := make([]string, 0, len(o))
	for _, object := range o {
		documents = append(documents, object.YAML)
	}
	return strings.Join(documents, "\n---\n")
}

// WithClusterIPs returns the objects, each Service with a cluster IP as the
// API server would give it one.
func (o Objects) WithClusterIPs() (Objects, error) {
	given := 0
	objects := make(Objects, 0, len(o))
	for _, object := range o {
		spec, _, _ := unstructured.NestedMap(object.Object, "spec")
		if object.GetKind() != "Service" || spec["type"] == "ExternalName" || spec["clusterIP"] != nil {
			objects = append(objects, object)
			continue
		}
		given++
		twin := object.DeepCopy()
		ip := fmt.Sprintf("10.96.%d.%d", given/250, 1+given%250)
		if err := unstructured.SetNestedField(twin.Object, ip, "spec", "clusterIP"); err != nil {
			return nil, fmt.Errorf("give %s a cluster IP: %w", object, err)
		}
		text, err := yaml.Marshal(twin.Object)
		if err != nil {
			return nil, fmt.Errorf("print %s: %w", object, err)
		}
		objects = append(objects, Object{Unstructured: twin, YAML: string(text)})
	}
	return objects, nil
}

// MirrorEndpoints returns the objects with an EndpointSlice for each Endpoints
// object, as a controller of the cluster makes them.
func (o Objects) MirrorEndpoints() (Objects, error) {
	objects := o.Filter(func(object Object) bool { return object.GetKind() != "Endpoints" })
	for _, endpoints := range o.Of("Endpoints") {
		subsets, _, _ := unstructured.NestedSlice(endpoints.Object, "subsets")
		for i, subset := range subsets {
			slices, err := mirror(endpoints, i, subset.(map[string]any))
			if err != nil {
				return nil, fmt.Errorf("mirror %s: %w", endpoints, err)
			}
			objects = append(objects, slices...)
		}
	}
	return objects, nil
}

// mirror makes the slices of a subset, one per address family.
func mirror(endpoints Object, number int, subset map[string]any) (Objects, error) {
	families := map[string][]any{}
	addresses, _ := subset["addresses"].([]any)
	for _, address := range addresses {
		ip, _, _ := unstructured.NestedString(address.(map[string]any), "ip")
		family := "IPv4"
		if strings.Contains(ip, ":") {
			family = "IPv6"
		}
		families[family] = append(families[family], map[string]any{"addresses": []any{ip}})
	}
	var slices Objects
	for family, members := range families {
		document, err := yaml.Marshal(map[string]any{
			"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
			"metadata": map[string]any{
				"name":      fmt.Sprintf("%s-%d-%s", endpoints.GetName(), number, strings.ToLower(family)),
				"namespace": endpoints.GetNamespace(),
				"labels":    map[string]any{"kubernetes.io/service-name": endpoints.GetName()},
			},
			"addressType": family, "endpoints": members, "ports": subset["ports"],
		})
		if err != nil {
			return nil, err
		}
		slice, err := parse(document)
		if err != nil {
			return nil, err
		}
		slices = append(slices, slice)
	}
	return slices, nil
}
