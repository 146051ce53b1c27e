package render

import (
	"sync"
	"testing"
	"testing/fstest"
)

// hostile templates do what this chart's do not: the first file in Helm's order, and what three others do.
var hostile = map[string][2]string{
	"keeping the root context":                 {`{{ $_ := set . "self" . }}q`, `{{ .self.Template.Name }}`},
	"sorting the chart's keywords, first":      {`{{ .Chart.Keywords | toJson | quote }}{{ $_ := sortAlpha .Chart.Keywords }}`, `{{ .Chart.Keywords | toJson | quote }}`},
	"sorting the chart's keywords, later":      {``, `{{ .Chart.Keywords | toJson | quote }}{{ $_ := sortAlpha .Chart.Keywords }}`},
	"writing to the values, first":             {`{{ $_ := set .Values "q" "w" }}{{ .Values.q }}`, `{{ .Values.q }}`},
	"writing to the values, later":             {``, `{{ .Values.q }}{{ $_ := set .Values "q" .Template.Name }}`},
	"writing to an item of a list":             {``, `{{ (first .Values.list).q }}{{ $_ := set (first .Values.list) "q" (base .Template.Name) }}`},
	"writing through a copy":                   {``, `{{ $c := omit .Values "x" }}{{ $_ := set $c.a "q" (base .Template.Name) }}{{ toJson .Values.a | quote }}`},
	"writing through a dict":                   {``, `{{ $d := set (set (dict) "v" .Values) "w" .Values.a }}{{ $_ := set $d.w "q" 1 }}{{ toJson .Values.a | quote }}`},
	"merging into the values":                  {``, `{{ $_ := merge .Values.a (dict "m" (base .Template.Name)) }}{{ toJson .Values.a | quote }}`},
	"merging from the values":                  {`{{ $m := merge (dict) .Values.a }}{{ $_ := set $m.b "c" "CHANGED" }}{{ .Values.a.b.c }}`, `{{ .Values.a.b.c }}`},
	"writing to the release":                   {``, `{{ .Release.Name }}{{ $_ := set .Release "Name" "foo" }}`},
	"writing to the template's name":           {``, `{{ $_ := set .Template "Name" "foo" }}{{ .Template.Name }}`},
	"notes that write":                         {``, `{{ if hasSuffix "NOTES.txt" .Template.Name }}{{ $_ := set .Values "q" 1 }}{{ .Values.q }}{{ end }}`},
	"several files that fail":                  {``, `{{ fail (base .Template.Name) }}`},
	"text that is a template":                  {`{{ tpl "{{ $_ := set .Values \"q\" \"w\" }}{{ .Template.Name }}" . }}`, `{{ tpl "{{ .Values.q }}{{ .Template.Name }}" . }}`},
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
	return map[string]any{
		"a":    map[string]any{"b": map[string]any{"c": "d"}},
		"list": []any{map[string]any{"x": "y"}, map[string]any{"x": "z"}, "s"},
	}
}
