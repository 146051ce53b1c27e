{{- /* Checks of one tls block, of an entry or of a port. What it means for a port's protocol is checked with the port. */}}
{{- define "istio-egress.tlsChecks" -}}
{{- $checked := dict "model" .model "service" .service "settings" .settings "sni" .into.tls.settings.sni "path" .into.tls.path }}
{{- $settings := .settings }}
{{- $mode := $settings.mode | default "" }}
{{- if eq $mode "DISABLE" }}
{{- template "istio-egress.tlsDisableChecks" $checked }}
{{- else if or (eq $mode "SIMPLE") (eq $mode "MUTUAL") }}
{{- template "istio-egress.tlsServerChecks" $checked }}
{{- template "istio-egress.tlsClientChecks" $checked }}
{{- end }}
{{- end }}

{{- define "istio-egress.tlsDisableChecks" -}}
{{- range $field, $value := .settings }}
{{- if and $value (ne $field "mode") (hasKey $.model.fields.tls $field) }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "tls-disable-field" "about" "key" "path" (printf "%s.%s" $.path $field)
  "message" (printf "with DISABLE the sidecar originates no TLS, so %s does nothing: remove it, or set mode: SIMPLE or MUTUAL" $field)) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* How the server is verified. */}}
{{- define "istio-egress.tlsServerChecks" -}}
{{- $settings := .settings }}
{{- if not (or .sni (and (not (hasKey .service "endpointsKind")) (not .service.externalName))) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "server-name-missing" "misses" (list "serverName" "sni" "externalName") "path" (printf "%s.serverName" .service.path) "related" (list .path)
  "message" (printf "%s needs the name that the server answers to, for SNI and to verify its certificate: set serverName (or tls.sni)" $settings.mode)) }}
{{- end }}
{{- if $settings.insecureSkipVerify }}
{{- template "istio-egress.finding" (dict "model" .model "id" "insecure-skip-verify" "severity" "warning" "path" (printf "%s.insecureSkipVerify" .path)
  "message" "the server's certificate is not verified, so anyone on the way can read and change the traffic: give caCertificates or subjectAltNames instead") }}
{{- range $field, $uses := .model.fields.tls }}
{{- if and (contains "verifies" $uses) (get $settings $field) }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "insecure-skip-verify-field" "about" "key" "path" (printf "%s.%s" $.path $field)
  "message" (printf "with insecureSkipVerify nothing is verified, and Istio refuses both together: remove %s or insecureSkipVerify" $field)) }}
{{- end }}
{{- end }}
{{- if and $settings.credentialName (eq $settings.mode "SIMPLE") }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "insecure-skip-verify-field" "about" "key" "path" (printf "%s.credentialName" .path)
  "message" "with SIMPLE the credential is the CA to verify the server with, and Istio refuses it together with insecureSkipVerify: remove one of them") }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The client's certificate and where it comes from. */}}
{{- define "istio-egress.tlsClientChecks" -}}
{{- $settings := .settings }}
{{- $credential := $settings.credentialName | default "" }}
{{- if $credential }}
{{- range $field, $uses := .model.fields.tls }}
{{- if and (contains "file" $uses) (get $settings $field) (not (and (contains "verifies" $uses) $settings.insecureSkipVerify)) }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "credential-name-and-files" "about" "key" "path" (printf "%s.%s" $.path $field)
  "message" (printf "credentialName brings the certificates, and Istio refuses files beside it: remove %s or credentialName" $field)) }}
{{- end }}
{{- end }}
{{- if not (or .service.selector (hasPrefix "configmap://" $credential)) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "credential-name-selector" "misses" (list "workloadSelector") "path" (printf "%s.credentialName" .path)
  "message" "without workloadSelector, sidecars ignore credentialName and send plaintext: set workloadSelector.matchLabels, or give the certificates as files") }}
{{- end }}
{{- if and (hasPrefix "configmap://" $credential) (not (hasPrefix (printf "configmap://%s/" .service.namespace) $credential)) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "credential-name-namespace" "path" (printf "%s.credentialName" .path)
  "message" (printf "Istio reads ConfigMaps of the entry's own namespace only: write \"configmap://%s/<name>\"" .service.namespace)) }}
{{- end }}
{{- if and (hasPrefix "configmap://" $credential) (eq $settings.mode "MUTUAL") }}
{{- template "istio-egress.finding" (dict "model" .model "id" "credential-name-config-map" "path" (printf "%s.credentialName" .path)
  "message" (printf "%q is a ConfigMap, which holds a CA and no client certificate: name a Secret" $credential)) }}
{{- end }}
{{- else if eq $settings.mode "MUTUAL" }}
{{- range $field, $uses := .model.fields.tls }}
{{- if and (contains "client" $uses) (not (get $settings $field)) }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "client-certificate-missing" "misses" (list "clientCertificate" "privateKey" "credentialName") "path" (printf "%s.%s" $.path $field)
  "message" (printf "MUTUAL needs a client certificate: set clientCertificate and privateKey to file paths in the sidecar, or credentialName with a workloadSelector; %s is missing" $field)) }}
{{- end }}
{{- end }}
{{- end }}
{{- if eq $settings.mode "SIMPLE" }}
{{- range $field, $uses := .model.fields.tls }}
{{- if and (contains "client" $uses) (get $settings $field) }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "client-certificate-simple" "about" "key" "path" (printf "%s.%s" $.path $field)
  "message" (printf "SIMPLE sends no client certificate: set mode: MUTUAL, or remove %s" $field)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
