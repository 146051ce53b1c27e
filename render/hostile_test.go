package render

import (
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// hostile templates do what this chart's do not: the first file in Helm's order, and what three others do.
var hostile = map[string][2]string{
	"a variable of what is not evaluated":      {`{{ $x := "outer" }}{{ and .Values.no ($x := "in") }}{{ $x }}`, ``},
	"a variable that is not there":             {`{{ and .Values.no ($x := "boo") }}{{ $x }}`, ``},
	"break in the else of a range":             {`"{{ range .Values.list }}{{ range $.Values.none }}x{{ else }}{{ break }}{{ end }}y{{ end }}"`, ``},
	"continue in the else of a range":          {`"{{ range .Values.list }}{{ range $.Values.none }}x{{ else }}{{ continue }}{{ end }}y{{ end }}"`, ``},
	"sorting what is iterated over":            {`{{ $l := splitList "," "c,b,a" }}{{ range $l }}{{ . }}{{ $_ := sortAlpha $l }}{{ end }}`, ``},
	"keeping the root context":                 {`{{ $_ := set . "self" . }}q`, `{{ .self.Template.Name }}`},
	"keeping the root context in a dict":       {`{{ $_ := set . "self" (dict "root" .) }}q`, `{{ .self.root.Template.Name }}`},
	"keeping the root context by a call":       {`{{ define "keep" }}{{ $_ := set .root "self" . }}{{ end }}{{ template "keep" (dict "root" .) }}q`, `{{ .self.root.Template.Name }}`},
	"keeping the root context in a list":       {`{{ $_ := set . "all" (append (list) $) }}q`, `{{ (index .all 0).Template.Name }}`},
	"sorting the chart's keywords, first":      {`{{ .Chart.Keywords | toJson | quote }}{{ $_ := sortAlpha .Chart.Keywords }}`, `{{ .Chart.Keywords | toJson | quote }}`},
	"sorting the chart's keywords, later":      {``, `{{ .Chart.Keywords | toJson | quote }}{{ $_ := sortAlpha .Chart.Keywords }}`},
	"writing to the values, first":             {`{{ $_ := set .Values "q" "w" }}{{ .Values.q }}`, `{{ .Values.q }}`},
	"writing to the values, later":             {``, `{{ .Values.q }}{{ $_ := set .Values "q" .Template.Name }}`},
	"writing to an item of a list":             {``, `{{ (first .Values.list).q }}{{ $_ := set (first .Values.list) "q" (base .Template.Name) }}`},
	"writing through a copy":                   {``, `{{ $c := omit .Values "x" }}{{ $_ := set $c.a "q" (base .Template.Name) }}{{ toJson .Values.a | quote }}`},
	"writing through a dict":                   {``, `{{ $d := set (set (dict) "v" .Values) "w" .Values.a }}{{ $_ := set $d.w "q" 1 }}{{ toJson .Values.a | quote }}`},
	"merging into the values":                  {``, `{{ $_ := merge .Values.a (dict "m" (base .Template.Name)) }}{{ toJson .Values.a | quote }}`},
	"merging from the values":                  {`{{ $m := merge (dict) .Values.a }}{{ $_ := set $m.b "c" "CHANGED" }}{{ .Values.a.b.c }}`, `{{ .Values.a.b.c }}`},
	"sorting a list of the model":              {`{{ $_ := set . "M" (splitList "," "c,a,b") }}q`, `{{ toJson .M | quote }}{{ slice .M 0 2 | sortAlpha | toJson | quote }}`},
	"appending to a list of the model":         {`{{ $_ := set . "M" (append (list 1 2 3) 4) }}q`, `{{ append .M .Template.Name | toJson | quote }}{{ toJson .M | quote }}`},
	"writing to the release":                   {``, `{{ .Release.Name }}{{ $_ := set .Release "Name" "foo" }}`},
	"writing to the template's name":           {``, `{{ $_ := set .Template "Name" "foo" }}{{ .Template.Name }}`},
	"a map that changes between two ranges":    {``, `{{ $d := dict }}{{ range $i := until 99 }}{{ $_ := set $d (toString $i) $i }}{{ end }}{{ range $d }}{{ . }}{{ end }}{{ $_ := set $d "0" "x" }}{{ range $d }}{{ . }}{{ end }}`},
	"large maps one after the other":           {``, `{{ range $i := until 30 }}{{ $m := fromYaml (printf "%s\nzz: %d" (toYaml $.Values.large) $i) }}{{ range $k, $v := $m }}{{ if eq $k "zz" }}{{ $v }},{{ end }}{{ end }}{{ end }}`},
	"notes that write":                         {``, `{{ if hasSuffix "NOTES.txt" .Template.Name }}{{ $_ := set .Values "q" 1 }}{{ .Values.q }}{{ end }}`},
	"several files that fail":                  {``, `{{ fail (base .Template.Name) }}`},
	"text that is a template":                  {`{{ tpl "{{ $_ := set .Values \"q\" \"w\" }}{{ .Template.Name }}" . }}`, `{{ tpl "{{ .Values.q }}{{ .Template.Name }}" . }}`},
	"a call whose dict is kept":                {`{{ define "t" }}{{ $_ := set .into "d" . }}{{ end }}{{ $m := dict }}{{ template "t" (dict "into" $m "x" 1) }}{{ $m.d.x }}`, ``},
	"a call within a call":                     {`{{ define "t" }}{{ .n }}{{ if gt (int .n) 0 }}{{ template "t" (dict "n" (sub .n 1) "o" .) }}{{ .n }}{{ end }}{{ end }}{{ template "t" (dict "n" 5) }}`, `{{ include "t" (dict "n" 4) }}`},
	"calls without end":                        {`{{ define "t" }}{{ include "t" . }}{{ end }}{{ include "t" . }}`, ``},
	"regular expressions made from the loop":   {``, `{{ range $i := until 1100 }}{{ if regexMatch (printf "^%d$" $i) "1050" }}{{ $i }}{{ end }}{{ end }}`},
	"a function that a template's value calls": {`{{ .Capabilities.APIVersions.Has "v1" }}`, `{{ .Capabilities.KubeVersion.Version }}`},
}

// Whatever a chart's templates do, each render is the first, and Helm's.
func TestHostileTemplates(t *testing.T) {
	for name, body := range hostile {
		t.Run(name, func(t *testing.T) {
			values := hostileValues()
			want, wantErr := loadHostile(t, body).helm.renderWithHelm(hostileValues(), testRelease(t))
			chart := loadHostile(t, body)
			var renders sync.WaitGroup
			for range 4 {
				renders.Go(func() {
					got, err := chart.Render(values, Options{Namespace: "team-a"})
					switch {
					case sortedLines(err) != sortedLines(wantErr):
						t.Errorf("error %v, Helm's %v", err, wantErr)
					case err == nil && (string(got.Manifest()) != string(want.Manifest()) || got.Notes() != want.Notes()):
						t.Errorf("manifest\n%s%s\nHelm's\n%s%s", got.Manifest(), got.Notes(), want.Manifest(), want.Notes())
					}
				})
			}
			renders.Wait()
		})
	}
}

func loadHostile(t *testing.T, body [2]string) *Chart {
	t.Helper()
	object := func(text string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("kind: ConfigMap\nmetadata: {name: x}\ndata:\n  text: " + text)}
	}
	chart, err := LoadFS(fstest.MapFS{
		"Chart.yaml":          {Data: []byte("apiVersion: v2\nname: hostile\nversion: 1.0.0\nkeywords: [c, b, a]\n")},
		"templates/z.yaml":    object(body[0]),
		"templates/b.yaml":    object(body[1]),
		"templates/a.yaml":    object(body[1]),
		"templates/NOTES.txt": object(body[1]),
	})
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

func hostileValues() map[string]any {
	large := map[string]any{}
	for i := range 200 {
		large["k"+strings.Repeat("x", i)] = float64(i)
	}
	return map[string]any{
		"a":     map[string]any{"b": map[string]any{"c": "d"}},
		"list":  []any{map[string]any{"x": "y"}, map[string]any{"x": "z"}, "s"},
		"large": large,
	}
}
