package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/golang/protobuf/jsonpb" //nolint:staticcheck // deprecated, and what Istio reads its kinds with
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	istionetworking "istio.io/client-go/pkg/apis/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kubernetesscheme "k8s.io/client-go/kubernetes/scheme"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/fastyaml"
)

// Object is a rendered object as its Go type, such as *corev1.Service of k8s.io/api/core/v1 or *networkingv1.ServiceEntry
// of istio.io/client-go/pkg/apis/networking/v1.
type Object struct {
	// Document is what the object was decoded from.
	Document Document
	// Value is the typed object. Switch on its type.
	Value kruntime.Object
}

// Objects decodes all documents, in their order. Decoding is strict, inside Istio's specs too: a field that the kind does
// not have is a [*DecodeError].
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

// Decode decodes the document strictly into the Go type of its kind: the built-in kinds of Kubernetes and the kinds of
// networking.istio.io/v1. The error is a [*DecodeError].
func (d Document) Decode() (kruntime.Object, error) {
	value, err := d.decode()
	if err != nil {
		return nil, &DecodeError{Document: d, Err: err}
	}
	return value, nil
}

var knownKinds = newScheme()

func newScheme() *kruntime.Scheme {
	scheme := kruntime.NewScheme()
	for _, add := range []func(*kruntime.Scheme) error{kubernetesscheme.AddToScheme, istionetworking.AddToScheme} {
		if err := add(scheme); err != nil {
			panic(err) // two Go types for one kind, in the libraries themselves
		}
	}
	return scheme
}

func (d Document) decode() (kruntime.Object, error) {
	data, ok := fastyaml.JSON(d.Content)
	if !ok {
		var err error
		if data, err = yaml.YAMLToJSONStrict([]byte(d.Content)); err != nil {
			return nil, yamlError([]byte(d.Content), err)
		}
	}
	value, err := knownKinds.New(schema.FromAPIVersionAndKind(d.APIVersion, d.Kind))
	if err != nil {
		return nil, fmt.Errorf("no Go type is known for kind %q of apiVersion %q", d.Kind, d.APIVersion)
	}
	if spec, ok := protoField(value, "Spec"); ok {
		return value, decodeIstio(data, value, spec)
	}
	return value, decodeStrict(data, value)
}

func decodeStrict(data []byte, into any) error {
	unknown, err := kjson.UnmarshalStrict(data, into)
	if err != nil {
		return err
	}
	return errors.Join(unknown...)
}

// protoField returns a field of the object when it is a protobuf message, as the specs of Istio's kinds are.
func protoField(object kruntime.Object, name string) (proto.Message, bool) {
	field := reflect.ValueOf(object).Elem().FieldByName(name)
	if !field.IsValid() {
		return nil, false
	}
	message, ok := reflect.TypeAssert[proto.Message](field.Addr())
	return message, ok
}

// decodeIstio decodes the spec by protojson, because the UnmarshalJSON of Istio's types ignores unknown fields.
func decodeIstio(data []byte, object kruntime.Object, spec proto.Message) error {
	var outer struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              json.RawMessage `json:"spec"`
		Status            json.RawMessage `json:"status"`
	}
	if err := decodeStrict(data, &outer); err != nil {
		return err
	}
	object.GetObjectKind().SetGroupVersionKind(outer.GroupVersionKind())
	reflect.ValueOf(object).Elem().FieldByName("ObjectMeta").Set(reflect.ValueOf(outer.ObjectMeta))
	if err := decodeMessage(outer.Spec, spec); err != nil {
		return fmt.Errorf("spec: %w", err)
	}
	if status, ok := protoField(object, "Status"); ok {
		if err := decodeMessage(outer.Status, status); err != nil {
			return fmt.Errorf("status: %w", err)
		}
	}
	return nil
}

func decodeMessage(data json.RawMessage, into proto.Message) error {
	if len(data) == 0 {
		return nil
	}
	err := protojson.Unmarshal(data, into)
	if err != nil && strings.Contains(err.Error(), "google.protobuf.Duration") && decodeAsIstio(data, into) {
		return nil
	}
	return err
}

// decodeAsIstio decodes with what Istio itself reads its kinds with. It takes durations that protojson does not, such as
// 1m, and is still strict about fields.
func decodeAsIstio(data json.RawMessage, into proto.Message) bool {
	proto.Reset(into)
	return new(jsonpb.Unmarshaler).Unmarshal(bytes.NewReader(data), protoadapt.MessageV1Of(into)) == nil
}
