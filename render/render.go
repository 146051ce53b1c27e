package render

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Render renders the chart. The values are not changed; they are the user's alone, without the chart's defaults.
//
// Values may hold any Go types that encode to JSON: structs, []string, integers.
//
// Values that the chart refuses are a [*RefusedError], options that cannot be an [*OptionError].
func (c *Chart) Render(values map[string]any, o Options) (*Result, error) {
	return c.RenderContext(context.Background(), values, o)
}

// RenderContext is Render that ends when the context does, with the context's cause. Charts with subcharts, which Helm
// itself renders, are not interrupted.
func (c *Chart) RenderContext(ctx context.Context, values map[string]any, o Options) (*Result, error) {
	release, err := newHelmRelease(o)
	if err != nil {
		return nil, err
	}
	if values, err = withYAMLTypes(values); err != nil {
		return nil, err
	}
	if c.prepared != nil {
		if result, err := c.prepared.render(ctx, values, release); err == nil {
			return result, nil
		}
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	result, err := c.helm.renderWithHelm(values, release)
	return result, c.withFindings(ctx, err, values, release)
}

// withFindings adds to a refusal what the chart has against the values.
func (c *Chart) withFindings(ctx context.Context, err error, values map[string]any, release helmRelease) error {
	var refused *RefusedError
	if c.prepared == nil || !errors.As(err, &refused) {
		return err
	}
	_, found, findErr := c.prepared.declare(ctx, values, release)
	if findErr != nil {
		return err
	}
	refused.Findings = slices.DeleteFunc(found, func(f Finding) bool { return f.Severity != SeverityError })
	return err
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
