package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/pflag"

	"github.com/istio-egress/istio-egress/internal/istiofields"
	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/position"
)

// configFile is read from the working directory. Its schema is docs/lint-config.schema.json.
const configFile = ".istio-egress.yaml"

// configField is a field of the file: the flag that wins over it, and what takes its value.
type configField struct {
	flag string
	take func(*lintOptions, any) (expected string)
}

var configFields = map[string]configField{
	"strict":         {"strict", takeBool(func(o *lintOptions) *bool { return &o.strict })},
	"argocd":         {"argocd", takeBool(func(o *lintOptions) *bool { return &o.lint.ArgoCD })},
	"dnsCapture":     {"dns-capture", takeBool(func(o *lintOptions) *bool { return &o.lint.DNSCapture })},
	"istio":          {"istio", takeIstio},
	"keys":           {"key", takeKeys},
	"releasePattern": {"release-pattern", takePattern},
	"disable":        {"disable", takeDisabled},
}

// readConfig takes what the file of the working directory says, but for what flags say.
func (o *lintOptions) readConfig(flags *pflag.FlagSet) error {
	data, err := os.ReadFile(configFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	file, faults := position.Parse(configFile, data)
	if len(faults) > 0 {
		return fmt.Errorf("%s: %s", faults[0].Position, faults[0].Message)
	}
	for _, field := range file.Root().Fields() {
		at := file.Find(position.Path{position.Key(field.Name)}).Key
		known, exists := configFields[field.Name]
		if !exists {
			return fmt.Errorf("%s: unknown field %q: %s", at, field.Name, nearField(field.Name))
		}
		if flags.Changed(known.flag) {
			continue
		}
		if expected := known.take(o, field.Value.Value()); expected != "" {
			return fmt.Errorf("%s: %s must be %s", at, field.Name, expected)
		}
	}
	return nil
}

func nearField(name string) string {
	var names []string
	for known := range configFields {
		names = append(names, known)
	}
	slices.Sort(names)
	if near, ok := words.Nearest(name, names); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "allowed are " + words.List(names, "and")
}

func takeBool(target func(*lintOptions) *bool) func(*lintOptions, any) string {
	return func(o *lintOptions, value any) string {
		yes, ok := value.(bool)
		if !ok {
			return "true or false"
		}
		*target(o) = yes
		return ""
	}
}

func takeKeys(o *lintOptions, value any) string {
	list, ok := value.([]any)
	for _, item := range list {
		key, isText := item.(string)
		ok = ok && isText
		o.keys = append(o.keys, key)
	}
	if !ok {
		return "a list of names, such as [payments]"
	}
	return ""
}

func takePattern(o *lintOptions, value any) string {
	text, ok := value.(string)
	if !ok {
		return "a pattern, such as egress/*/{namespace}/values.yaml"
	}
	if len(o.files) == 0 && len(o.releases) == 0 && len(o.manifests) == 0 && !o.input.values.Given() {
		o.pattern = text
	}
	return ""
}

func takeIstio(o *lintOptions, value any) string {
	text, isText := value.(string)
	if _, err := istiofields.Minor(text); !isText || err != nil {
		return "a supported version in quotes, as 1.30 is the number 1.3 without them: " + words.List(istiofields.Versions(), "or")
	}
	o.lint.Istio = text
	return ""
}

func takeDisabled(o *lintOptions, value any) string {
	list, ok := value.([]any)
	for _, item := range list {
		fields, _ := item.(map[string]any)
		id, isText := fields["id"].(string)
		reason, _ := fields["reason"].(string)
		ok = ok && isText && reason != "" && len(fields) == 2
		o.lint.Disable = append(o.lint.Disable, id)
	}
	if !ok {
		return "a list of {id: ID, reason: why}"
	}
	if err := lint.CheckDisable(o.lint.Disable); err != nil {
		return "a list of ids that exist and can be disabled: " + err.Error()
	}
	return ""
}
