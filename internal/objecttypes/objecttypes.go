// Package objecttypes knows the Go types of Kubernetes' and Istio's kinds, and decodes JSON into them strictly.
package objecttypes

import (
	"fmt"
	"sync"

	istionetworking "istio.io/client-go/pkg/apis/networking/v1"
	istiosecurity "istio.io/client-go/pkg/apis/security/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kubernetesscheme "k8s.io/client-go/kubernetes/scheme"
)

// known is made when a type is asked for first, as it takes a tenth of the time in which a command starts.
var known = sync.OnceValue(func() *kruntime.Scheme {
	scheme := kruntime.NewScheme()
	for _, add := range []func(*kruntime.Scheme) error{
		kubernetesscheme.AddToScheme, istionetworking.AddToScheme, istiosecurity.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			panic(err) // two Go types for one kind, in the libraries themselves
		}
	}
	return scheme
})

// olderVersions are those of Istio's groups whose kinds have the fields of v1.
var olderVersions = map[schema.GroupVersion]bool{
	{Group: istionetworking.GroupName, Version: "v1beta1"}:  true,
	{Group: istionetworking.GroupName, Version: "v1alpha3"}: true,
	{Group: istiosecurity.GroupName, Version: "v1beta1"}:    true,
}

// New returns an empty object of the kind. Older versions of Istio's kinds have the Go types of v1.
func New(apiVersion, kind string) (kruntime.Object, error) {
	id := schema.FromAPIVersionAndKind(apiVersion, kind)
	if olderVersions[id.GroupVersion()] {
		id.Version = "v1"
	}
	object, err := known().New(id)
	if err != nil {
		return nil, fmt.Errorf("no Go type is known for kind %q of apiVersion %q", kind, apiVersion)
	}
	return object, nil
}

// Known tells whether a Go type is known for the kind.
func Known(apiVersion, kind string) bool {
	_, err := New(apiVersion, kind)
	return err == nil
}

// APIVersion returns an apiVersion that has the kind, of the same group as one that does not have it.
func APIVersion(other, kind string) (string, bool) {
	versions := known().VersionsForGroupKind(schema.FromAPIVersionAndKind(other, kind).GroupKind())
	if len(versions) == 0 {
		return "", false
	}
	return versions[0].String(), true
}
