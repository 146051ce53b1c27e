{{- /*
TLS settings as Istio's ClientTLSSettings, complete: with SIMPLE and MUTUAL always sni and subjectAltNames. Without sni,
Istio would take it from the Host header, which is the alias; without subjectAltNames, any certificate of a public CA
would be accepted.

  path      of the tls block in the values
  settings  Istio's own fields, as they are rendered; mode is there even when the values have none
*/}}
{{- define "istio-egress.tls" -}}
{{- $service := .service }}
{{- $given := .settings | default dict }}
{{- $mode := $given.mode | default "" }}
{{- $settings := "" }}
{{- if or (eq $mode "SIMPLE") (eq $mode "MUTUAL") }}
{{- $sni := $given.sni | default $service.serverName }}
{{- $settings = dict
  "mode" $mode
  "sni" $sni
  "subjectAltNames" ($given.subjectAltNames | default (list ($service.serverName | default $sni)))
}}
{{- if gt (len $given) 1 }}
{{- range $field, $value := $given }}
{{- if and $value (not (hasKey $settings $field)) }}
{{- $_ := set $settings $field $value }}
{{- end }}
{{- end }}
{{- if $given.insecureSkipVerify }}
{{- $_ := unset $settings "subjectAltNames" }}
{{- end }}
{{- end }}
{{- else }}
{{- $settings = dict "mode" $mode }}
{{- if not (or (eq $mode "DISABLE") (eq $mode "")) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "without-schema" "schema" true "path" (print .path ".tls.mode")
  "message" (printf "%q is no mode: write %s" $mode (include "istio-egress.modes" .))) }}
{{- end }}
{{- end }}
{{- $_ := set .into "tls" (dict "path" (print .path ".tls") "settings" $settings) }}
{{- if or (gt (len $given) 1) (eq $mode "MUTUAL") (and (eq $mode "SIMPLE") (not $settings.sni)) }}
{{- template "istio-egress.tlsChecks" . }}
{{- end }}
{{- end }}

{{- /* The settings of a DestinationRule's port: what is null or empty is unset, and the text is the same under every port. */}}
{{- define "istio-egress.trafficPolicy" -}}
{{- $policy := deepCopy (pick .policy "connectionPool" "loadBalancer" "outlierDetection") }}
{{- template "istio-egress.withoutNulls" $policy }}
{{- template "istio-egress.newerFieldsChecks" (dict "model" $.model "service" $.service "policy" $policy) }}
{{- with $policy.loadBalancer }}
{{- template "istio-egress.loadBalancerChecks" (dict "model" $.model "service" $.service "loadBalancer" .) }}
{{- end }}
{{- with $policy }}
{{- $_ := set $.service "policy" (toYaml . | nindent 8) }}
{{- end }}
{{- end }}

{{- define "istio-egress.withoutNulls" -}}
{{- $map := . }}
{{- range $key, $value := $map }}
{{- if kindIs "map" $value }}
{{- template "istio-egress.withoutNulls" $value }}
{{- end }}
{{- if or (kindIs "invalid" $value) (and (kindIs "map" $value) (empty $value)) }}
{{- $_ := unset $map $key }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The modes, as a finding offers them. */}}
{{- define "istio-egress.modes" -}}
<DISABLE:DISABLE (the workload sends TLS itself, or the server wants plaintext), ><SIMPLE:SIMPLE (the mesh originates TLS) or >MUTUAL (TLS with a client certificate)
{{- end }}
