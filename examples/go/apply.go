package main

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/istio-egress/istio-egress/render"
)

// applyAll applies the objects on the server's side, in the order in which they were rendered.
func applyAll(ctx context.Context, results []*render.Result) error {
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		clientcmd.NewDefaultClientConfigLoadingRules(), &clientcmd.ConfigOverrides{}).ClientConfig()
	if err != nil {
		return err
	}
	kinds, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(kinds))
	for _, result := range results {
		for _, document := range result.Documents() {
			if err := applyDocument(ctx, client, mapper, document); err != nil {
				return fmt.Errorf("%s: %w", document.ID(), err)
			}
		}
	}
	return nil
}

func applyDocument(ctx context.Context, client dynamic.Interface, mapper meta.RESTMapper, document render.Document) error {
	object, err := document.Unstructured()
	if err != nil {
		return err
	}
	kind := object.GroupVersionKind()
	mapping, err := mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return err
	}
	_, err = client.Resource(mapping.Resource).Namespace(object.GetNamespace()).
		Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: "egress-tenants"})
	return err
}
