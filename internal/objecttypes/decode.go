package objecttypes

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	kjson "sigs.k8s.io/json"
)

// Decode decodes JSON strictly into an empty object of its kind, inside Istio's specs too: a field that the kind does not
// have is an error.
func Decode(data []byte, into kruntime.Object) error {
	if spec, isIstio := messageOf(into, "Spec"); isIstio {
		return decodeIstio(data, into, spec)
	}
	return decodeStrict(data, into)
}

// Unstructured decodes JSON into an object without a Go type of its own. A key that is given twice is an error.
func Unstructured(data []byte) (*unstructured.Unstructured, error) {
	object := &unstructured.Unstructured{}
	if err := decodeStrict(data, &object.Object); err != nil {
		return nil, err
	}
	if object.GetAPIVersion() == "" || object.GetKind() == "" {
		return nil, errors.New("it has no apiVersion, or no kind")
	}
	return object, nil
}

func decodeStrict(data []byte, into any) error {
	unknown, err := kjson.UnmarshalStrict(data, into)
	if err != nil {
		return err
	}
	return errors.Join(unknown...)
}

// messageOf returns a field of the object when it is a protobuf message, as the specs of Istio's kinds are.
func messageOf(object kruntime.Object, name string) (proto.Message, bool) {
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
	if err := DecodeMessage(outer.Spec, spec); err != nil {
		return fmt.Errorf("spec: %w", err)
	}
	if status, ok := messageOf(object, "Status"); ok {
		if err := DecodeMessage(outer.Status, status); err != nil {
			return fmt.Errorf("status: %w", err)
		}
	}
	return nil
}

// DecodeMessage decodes JSON strictly into a message of Istio. Its durations are rewritten only if protojson refuses it: most
// messages have none, or have them in seconds. What that lets through are durations above Go's 292 years.
func DecodeMessage(data []byte, into proto.Message) error {
	if len(data) == 0 || string(data) == "null" {
		return nil
	}
	if protojson.Unmarshal(data, into) == nil {
		return nil
	}
	data, err := rewriteDurations(data, into.ProtoReflect().Descriptor())
	if err != nil {
		return err
	}
	return protojson.Unmarshal(data, into)
}
