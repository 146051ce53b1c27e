{{- /*
Ports: each port of an entry becomes a port of its Service and of its destination, with the TLS settings and the traffic
policy for the entry's workload selector. What the ports are together decides the service's form.
*/}}
{{- define "istio-egress.ports" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $ports := list }}
{{- $single := eq (len ($service.entry.ports | default list)) 1 }}
{{- $numbers := dict }}
{{- $names := dict }}
{{- /* "tls": the mesh originates TLS; "encrypted": the workload sends TLS; "tcp": bytes; "byte": either of the last two. */}}
{{- $traits := dict "tls" false "encrypted" false "tcp" false "byte" false "http" false }}
{{- range $index, $entry := $service.entry.ports }}
{{- if $entry }}
{{- $number := atoi (print $entry.port) }}
{{- $declared := $entry.appProtocol | default $entry.name | default "" }}
{{- if not (hasKey $model.protocols $declared) }}
{{- template "istio-egress.protocol" (dict "model" $model "declared" $declared) }}
{{- end }}
{{- $protocol := index $model.protocols $declared }}
{{- if not (or $protocol (hasKey $model.unsupportedProtocols $declared)) }}
{{- $protocol = get $model.wellKnownPorts (toString $number) }}
{{- end }}
{{- $port := dict
  "index" $index
  "service" $service
  "entry" $entry
  "number" $number
  "targetPort" (atoi (print ($entry.targetPort | default $number)))
  "protocol" $protocol
  "tls" $service.tls
}}
{{- with $entry.tls }}
{{- template "istio-egress.tls" (dict "model" $model "service" $service "settings" . "into" $port "path" (printf "%s.ports[%d]" $service.path $index)) }}
{{- end }}
{{- $originates := ne ($port.tls.settings.mode | default "DISABLE") "DISABLE" }}
{{- if $originates }}
{{- $_ := set $traits "tls" true }}
{{- end }}
{{- if hasKey $model.httpProtocols $protocol }}
{{- $_ := set $traits "http" true }}
{{- if not $service.hosts }}
{{- $rewrite := $service.entry.rewriteHost }}
{{- if kindIs "invalid" $rewrite }}
{{- $rewrite = $originates }}
{{- end }}
{{- if $rewrite }}
{{- $_ := set $port "authority" ($service.serverName | default $port.tls.settings.sni) }}
{{- else if $service.gateway }}
{{- /* The Host between sidecar and gateway is not the workload's, which is lost on the way. */}}
{{- $_ := set $port "authority" $service.fqdn }}
{{- end }}
{{- end }}
{{- else if $protocol }}
{{- $_ := set $traits "byte" true }}
{{- $_ := set $traits (ternary "encrypted" "tcp" (hasKey $model.encryptedProtocols $protocol)) true }}
{{- end }}
{{- if $service.gateway }}
{{- template "istio-egress.hop" (dict "model" $model "service" $service "port" $port "http" (hasKey $model.httpProtocols $protocol)) }}
{{- end }}
{{- if not $single }}
{{- template "istio-egress.portTwice" (dict "model" $model "port" $port "numbers" $numbers "names" $names) }}
{{- end }}
{{- $ports = append $ports $port }}
{{- end }}
{{- end }}
{{- $_ := set $service "ports" $ports }}
{{- $_ := set $service "traits" $traits }}
{{- if $service.hosts }}
{{- /* A host by its own name has no route of ours. */}}
{{- else if $traits.http }}
{{- template "istio-egress.httpRoutes" (dict "model" $model "service" $service) }}
{{- else if $ports }}
{{- template "istio-egress.withoutHTTPChecks" (dict "model" $model "service" $service) }}
{{- end }}
{{- end }}

{{- /* Checks the ports in view of the service's form, and adds them to where they lead. */}}
{{- define "istio-egress.destinationPorts" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $destination := .destination }}
{{- range $port := $service.ports }}
{{- template "istio-egress.portChecks" (dict "model" $model "port" $port) }}
{{- template "istio-egress.destinationPort" (dict "model" $model "service" $service "destination" $destination "port" $port) }}
{{- end }}
{{- end }}

{{- /* Adds a port to its destination; another alias of the host may have brought it already, then both must agree. */}}
{{- define "istio-egress.destinationPort" -}}
{{- $destination := .destination }}
{{- $port := .port }}
{{- $key := printf "%05d" $port.number }}
{{- $other := get $destination.ports $key }}
{{- if $other }}
{{- template "istio-egress.sharedPortChecks" (dict "model" .model "port" $port "other" $other) }}
{{- else }}
{{- $_ := set $destination.ports $key $port }}
{{- end }}
{{- $settings := $destination.general }}
{{- if .service.selector }}
{{- if not (hasKey $destination.selected .service.selector) }}
{{- $_ := set $destination.selected .service.selector (dict "matchLabels" .service.entry.workloadSelector.matchLabels "ports" dict) }}
{{- end }}
{{- $settings = (index $destination.selected .service.selector).ports }}
{{- end }}
{{- if and $other (hasKey $settings $key) }}
{{- template "istio-egress.sharedSettingsChecks" (dict "model" .model "port" $port "other" (index $settings $key)) }}
{{- else }}
{{- $_ := set $settings $key $port }}
{{- end }}
{{- end }}

{{- /* An alias of a service in the cluster has ports and nothing else: the target's own rules apply. */}}
{{- define "istio-egress.inClusterPorts" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $ports := list }}
{{- $numbers := dict }}
{{- $names := dict }}
{{- range $index, $entry := $service.entry.ports }}
{{- if $entry }}
{{- $declared := $entry.appProtocol | default $entry.name | default "" }}
{{- if not (hasKey $model.protocols $declared) }}
{{- template "istio-egress.protocol" (dict "model" $model "declared" $declared) }}
{{- end }}
{{- $protocol := index $model.protocols $declared }}
{{- $port := dict "index" $index "service" $service "entry" $entry "number" (int ($entry.port | default 0)) "protocol" $protocol }}
{{- template "istio-egress.portTwice" (dict "model" $model "port" $port "numbers" $numbers "names" $names) }}
{{- $ports = append $ports $port }}
{{- end }}
{{- end }}
{{- $_ := set $service "ports" $ports }}
{{- template "istio-egress.inClusterChecks" . }}
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
{{- /* Istio knows these too, and has no listener for them. */}}
{{- $_ := set . "unsupportedProtocols" (dict "udp" true "http_proxy" true) }}
{{- $_ := set . "wellKnownPorts" (dict "25" "TCP" "53" "TCP" "3306" "TCP" "27017" "TCP") }}
{{- /* The ports of servers that start TLS inside their protocol. */}}
{{- $_ := set . "startTLSPorts" (dict "21" "FTP" "25" "SMTP" "110" "POP3" "119" "NNTP" "143" "IMAP" "389" "LDAP" "587" "SMTP"
  "1433" "SQL Server" "3306" "MySQL" "5222" "XMPP" "5432" "PostgreSQL" "6432" "PostgreSQL") }}
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
{{- if hasKey .model.unsupportedProtocols $prefix }}
{{- $_ := set .model.unsupportedProtocols .declared true }}
{{- end }}
{{- end }}
