package render

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Render renders the chart. The values are not changed; they are the user's alone, without the chart's defaults.
//
// Values may hold any Go types that encode to JSON: structs, []string, integers.
//
// Values that the chart refuses are a [*RefusedError]. Other errors are of the options.
func (c *Chart) Render(values map[string]any, o Options) (*Result, error) {
	release, err := newHelmRelease(o)
	if err != nil {
		return nil, err
	}
	if values, err = withYAMLTypes(values); err != nil {
		return nil, err
	}
	if c.prepared != nil {
		if result, err := c.prepared.render(values, release); err == nil {
			return result, nil
		}
	}
	return c.helm.renderWithHelm(values, release)
}

// withYAMLTypes returns the values as the types that YAML decodes to, which is all that Helm accepts.
func withYAMLTypes(values map[string]any) (map[string]any, error) {
	if hasYAMLTypes(values) {
		return values, nil
	}
	data, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("values: %w", err)
	}
	var decoded map[string]any
	if err := json.Unmarshal(data, &decoded); err != nil {
		return nil, fmt.Errorf("values: %w", err)
	}
	return decoded, nil
}

func hasYAMLTypes(value any) bool {
	switch v := value.(type) {
	case nil, string, bool, float64, int64:
		return true
	case map[string]any:
		for _, item := range v {
			if !hasYAMLTypes(item) {
				return false
			}
		}
		return v != nil
	case []any:
		return v != nil && !slices.ContainsFunc(v, func(item any) bool { return !hasYAMLTypes(item) })
	}
	return false
}
