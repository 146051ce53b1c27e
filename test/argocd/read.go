package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// readStrict reads a YAML file into an object of Argo CD's: a field that the
// type does not have is an error.
func readStrict(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalStrict(content, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func readJSON(in io.Reader, into any) error {
	if err := json.NewDecoder(in).Decode(into); err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	return nil
}

// readApplications returns the Application of a file, or those that its ApplicationSet makes of the checkout.
func readApplications(path, checkout string) ([]v1alpha1.Application, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal(content, &kind); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	switch kind.GroupVersionKind() {
	case v1alpha1.ApplicationSchemaGroupVersionKind:
		var application v1alpha1.Application
		err := readStrict(path, &application)
		return []v1alpha1.Application{application}, err
	case v1alpha1.ApplicationSetSchemaGroupVersionKind:
		var set v1alpha1.ApplicationSet
		if err := readStrict(path, &set); err != nil {
			return nil, err
		}
		return expand(set, checkout)
	}
	return nil, fmt.Errorf("%s: kind %q is neither Application nor ApplicationSet", path, kind.Kind)
}
