package explain

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// Join puts the objects of a release, or of any manifests that shall be applied, over those of a cluster: an object that the
// cluster has too is replaced, and keeps its age, which decides between rules, and its cluster IPs. Objects of the cluster
// that the release would delete stay, as nothing tells which they are. An egress gateway that a release assumes is left out
// where the cluster has its Service, and a waypoint where it has its Gateway.
func Join(cluster, release []Object) []Object {
	index := make(map[identity]int, len(cluster))
	joined := make([]Object, 0, len(cluster)+len(release))
	there := make(map[identity]bool, len(cluster))
	for _, o := range cluster {
		there[identityOf(o.Value)] = true
	}
	for _, objects := range [][]Object{cluster, release} {
		for _, o := range objects {
			id := identityOf(o.Value)
			if there[o.assumedFor] {
				continue
			}
			i, known := index[id]
			if !known {
				index[id] = len(joined)
				joined = append(joined, o)
				continue
			}
			o.Value = inherit(o.Value, joined[i].Value)
			joined[i] = o
		}
	}
	return joined
}

// inherit returns the newer version of an object with what the API server keeps of the older.
func inherit(newer, older runtime.Object) runtime.Object {
	meta, known := newer.(metav1.Object), older.(metav1.Object)
	age, knownAge := meta.GetCreationTimestamp(), known.GetCreationTimestamp()
	newer = newer.DeepCopyObject()
	if age.IsZero() {
		newer.(metav1.Object).SetCreationTimestamp(knownAge)
	}
	if gateway, ok := newer.(*gatewayv1.Gateway); ok { // what the controller says of it stays
		gateway.Status = older.(*gatewayv1.Gateway).Status
	}
	service, isService := newer.(*corev1.Service)
	if isService && service.Spec.ClusterIP == "" && service.Spec.Type != corev1.ServiceTypeExternalName {
		before := older.(*corev1.Service)
		service.Spec.ClusterIP, service.Spec.ClusterIPs = before.Spec.ClusterIP, before.Spec.ClusterIPs
	}
	return newer
}
