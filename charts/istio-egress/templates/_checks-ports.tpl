{{- /* Checks of one port: its name and number, its protocol, and its TLS mode in view of them. */}}
{{- define "istio-egress.portChecks" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $port := .port }}
{{- $mode := $port.tls.mode | default "" }}
{{- $originates := and $mode (ne $mode "DISABLE") }}
{{- $number := toString $port.number }}
{{- if $port.number }}
{{- if hasKey .numbers $number }}
{{- template "istio-egress.finding" (dict "model" $model "id" "port-twice" "path" (printf "%s.port" $port.path) "related" (list (printf "%s.port" (index .numbers $number)))
  "message" (printf "port %s is declared twice: remove one of them, or write another port" $number)) }}
{{- end }}
{{- $_ := set .numbers $number $port.path }}
{{- end }}
{{- if $port.name }}
{{- if hasKey .names $port.name }}
{{- template "istio-egress.finding" (dict "model" $model "id" "port-name-twice" "path" (printf "%s.name" $port.path) "related" (list (printf "%s.name" (index .names $port.name)))
  "message" (printf "two ports have the name %q: add a suffix, such as %q" $port.name (printf "%s-%s" $port.name $number))) }}
{{- end }}
{{- $_ := set .names $port.name $port.path }}
{{- end }}
{{- if and $port.declared (not $port.protocol) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "protocol-unknown" "path" (printf "%s.%s" $port.path (ternary "appProtocol" "name" (not (empty $port.appProtocol))))
  "message" (printf "no protocol of Istio can be told from %q: begin the name with one, such as \"http-%s\", or set appProtocol; protocols are http, http2, grpc, grpc-web, https, tls, tcp, mongo, mysql, redis" $port.declared ($port.name | default "api"))) }}
{{- end }}
{{- if not $mode }}
{{- if not (hasKey $port.tls "mode") }}
{{- template "istio-egress.finding" (dict "model" $model "id" "tls-missing" "path" $port.tlsPath
  "message" "no TLS mode: set tls.mode to DISABLE (the workload sends TLS itself, or the server wants plaintext), SIMPLE (the sidecar originates TLS) or MUTUAL (the same with a client certificate)") }}
{{- end }}
{{- end }}
{{- if and $originates (hasKey $model.encryptedProtocols ($port.protocol | default "")) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "tls-twice" "path" $port.path "related" (list (printf "%s.mode" $port.tlsPath))
  "message" (printf "the workload sends TLS to port %s itself (%s), and %s would encrypt it once more: set tls.mode: DISABLE for this port, or a plaintext protocol such as http" $number $port.protocol $mode)) }}
{{- end }}
{{- if and $port.http (eq $port.number 443) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "http-on-443" "path" (printf "%s.port" $port.path)
  "message" (printf "%s on port 443 would break the other HTTPS traffic of the mesh: write port: 80 with targetPort: 443, or a protocol such as https if the workload sends TLS itself" $port.protocol)) }}
{{- else if and $port.http (eq $mode "DISABLE") (eq $port.targetPort 443) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "plaintext-to-tls-port" "severity" "warning" "path" (printf "%s.mode" $port.tlsPath) "related" (list $port.path)
  "message" (printf "port %s sends plaintext %s to port 443 of the server, which is for TLS: set mode: SIMPLE, or declare the port as https if the workload sends TLS itself" $number $port.protocol)) }}
{{- end }}
{{- if and $port.http $service.entry.rewriteHost (not $service.serverName) (not $port.tls.sni) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "rewrite-host-name" "path" (printf "%s.rewriteHost" $service.path)
  "message" "there is no name to write into the Host header: set serverName, or remove rewriteHost") }}
{{- end }}
{{- end }}

{{- define "istio-egress.routesChecks" -}}
{{- $service := .service }}
{{- if and $service.entry.rewriteHost $service.ports (not $service.rewrites) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "rewrite-host-protocol" "path" (printf "%s.rewriteHost" $service.path)
  "message" "no port of this entry carries a protocol with a Host header that the sidecar can read (http, http2, grpc, grpc-web): remove rewriteHost, or correct the protocol") }}
{{- end }}
{{- end }}
