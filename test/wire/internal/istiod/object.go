package istiod

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/schema/resource"
	kubelib "istio.io/istio/pkg/kube"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// Object is an object of Kubernetes or of Istio.
type Object struct {
	Kind, Namespace, Name string
	// Kubernetes is the typed object; nil for Istio's.
	Kubernetes runtime.Object
	// Istio is the object as istiod keeps it; nil for Kubernetes'.
	Istio *config.Config
}

// String names the object as Kind namespace/name.
func (o Object) String() string {
	return fmt.Sprintf("%s %s/%s", o.Kind, o.Namespace, o.Name)
}

// FromKubernetes wraps a typed object that was made in Go.
func FromKubernetes(kind string, object runtime.Object) (Object, error) {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return Object{}, err
	}
	return Object{Kind: kind, Namespace: accessor.GetNamespace(), Name: accessor.GetName(), Kubernetes: object}, nil
}

// Parse reads the documents of a manifest. Fields that a kind does not have are an error. Objects
// that do not name a namespace are in the given one.
func Parse(manifest, namespace string) ([]Object, error) {
	var objects []Object
	reader := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(manifest)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("split a manifest: %w", err)
		}
		object, found, err := parseDocument(document, namespace)
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, bytes.TrimSpace(document))
		}
		if found {
			objects = append(objects, object)
		}
	}
}

func parseDocument(document []byte, namespace string) (object Object, found bool, err error) {
	var kind crd.IstioKind
	if err := yaml.Unmarshal(document, &kind); err != nil {
		return object, false, fmt.Errorf("read a manifest: %w", err)
	}
	if kind.Kind == "" && kind.Name == "" {
		return object, false, nil
	}
	gvk := kind.GroupVersionKind()
	if known, ok := collections.PilotGatewayAPI().FindByGroupVersionAliasesKind(resource.FromKubernetesGVK(&gvk)); ok && isIstio(gvk) {
		object, err = parseIstio(known, &kind, namespace)
	} else {
		object, err = parseKubernetes(document, namespace)
	}
	return object, err == nil, err
}

func isIstio(gvk schema.GroupVersionKind) bool { return strings.HasSuffix(gvk.Group, "istio.io") }

func parseIstio(known resource.Schema, kind *crd.IstioKind, namespace string) (Object, error) {
	if kind.Namespace == "" {
		kind.Namespace = namespace
	}
	parsed, err := crd.ConvertObjectInternal(known, kind, "cluster.local", strictly)
	if err != nil {
		return Object{}, fmt.Errorf("read %s %s/%s: %w", kind.Kind, kind.Namespace, kind.Name, err)
	}
	// What the admission webhook would refuse never reaches istiod.
	if _, err := known.ValidateConfig(*parsed); err != nil {
		return Object{}, fmt.Errorf("istiod refuses %s %s/%s: %w", kind.Kind, kind.Namespace, kind.Name, err)
	}
	return Object{Kind: kind.Kind, Namespace: parsed.Namespace, Name: parsed.Name, Istio: parsed}, nil
}

func strictly(s resource.Schema, text string) (config.Spec, error) {
	spec, err := s.NewInstance()
	if err != nil {
		return nil, err
	}
	return spec, config.ApplyJSONStrict(spec, text)
}

var strictCodec = serializer.NewCodecFactory(kubelib.IstioScheme, serializer.EnableStrict)

func parseKubernetes(document []byte, namespace string) (Object, error) {
	decoded, gvk, err := strictCodec.UniversalDeserializer().Decode(document, nil, nil)
	if err != nil {
		return Object{}, fmt.Errorf("read an object of Kubernetes: %w", err)
	}
	accessor, err := meta.Accessor(decoded)
	if err != nil {
		return Object{}, err
	}
	if accessor.GetNamespace() == "" && gvk.Kind != "Namespace" {
		accessor.SetNamespace(namespace)
	}
	return FromKubernetes(gvk.Kind, decoded)
}

// created gives the objects of a list ages in the list's order: istiod lets the older of two win.
func setCreated(object Object, at metav1.Time) {
	if object.Istio != nil {
		object.Istio.CreationTimestamp = at.Time
		return
	}
	if accessor, err := meta.Accessor(object.Kubernetes); err == nil {
		accessor.SetCreationTimestamp(at)
	}
}
