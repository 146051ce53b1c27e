{{- /* Checks of one port: its name and number, its protocol, and its TLS mode in view of them. */}}
{{- define "istio-egress.portChecks" -}}
{{- $port := .port }}
{{- $mode := $port.tls.settings.mode }}
{{- if or (not $port.protocol) (not $mode) }}
{{- template "istio-egress.portIncomplete" . }}
{{- end }}
{{- if hasKey .model.httpProtocols $port.protocol }}
{{- if eq $port.number 443 }}
{{- template "istio-egress.httpOn443" . }}
{{- else if and (eq $port.targetPort 443) (eq $mode "DISABLE") }}
{{- template "istio-egress.plaintextToTLSPort" . }}
{{- end }}
{{- if or (eq $port.targetPort 3128) (contains "proxy" $port.service.fqdn) (contains "squid" $port.service.fqdn) (contains "proxy" ($port.service.externalName | default "")) }}
{{- template "istio-egress.forwardProxy" . }}
{{- end }}
{{- if and $port.service.entry.rewriteHost (not $port.service.serverName) (not $port.tls.settings.sni) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "rewrite-host-name" "misses" (list "serverName" "sni") "path" (printf "%s.rewriteHost" $port.service.path)
  "suggestion" (dict "path" (print $port.service.path ".rewriteHost"))
  "message" "there is no name to write into the Host header: set serverName, or remove rewriteHost") }}
{{- end }}
{{- else if and $port.protocol (has $mode (list "SIMPLE" "MUTUAL")) }}
{{- if not $port.number }}
{{- else if hasKey .model.encryptedProtocols $port.protocol }}
{{- template "istio-egress.tlsTwice" . }}
{{- else if or (eq $port.protocol "MySQL") (hasKey .model.startTLSPorts (toString $port.targetPort)) }}
{{- template "istio-egress.startTLS" . }}
{{- end }}
{{- end }}
{{- if or (lt $port.number 1) (gt $port.number 65535) (lt $port.targetPort 1) (gt $port.targetPort 65535) (not $port.entry.name) }}
{{- template "istio-egress.portWithout" . }}
{{- end }}
{{- if and $port.entry.appProtocol $port.protocol }}
{{- template "istio-egress.protocolContradiction" . }}
{{- end }}
{{- if and (ge $port.number 15001) (le $port.number 15090) }}
{{- template "istio-egress.portReserved" . }}
{{- end }}
{{- end }}

{{- define "istio-egress.portIncomplete" -}}
{{- $port := .port }}
{{- $declared := $port.entry.appProtocol | default $port.entry.name | default "" }}
{{- $prefix := first (splitList "-" (lower $declared)) }}
{{- if and $declared (not $port.protocol) (has $prefix (list "udp" "dns" "sctp" "quic" "http3" "icmp" "ntp" "snmp" "syslog")) (not (hasPrefix "dns-over" (lower $declared))) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "protocol-unknown" "path" (printf "%s.ports[%d].%s" $port.service.path $port.index (ternary "appProtocol" "name" (not (empty $port.entry.appProtocol))))
  "message" (printf "%q is not carried by Istio, which carries TCP alone: leave the port out, as pods reach it past the mesh; or call it tcp if it is over TCP" $declared)) }}
{{- else if and $declared (not $port.protocol) }}
{{- $field := ternary "appProtocol" "name" (not (empty $port.entry.appProtocol)) }}
{{- $repair := ternary "set it to one of Istio's, or remove it if the name begins with one" "begin the name with what the workload speaks, such as \"tcp-\", or set appProtocol" (eq $field "appProtocol") }}
{{- template "istio-egress.finding" (dict "model" .model "id" "protocol-unknown" "path" (printf "%s.ports[%d].%s" $port.service.path $port.index $field)
  "message" (printf "Istio cannot tell a protocol from %q: %s; protocols are http, http2, grpc, grpc-web, https, tls, tcp, mongo, mysql, redis" $declared $repair)) }}
{{- end }}
{{- if not $port.tls.settings.mode }}
{{- template "istio-egress.finding" (dict "model" .model "id" "tls-missing" "misses" (list "tls" "mode") "path" (printf "%s.tls" $port.service.path)
  "message" (print "no TLS mode: set tls.mode to " (include "istio-egress.modes" .))) }}
{{- end }}
{{- end }}

{{- /* The name says another protocol than appProtocol, which wins, and Istio would do other things with it. */}}
{{- define "istio-egress.protocolContradiction" -}}
{{- $model := .model }}
{{- $port := .port }}
{{- $name := $port.entry.name | default "" }}
{{- if not (hasKey $model.protocols $name) }}
{{- template "istio-egress.protocol" (dict "model" $model "declared" $name) }}
{{- end }}
{{- $named := index $model.protocols $name }}
{{- if and $named (or (ne (hasKey $model.httpProtocols $named) (hasKey $model.httpProtocols $port.protocol)) (ne (hasKey $model.encryptedProtocols $named) (hasKey $model.encryptedProtocols $port.protocol))) }}
{{- $path := printf "%s.ports[%d]" $port.service.path $port.index }}
{{- template "istio-egress.finding" (dict "model" $model "id" "protocol-contradiction" "severity" "warning" "path" (print $path ".appProtocol") "related" (list (print $path ".name"))
  "message" (printf "Istio takes the port for %s, as appProtocol says, while the name %q says %s: make both say the same" $port.protocol $name $named)) }}
{{- end }}
{{- end }}

{{- /* Clients ask a forward proxy by CONNECT, or for a whole URL, which a sidecar answers with 404. */}}
{{- define "istio-egress.forwardProxy" -}}
{{- $port := .port }}
{{- $names := print $port.service.name "." $port.service.externalName }}
{{- if or (eq $port.targetPort 3128) (regexMatch "(^|[.-])(proxy|squid)([.-]|$)" $names) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "forward-proxy" "severity" "warning" "path" (printf "%s.ports[%d].%s" $port.service.path $port.index (ternary "name" "appProtocol" (empty $port.entry.appProtocol)))
  "suggestion" (dict "path" (printf "%s.ports[%d].%s" $port.service.path $port.index (ternary "name" "appProtocol" (empty $port.entry.appProtocol))) "value" (ternary (print "tcp-" $port.entry.name) "tcp" (empty $port.entry.appProtocol)))
  "message" (printf "if %s is a forward proxy, its clients send CONNECT, which the sidecar answers with 404 on a port of %s: name the port tcp-..., and set tls.mode: DISABLE" $port.service.name $port.protocol)) }}
{{- end }}
{{- end }}

{{- /* What the schema refuses, and a missing schema would not. */}}
{{- define "istio-egress.portWithout" -}}
{{- $port := .port }}
{{- $path := printf "%s.ports[%d]" $port.service.path $port.index }}
{{- if not $port.entry.name }}
{{- template "istio-egress.finding" (dict "model" .model "id" "without-schema" "schema" true "path" (print $path ".name") "message" "is missing: write one such as https") }}
{{- end }}
{{- range $field, $number := dict "port" $port.number "targetPort" (atoi (print ($port.entry.targetPort | default 1))) }}
{{- if or (lt $number 1) (gt $number 65535) }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "without-schema" "schema" true "path" (print $path "." $field) "message" "must be a whole number from 1 to 65535") }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.httpOn443" -}}
{{- $port := .port }}
{{- $path := printf "%s.ports[%d]" $port.service.path $port.index }}
{{- $write := printf "write port: 80 with targetPort: %d" $port.targetPort }}
{{- $suggestion := dict "path" $path "value" (set (set (deepCopy $port.entry) "port" 80) "targetPort" $port.targetPort) }}
{{- if eq $port.tls.settings.mode "DISABLE" }}
{{- $write = "write https if the workload sends TLS itself, or port: 80 if it sends plaintext" }}
{{- $suggestion = dict "path" (print $path (ternary ".name" ".appProtocol" (empty $port.entry.appProtocol))) "value" "https" }}
{{- end }}
{{- if gt (len $port.service.ports) 1 }}
{{- $suggestion = "" }}
{{- end }}
{{- if $port.service.exit }}
{{- template "istio-egress.finding" (dict "model" .model "id" "http-on-443" "severity" "warning" "path" (print $path ".port") "suggestion" $suggestion
  "message" (printf "with %s on port 443, sidecars look into the first bytes of every connection to port 443, and servers of others that speak first there hang: %s" $port.protocol $write)) }}
{{- else }}
{{- template "istio-egress.finding" (dict "model" .model "id" "http-on-443" "path" (print $path ".port") "suggestion" $suggestion
  "message" (printf "%s on port 443 would break the other HTTPS traffic of the mesh: %s" $port.protocol $write)) }}
{{- end }}
{{- end }}

{{- /*
Servers that start TLS inside their protocol, after a few words of plain text, do not understand TLS from the first byte,
which is all that the mesh can originate.
*/}}
{{- define "istio-egress.startTLS" -}}
{{- $port := .port }}
{{- $protocol := get .model.startTLSPorts (toString $port.targetPort) | default "MySQL" }}
{{- template "istio-egress.finding" (dict "model" .model "id" "start-tls" "severity" (ternary "error" "warning" (eq $port.protocol "MySQL")) "path" (print $port.tls.path ".mode")
  "related" (list (printf "%s.ports[%d]" $port.service.path $port.index)) "suggestion" (dict "path" $port.tls.path "value" (dict "mode" "DISABLE"))
  "message" (printf "%s starts TLS inside its protocol, and %s sends it from the first byte, which such servers do not understand: set mode: DISABLE and let the client ask for TLS%s" $protocol $port.tls.settings.mode
    (ternary "" "; if the server does expect TLS from the first byte, leave it" (eq $port.protocol "MySQL")))) }}
{{- end }}

{{- /*
Every sidecar listens on these ports itself. istiod leaves HTTP ports of the same number out, and their calls pass by in
plaintext; another protocol is told by an address of its own, or gets a listener that Envoy rejects.
*/}}
{{- define "istio-egress.portReserved" -}}
{{- $port := .port }}
{{- $own := or $port.service.exit $port.service.endpointsKind $port.service.entry.addresses }}
{{- if and (has $port.number (list 15001 15006 15021 15090)) (or (hasKey .model.httpProtocols $port.protocol) (not $own)) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "port-reserved" "path" (printf "%s.ports[%d].port" $port.service.path $port.index)
  "message" (printf "every sidecar listens on port %d itself, and calls to it would not get here: write another port, with targetPort: %d if this is the server's" $port.number $port.targetPort)) }}
{{- end }}
{{- end }}

{{- define "istio-egress.plaintextToTLSPort" -}}
{{- $port := .port }}
{{- template "istio-egress.finding" (dict "model" .model "id" "plaintext-to-tls-port" "severity" "warning" "path" (printf "%s.mode" $port.tls.path)
  "related" (list (printf "%s.ports[%d]" $port.service.path $port.index)) "suggestion" (dict "path" (print $port.tls.path ".mode") "value" "SIMPLE")
  "message" (printf "port %d sends plaintext %s to port 443 of the server, which is for TLS: <SIMPLE:set mode: SIMPLE, or >declare the port as https if the workload sends TLS itself" $port.number $port.protocol)) }}
{{- end }}

{{- define "istio-egress.tlsTwice" -}}
{{- $port := .port }}
{{- $own := or $port.entry.tls (eq (len $port.service.ports) 1) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "tls-twice" "path" (printf "%s.ports[%d]" $port.service.path $port.index)
  "related" (list (printf "%s.mode" $port.tls.path))
  "suggestion" (dict "path" (ternary $port.tls.path (printf "%s.ports[%d].tls" $port.service.path $port.index) (not (empty $own))) "value" (dict "mode" "DISABLE"))
  "message" (printf "the workload sends TLS to port %d itself (%s), and %s would encrypt it once more: <DISABLE:set tls.mode: DISABLE for this port; or, >if the mesh is to send TLS, let the workload send plaintext to a port named %s, with port: %d and targetPort: %d" $port.number $port.protocol $port.tls.settings.mode (ternary "tcp" "http" (eq $port.protocol "TLS")) (ternary 80 $port.number (eq $port.number 443)) $port.targetPort)) }}
{{- end }}

{{- define "istio-egress.portTwice" -}}
{{- $port := .port }}
{{- $path := printf "%s.ports[%d]" $port.service.path $port.index }}
{{- $number := toString $port.number }}
{{- if $port.number }}
{{- with get .numbers $number }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "port-twice" "path" (printf "%s.port" $path) "related" (list (printf "%s.port" .))
  "message" (printf "port %s is declared twice: remove one of them, or write another port" $number)) }}
{{- end }}
{{- $_ := set .numbers $number $path }}
{{- end }}
{{- if $port.entry.name }}
{{- with get .names $port.entry.name }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "port-name-twice" "path" (printf "%s.name" $path) "related" (list (printf "%s.name" .))
  "suggestion" (dict "path" (print $path ".name") "value" (printf "%s-%s" $port.entry.name $number))
  "message" (printf "two ports have the name %q: add a suffix, such as %q" $port.entry.name (printf "%s-%s" $port.entry.name $number))) }}
{{- end }}
{{- $_ := set .names $port.entry.name $path }}
{{- end }}
{{- end }}

{{- /* What needs a protocol that the sidecar can read, where no port has one. */}}
{{- define "istio-egress.withoutHTTPChecks" -}}
{{- $service := .service }}
{{- if $service.entry.rewriteHost }}
{{- template "istio-egress.finding" (dict "model" .model "id" "rewrite-host-protocol" "path" (printf "%s.rewriteHost" $service.path)
  "suggestion" (dict "path" (print $service.path ".rewriteHost"))
  "message" "no port of this entry carries a protocol with a Host header that the sidecar can read (http, http2, grpc, grpc-web): remove rewriteHost, or correct the protocol") }}
{{- end }}
{{- range $field := list "timeout" "retries" "keepMeshHeaders" }}
{{- if get $service.entry $field }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "http-field-protocol" "about" "key" "severity" (ternary "warning" "error" (eq $field "keepMeshHeaders")) "path" (printf "%s.%s" $service.path $field)
  "suggestion" (dict "path" (printf "%s.%s" $service.path $field))
  "message" (printf "%s is for requests, and no port of this entry carries a protocol in which the sidecar can read them (http, http2, grpc, grpc-web): remove it, or correct the protocol" $field)) }}
{{- end }}
{{- end }}
{{- end }}
