package explain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	networkingapi "istio.io/api/networking/v1alpha3"
	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"
	securityv1 "istio.io/client-go/pkg/apis/security/v1"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/collections"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// item is an object as a mesh keeps it.
type item struct {
	identity
	value   runtime.Object
	origin  Origin
	created time.Time
	// hosts are the full names that a ServiceEntry or VirtualService is for, that a DestinationRule is about, or that a
	// Service has.
	hosts []string
	// invented tells that the cluster IP of a Service is made up: it was given none.
	invented bool
	// assumed tells that a Service is not among the objects, and taken to be there.
	assumed bool
	config  func() (config.Config, error) // of Istio's kinds
}

// ref names the item as what decides about an aspect.
func (it *item) ref(a Aspect) Reference {
	r := Reference{Kind: it.kind, Namespace: it.namespace, Name: it.name}
	if it.origin != nil {
		r.Place = it.origin(a)
	}
	return r
}

// aspect is what of an item may matter for calls to a port.
func (it *item) aspect(port int) Aspect {
	switch it.kind {
	case kindDestinationRule:
		return Aspect{Field: FieldTLS, Port: port}
	case kindServiceEntry:
		return Aspect{Field: FieldPort, Port: port}
	}
	return Aspect{Port: port}
}

// isIstio tells Istio's kinds from Kubernetes' own.
func (it *item) isIstio() bool { return it.config != nil }

// refused is what istiod's validation has against the item; nil when it is right.
func (it *item) refused() error {
	if !it.isIstio() {
		return nil
	}
	_, err := it.config()
	return err
}

// newItems prepares objects for istiod, in their order: an object that comes twice counts as it comes last. Those without a
// time of creation are not in the cluster yet, and so the newest.
func newItems(objects []Object, domain string) ([]*item, error) {
	now := time.Now().Truncate(time.Second)
	index := make(map[identity]int, len(objects))
	items := make([]*item, 0, len(objects))
	for _, o := range objects {
		it, err := newItem(o, domain, now)
		if err != nil {
			return nil, err
		}
		if i, known := index[it.identity]; known {
			items[i] = it
			continue
		}
		index[it.identity] = len(items)
		items = append(items, it)
	}
	giveClusterIPs(items)
	return items, nil
}

var errKind = errors.New("objects of this type have no part in calls")

func newItem(o Object, domain string, now time.Time) (*item, error) {
	it := &item{identity: identityOf(o.Value), value: withDefaults(o.Value), origin: o.Origin, assumed: o.assumedFor.kind != ""}
	if it.kind == "" {
		return nil, fmt.Errorf("%T: %w", o.Value, errKind)
	}
	meta := o.Value.(metav1.Object) // as all types that kindOf knows
	if it.namespace == "" && it.kind != kindNamespace {
		it.value = it.value.DeepCopyObject()
		meta = it.value.(metav1.Object)
		meta.SetNamespace(corev1.NamespaceDefault)
		it.namespace = corev1.NamespaceDefault
	}
	it.created = meta.GetCreationTimestamp().Time
	if it.created.IsZero() {
		it.created = now
	}
	it.hosts = hostsOf(it, domain)
	switch it.kind {
	case kindService, kindEndpointSlice, kindEndpoints, kindNamespace, kindPod, kindWaypoint:
	default:
		it.config = sync.OnceValues(func() (config.Config, error) { return checkedConfig(it, domain) })
	}
	return it, nil
}

var schemas = collections.PilotGatewayAPI()

// checkedConfig is what istiod reads, or the error of its admission webhook.
func checkedConfig(it *item, domain string) (config.Config, error) {
	c, err := configOf(it.value, it.created, domain)
	if err != nil {
		return c, err
	}
	schema, known := schemas.FindByGroupVersionAliasesKind(c.GroupVersionKind)
	if !known {
		return c, fmt.Errorf("istiod does not know the kind %s", it.kind)
	}
	_, err = schema.ValidateConfig(c)
	return c, err
}

func hostsOf(it *item, domain string) []string {
	switch o := it.value.(type) {
	case *corev1.Service:
		return []string{serviceHost(it.name, it.namespace, domain)}
	case *networkingv1.ServiceEntry:
		return lower(o.Spec.GetHosts())
	case *networkingv1.VirtualService:
		var hosts []string
		for _, host := range o.Spec.GetHosts() {
			hosts = append(hosts, fullHost(host, it.namespace, domain))
		}
		return hosts
	case *networkingv1.DestinationRule:
		return []string{fullHost(o.Spec.GetHost(), it.namespace, domain)}
	case *securityv1.AuthorizationPolicy:
		return limitedTo(o, domain)
	}
	return nil
}

func lower(names []string) []string {
	names = slices.Clone(names)
	for i := range names {
		names[i] = strings.ToLower(names[i])
	}
	return names
}

func serviceHost(name, namespace, domain string) string {
	return name + "." + namespace + ".svc." + domain
}

// fullHost completes a short name as istiod does.
func fullHost(host, namespace, domain string) string {
	meta := config.Meta{Namespace: namespace, Domain: domain}
	return strings.ToLower(string(model.ResolveShortnameToFQDN(host, meta)))
}

// covers tells whether a host, which may begin with a wildcard, is or covers a name.
func covers(host, name string) bool {
	if suffix, wildcard := strings.CutPrefix(host, "*"); wildcard {
		return strings.HasSuffix(name, suffix)
	}
	return host == name
}

// isAbout tells whether one of the item's hosts covers a name.
func (it *item) isAbout(name string) bool {
	return slices.ContainsFunc(it.hosts, func(host string) bool { return covers(host, name) })
}

// exportTo is who sees the item, as it says itself.
func (it *item) exportTo() []string {
	switch o := it.value.(type) {
	case *networkingv1.ServiceEntry:
		return o.Spec.GetExportTo()
	case *networkingv1.VirtualService:
		return o.Spec.GetExportTo()
	case *networkingv1.DestinationRule:
		if o.Spec.GetWorkloadSelector() != nil {
			return []string{"."}
		}
		return o.Spec.GetExportTo()
	case *corev1.Service:
		if text := o.Annotations["networking.istio.io/exportTo"]; text != "" {
			namespaces := strings.Split(text, ",")
			for i := range namespaces {
				namespaces[i] = strings.TrimSpace(namespaces[i])
			}
			return namespaces
		}
	}
	return nil
}

// seenFrom tells whether workloads of a namespace see the item, by what it says and by the mesh's default.
func (it *item) seenFrom(namespace string, defaults []string) bool {
	exportTo := it.exportTo()
	if len(exportTo) == 0 {
		exportTo = defaults
	}
	return len(exportTo) == 0 || slices.ContainsFunc(exportTo, func(e string) bool {
		return e == "*" || e == namespace || e == "." && it.namespace == namespace
	})
}

// selects tells whether the item is for a workload's labels.
func (it *item) selects(labels map[string]string) bool {
	for key, value := range it.selector() {
		if labels[key] != value {
			return false
		}
	}
	return true
}

func (it *item) selector() map[string]string {
	c, err := it.config()
	if err != nil {
		return nil
	}
	switch spec := c.Spec.(type) {
	case *networkingapi.DestinationRule:
		return spec.GetWorkloadSelector().GetMatchLabels()
	case *networkingapi.Sidecar:
		return spec.GetWorkloadSelector().GetLabels()
	case *networkingapi.EnvoyFilter:
		return spec.GetWorkloadSelector().GetLabels()
	}
	return nil
}
