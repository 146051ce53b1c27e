//go:build e2e

package mesh

import (
	"fmt"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/schema/resource"
	"sigs.k8s.io/yaml"
)

// Validate asks what istiod's admission webhook asks about an object of Istio.
// The warning is nil when there is nothing to warn of.
func Validate(object Object) (warning, err error) {
	gvk := object.GroupVersionKind()
	schema, known := collections.Pilot.FindByGroupVersionAliasesKind(resource.FromKubernetesGVK(&gvk))
	if !known {
		return nil, fmt.Errorf("%s: %s is no kind of Istio", object, gvk)
	}
	var kind crd.IstioKind
	if err := yaml.Unmarshal([]byte(object.YAML), &kind); err != nil {
		return nil, fmt.Errorf("read %s: %w", object, err)
	}
	config, err := crd.ConvertObject(schema, &kind, clusterDomain)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", object, err)
	}
	warning, err = schema.ValidateConfig(*config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", object, err)
	}
	return warning, nil
}
