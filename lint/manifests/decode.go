package manifests

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// misfit is a field that an object's kind does not have, or a value that it does not take.
type misfit struct {
	at      position.Path
	message string
}

// mostMisfits bounds the work for an object that has next to nothing to do with its kind.
const mostMisfits = 20

// misfits decodes the object strictly into the Go type of its kind. The decoders tell of one field at a time: it is taken
// out, and the rest decoded again.
func (o object) misfits() []misfit {
	fields, err := copyOf(o.fields)
	if err != nil {
		return []misfit{{message: err.Error()}}
	}
	var found []misfit
	for len(found) < mostMisfits {
		quoted, err := o.decode(fields)
		if err == nil {
			return append(found, quoted...)
		}
		next := o.locate(fields, err)
		for _, one := range next {
			if !filledInLater(position.Lookup(fields, one.at)) {
				found = append(found, one)
			}
			if !remove(fields, one.at) {
				return found
			}
		}
	}
	return found
}

// decode returns the decoder's error, or the numbers in quotes: Istio's own decoder takes them, Kubernetes does not.
func (o object) decode(fields map[string]any) ([]misfit, error) {
	content, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	value, err := render.Document{APIVersion: o.goVersion(), Kind: o.kind, Content: string(content)}.Decode()
	if err != nil {
		var decoding *render.DecodeError
		if errors.As(err, &decoding) {
			err = decoding.Err
		}
		return nil, err
	}
	if !strings.HasPrefix(o.goVersion(), istioGroup) {
		return nil, nil
	}
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var decoded map[string]any
	if err := json.Unmarshal(data, &decoded); err != nil {
		return nil, err
	}
	return quotedNumbers(fields["spec"], decoded["spec"], position.Path{position.Key("spec")}), nil
}

const istioGroup = "networking.istio.io/"

// goVersion is the version whose Go types are known: older ones of Istio have the same fields.
func (o object) goVersion() string {
	version := text(o.fields, "apiVersion")
	switch version {
	case istioGroup + "v1alpha3", istioGroup + "v1beta1":
		return istioGroup + "v1"
	}
	return version
}

func quotedNumbers(written, decoded any, at position.Path) []misfit {
	var found []misfit
	switch written := written.(type) {
	case map[string]any:
		decoded, _ := decoded.(map[string]any)
		for _, name := range sortedKeys(written) {
			found = append(found, quotedNumbers(written[name], decoded[name], at.Join(position.Key(name)))...)
		}
	case []any:
		if decoded, ok := decoded.([]any); ok && len(decoded) == len(written) {
			for i := range written {
				found = append(found, quotedNumbers(written[i], decoded[i], at.Join(position.Index(i)))...)
			}
		}
	case string:
		if _, isNumber := decoded.(float64); isNumber {
			found = append(found, misfit{at, fmt.Sprintf("%q is text, and Kubernetes takes a number only: remove the quotes", written)})
		}
	}
	return found
}

// filledInLater tells whether a value has a variable of kustomize, Flux or envsubst.
func filledInLater(value any) bool {
	written, isText := value.(string)
	return isText && (strings.Contains(written, "${") || strings.Contains(written, "$("))
}
