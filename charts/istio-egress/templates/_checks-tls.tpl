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
  "suggestion" (dict "path" (printf "%s.%s" $.path $field))
  "message" (printf "with DISABLE the mesh originates no TLS, so %s does nothing: remove it<SIMPLE:, or set mode: SIMPLE or MUTUAL>" $field)) }}
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
{{- if has "" $settings.subjectAltNames }}
{{- template "istio-egress.finding" (dict "model" .model "id" "without-schema" "schema" true "path" (print .path ".subjectAltNames") "message" "is empty") }}
{{- end }}
{{- if $settings.insecureSkipVerify }}
{{- template "istio-egress.finding" (dict "model" .model "id" "insecure-skip-verify" "severity" "warning" "path" (printf "%s.insecureSkipVerify" .path)
  "message" "the server's certificate is not verified, so anyone on the way can read and change the traffic: give caCertificates or subjectAltNames instead") }}
{{- range $field, $uses := .model.fields.tls }}
{{- if and (contains "verifies" $uses) (get $settings $field) }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "insecure-skip-verify-field" "about" "key" "path" (printf "%s.%s" $.path $field)
  "suggestion" (dict "path" (print $.path ".insecureSkipVerify"))
  "message" (printf "with insecureSkipVerify nothing is verified, and Istio refuses both together: remove insecureSkipVerify, or %s" $field)) }}
{{- end }}
{{- end }}
{{- if and $settings.credentialName (eq $settings.mode "SIMPLE") }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "insecure-skip-verify-field" "about" "key" "path" (printf "%s.credentialName" .path)
  "suggestion" (dict "path" (print .path ".insecureSkipVerify"))
  "message" "with SIMPLE the credential is the CA to verify the server with, and Istio refuses it together with insecureSkipVerify: remove insecureSkipVerify, or the credential") }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The client's certificate and where it comes from. */}}
{{- define "istio-egress.tlsClientChecks" -}}
{{- $settings := .settings }}
{{- if .service.waypoint }}
{{- range $field, $uses := .model.fields.tls }}
{{- if and (contains "file" $uses) (get $settings $field) }}
{{- $_ := set $.model.waypoint.files (print $.path "." $field) true }}
{{- end }}
{{- end }}
{{- end }}
{{- $credential := $settings.credentialName | default "" }}
{{- if $credential }}
{{- $files := list }}
{{- range $field, $uses := .model.fields.tls }}
{{- if and (contains "file" $uses) (get $settings $field) (not (and (contains "verifies" $uses) $settings.insecureSkipVerify)) }}
{{- $files = append $files $field }}
{{- end }}
{{- end }}
{{- if $files }}
{{- $left := deepCopy $settings }}
{{- range $file := $files }}
{{- $left = omit $left $file }}
{{- end }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "credential-name-and-files" "about" "key" "path" (printf "%s.%s" $.path (first $files))
  "suggestion" (dict "path" .path "value" $left)
  "message" (printf "credentialName brings the certificates, and Istio refuses files beside it: remove %s, or credentialName" (join " and " $files))) }}
{{- end }}
{{- if .service.gateway }}
{{- template "istio-egress.gatewayCredential" . }}
{{- else if and .model.ambient (not (hasPrefix "configmap://" $credential)) }}
{{- template "istio-egress.ambientCredential" . }}
{{- else if not (or .service.selector (hasPrefix "configmap://" $credential)) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "credential-name-selector" "misses" (list "workloadSelector") "path" (printf "%s.credentialName" .path)
  "message" (printf "without workloadSelector, sidecars ignore credentialName and send plaintext: %s, or give the certificates as files"
    (ternary "declare the host under externalNameServices, with workloadSelector.matchLabels" "set workloadSelector.matchLabels" (not (empty .service.hosts))))) }}
{{- end }}
{{- if and (hasPrefix "configmap://" $credential) (not (hasPrefix (printf "configmap://%s/" .service.namespace) $credential)) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "credential-name-namespace" "path" (printf "%s.credentialName" .path)
  "suggestion" (dict "path" (print .path ".credentialName") "value" (printf "configmap://%s/%s" .service.namespace (last (splitList "/" $credential))))
  "message" (printf "Istio reads ConfigMaps of the entry's own namespace only: write \"configmap://%s/%s\", and put it there" .service.namespace (last (splitList "/" $credential)))) }}
{{- end }}
{{- if and (hasPrefix "configmap://" $credential) (eq $settings.mode "MUTUAL") }}
{{- template "istio-egress.finding" (dict "model" .model "id" "credential-name-config-map" "path" (printf "%s.credentialName" .path)
  "message" (printf "%q is a ConfigMap, which holds a CA and no client certificate: name a Secret" $credential)) }}
{{- end }}
{{- if and (eq $settings.mode "MUTUAL") (hasSuffix "-cacert" $credential) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "credential-name-ca" "path" (printf "%s.credentialName" .path)
  "message" (printf "Istio takes a Secret whose name ends in -cacert for a CA, and finds no client certificate in it: write the name of the one with the certificate, such as %q; its CA is ca.crt in it, or %q" (trimSuffix "-cacert" $credential) $credential)) }}
{{- end }}
{{- else if eq $settings.mode "MUTUAL" }}
{{- $missing := list }}
{{- range $field, $uses := .model.fields.tls }}
{{- if and (contains "client" $uses) (not (get $settings $field)) }}
{{- $missing = append $missing $field }}
{{- end }}
{{- end }}
{{- if $missing }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "client-certificate-missing" "misses" (list "clientCertificate" "privateKey" "credentialName") "path" (printf "%s.%s" $.path (first $missing))
  "message" (printf "MUTUAL needs a client certificate: set clientCertificate and privateKey to file paths %s; %s %s missing"
    (ternary "in the sidecar, or credentialName with a workloadSelector" "in the gateway's pods, or credentialName to a Secret of the gateway's namespace" (empty .service.gateway)) (join " and " $missing) (ternary "is" "are" (eq (len $missing) 1)))) }}
{{- end }}
{{- end }}
{{- if eq $settings.mode "SIMPLE" }}
{{- $given := list }}
{{- range $field, $uses := .model.fields.tls }}
{{- if and (contains "client" $uses) (get $settings $field) }}
{{- $given = append $given $field }}
{{- end }}
{{- end }}
{{- if eq (len $given) 1 }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "client-certificate-simple" "about" "key" "path" (printf "%s.%s" $.path (first $given))
  "suggestion" (dict "path" (printf "%s.%s" $.path (first $given)))
  "message" (printf "SIMPLE sends no client certificate: remove %s, or set mode: MUTUAL with a certificate and its key" (first $given))) }}
{{- else if $given }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "client-certificate-simple" "about" "key" "path" (printf "%s.%s" $.path (first $given))
  "suggestion" (dict "path" (print .path ".mode") "value" "MUTUAL")
  "message" (printf "SIMPLE sends no client certificate: set mode: MUTUAL, or remove %s" (join " and " $given))) }}
{{- end }}
{{- end }}
{{- end }}
