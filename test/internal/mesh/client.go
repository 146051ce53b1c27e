//go:build e2e

package mesh

import (
	kubelib "istio.io/istio/pkg/kube"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/testing"
)

// newClient returns Istio's fake client with the objects of Kubernetes itself in a simple store. The store that it has itself keeps the managers
// of each field, which takes ten times as long as all of istiod.
func newClient(objects ...runtime.Object) kubelib.Client {
	var core, others []runtime.Object
	for _, object := range objects {
		if _, _, err := scheme.Scheme.ObjectKinds(object); err == nil {
			core = append(core, object)
		} else {
			others = append(others, object)
		}
	}
	client := kubelib.NewFakeClient(others...)
	store := fake.NewSimpleClientset(core...).Tracker()
	kube := client.Kube().(*fake.Clientset)
	kube.PrependReactor("*", "*", testing.ObjectReaction(store))
	kube.PrependWatchReactor("*", func(action testing.Action) (bool, watch.Interface, error) {
		options := metav1.ListOptions{}
		if given, ok := action.(testing.WatchActionImpl); ok {
			options = given.ListOptions
		}
		watching, err := store.Watch(action.GetResource(), action.GetNamespace(), options)
		return true, watching, err
	})
	return client
}
