package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/helmcommand"
)

// schemaPattern is how kubeconform finds the file of a kind. Of a kind without
// a group, the group is the version again.
const schemaPattern = "{{ .ResourceKind }}-{{ .Group }}-{{ .ResourceAPIVersion }}.json"

// kubernetesKinds are the kinds of Kubernetes that the chart renders, by the
// file of their OpenAPI document and the definition in it.
var kubernetesKinds = []struct{ kind, group, file, definition string }{
	{"Service", "v1", "api__v1", "io.k8s.api.core.v1.Service"},
	{"Endpoints", "v1", "api__v1", "io.k8s.api.core.v1.Endpoints"},
	{"EndpointSlice", "discovery.k8s.io", "apis__discovery.k8s.io__v1", "io.k8s.api.discovery.v1.EndpointSlice"},
}

// writeSchemas writes JSON schemas for kubeconform into the folder, from what
// the modules of Kubernetes and Istio say themselves. As those that kubeconform
// would download, they refer to no other file and allow no unknown fields.
func writeSchemas(ctx context.Context, folder string) ([]version, error) {
	controlPlane := filepath.Join(helmcommand.Folder(), "controlplane")
	kubernetes, err := build.ModuleFolder(ctx, controlPlane, "k8s.io/kubernetes")
	if err != nil {
		return nil, err
	}
	istio, err := build.ModuleFolder(ctx, helmcommand.Folder(), "istio.io/api")
	if err != nil {
		return nil, err
	}
	if err := writeKubernetesSchemas(folder, filepath.Join(kubernetes, "api", "openapi-spec", "v3")); err != nil {
		return nil, fmt.Errorf("make schemas of Kubernetes' kinds: %w", err)
	}
	if err := writeCRDSchemas(folder, filepath.Join(istio, "kubernetes", "customresourcedefinitions.gen.yaml")); err != nil {
		return nil, fmt.Errorf("make schemas of Istio's kinds: %w", err)
	}
	_, kubernetesVersion, _ := strings.Cut(filepath.Base(kubernetes), "@")
	_, istioVersion, _ := strings.Cut(filepath.Base(istio), "@")
	return []version{{"Kubernetes' schemas", kubernetesVersion}, {"Istio's schemas", istioVersion}}, nil
}

func writeKubernetesSchemas(folder, documents string) error {
	for _, k := range kubernetesKinds {
		data, err := os.ReadFile(filepath.Join(documents, k.file+"_openapi.json"))
		if err != nil {
			return err
		}
		var document struct {
			Components struct{ Schemas map[string]any }
		}
		if err := json.Unmarshal(data, &document); err != nil {
			return fmt.Errorf("%s: %w", k.file, err)
		}
		schema, ok := document.Components.Schemas[k.definition]
		if !ok {
			return fmt.Errorf("%s has no %s", k.file, k.definition)
		}
		if err := writeSchema(folder, k.kind, k.group, "v1", standalone(schema, document.Components.Schemas)); err != nil {
			return err
		}
	}
	return nil
}

func writeCRDSchemas(folder, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for document := range strings.SplitSeq(string(data), "\n---\n") {
		var crd struct {
			Spec struct {
				Group    string
				Names    struct{ Kind string }
				Versions []struct {
					Name   string
					Schema struct{ OpenAPIV3Schema map[string]any }
				}
			}
		}
		if err := yaml.Unmarshal([]byte(document), &crd); err != nil {
			return err
		}
		for _, v := range crd.Spec.Versions {
			schema := standalone(v.Schema.OpenAPIV3Schema, nil)
			if err := writeSchema(folder, crd.Spec.Names.Kind, crd.Spec.Group, v.Name, schema); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeSchema(folder, kind, group, version string, schema any) error {
	data, err := json.Marshal(schema)
	if err != nil {
		return err
	}
	name := strings.ToLower(kind) + "-" + group + "-" + version + ".json"
	return os.WriteFile(filepath.Join(folder, name), data, 0o600)
}

const refPrefix = "#/components/schemas/"

// standalone returns a schema with all that it refers to, which allows no
// unknown fields in objects whose fields it names.
func standalone(schema any, definitions map[string]any) any {
	switch schema := schema.(type) {
	case []any:
		items := make([]any, len(schema))
		for i, item := range schema {
			items[i] = standalone(item, definitions)
		}
		return items
	case map[string]any:
		if ref, ok := schema["$ref"].(string); ok {
			return standalone(definitions[strings.TrimPrefix(ref, refPrefix)], definitions)
		}
		if all, ok := schema["allOf"].([]any); ok && len(all) == 1 && schema["properties"] == nil {
			return standalone(all[0], definitions) // a reference with a description
		}
		fields := make(map[string]any, len(schema)+1)
		for key, value := range schema {
			fields[key] = standalone(value, definitions)
		}
		closeObject(fields)
		return fields
	}
	return schema
}

// closeObject refuses unknown fields of an object, but for the metadata of a
// custom resource, which its definition does not describe.
func closeObject(schema map[string]any) {
	_, described := schema["properties"].(map[string]any)
	_, open := schema["additionalProperties"]
	if !described || open || schema["type"] != "object" {
		return
	}
	properties := schema["properties"].(map[string]any)
	if _, resource := properties["spec"]; resource {
		for _, name := range []string{"apiVersion", "kind", "metadata"} {
			if _, known := properties[name]; !known {
				properties[name] = map[string]any{}
			}
		}
	}
	schema["additionalProperties"] = false
}
