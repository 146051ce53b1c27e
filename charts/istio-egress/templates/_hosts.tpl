{{- /*
External hosts by their own names: an entry lists several, and has no Service. Exact names are resolved by the sidecar, and
calls of theirs go where DNS says. A wildcard has no address to go to: calls go where the workload sends them, as soon as
they name a host of it, in the SNI of TLS or the Host of HTTP. Both are a ServiceEntry each, and more with ports of TCP; its hosts say the same of all
ports. Where the mesh originates TLS, or a policy is given, each exact name has a DestinationRule: settings name the host.

  hosts      of the entry, exact names and wildcards
  byOwnName  of a destination: its ServiceEntry is one of the model's hostLists
  allocated  of a list: sidecars that capture DNS give each host an address, by which its tcp ports are known
*/}}
{{- define "istio-egress.externalHosts" -}}
{{- $model := .model }}
{{- $entry := .entry }}
{{- $hosts := list }}
{{- range $entry.hosts }}
{{- $hosts = append $hosts (toString .) }}
{{- end }}
{{- $first := first $hosts | default "" }}
{{- $service := dict
  "path" .path
  "name" .name
  "namespace" ($entry.namespace | default $model.namespace)
  "fqdn" $first
  "entry" $entry
  "hosts" $hosts
  "externalName" $first
  "serverName" $first
  "exportTo" $model.exportTo
  "metadata" $model.metadata
}}
{{- $_ := set $model.hostNames .path $hosts }}
{{- template "istio-egress.settings" (dict "model" $model "service" $service) }}
{{- template "istio-egress.externalHostsChecks" (dict "model" $model "service" $service) }}
{{- template "istio-egress.tls" (dict "model" $model "service" $service "settings" $entry.tls "into" $service "path" .path) }}
{{- if $hosts }}
{{- template "istio-egress.ports" (dict "model" $model "service" $service) }}
{{- if $service.traits.http }}
{{- $_ := set $model.httpHosts .path true }}
{{- end }}
{{- template "istio-egress.hostPortsChecks" (dict "model" $model "service" $service) }}
{{- $addresses := dict }}
{{- with $entry.addresses }}
{{- template "istio-egress.addresses" (dict "model" $model "service" $service "addresses" . "into" $addresses) }}
{{- end }}
{{- if gt (len $hosts) 1 }}
{{- $addresses = dict }}
{{- end }}
{{- $ports := dict }}
{{- range $port := $service.ports }}
{{- $_ := set $ports (printf "%05d" $port.number) $port }}
{{- end }}
{{- $exact := list }}
{{- $wildcards := list }}
{{- range $index, $host := $hosts }}
{{- if hasPrefix "*" $host }}
{{- $wildcards = append $wildcards $host }}
{{- else }}
{{- $exact = append $exact $host }}
{{- end }}
{{- template "istio-egress.hostByOwnName" (dict "model" $model "service" $service "host" $host "index" $index "ports" $ports "addresses" $addresses) }}
{{- end }}
{{- if and $service.traits.tcp (gt (len $exact) 1) }}
{{- /* Istio refuses a ServiceEntry of several hosts that has a port of TCP. */}}
{{- range $host := $exact }}
{{- template "istio-egress.hostList" (dict "model" $model "service" $service "kind" (print (sha256sum $host | trunc 8) ".hosts") "hosts" (list $host) "resolution" "DNS" "ports" $ports "addresses" $addresses) }}
{{- end }}
{{- else }}
{{- template "istio-egress.hostList" (dict "model" $model "service" $service "kind" "hosts" "hosts" $exact "resolution" "DNS" "ports" $ports "addresses" $addresses) }}
{{- end }}
{{- template "istio-egress.hostList" (dict "model" $model "service" $service "kind" "wildcards" "hosts" $wildcards "resolution" "NONE" "ports" $ports "addresses" dict) }}
{{- end }}
{{- end }}

{{- /* A host is declared once in a namespace, by an alias or by its own name. */}}
{{- define "istio-egress.hostByOwnName" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $host := .host }}
{{- $key := print $service.namespace "/" $host }}
{{- $path := printf "%s.hosts[%d]" $service.path .index }}
{{- $other := get $model.destinations $key }}
{{- if $other }}
{{- template "istio-egress.hostTwice" (dict "model" $model "host" $host "path" $path "other" $other "removed" (ternary $service.path $path (eq (len $service.hosts) 1))) }}
{{- else }}
{{- $ports := .ports }}
{{- if and $service.traits.tls (ne $host $service.serverName) }}
{{- $ports = dict }}
{{- range $number, $port := $.ports }}
{{- $_ := set $ports $number (set (omit $port "tls") "tls" (dict "path" $port.tls.path "settings" $port.tls.settings)) }}
{{- if ne ($port.tls.settings.mode | default "DISABLE") "DISABLE" }}
{{- template "istio-egress.tlsOfHost" (dict "host" $host "port" (get $ports $number)) }}
{{- end }}
{{- end }}
{{- end }}
{{- $_ := set $model.destinations $key (dict
  "path" $service.path
  "hostPath" $path
  "entryName" $service.name
  "name" $host
  "namespace" $service.namespace
  "host" $host
  "server" $host
  "exportTo" $service.exportTo
  "visibleIn" $service.visibleIn
  "metadata" $service.metadata
  "entry" $service.entry
  "resolution" (ternary "NONE" "DNS" (hasPrefix "*" $host))
  "services" dict
  "ports" $ports
  "general" $ports
  "addresses" .addresses
  "byOwnName" true
  "unruled" (not (or $service.traits.tls $service.policy))
) }}
{{- end }}
{{- end }}

{{- /* The same settings, with the names of another host of the entry. */}}
{{- define "istio-egress.tlsOfHost" -}}
{{- $settings := set (omit .port.tls.settings "sni") "sni" .host }}
{{- if $settings.subjectAltNames }}
{{- $settings = set (omit $settings "subjectAltNames") "subjectAltNames" (list .host) }}
{{- end }}
{{- $_ := set .port.tls "settings" $settings }}
{{- end }}

{{- define "istio-egress.hostList" -}}
{{- $service := .service }}
{{- if .hosts }}
{{- $name := print $service.name "." .kind }}
{{- $_ := set .model.hostLists (print $service.namespace "/" $name) (dict
  "name" $name
  "namespace" $service.namespace
  "hosts" .hosts
  "exportTo" $service.exportTo
  "metadata" $service.metadata
  "resolution" .resolution
  "ports" .ports
  "addresses" .addresses
  "allocated" (and $service.traits.tcp .model.dnsCapture (eq .resolution "DNS"))
) }}
{{- end }}
{{- end }}
