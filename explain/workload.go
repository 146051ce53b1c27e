package explain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/istio-egress/istio-egress/egress"
)

// Workload is a caller: a pod with a sidecar, or one in ambient mode.
type Workload struct {
	Namespace string // "default" when empty
	Labels    map[string]string
	IPs       []string // of the pod; an IPv4 address when empty
	// ServiceAccount is whom gateways and waypoints take the workload for; "default" when empty. It has no part in what its own sidecar does.
	ServiceAccount string
	// DataPlane is what carries the pod's calls: egress.DataPlaneAmbient for ztunnel and waypoints; else its sidecar.
	DataPlane egress.DataPlane
}

func (w Workload) isAmbient() bool { return w.DataPlane == egress.DataPlaneAmbient }

// ParseWorkload reads a caller as it is written on command lines: namespace, or namespace/key=value,key=value.
func ParseWorkload(text string) (Workload, error) {
	namespace, labels, _ := strings.Cut(text, "/")
	w := Workload{Namespace: namespace}
	if len(validation.IsDNS1123Label(namespace)) > 0 {
		return w, fmt.Errorf("caller %q: %q is no namespace: write namespace/key=value,..., such as shop/app=checkout", text, namespace)
	}
	if labels == "" {
		return w, nil
	}
	w.Labels = map[string]string{}
	for label := range strings.SplitSeq(labels, ",") {
		key, value, ok := strings.Cut(label, "=")
		if !ok || len(validation.IsQualifiedName(key)) > 0 || len(validation.IsValidLabelValue(value)) > 0 {
			return w, fmt.Errorf("caller %q: %q is no label: write key=value, such as app=checkout", text, label)
		}
		w.Labels[key] = value
	}
	return w, nil
}

// String is the caller as ParseWorkload reads it. What else is known of it is not in it.
func (w Workload) String() string {
	if len(w.Labels) == 0 {
		return w.namespace()
	}
	return w.namespace() + "/" + strings.ReplaceAll(w.labels(), " ", ",")
}

func (w Workload) namespace() string {
	if w.Namespace == "" {
		return corev1.NamespaceDefault
	}
	return w.Namespace
}

// labels are key=value, sorted, with blanks between them.
func (w Workload) labels() string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(w.Labels)) {
		all = append(all, key+"="+w.Labels[key])
	}
	return strings.Join(all, " ")
}

// account is namespace/service account.
func (w Workload) account() string { return w.namespace() + "/" + cmp.Or(w.ServiceAccount, "default") }

// principal is the name in the workload's certificate.
func (w Workload) principal(trustDomain string) string {
	return fmt.Sprintf("spiffe://%s/ns/%s/sa/%s", cmp.Or(trustDomain, "cluster.local"), w.namespace(), cmp.Or(w.ServiceAccount, "default"))
}

const podIP = "10.244.0.10"

func (w Workload) ips() []string {
	if len(w.IPs) == 0 {
		return []string{podIP}
	}
	return w.IPs
}
