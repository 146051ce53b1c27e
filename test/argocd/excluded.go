package main

import (
	"context"
	"io"

	"github.com/argoproj/argo-cd/v3/util/settings"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/fake"
)

// excluded returns the objects that Argo CD drops under the settings of an argocd-cm file.
func excluded(ctx context.Context, path string, in io.Reader) ([]unstructured.Unstructured, error) {
	var config corev1.ConfigMap
	if err := readStrict(path, &config); err != nil {
		return nil, err
	}
	var objects []unstructured.Unstructured
	if err := readJSON(in, &objects); err != nil {
		return nil, err
	}
	const namespace = "argocd"
	config.Namespace = namespace
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
		Name: "argocd-secret", Namespace: namespace, Labels: map[string]string{"app.kubernetes.io/part-of": "argocd"},
	}}
	manager := settings.NewSettingsManager(ctx, fake.NewClientset(&config, secret), namespace)
	filter, err := manager.GetResourcesFilter()
	if err != nil {
		return nil, err
	}
	dropped := []unstructured.Unstructured{}
	for _, object := range objects {
		kind := object.GroupVersionKind()
		if filter.IsExcludedResource(kind.Group, kind.Kind, "https://kubernetes.default.svc") {
			dropped = append(dropped, object)
		}
	}
	return dropped, nil
}
