{{- /*
Labels and annotations, as text that stands under an object's metadata. Most entries have none of their own, so the text
that all objects share is made once.
*/}}
{{- define "istio-egress.commonMetadata" -}}
{{- $root := .root }}
{{- $model := .model }}
{{- $_ := set $model "standardLabels" (include "istio-egress.labels" $root | nindent 4) }}
{{- template "istio-egress.metadata" (dict "model" $model "into" $model) }}
{{- end }}

{{- /* The standard labels of every object. Users cannot override them: values.schema.json refuses their names. */}}
{{- define "istio-egress.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
{{- end }}

{{- /* Sets metadata of "into", labels and annotations as text for its objects: the entry's own win over the common ones. */}}
{{- define "istio-egress.metadata" -}}
{{- $model := .model }}
{{- $metadata := dict }}
{{- if and $model.metadata (not .labels) }}
{{- $_ := set $metadata "labels" $model.metadata.labels }}
{{- else }}
{{- $labels := dict }}
{{- template "istio-egress.withValues" (dict "into" $labels "from" (list $model.commonLabels .labels)) }}
{{- $text := $model.standardLabels }}
{{- with $labels }}
{{- $text = print $text (toYaml . | nindent 4) }}
{{- end }}
{{- $_ := set $metadata "labels" $text }}
{{- end }}
{{- if and $model.metadata (not .annotations) }}
{{- $_ := set $metadata "annotations" $model.metadata.annotations }}
{{- else }}
{{- $annotations := dict }}
{{- template "istio-egress.withValues" (dict "into" $annotations "from" (list $model.commonAnnotations .annotations)) }}
{{- $text := "" }}
{{- with $annotations }}
{{- $text = toYaml . | nindent 4 }}
{{- end }}
{{- $_ := set $metadata "annotations" $text }}
{{- end }}
{{- $_ := set .into "metadata" $metadata }}
{{- end }}

{{- /* Later maps win; null takes a key away. */}}
{{- define "istio-egress.withValues" -}}
{{- $into := .into }}
{{- range .from }}
{{- range $key, $value := . }}
{{- if kindIs "invalid" $value }}
{{- $_ := unset $into $key }}
{{- else }}
{{- $_ := set $into $key $value }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
