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

const (
	// fieldManager owns the fields that this program applies.
	fieldManager = "egress-tenants"
	// ownerLabel is on all objects that this program applied, so that it finds them again.
	ownerLabel = "egress-tenants.example.com/applied"
)

// cluster is the cluster of the current kubeconfig.
type cluster struct {
	client dynamic.Interface
	mapper meta.RESTMapper
}

// applied are the kinds, namespaces and names of objects that were applied.
type applied map[string]bool

func connect() (*cluster, error) {
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		clientcmd.NewDefaultClientConfigLoadingRules(), &clientcmd.ConfigOverrides{}).ClientConfig()
	if err != nil {
		return nil, err
	}
	kinds, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &cluster{client, restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(kinds))}, nil
}

// apply applies the objects on the server's side, in the order in which they were rendered.
func (c *cluster) apply(ctx context.Context, results []*render.Result) (applied, error) {
	all := applied{}
	for _, result := range results {
		for _, document := range result.Documents() {
			key, err := c.applyDocument(ctx, document)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", document.ID(), err)
			}
			all[key] = true
		}
	}
	return all, nil
}

func (c *cluster) applyDocument(ctx context.Context, document render.Document) (string, error) {
	object, err := document.Unstructured()
	if err != nil {
		return "", err
	}
	labels := object.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[ownerLabel] = "true"
	object.SetLabels(labels)
	kind := object.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return "", err
	}
	_, err = c.client.Resource(mapping.Resource).Namespace(object.GetNamespace()).
		Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: fieldManager})
	return keyOf(kind.Kind, object), err
}

func keyOf(kind string, object metav1.Object) string {
	return kind + "/" + object.GetNamespace() + "/" + object.GetName()
}
