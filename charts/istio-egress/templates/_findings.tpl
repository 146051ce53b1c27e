{{- /*
Findings: what the checks (_checks-*.tpl) say of the values. An error refuses the values; a warning is shown in the
notes. Each has an id, the path of the value, a sentence, and the paths of other values that it concerns.
*/}}
{{- define "istio-egress.finding" -}}
{{- $findings := .model.findings }}
{{- $finding := dict "id" .id "severity" (.severity | default "error") "path" .path "message" .message }}
{{- with .related }}
{{- $_ := set $finding "related" . }}
{{- end }}
{{- $_ := set $findings (printf "%06d" (len $findings)) $finding }}
{{- end }}

{{- /* Prints all findings as a JSON array, for programs: the Go package reads it. Called with the root context. */}}
{{- define "istio-egress.findings" -}}
{{- template "istio-egress.normalise" . }}
[
{{- $first := true }}
{{- range .IstioEgress.findings }}
{{- if not $first }},{{ end }}
{{- $first = false }}
{{- toJson . }}
{{- end }}]
{{- end }}

{{- /* Refuses the values with one message that names all problems. */}}
{{- define "istio-egress.refuse" -}}
{{- $lines := list }}
{{- range .IstioEgress.findings }}
{{- if eq .severity "error" }}
{{- $lines = append $lines (printf "- %s: %s [%s]" .path .message .id) }}
{{- end }}
{{- end }}
{{- with $lines }}
{{- fail (printf "istio-egress refuses these values (%d %s):\n%s" (len .) (ternary "problem" "problems" (eq (len .) 1)) (join "\n" .)) }}
{{- /* helm lint lets "fail" pass, as values may be missing there. These are wrong. */}}
{{- include "values that are refused, for the reasons that Fail tells" . }}
{{- end }}
{{- end }}
