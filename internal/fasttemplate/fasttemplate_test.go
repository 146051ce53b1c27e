package fasttemplate_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"

	"github.com/istio-egress/istio-egress/internal/fasttemplate"
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
	for _, text := range slices.Concat(plain, fancy, records) {
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
	set, err := fasttemplate.Compile(parsed, funcs)
	if err != nil {
		return false
	}
	got, gotErr := set.Execute("main", data(), nil)
	if gotErr != nil {
		if !errors.Is(gotErr, fasttemplate.ErrNotPlain) {
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

// Templates that are called with a dict see the same as with a map that was made before, whatever they do with it.
var records = []string{
	`{{ define "t" }}{{ .a }}{{ $.b }}{{ .none }}{{ .c.n }}{{ end }}{{ template "t" (dict "a" .s "b" .i "c" .map.m) }}`,
	`{{ define "t" }}{{ len . }}{{ . }}{{ $ }}{{ end }}{{ template "t" (dict "a" 1 "b" 2) }}{{ template "t" (dict) }}`,
	`{{ define "t" }}{{ $_ := set . "a" 2 }}{{ .a }}{{ $.a }}{{ $_ := set $ "n" 3 }}{{ .n }}{{ end }}{{ template "t" (dict "a" 1) }}`,
	`{{ define "in" }}{{ .a }}{{ $_ := set . "b" 2 }}{{ end }}{{ define "t" }}{{ template "in" . }}{{ .b }}{{ template "in" $ }}{{ end }}{{ template "t" (dict "a" 1) }}`,
	`{{ define "t" }}{{ range $k, $v := . }}{{ $k }}{{ $v }}{{ end }}{{ with . }}{{ .a }}{{ end }}{{ if . }}y{{ end }}{{ end }}{{ template "t" (dict "a" 1) }}`,
	`{{ define "t" }}{{ $x := . }}{{ $x.a }}{{ $_ := set $x "a" 5 }}{{ .a }}{{ hasKey . "a" }}{{ end }}{{ template "t" (dict "a" 1) }}{{ template "t" (dict "a" 2) }}`,
	`{{ define "t" }}{{ .a }}{{ if .more }}{{ template "t" (dict "a" (include "u" .) "more" false) }}{{ end }}{{ .a }}{{ end }}{{ define "u" }}<{{ .a }}>{{ end }}{{ template "t" (dict "a" 1 "more" true) }}`,
	`{{ define "t" }}{{ .a }}{{ .b }}{{ end }}{{ template "t" (dict "a" (include "t" (dict "a" 1 "b" 2)) "b" (include "t" (dict "a" 3 "b" 4))) }}`,
	`{{ define "t" }}{{ $_ := set .into "d" . }}{{ end }}{{ $into := dict }}{{ template "t" (dict "into" $into "x" 1) }}{{ $into.d.x }}`,
	`{{ define "t" }}{{ (.).a }}{{ ($).a }}{{ list . | first | toString | len }}{{ print . }}{{ end }}{{ template "t" (dict "a" 1 "a2" .nil) }}`,
	`{{ define "t" }}{{ .a }}{{ end }}{{ template "t" (dict "a" 1 "a" 2) }}{{ $k := "a" }}{{ template "t" (dict $k 3) }}{{ template "t" (dict "a" 1 | merge (dict "a" 2)) }}`,
	`{{ define "t" }}{{ range .l }}{{ $.a }}{{ . }}{{ with $.m }}{{ .n }}{{ $.a }}{{ end }}{{ end }}{{ end }}{{ template "t" (dict "a" 1 "l" .list "m" .map.m) }}`,
}

func TestRecords(t *testing.T) {
	for _, text := range records {
		if !compare(t, text) {
			t.Errorf("%s: is left to text/template", text)
		}
	}
}

// A guard lets templates write to what they may, and nothing else.
func TestGuard(t *testing.T) {
	for _, c := range []struct {
		text                          string
		protectedAllows, readOnlyDoes bool
	}{
		{`{{ $d := dict "a" 1 }}{{ $_ := set $d "b" 2 }}{{ $_ := unset $d "a" }}{{ $d }}`, true, true},
		{`{{ define "t" }}{{ $_ := set . "b" 2 }}{{ .b }}{{ end }}{{ template "t" (dict "a" 1) }}`, true, true},
		{`{{ range $k, $v := .values.m }}{{ $k }}{{ end }}{{ keys .values | len }}`, true, true},
		{`{{ $_ := set . "b" 2 }}`, true, false},
		{`{{ $_ := set .other "b" 2 }}`, true, false},
		{`{{ $_ := set (deepCopy .values) "b" 2 }}`, true, false}, // not known to be its own
		{`{{ list "b" "a" | sortAlpha }}`, true, true},
		{`{{ .lines | sortAlpha }}`, true, false},
		{`{{ $_ := set .values "b" 2 }}`, false, false},
		{`{{ $_ := unset .values.m "n" }}`, false, false},
		{`{{ $_ := set (index .values.list 0) "b" 2 }}`, false, false},
		{`{{ $d := dict "v" .values.m }}{{ $_ := set $d.v "b" 2 }}`, false, false},
		{`{{ merge (dict) .values.m }}`, false, false},
	} {
		t.Run(c.text, func(t *testing.T) {
			inner, item := map[string]any{"n": 1}, map[string]any{}
			values := map[string]any{"m": inner, "list": []any{item}}
			data := map[string]any{"values": values, "other": map[string]any{}, "lines": []string{"b", "a"}}
			protected := fasttemplate.NewGuard()
			for _, m := range []map[string]any{values, inner, item} {
				protected.Protect(m)
			}
			execute := func(guard *fasttemplate.Guard, allowed bool) {
				t.Helper()
				_, err := compileText(t, c.text).Execute("main", data, guard)
				if allowed && err != nil || !allowed && !errors.Is(err, fasttemplate.ErrWrites) {
					t.Errorf("allowed %v, and the error is %v", allowed, err)
				}
			}
			execute(fasttemplate.ReadOnly(), c.readOnlyDoes)
			execute(protected, c.protectedAllows)
			if len(values) != 2 || len(inner) != 1 || len(item) != 0 {
				t.Errorf("values changed to %v", values)
			}
		})
	}
}

func compileText(t *testing.T, text string) *fasttemplate.Set {
	t.Helper()
	parsed, err := template.New("root").Funcs(sprig.TxtFuncMap()).New("main").Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	set, err := fasttemplate.Compile(parsed, sprig.TxtFuncMap())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Read-only executions share large maps, sorted once.
func TestReadOnlyExecutionsShareData(t *testing.T) {
	large := map[string]any{}
	for i := range 500 {
		large[strings.Repeat("k", i%7)+string(rune('a'+i%26))+strings.Repeat("x", i)] = i
	}
	set, guard := compileText(t, `{{ range $k, $v := . }}{{ $k }}={{ $v }},{{ end }}`), fasttemplate.ReadOnly()
	want, err := set.Execute("main", large, nil)
	if err != nil {
		t.Fatal(err)
	}
	var executions sync.WaitGroup
	for range 8 {
		executions.Go(func() {
			if got, err := set.Execute("main", large, guard); got != want || err != nil {
				t.Errorf("printed %d bytes, want %d: %v", len(got), len(want), err)
			}
		})
	}
	executions.Wait()
}
