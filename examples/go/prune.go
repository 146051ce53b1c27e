package main

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// prunedKinds are the kinds that tenants have, in the order of deletion: the rules that originate TLS go last, so that no call
// finds its way without them.
var prunedKinds = []schema.GroupVersionKind{
	{Version: "v1", Kind: "Service"},
	{Group: "networking.istio.io", Version: "v1", Kind: "VirtualService"},
	{Group: "networking.istio.io", Version: "v1", Kind: "ServiceEntry"},
	{Group: "discovery.k8s.io", Version: "v1", Kind: "EndpointSlice"},
	{Group: "networking.istio.io", Version: "v1", Kind: "DestinationRule"},
}

// prune deletes what this program applied before and not now, of tenants that are gone too. It returns what it deleted.
func (c *cluster) prune(ctx context.Context, keep applied) ([]string, error) {
	var deleted []string
	for _, kind := range prunedKinds {
		mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
		if meta.IsNoMatchError(err) {
			continue // the cluster has no objects of a kind that it does not know
		}
		if err != nil {
			return deleted, err
		}
		objects, err := c.client.Resource(mapping.Resource).List(ctx, metav1.ListOptions{LabelSelector: ownerLabel + "=true"})
		if err != nil {
			return deleted, err
		}
		for _, object := range objects.Items {
			key := keyOf(kind.Kind, &object)
			if keep[key] {
				continue
			}
			uid := object.GetUID()
			err := c.client.Resource(mapping.Resource).Namespace(object.GetNamespace()).
				Delete(ctx, object.GetName(), metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}})
			if err != nil && !apierrors.IsNotFound(err) {
				return deleted, fmt.Errorf("delete %s: %w", key, err)
			}
			deleted = append(deleted, key)
		}
	}
	return deleted, nil
}
