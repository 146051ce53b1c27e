{{- define "functions.name" -}}
{{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}
{{- define "functions.down" -}}
{{- if gt . 0 }}{{ . }} {{ include "functions.down" (sub . 1 | int) }}{{ end }}
{{- end }}
