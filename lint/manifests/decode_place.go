package manifests

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/istio-egress/istio-egress/position"
)

// The decoders' errors, which tell of places in words: of Kubernetes by path or Go type, of Istio by column.
var (
	unknownField = regexp.MustCompile(`unknown field "([^"]+)"`)
	wrongType    = regexp.MustCompile(`cannot unmarshal (\w+).* into Go struct field \w+\.(\S+) of type (\S+)`)
	inSpec       = regexp.MustCompile(`\(line 1:(\d+)\): (.*)$`)
)

// locate reads the places out of a decoder's error.
func (o object) locate(fields map[string]any, err error) []misfit {
	message := err.Error()
	if match := inSpec.FindStringSubmatch(message); match != nil {
		return []misfit{o.locateInSpec(fields, match[1], match[2])}
	}
	if match := wrongType.FindStringSubmatch(message); match != nil {
		if all := matching(fields, strings.Split(match[2], "."), match[1]); len(all) > 0 {
			return []misfit{{all[0], fmt.Sprintf("%s does not fit here: write %s", ofJSON(match[1]), ofGo(match[3]))}}
		}
	}
	var found []misfit
	for _, match := range unknownField.FindAllStringSubmatch(message, -1) {
		if at, err := position.ParsePath(match[1]); err == nil {
			found = append(found, o.unknown(at))
		}
	}
	if len(found) == 0 {
		return []misfit{{message: message}}
	}
	return found
}

func (o object) unknown(at position.Path) misfit {
	return misfit{at, fmt.Sprintf("%s has no such field: correct its name, or remove it", o.kind)}
}

func (o object) locateInSpec(fields map[string]any, column, message string) misfit {
	data, err := json.Marshal(fields["spec"])
	number, errColumn := strconv.Atoi(column)
	if err != nil || errColumn != nil {
		return misfit{message: message}
	}
	at, found := pathAt(data, number)
	if !found {
		return misfit{message: message}
	}
	at = append(position.Path{position.Key("spec")}, at...)
	if unknownField.MatchString(message) {
		return o.unknown(at)
	}
	if value, isText := position.Lookup(fields, at).(string); isText && strings.Contains(message, "enum") {
		return o.misnamed(fields, at, value)
	}
	if strings.HasPrefix(message, "unexpected token") {
		message = "a value of another type belongs here: " + message
	}
	return misfit{at, message}
}

// misnamed is a value that is none of an enumeration's. Those are in capitals.
func (o object) misnamed(fields map[string]any, at position.Path, value string) misfit {
	upper := strings.ToUpper(value)
	message := fmt.Sprintf("%q is none of the values of this field", value)
	if other, err := copyOf(fields); err == nil && upper != value && replace(other, at, upper) {
		if _, err := o.decode(other); err == nil || !strings.Contains(err.Error(), strconv.Quote(upper)) {
			message += ": write " + upper
		}
	}
	return misfit{at, message}
}

// pathAt returns the path of the key or value that begins at a column of JSON on one line, counted from 1.
func pathAt(data []byte, column int) (position.Path, bool) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	return walk(decoder, data, column, nil)
}

func walk(decoder *json.Decoder, data []byte, column int, at position.Path) (position.Path, bool) {
	if columnOfNext(decoder, data) == column {
		return at, true
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, false
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return nil, false
	}
	for i := 0; decoder.More(); i++ {
		below := at.Join(position.Index(i))
		if delim == '{' {
			start := columnOfNext(decoder, data)
			key, err := decoder.Token()
			if err != nil {
				return nil, false
			}
			below = at.Join(position.Key(fmt.Sprint(key)))
			if start == column {
				return below, true
			}
		}
		if found, ok := walk(decoder, data, column, below); ok {
			return found, true
		}
	}
	_, _ = decoder.Token() // the closing bracket
	return nil, false
}

func columnOfNext(decoder *json.Decoder, data []byte) int {
	offset := int(decoder.InputOffset())
	for offset < len(data) && (data[offset] == ',' || data[offset] == ':') {
		offset++
	}
	return utf8.RuneCount(data[:offset]) + 1
}

// matching returns the paths with these names, whatever the indexes between, whose values are of a JSON type; or those of
// a map's values, which decoders name by the map.
func matching(value any, names []string, kind string) []position.Path {
	var found []position.Path
	var visit func(value any, names []string, at position.Path)
	visit = func(value any, names []string, at position.Path) {
		if len(names) == 0 && kindOf(value) == kind {
			found = append(found, slices.Clone(at))
			return
		}
		switch value := value.(type) {
		case []any:
			for i, item := range value {
				visit(item, names, at.Join(position.Index(i)))
			}
		case map[string]any:
			for _, name := range sortedKeys(value) {
				switch {
				case len(names) == 0 && kindOf(value[name]) == kind:
					found = append(found, at.Join(position.Key(name)))
				case len(names) > 0 && name == names[0]:
					visit(value[name], names[1:], at.Join(position.Key(name)))
				}
			}
		}
	}
	visit(value, names, nil)
	return found
}

func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "string"
	case bool:
		return "bool"
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case nil:
		return ""
	}
	return "number"
}

func ofJSON(kind string) string {
	switch kind {
	case "string":
		return "text"
	case "bool":
		return "true or false"
	case "object":
		return "a map"
	case "array":
		return "a list"
	}
	return "a number"
}

func ofGo(kind string) string {
	switch {
	case strings.HasPrefix(kind, "[]"):
		return "a list"
	case kind == "string":
		return "text, in quotes"
	case kind == "bool":
		return "true or false"
	case strings.Contains(kind, "int"), strings.Contains(kind, "float"):
		return "a number"
	}
	return "a map"
}
