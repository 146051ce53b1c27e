package crds

import (
	"strings"

	"sigs.k8s.io/yaml"
)

// Fields returns the paths of all fields of the kinds in a manifest, in their version v1: by kind, such as
// spec.http[].timeout of VirtualService.
func Fields(manifest string) (map[string]map[string]bool, error) {
	kinds := map[string]map[string]bool{}
	for document := range strings.SplitSeq(manifest, "\n---\n") {
		var crd struct {
			Spec struct {
				Names    struct{ Kind string }
				Versions []struct {
					Name   string
					Schema struct{ OpenAPIV3Schema schema }
				}
			}
		}
		if err := yaml.Unmarshal([]byte(document), &crd); err != nil {
			return nil, err
		}
		for _, version := range crd.Spec.Versions {
			if version.Name == "v1" {
				fields := map[string]bool{}
				version.Schema.OpenAPIV3Schema.collect(fields, "")
				kinds[crd.Spec.Names.Kind] = fields
			}
		}
	}
	return kinds, nil
}

// schema is what a CRD says of a value, as far as it names fields.
type schema struct {
	Properties map[string]schema
	Items      *schema
}

func (s schema) collect(into map[string]bool, path string) {
	if path != "" {
		into[path] = true
	}
	for name, below := range s.Properties {
		below.collect(into, strings.TrimPrefix(path+"."+name, "."))
	}
	if s.Items != nil {
		s.Items.collect(into, path+"[]")
	}
}
