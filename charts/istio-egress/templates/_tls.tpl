{{- /*
TLS settings as Istio's ClientTLSSettings, complete: with SIMPLE and MUTUAL always sni and subjectAltNames. Without sni,
Istio would take it from the Host header, which is the alias; without subjectAltNames, any certificate of a public CA
would be accepted. "path" is the path of the entry or port that the settings belong to.
*/}}
{{- define "istio-egress.tls" -}}
{{- $service := .service }}
{{- $settings := .settings | default dict }}
{{- $mode := $settings.mode | default "" }}
{{- $tls := "" }}
{{- if or (eq $mode "SIMPLE") (eq $mode "MUTUAL") }}
{{- $sni := $settings.sni | default $service.serverName }}
{{- $tls = dict
  "mode" $mode
  "path" .path
  "sni" $sni
  "subjectAltNames" ($settings.subjectAltNames | default (list ($service.serverName | default $sni)))
}}
{{- if gt (len $settings) 1 }}
{{- range $field := list "caCertificates" "clientCertificate" "privateKey" "credentialName" "insecureSkipVerify" }}
{{- with get $settings $field }}
{{- $_ := set $tls $field . }}
{{- end }}
{{- end }}
{{- if $settings.insecureSkipVerify }}
{{- $_ := unset $tls "subjectAltNames" }}
{{- end }}
{{- end }}
{{- else }}
{{- $tls = dict "mode" $mode "path" .path }}
{{- end }}
{{- $_ := set .into "tls" $tls }}
{{- if or (gt (len $settings) 1) (eq $mode "MUTUAL") (and $mode (ne $mode "DISABLE") (not $tls.sni)) }}
{{- template "istio-egress.tlsChecks" . }}
{{- end }}
{{- end }}

{{- /* The settings of a DestinationRule's port: what is null or empty is unset, and the text is the same under every port. */}}
{{- define "istio-egress.trafficPolicy" -}}
{{- $policy := deepCopy (pick .policy "connectionPool" "loadBalancer" "outlierDetection") }}
{{- template "istio-egress.withoutNulls" $policy }}
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
