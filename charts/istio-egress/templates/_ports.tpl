{{- /*
Ports: each port of an entry becomes a port of its Service, a port of its destination (the ServiceEntry's), and settings
(TLS and traffic policy) of the destination for the entry's workload selector. HTTP ports become routes of the alias.
*/}}
{{- define "istio-egress.ports" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $destination := .destination }}
{{- $ports := list }}
{{- $numbers := dict }}
{{- $names := dict }}
{{- range $index, $entry := $service.entry.ports }}
{{- if $entry }}
{{- $number := int ($entry.port | default 0) }}
{{- $declared := $entry.appProtocol | default ($entry.name | default "") }}
{{- if not (hasKey $model.protocols $declared) }}
{{- template "istio-egress.protocol" (dict "model" $model "declared" $declared) }}
{{- end }}
{{- $protocol := index $model.protocols $declared }}
{{- if not $protocol }}
{{- $protocol = get $model.wellKnownPorts (toString $number) }}
{{- end }}
{{- $port := dict
  "index" $index
  "service" $service.path
  "path" (printf "%s.ports[%d]" $service.path $index)
  "name" $entry.name
  "number" $number
  "targetPort" (int ($entry.targetPort | default $number))
  "appProtocol" $entry.appProtocol
  "declared" $declared
  "protocol" $protocol
  "http" (hasKey $model.httpProtocols $protocol)
}}
{{- if $entry.tls }}
{{- template "istio-egress.tls" (dict "model" $model "service" $service "settings" $entry.tls "into" $port "path" (printf "%s.tls" $port.path)) }}
{{- else }}
{{- $_ := set $port "tls" $service.tls }}
{{- $_ := set $port "tlsPath" $service.tlsPath }}
{{- end }}
{{- template "istio-egress.portChecks" (dict "model" $model "service" $service "port" $port "numbers" $numbers "names" $names) }}
{{- if $port.http }}
{{- template "istio-egress.route" (dict "service" $service "port" $port) }}
{{- end }}
{{- template "istio-egress.destinationPort" (dict "model" $model "service" $service "destination" $destination "port" $port) }}
{{- $ports = append $ports $port }}
{{- end }}
{{- end }}
{{- $_ := set $service "ports" $ports }}
{{- $_ := set $service "destination" $destination }}
{{- template "istio-egress.routesChecks" . }}
{{- end }}

{{- /* An alias of a service in the cluster has ports and nothing else: the target's own rules apply. */}}
{{- define "istio-egress.inClusterPorts" -}}
{{- $ports := list }}
{{- range .entry.ports }}
{{- if . }}
{{- $ports = append $ports (dict "name" .name "number" (int .port) "appProtocol" .appProtocol) }}
{{- end }}
{{- end }}
{{- $_ := set . "ports" $ports }}
{{- end }}

{{- /* Every HTTP port of an alias gets a route as soon as one of them rewrites: a port without a route would answer 404. */}}
{{- define "istio-egress.route" -}}
{{- $service := .service }}
{{- $port := .port }}
{{- $originates := and $port.tls.mode (ne $port.tls.mode "DISABLE") }}
{{- $rewrite := $service.entry.rewriteHost }}
{{- if kindIs "invalid" $rewrite }}
{{- $rewrite = $originates }}
{{- end }}
{{- if $rewrite }}
{{- $_ := set $port "authority" ($service.serverName | default $port.tls.sni) }}
{{- $_ := set $service "rewrites" true }}
{{- end }}
{{- end }}

{{- /* Adds a port to its destination; another alias of the host may have brought it already, then both must agree. */}}
{{- define "istio-egress.destinationPort" -}}
{{- $service := .service }}
{{- $destination := .destination }}
{{- $port := .port }}
{{- $key := printf "%05d" $port.number }}
{{- $settings := dict "port" $port "policy" $service.policy "path" $port.path "tlsPath" $port.tlsPath }}
{{- if hasKey $destination.ports $key }}
{{- template "istio-egress.sharedPortChecks" (dict "model" .model "service" $service "port" $port "other" (index $destination.ports $key)) }}
{{- else }}
{{- $_ := set $destination.ports $key $port }}
{{- end }}
{{- if not (hasKey $destination.selectors $service.selector) }}
{{- $_ := set $destination.selectors $service.selector (dict "matchLabels" $service.matchLabels "path" $service.path "ports" dict) }}
{{- end }}
{{- $rule := index $destination.selectors $service.selector }}
{{- if hasKey $rule.ports $key }}
{{- template "istio-egress.sharedSettingsChecks" (dict "model" .model "service" $service "settings" $settings "other" (index $rule.ports $key)) }}
{{- else }}
{{- $_ := set $rule.ports $key $settings }}
{{- end }}
{{- end }}

{{- /*
The protocols that Istio knows, by the names that a port or appProtocol may use for them, and the ports that it takes for
TCP when the name says nothing (istio.io/istio, pkg/config/kube/conversion.go).
*/}}
{{- define "istio-egress.protocols" -}}
{{- $_ := set . "protocols" (dict
  "http" "HTTP" "http2" "HTTP2" "grpc" "GRPC" "grpc-web" "GRPC-Web" "https" "HTTPS" "tls" "TLS"
  "tcp" "TCP" "mongo" "Mongo" "mysql" "MySQL" "redis" "Redis"
  "kubernetes.io/h2c" "HTTP2" "kubernetes.io/ws" "HTTP" "kubernetes.io/wss" "HTTPS"
  "" "") }}
{{- $_ := set . "httpProtocols" (dict "HTTP" true "HTTP2" true "GRPC" true "GRPC-Web" true) }}
{{- $_ := set . "encryptedProtocols" (dict "HTTPS" true "TLS" true) }}
{{- $_ := set . "opaqueProtocols" (dict "TCP" true "Mongo" true "MySQL" true "Redis" true) }}
{{- $_ := set . "wellKnownPorts" (dict "25" "TCP" "53" "TCP" "3306" "TCP" "27017" "TCP") }}
{{- end }}

{{- /* Looks the protocol of a name up by Istio's rule (what stands before the first "-") and keeps it for the next port. */}}
{{- define "istio-egress.protocol" -}}
{{- $name := lower .declared }}
{{- $prefix := index (splitList "-" $name) 0 }}
{{- $protocol := "" }}
{{- if hasPrefix "grpc-web" $name }}
{{- $protocol = "GRPC-Web" }}
{{- else if not (contains "/" $prefix) }}
{{- $protocol = get .model.protocols $prefix }}
{{- end }}
{{- $_ := set .model.protocols .declared $protocol }}
{{- end }}
