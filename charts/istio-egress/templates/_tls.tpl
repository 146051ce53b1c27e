{{- /*
TLS settings as Istio's ClientTLSSettings, complete: with SIMPLE and MUTUAL always sni and subjectAltNames. Without sni,
Istio would take it from the Host header, which is the alias; without subjectAltNames, any certificate of a public CA
would be accepted.
*/}}
{{- define "istio-egress.tls" -}}
{{- $service := .service }}
{{- $into := .into }}
{{- $_ := set $into "tlsPath" .path }}
{{- $tls := dict }}
{{- with .settings }}
{{- $_ := set $tls "mode" .mode }}
{{- if and .mode (ne .mode "DISABLE") }}
{{- $sni := .sni | default $service.serverName }}
{{- $_ := set $tls "sni" $sni }}
{{- if .insecureSkipVerify }}
{{- $_ := set $tls "insecureSkipVerify" true }}
{{- else }}
{{- $_ := set $tls "subjectAltNames" (.subjectAltNames | default (list ($service.serverName | default $sni))) }}
{{- $_ := set $tls "caCertificates" .caCertificates }}
{{- end }}
{{- $_ := set $tls "clientCertificate" .clientCertificate }}
{{- $_ := set $tls "privateKey" .privateKey }}
{{- $_ := set $tls "credentialName" .credentialName }}
{{- end }}
{{- end }}
{{- $_ := set $into "tls" $tls }}
{{- if .settings }}
{{- template "istio-egress.tlsChecks" . }}
{{- end }}
{{- end }}

{{- /* What workloads outside a selector get: the same server, verified, without the selected workloads' certificates. */}}
{{- define "istio-egress.tlsForEverybodyElse" -}}
{{- $tls := .settings }}
{{- $else := dict "mode" $tls.mode }}
{{- if ne $tls.mode "DISABLE" }}
{{- $_ := set $else "mode" "SIMPLE" }}
{{- $_ := set $else "sni" $tls.sni }}
{{- $_ := set $else "subjectAltNames" ($tls.subjectAltNames | default (list $tls.sni)) }}
{{- if hasPrefix "configmap://" ($tls.credentialName | default "") }}
{{- $_ := set $else "credentialName" $tls.credentialName }}
{{- end }}
{{- end }}
{{- $_ := set .into "tls" $else }}
{{- end }}

{{- /* The settings of a DestinationRule's port: null fields are unset, and the text is the same under every port. */}}
{{- define "istio-egress.trafficPolicy" -}}
{{- $policy := deepCopy (pick .policy "connectionPool" "loadBalancer" "outlierDetection") }}
{{- template "istio-egress.withoutNulls" $policy }}
{{- with $policy }}
{{- $_ := set $.service "policy" (toYaml . | nindent 8) }}
{{- end }}
{{- end }}

{{- define "istio-egress.withoutNulls" -}}
{{- $map := . }}
{{- range $key, $value := $map }}
{{- if kindIs "invalid" $value }}
{{- $_ := unset $map $key }}
{{- else if kindIs "map" $value }}
{{- template "istio-egress.withoutNulls" $value }}
{{- end }}
{{- end }}
{{- end }}
