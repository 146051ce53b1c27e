package objecttypes

import (
	"encoding/json"
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
)

const durationName protoreflect.FullName = "google.protobuf.Duration"

// rewriteDurations writes the durations of a message's JSON as protojson reads them: 1m as 60s. What has another form than the
// message is left to protojson, which says so.
func rewriteDurations(data []byte, message protoreflect.MessageDescriptor) ([]byte, error) {
	var value any
	if err := decodeStrict(data, &value); err != nil { // keys given twice, which are lost after this
		return nil, err
	}
	value, err := rewriteMessage(value, message)
	if err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

func rewriteMessage(value any, message protoreflect.MessageDescriptor) (any, error) {
	if message.FullName() == durationName {
		return rewriteDuration(value)
	}
	fields, _ := value.(map[string]any)
	for name, value := range fields {
		field := message.Fields().ByJSONName(name)
		if field == nil {
			field = message.Fields().ByTextName(name)
		}
		if field == nil || field.Message() == nil {
			continue
		}
		var err error
		if fields[name], err = rewriteField(value, field); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return value, nil
}

func rewriteField(value any, field protoreflect.FieldDescriptor) (any, error) {
	var err error
	switch values, isList := value.([]any); {
	case field.IsMap() && field.MapValue().Message() == nil:
		return value, nil
	case field.IsMap():
		entries, _ := value.(map[string]any)
		for key, value := range entries {
			if entries[key], err = rewriteMessage(value, field.MapValue().Message()); err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
		}
		return value, nil
	case isList:
		for i, value := range values {
			if values[i], err = rewriteMessage(value, field.Message()); err != nil {
				return nil, fmt.Errorf("%d: %w", i, err)
			}
		}
		return values, nil
	}
	return rewriteMessage(value, field.Message())
}

func rewriteDuration(value any) (any, error) {
	text, isText := value.(string)
	if !isText {
		return value, nil
	}
	duration, err := time.ParseDuration(text) // as Istio does
	if err != nil {
		return nil, fmt.Errorf("%q is no duration: write one such as 5s, 1m30s or 100ms", text)
	}
	data, err := protojson.Marshal(durationpb.New(duration))
	return json.RawMessage(data), err
}
