package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
	yamlv3 "sigs.k8s.io/yaml/goyaml.v3"
)

// templateFuncs are the functions that Helm gives to templates: Sprig's without those that read the environment, and
// Helm's own. include and tpl belong to an engine and replace these here.
func templateFuncs() template.FuncMap {
	funcs := sprig.TxtFuncMap()
	delete(funcs, "env")
	delete(funcs, "expandenv")
	maps.Copy(funcs, template.FuncMap{
		"include": func(string, any) (string, error) { return "", errLeaveToHelm },
		"tpl":     func(string, any) (string, error) { return "", errLeaveToHelm },

		"toYaml":        toYAML,
		"toYamlPretty":  toYAMLPretty,
		"fromYaml":      decodeMap(func(s string, into any) error { return yaml.Unmarshal([]byte(s), into) }),
		"fromYamlArray": decodeList(func(s string, into any) error { return yaml.Unmarshal([]byte(s), into) }),
		"toJson":        toJSON,
		"fromJson":      decodeMap(func(s string, into any) error { return json.Unmarshal([]byte(s), into) }),
		"fromJsonArray": decodeList(func(s string, into any) error { return json.Unmarshal([]byte(s), into) }),
		"toToml":        toTOML,
		"fromToml":      decodeMap(func(s string, into any) error { return toml.Unmarshal([]byte(s), into) }),

		"dict":       newDict(funcs["dict"].(func(...any) map[string]any)),
		"regexMatch": newRegexMatcher(),

		"required":      required,
		"fail":          func(message string) (string, error) { return "", errors.New(message) },
		"lookup":        func(string, string, string, string) (map[string]any, error) { return map[string]any{}, nil },
		"getHostByName": func(string) string { return "" },
	})
	return funcs
}

// The encoders print nothing for what cannot be encoded, as Helm's do.

func toYAML(v any) string {
	data, err := yaml.Marshal(v)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(data), "\n")
}

func toYAMLPretty(v any) string {
	var out bytes.Buffer
	encoder := yamlv3.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func toJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(data)
}

// toTOML prints the error instead.
func toTOML(v any) string {
	var out bytes.Buffer
	if err := toml.NewEncoder(&out).Encode(v); err != nil {
		return err.Error()
	}
	return out.String()
}

// decodeMap makes a decoder that, as Helm's, leaves the error under the key Error.
func decodeMap(decode func(string, any) error) func(string) map[string]any {
	return func(s string) map[string]any {
		values := map[string]any{}
		if err := decode(s, &values); err != nil {
			values["Error"] = err.Error()
		}
		return values
	}
}

// decodeList makes a decoder that, as Helm's, returns the error as the only item.
func decodeList(decode func(string, any) error) func(string) []any {
	return func(s string) []any {
		items := []any{}
		if err := decode(s, &items); err != nil {
			return []any{err.Error()}
		}
		return items
	}
}

// newDict is Sprig's dict, which lets the map grow key by key, with the map made in its size.
func newDict(dict func(...any) map[string]any) func(...any) map[string]any {
	return func(pairs ...any) map[string]any {
		if len(pairs)%2 != 0 {
			return dict(pairs...)
		}
		pairsByKey := make(map[string]any, len(pairs)/2)
		for i := 0; i < len(pairs); i += 2 {
			key, ok := pairs[i].(string)
			if !ok {
				return dict(pairs...)
			}
			pairsByKey[key] = pairs[i+1]
		}
		return pairsByKey
	}
}

// newRegexMatcher is Sprig's regexMatch, which compiles the expression for every call, with the first expressions kept:
// a chart has few of them, unless it makes them from values. An expression that does not compile matches nothing.
func newRegexMatcher() func(string, string) bool {
	const most = 1000
	var compiled sync.Map // of *regexp.Regexp by expression
	var count atomic.Int64
	return func(expression, text string) bool {
		matcher, ok := compiled.Load(expression)
		if !ok {
			fresh, err := regexp.Compile(expression)
			if err != nil {
				return false
			}
			if count.Add(1) > most {
				return fresh.MatchString(text)
			}
			matcher, _ = compiled.LoadOrStore(expression, fresh)
		}
		return matcher.(*regexp.Regexp).MatchString(text)
	}
}

func required(message string, value any) (any, error) {
	if value == nil || value == "" {
		return value, errors.New(message)
	}
	return value, nil
}
