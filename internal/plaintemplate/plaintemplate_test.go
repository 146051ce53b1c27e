package plaintemplate_test

import (
	"errors"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"

	"github.com/istio-egress/istio-egress/internal/plaintemplate"
)

type named map[string]any

// HasPort is a method: text/template prefers it to a key.
func (named) HasPort() bool { return true }

var pointer = &struct{ Name string }{"p"}

func data() map[string]any {
	return map[string]any{
		"s": "text", "empty": "", "i": 3, "zero": 0, "f": 1.5, "big": 1e6, "b": true, "no": false, "nil": nil, "i64": int64(7),
		"list": []any{"a", nil, 2, map[string]any{"k": "v"}}, "none": []any{}, "strings": []string{"x", "y"},
		"map":   map[string]any{"z": 1, "a": "first", "m": map[string]any{"n": "deep"}},
		"named": named{"x": "y"}, "struct": struct{ Name string }{"n"}, "pointer": pointer,
	}
}

// plain texts must be executed here; the comparison with text/template tells whether rightly.
var plain = []string{
	`text {{ .s }} {{ .i }} {{ .f }} {{ .big }} {{ .b }} {{ .nil }} {{ .missing }} {{ .i64 }} {{ .list }} {{ .map }}`,
	`{{ . | len }} {{ len .list }} {{ len .s }} {{ len .map }} {{ len .strings }} {{ len .named }}`,
	`{{ .map.m.n }} {{ $.s }} {{ (index .list 3).k }} {{ .named.x }} {{ .named.missing }} {{ .struct.Name }}`,
	`{{ $x := .i }}{{ $x }}{{ $x = "y" }}{{ $x }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ $x }}{{ end }}{{ $x }}`,
	`{{ if .s }}yes{{ else }}no{{ end }}{{ if .empty }}yes{{ else if .b }}else if{{ else }}no{{ end }}{{ if .nil }}x{{ end }}`,
	`{{ if .f }}f{{ end }}{{ if .i64 }}i{{ end }}{{ if .struct }}s{{ end }}{{ if .strings }}l{{ end }}{{ if .named }}n{{ end }}`,
	`{{ with .map }}{{ .a }}{{ $.s }}{{ with .m }}{{ .n }}{{ end }}{{ .a }}{{ end }}{{ with .none }}x{{ else }}none{{ end }}`,
	`{{ with $y := .s }}{{ $y }}{{ . }}{{ end }}`,
	`{{ range .list }}[{{ . }}]{{ end }}{{ range $i, $e := .list }}{{ $i }}={{ $e }},{{ end }}{{ range .none }}x{{ else }}none{{ end }}`,
	`{{ range $k, $v := .map }}{{ $k }}={{ $v }};{{ end }}{{ range $v := .map }}{{ $v }};{{ end }}{{ range .strings }}{{ . }}{{ end }}`,
	`{{ range .nil }}x{{ else }}nil{{ end }}{{ range .named }}{{ . }}{{ end }}`,
	`{{ range $i, $e := .list }}{{ if eq $i 1 }}{{ continue }}{{ end }}{{ if eq $i 3 }}{{ break }}{{ end }}{{ $e }}{{ end }}after`,
	`{{ range .list }}{{ range $.strings }}{{ if eq . "y" }}{{ break }}{{ end }}{{ . }}{{ end }}|{{ end }}`,
	`{{ define "t" }}<{{ . }}{{ $ }}>{{ end }}{{ template "t" .s }}{{ template "t" }}{{ include "t" .i }}{{ include "t" .i | quote }}`,
	`{{ define "down" }}{{ if . }}{{ . }}{{ template "down" sub . 1 | int }}{{ end }}{{ end }}{{ template "down" 5 }}`,
	`{{ and .s .i }} {{ and .empty .i }} {{ or .empty .s }} {{ or .nil .empty }} {{ not .s }} {{ and true }} {{ or .nil }}`,
	`{{ eq .s "text" }} {{ eq .i 3 }} {{ eq .i64 7 }} {{ eq .nil "x" }} {{ eq .nil .missing }} {{ eq .s "a" "text" }} {{ ne .b true }} {{ eq .f 1.5 }}`,
	`{{ lt .i 4 }} {{ le .i 3 }} {{ gt .i 3 }} {{ ge "b" "a" }} {{ lt 1 (len .list) }}`,
	`{{ index .map "a" }} {{ index .map "m" "n" }} {{ index .list 0 }} {{ index .map "none" }} {{ index .strings 1 }} {{ index .named "x" }}`,
	`{{ printf "%s-%d-%v" .s .i .nil }} {{ print .s .i }} {{ printf "%q" "x" }} {{ print "a" 1 2 "b" }}`,
	`{{ $d := dict "a" 1 "b" .s }}{{ $_ := set $d "c" (list 1 2) }}{{ $d }}{{ get $d "none" }}{{ hasKey $d "c" }}{{ $_ = unset $d "a" }}{{ $d }}`,
	`{{ $d := dict }}{{ range $k, $v := .map }}{{ $_ := set $d $k true }}{{ end }}{{ $d }}{{ keys .map | sortAlpha | join "," }}`,
	`{{ .nil | default "d" }} {{ .s | default "d" }} {{ default "x" }} {{ ternary "y" "n" .b }} {{ kindIs "map" .map }} {{ kindOf .i64 }}`,
	`{{ .s | upper | quote }} {{ trunc 2 .s }} {{ "a,b" | splitList "," }} {{ add .i 1 }} {{ .big | int }} {{ append .list "e" }} {{ first .list }}`,
	`{{ "x" | contains "y" }} {{ hasPrefix "t" .s }} {{ replace "t" "d" .s }} {{ sha256sum "x" }} {{ toString .i }} {{ empty .none }} {{ has "a" .list }}`,
	`{{ $p := split "," "a,b" }}{{ $p._0 }}{{ $p._1 }}[{{ $p._2 }}]`,
	`{{ range chunk 2 .list }}{{ len . }}{{ index . 0 }};{{ end }}{{ range until 3 }}{{ . }}{{ end }}`,
	`{{ $l := list }}{{ if $l }}x{{ end }}{{ $l }}`,
	`{{ range $i := list 1 2 }}{{ $i }}{{ end }}{{ range (list 1 2) }}{{ . }}{{ end }}`,
	`{{ (dict "a" (dict "b" "c")).a.b }}{{ -1 }}{{ 1.5 }}{{ "q\"x" }}{{ true }}`,
	`{{- /* comment */ -}} {{ $x := 1 }}{{ range .strings }}{{ $x = add $x 1 }}{{ end }}{{ $x }}`,
	`{{ $d := dict "n" 1 }}{{ set $d "n" 2 | len }}{{ $d.n }}{{ set $d "m" 1 | len | printf "%d %d" (len $d) }}`,
	`{{ if and (not .empty) (or .nil .b) (eq (index .list 2) 2) }}complex{{ end }}`,
	`{{ if $x := .nil }}a{{ else }}[{{ $x }}]{{ end }}`,
}

// fancy texts are left to text/template, many of which it refuses.
var fancy = []string{
	`{{ .nil.field }}`, `{{ .missing.field }}`, `{{ .s.field }}`, `{{ range .list }}{{ .k }}{{ end }}`, `{{ index .nil "a" }}`, `{{ index .list 9 }}`,
	`{{ len .nil }}`, `{{ len 3 }}`, `{{ eq .s 1 }}`, `{{ eq .map .map }}`, `{{ lt .s 1 }}`, `{{ template "none" . }}`, `{{ include "none" . }}`,
	`{{ set .nil "a" 1 }}`, `{{ set .s "a" 1 }}`, `{{ upper .i }}`, `{{ upper .nil }}`, `{{ trunc "2" .s }}`, `{{ fail "no" }}`, `{{ range 3 }}{{ . }}{{ end }}`,
	`{{ range .s }}x{{ end }}`, `{{ .named.HasPort }}`, `{{ .pointer.Name }}`, `{{ .struct }}`, `{{ .struct.none }}`, `{{ 0x10 }}`, `{{ 'a' }}`, `{{ 1e3 }}`,
	`{{ index .map 1 }}`, `{{ define "loop" }}{{ template "loop" . }}{{ end }}{{ template "loop" . }}`, `{{ html .s }}`, `{{ slice .list 1 2 }}`,
	`{{ ternary 1 2 .s }}`, `{{ divf 1 0 }}`, `{{ .s "argument" }}`, `{{ div 1 0 }}`, `{{ $x := 0 }}{{ range $x = .list }}{{ end }}`,
}

func TestPlain(t *testing.T) {
	for _, text := range plain {
		if !compare(t, text) {
			t.Errorf("%s: is left to text/template", text)
		}
	}
}

func TestFancy(t *testing.T) {
	for _, text := range fancy {
		compare(t, text)
	}
}

func FuzzAgainstTextTemplate(f *testing.F) {
	for _, text := range append(append([]string{}, plain...), fancy...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"env", "now", "keys", "values", "rand", "gen", "uuid", "shuffle", "Host", "derive", "repeat", "until", "seq", "date", "ago", "bcrypt", "htpasswd", "crypt", "randInt", "loop", "Cert", "build", "down"} {
			if strings.Contains(text, name) {
				return // not the same twice, or slow
			}
		}
		compare(t, text)
	})
}

// compare executes a text both ways, and tells whether it was plain.
func compare(t *testing.T, text string) bool {
	t.Helper()
	funcs := sprig.TxtFuncMap()
	funcs["include"] = func(string, any) string { return "" }
	parsed, err := template.New("root").Option("missingkey=zero").Funcs(funcs).New("main").Parse(text)
	if err != nil {
		return false
	}
	set, err := plaintemplate.Compile(parsed, funcs)
	if err != nil {
		return false
	}
	got, gotErr := set.Execute("main", data())
	if gotErr != nil {
		if !errors.Is(gotErr, plaintemplate.ErrNotPlain) {
			t.Errorf("%s: error %v", text, gotErr)
		}
		return false
	}
	depth := 0
	parsed.Funcs(template.FuncMap{"include": func(name string, data any) (string, error) {
		if depth++; depth > 1000 {
			return "", errors.New("endless")
		}
		var out strings.Builder
		err := parsed.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}})
	var want strings.Builder
	err = parsed.ExecuteTemplate(&want, "main", data())
	if err == nil && strings.Contains(got, "0xc0") {
		return true // an address in memory: each execution has data of its own
	}
	if err != nil || got != want.String() {
		t.Errorf("%s: prints %q, text/template %q, %v", text, got, want.String(), err)
	}
	return true
}
