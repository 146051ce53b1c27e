package render

import (
	"encoding/json"

	"google.golang.org/protobuf/reflect/protoreflect"
	networking "istio.io/api/networking/v1"
)

// TrafficPolicy is the part of Istio's traffic policy that the values accept.
type TrafficPolicy struct {
	ConnectionPool   *networking.ConnectionPoolSettings `json:"connectionPool,omitempty"`
	OutlierDetection *networking.OutlierDetection       `json:"outlierDetection,omitempty"`
	LoadBalancer     *networking.LoadBalancerSettings   `json:"loadBalancer,omitempty"`
}

// MarshalJSON writes the policy as the values contract has it: numbers of 64 bits are numbers, and not text as in the JSON of
// protobuf, and no object is empty.
func (p TrafficPolicy) MarshalJSON() ([]byte, error) {
	type fields TrafficPolicy
	data, err := json.Marshal(fields(p))
	if err != nil {
		return nil, err
	}
	var object map[string]any
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, err
	}
	setNumbers(p.ConnectionPool.ProtoReflect(), object["connectionPool"])
	setNumbers(p.OutlierDetection.ProtoReflect(), object["outlierDetection"])
	setNumbers(p.LoadBalancer.ProtoReflect(), object["loadBalancer"])
	fillEmpty(object)
	return json.Marshal(object)
}

// setNumbers replaces the texts of a message's 64-bit numbers in its JSON.
func setNumbers(message protoreflect.Message, encoded any) {
	object, ok := encoded.(map[string]any)
	if !ok {
		return
	}
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		name := field.JSONName()
		switch text, isText := object[name].(string); {
		case field.IsList() || field.IsMap():
		case field.Message() != nil:
			setNumbers(value.Message(), object[name])
		case isText && (field.Kind() == protoreflect.Uint64Kind || field.Kind() == protoreflect.Int64Kind):
			object[name] = json.Number(text)
		}
		return true
	})
}

// zeroFields are fields of settings that count by being there, such as keepalive probes with all the system's defaults.
// Written as zero, they say no more than that; zeros are left out of the JSON of protobuf.
var zeroFields = map[string]string{"tcp": "maxConnections", "http": "maxRetries", "tcpKeepalive": "probes", "outlierDetection": "minHealthPercent"}

// fillEmpty writes settings in which nothing is set with one of their zero fields, or not at all: values have no empty objects.
func fillEmpty(object map[string]any) {
	for name, value := range object {
		child, ok := value.(map[string]any)
		if !ok {
			continue
		}
		fillEmpty(child)
		if len(child) > 0 {
			continue
		}
		if field := zeroFields[name]; field != "" {
			child[field] = 0
		} else {
			delete(object, name)
		}
	}
}
