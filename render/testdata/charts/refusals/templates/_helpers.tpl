{{- define "refusals.loop" -}}{{ include "refusals.loop" . }}{{- end }}
