package fasttemplate_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"

	"github.com/istio-egress/istio-egress/internal/fasttemplate"
)

func data() map[string]any {
	return map[string]any{
		"s": "text", "empty": "", "i": 3, "zero": 0, "f": 1.5, "nought": 0.0, "b": true, "no": false, "nil": nil, "i64": int64(7),
		"list": []any{"a", nil, 2, map[string]any{"k": "v"}}, "none": []any{}, "strings": []string{"x", "y"},
		"map": map[string]any{"z": 1, "a": "first", "m": map[string]any{"n": "deep"}},
	}
}

// supported texts must be executed here; the comparison with text/template tells whether rightly.
var supported = []string{
	`text {{ .s }} {{ .i }} {{ .b }} {{ .nil }} {{ .missing }} {{ .i64 }}`,
	`{{ . | len }} {{ len .list }} {{ len .s }} {{ len .map }} {{ len .strings }}`,
	`{{ .map.m.n }} {{ $.s }} {{ (index .list 3).k }} {{ .map.missing }}`,
	`{{ $x := .i }}{{ $x }}{{ $x = "y" }}{{ $x }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ $x }}{{ end }}{{ $x }}`,
	`{{ if .s }}yes{{ else }}no{{ end }}{{ if .empty }}yes{{ else if .b }}else if{{ else }}no{{ end }}{{ if .nil }}x{{ end }}`,
	`{{ if .f }}f{{ end }}{{ if .nought }}0{{ end }}{{ if .i64 }}i{{ end }}{{ if .strings }}l{{ end }}{{ if .zero }}z{{ end }}{{ if .map }}m{{ end }}`,
	`{{ with .map }}{{ .a }}{{ $.s }}{{ with .m }}{{ .n }}{{ end }}{{ .a }}{{ end }}{{ with .none }}x{{ else }}none{{ end }}`,
	`{{ with $y := .s }}{{ $y }}{{ . }}{{ end }}`,
	`{{ range first .list | list }}[{{ . }}]{{ end }}{{ range $i, $e := .strings }}{{ $i }}={{ $e }},{{ end }}{{ range .none }}x{{ end }}`,
	`{{ range $k, $v := .map.m }}{{ $k }}={{ $v }};{{ end }}{{ range $v := .map.m }}{{ $v }};{{ end }}{{ range .strings }}{{ . }}{{ end }}`,
	`{{ range .nil }}x{{ end }}{{ range $i, $e := .list }}{{ if eq $i 2 }}{{ break }}{{ end }}{{ $e }}{{ end }}after`,
	`{{ range .list }}{{ range $.strings }}{{ if eq . "y" }}{{ break }}{{ end }}{{ . }}{{ end }}|{{ end }}`,
	`{{ range .strings }}{{ range $.list }}{{ if true }}{{ with $.s }}{{ break }}{{ end }}{{ end }}x{{ end }}{{ . }}{{ end }}`,
	`{{ define "t" }}<{{ . }}{{ $ }}>{{ end }}{{ template "t" .s }}{{ include "t" .i }}{{ include "t" .i | quote }}`,
	`{{ define "down" }}{{ if . }}{{ . }}{{ template "down" sub . 1 | int }}{{ end }}{{ end }}{{ template "down" 5 }}`,
	`{{ and .s .i }} {{ and .empty .i }} {{ or .empty .s }} {{ or .nil .empty }} {{ not .s }} {{ and true }} {{ or .nil }}`,
	`{{ eq .s "text" }} {{ eq .i 3 }} {{ eq .i64 7 }} {{ eq .nil "x" }} {{ eq .nil .missing }} {{ ne .b true }} {{ eq .f .nil }} {{ ne .s .empty }}`,
	`{{ le .i 3 }} {{ gt .i 3 }} {{ gt 4 (len .list) }} {{ ge .i64 .i }}`,
	`{{ index .map "a" }} {{ index .list 0 }} {{ index .map "none" }} {{ index .strings 1 }}`,
	`{{ printf "%s-%d-%v" .s .i .nil }} {{ print .s .i }} {{ printf "%q" "x" }} {{ print "a" 1 2 "b" }} {{ print .map .list .f }}`,
	`{{ $d := dict "a" 1 "b" .s }}{{ $_ := set $d "c" (list 1 2) }}{{ len $d }}{{ get $d "none" }}{{ hasKey $d "c" }}{{ $_ = unset $d "a" }}{{ toJson $d }}`,
	`{{ $d := dict }}{{ range $k, $v := .map }}{{ $_ := set $d $k true }}{{ end }}{{ toJson $d }}{{ keys .map | sortAlpha | join "," }}`,
	`{{ .nil | default "d" }} {{ .s | default "d" }} {{ default "x" }} {{ ternary "y" "n" .b }} {{ kindIs "map" .map }} {{ kindOf .i64 }}`,
	`{{ .s | upper | quote }} {{ trunc 2 .s }} {{ "a,b" | splitList "," | join ";" }} {{ add .i 1 }} {{ .f | int }} {{ append .list "e" | len }}`,
	`{{ "x" | contains "y" }} {{ hasPrefix "t" .s }} {{ replace "t" "d" .s }} {{ sha256sum "x" }} {{ toString .i }} {{ empty .none }} {{ has "a" .list }}`,
	`{{ $p := splitn "," 2 "a,b,c" }}{{ $p._0 }}{{ $p._1 }}[{{ $p._2 }}] {{ concat .list .strings | len }} {{ without .strings "x" | join "" }}`,
	`{{ range chunk 2 .list }}{{ len . }}{{ index . 0 }};{{ end }}{{ pick .map "a" "z" | toJson }} {{ omit .map "a" | toJson }} {{ deepCopy .map | len }}`,
	`{{ $l := list }}{{ if $l }}x{{ end }}{{ range list 1 2 }}{{ . }}{{ end }}{{ range (list 1 2) }}{{ . }}{{ end }}{{ values .map.m | join "" }}`,
	`{{ (dict "a" (dict "b" "c")).a.b }}{{ "q\"x" }}{{ true }}{{ trimAll "." ".a." }}{{ trimPrefix "a" "ab" }}{{ repeat 2 "ab" }}{{ lower "A" }}{{ nindent 2 "a" }}`,
	`{{- /* comment */ -}} {{ $x := 1 }}{{ range .strings }}{{ $x = add1 $x }}{{ end }}{{ $x }}`,
	`{{ $d := dict "n" 1 }}{{ set $d "n" 2 | len }}{{ $d.n }}{{ set $d "m" 1 | len | printf "%d %d" (len $d) }}`,
	`{{ if and (not .empty) (or .nil .b) (eq (index .list 2) 2) }}complex{{ end }}`,
	`{{ lt .i 4 }}{{ lt (float64 "0.5") (float64 1) }}{{ gt (float64 .i) (float64 1) }}{{ min 3 .i 2 }}{{ range uniq .list }}x{{ end }}`,
	`{{ if $x := .nil }}a{{ else }}[{{ $x }}]{{ end }}`,
	`{{ $l := splitList "," "c,b,a" }}{{ range $l }}{{ . }}{{ $_ := sortAlpha $l }}{{ end }}`,
}

// unsupported texts are left to text/template, many of which it refuses: the first do not compile, the others meet something
// while they are executed.
var (
	unsupportedTexts = []string{
		`{{ template "none" . }}`, `{{ define "t" }}{{ end }}{{ template "t" }}`, `{{ 0x10 }}`, `{{ 010 }}`, `{{ 'a' }}`, `{{ 1e3 }}`, `{{ 1.5 }}`,
		`{{ html .s }}`, `{{ divf 1 0 }}`, `{{ .s "argument" }}`, `{{ $x := 0 }}{{ range $x = .list }}{{ end }}`,
		`{{ range .none }}{{ else }}x{{ end }}`, `{{ range .list }}{{ continue }}{{ end }}`, `{{ nil }}`, `{{ eq .s "a" "b" }}`,
		`{{ merge (dict) .map }}`, `{{ mergeOverwrite (dict) .map }}`, `{{ $x := "out" }}{{ and .no ($x := "in") }}{{ $x }}`,
		`{{ index .map "m" "n" }}`, `{{ semver "1.2.3" }}`, `{{ tpl "x" . }}`, `{{ trunc 1 }}`,
	}
	unsupportedData = []string{
		`{{ .nil.field }}`, `{{ .missing.field }}`, `{{ .s.field }}`, `{{ range .list }}{{ .k }}{{ end }}`, `{{ index .nil "a" }}`, `{{ index .list 9 }}`,
		`{{ index .list .nil }}`, `{{ len .nil }}`, `{{ len 3 }}`, `{{ eq .s 1 }}`, `{{ eq .map .map }}`, `{{ eq .map .nil }}`, `{{ eq .f 1 }}`, `{{ gt .s 1 }}`,
		`{{ set .nil "a" 1 }}`, `{{ set .s "a" 1 }}`, `{{ upper .i }}`, `{{ upper .nil }}`, `{{ trunc "2" .s }}`, `{{ fail "no" }}`, `{{ range 3 }}{{ . }}{{ end }}`,
		`{{ range .s }}x{{ end }}`, `{{ index .map 1 }}`, `{{ define "loop" }}{{ template "loop" . }}{{ end }}{{ template "loop" . }}`, `{{ ternary 1 2 .s }}`,
		`{{ div 1 0 }}`, `{{ .map }}`, `{{ .list }}`, `{{ .f }}`, `{{ include "none" . }}`, `{{ if splitn "," 2 .s }}{{ end }}`,
	}
)

func TestSupported(t *testing.T) {
	for _, text := range slices.Concat(supported, records) {
		if !compare(t, text) {
			t.Errorf("%s: is left to text/template", text)
		}
	}
}

func TestUnsupported(t *testing.T) {
	for _, text := range unsupportedTexts {
		if _, err := compile(t, text); !errors.Is(err, fasttemplate.ErrUnsupported) {
			t.Errorf("%s: compiles, error %v", text, err)
		}
	}
	for _, text := range unsupportedData {
		set, err := compile(t, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := set.Execute(t.Context(), "main", data()); !errors.Is(err, fasttemplate.ErrUnsupported) {
			t.Errorf("%s: prints %q, error %v", text, got, err)
		}
	}
}

func FuzzAgainstTextTemplate(f *testing.F) {
	for _, text := range slices.Concat(supported, unsupportedTexts, unsupportedData, records) {
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

var funcs = testFuncs()

func testFuncs() template.FuncMap {
	funcs := sprig.TxtFuncMap()
	maps.Copy(funcs, template.FuncMap{"include": func(string, any) string { return "" }, "tpl": func(string, any) (string, error) { return "", nil }})
	return funcs
}

func parse(text string) (*template.Template, error) {
	return template.New("root").Option("missingkey=zero").Funcs(funcs).New("main").Parse(text)
}

func compile(t *testing.T, text string) (*fasttemplate.Set, error) {
	t.Helper()
	parsed, err := parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return fasttemplate.Compile(parsed, funcs)
}

// compare executes a text both ways, and tells whether it was executed here.
func compare(t *testing.T, text string) bool {
	t.Helper()
	parsed, err := parse(text)
	if err != nil {
		return false
	}
	set, err := fasttemplate.Compile(parsed, funcs)
	if err != nil {
		return false
	}
	got, gotErr := set.Execute(t.Context(), "main", data())
	if gotErr != nil {
		if !errors.Is(gotErr, fasttemplate.ErrUnsupported) {
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

// records are templates that are called with a dict. They see the same as with a map that was made before, whatever they do
// with it.
var records = []string{
	`{{ define "t" }}{{ .a }}{{ $.b }}{{ .none }}{{ .c.n }}{{ end }}{{ template "t" (dict "a" .s "b" .i "c" .map.m) }}`,
	`{{ define "t" }}{{ len . }}{{ toJson . }}{{ toJson $ }}{{ end }}{{ template "t" (dict "a" 1 "b" 2) }}{{ template "t" (dict) }}`,
	`{{ define "t" }}{{ $_ := set . "a" 2 }}{{ .a }}{{ $.a }}{{ $_ := set $ "n" 3 }}{{ .n }}{{ end }}{{ template "t" (dict "a" 1) }}`,
	`{{ define "in" }}{{ .a }}{{ $_ := set . "b" 2 }}{{ end }}{{ define "t" }}{{ template "in" . }}{{ .b }}{{ template "in" $ }}{{ end }}{{ template "t" (dict "a" 1) }}`,
	`{{ define "t" }}{{ range $k, $v := . }}{{ $k }}{{ $v }}{{ end }}{{ with . }}{{ .a }}{{ end }}{{ if . }}y{{ end }}{{ end }}{{ template "t" (dict "a" 1) }}`,
	`{{ define "t" }}{{ $x := . }}{{ $x.a }}{{ $_ := set $x "a" 5 }}{{ .a }}{{ hasKey . "a" }}{{ end }}{{ template "t" (dict "a" 1) }}{{ template "t" (dict "a" 2) }}`,
	`{{ define "t" }}{{ .a }}{{ if .more }}{{ template "t" (dict "a" (include "u" .) "more" false) }}{{ end }}{{ .a }}{{ end }}{{ define "u" }}<{{ .a }}>{{ end }}{{ template "t" (dict "a" 1 "more" true) }}`,
	`{{ define "t" }}{{ .a }}{{ .b }}{{ end }}{{ template "t" (dict "a" (include "t" (dict "a" 1 "b" 2)) "b" (include "t" (dict "a" 3 "b" 4))) }}`,
	`{{ define "t" }}{{ $_ := set .into "d" . }}{{ end }}{{ $into := dict }}{{ template "t" (dict "into" $into "x" 1) }}{{ $into.d.x }}`,
	`{{ define "t" }}{{ (.).a }}{{ ($).a }}{{ list . | first | toString | len }}{{ print . }}{{ end }}{{ template "t" (dict "a" 1 "a2" .nil) }}`,
	`{{ define "t" }}{{ .a }}{{ end }}{{ template "t" (dict "a" 1 "a" 2) }}{{ $k := "a" }}{{ template "t" (dict $k 3) }}{{ template "t" (dict "a" 1 | set (dict "a" 2) "b") }}`,
	`{{ define "t" }}{{ range .l }}{{ $.a }}{{ . | toString }}{{ with $.m }}{{ .n }}{{ $.a }}{{ end }}{{ end }}{{ end }}{{ template "t" (dict "a" 1 "l" .list "m" .map.m) }}`,
	`{{ define "t" }}{{ .n }}{{ if gt (int .n) 0 }}{{ template "t" (dict "n" (sub .n 1) "o" .) }}{{ .n }}{{ end }}{{ end }}{{ template "t" (dict "n" 5) }}{{ include "t" (dict "n" 4) }}`,
}

func TestStruct(t *testing.T) {
	root := map[string]any{"Chart": fasttemplate.Struct{"Name": "n"}}
	for text, want := range map[string]string{`{{ .Chart.Name }}{{ $c := .Chart }}{{ $c.Name }}`: "nn", `{{ .Chart.Home }}`: "", `{{ .Chart }}`: "", `{{ if .Chart }}{{ end }}`: ""} {
		set, err := compile(t, text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := set.Execute(t.Context(), "main", root); got != want || (want == "") != errors.Is(err, fasttemplate.ErrUnsupported) {
			t.Errorf("%s: prints %q, error %v", text, got, err)
		}
	}
}
