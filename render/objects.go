package render

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/fastyaml"
	"github.com/istio-egress/istio-egress/internal/objecttypes"
)

// Object is a rendered object as its Go type, such as *corev1.Service of k8s.io/api/core/v1 or *networkingv1.ServiceEntry
// of istio.io/client-go/pkg/apis/networking/v1.
type Object struct {
	// Document is what the object was decoded from.
	Document Document
	// Value is the typed object. Switch on its type.
	Value kruntime.Object
}

// Model reads what the objects declare, for those who have them and not the values: [Chart.Declare] tells it from values, with
// the place of each part in them. The error is that of [Result.Objects].
func (r *Result) Model() (*egress.Model, error) {
	objects, err := r.Objects()
	if err != nil {
		return nil, err
	}
	all := make([]kruntime.Object, len(objects))
	for i, object := range objects {
		all[i] = object.Value
	}
	return egress.FromObjects(egress.NewObjects(all)), nil
}

// Objects decodes all documents, in their order. Decoding is strict, inside Istio's specs too: a field that the kind does
// not have is a [*DecodeError]. An object of a kind without a Go type here is an *unstructured.Unstructured.
func (r *Result) Objects() ([]Object, error) {
	objects := make([]Object, len(r.documents))
	errs := make([]error, len(r.documents))
	inParallel(len(r.documents), 64, func(i int) {
		value, err := r.documents[i].Decode()
		objects[i], errs[i] = Object{Document: r.documents[i], Value: value}, err
	})
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return nil, errs[i]
	}
	return objects, nil
}

// Decode decodes the document strictly into the Go type of its kind: the built-in kinds of Kubernetes, and those of Istio
// in the groups networking.istio.io and security.istio.io, whose older versions have the Go types of v1. Other kinds are
// an *unstructured.Unstructured. The error is a [*DecodeError].
func (d Document) Decode() (kruntime.Object, error) {
	value, err := d.decode()
	if err != nil {
		return nil, &DecodeError{Document: d, Err: err}
	}
	return value, nil
}

// json is the document's content as JSON, without keys that are given twice.
func (d Document) json() ([]byte, error) {
	if data, ok := fastyaml.JSON(d.Content); ok {
		return data, nil
	}
	data, err := yaml.YAMLToJSONStrict([]byte(d.Content))
	if err != nil {
		return nil, yamlError([]byte(d.Content), err)
	}
	return data, nil
}

func (d Document) decode() (kruntime.Object, error) {
	data, err := d.json()
	if err != nil {
		return nil, err
	}
	if d.APIVersion != "" && d.Kind != "" && !objecttypes.Known(d.APIVersion, d.Kind) {
		return objecttypes.Unstructured(data)
	}
	value, err := objecttypes.New(d.APIVersion, d.Kind)
	if err != nil {
		return nil, err
	}
	return value, objecttypes.Decode(data, value)
}

// Unstructured decodes the document without a Go type for its kind, as clients for objects of any kind take it. Numbers
// are int64 or float64. The error is a [*DecodeError].
func (d Document) Unstructured() (*unstructured.Unstructured, error) {
	data, err := d.json()
	if err != nil {
		return nil, &DecodeError{Document: d, Err: err}
	}
	object, err := objecttypes.Unstructured(data)
	if err != nil {
		return nil, &DecodeError{Document: d, Err: err}
	}
	return object, nil
}
