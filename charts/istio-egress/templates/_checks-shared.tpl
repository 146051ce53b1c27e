{{- /*
Checks of external hosts: all aliases of a host in a namespace share one ServiceEntry, so they must agree on what it says,
and for each workload selector on the TLS settings of each port.
*/}}
{{- define "istio-egress.sharedDestination" -}}
{{- $service := .service }}
{{- $destination := .destination }}
{{- if ne ($service.visibility | default "") ($destination.visibility | default "") }}
{{- template "istio-egress.finding" (dict "model" .model "id" "shared-visibility" "path" (ternary (printf "%s.exportTo" $service.path) $service.path (not (empty $service.entry.exportTo))) "related" (list $destination.path)
  "message" (printf "%s is visible to %s here and to %s by %s, and a host has one visibility in a namespace: give both the same exportTo" $destination.host
    ($service.visibility | default "Istio's default") ($destination.visibility | default "Istio's default") $destination.path)) }}
{{- end }}
{{- template "istio-egress.sharedMetadata" (dict "model" .model "service" $service "destination" $destination "field" "labels" "own" "ownLabels") }}
{{- template "istio-egress.sharedMetadata" (dict "model" .model "service" $service "destination" $destination "field" "annotations" "own" "ownAnnotations") }}
{{- end }}

{{- define "istio-egress.sharedMetadata" -}}
{{- $path := printf "%s.%s" .service.path .field }}
{{- if ne (toJson (get .service.entry .field | default dict)) (toJson (get .destination .own | default dict)) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "shared-metadata" "severity" "warning" "path" (ternary $path .service.path (hasKey .service.entry .field)) "related" (list .destination.path)
  "message" (printf "the ServiceEntry and DestinationRule of %s are shared, and carry the %s of %s: give both the same" .destination.host .field .destination.path)) }}
{{- end }}
{{- end }}

{{- define "istio-egress.sharedPortChecks" -}}
{{- $service := .service }}
{{- $port := .port }}
{{- $other := .other }}
{{- if and $port.number (ne $port.service $other.service) }}
{{- if and $port.protocol $other.protocol (ne $port.protocol $other.protocol) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "shared-protocol" "path" $port.path "related" (list $other.path)
  "message" (printf "port %d of %s is %s here and %s by %s, and a host's port has one protocol: give both the same" $port.number $service.externalName $port.protocol $other.protocol $other.path)) }}
{{- end }}
{{- if ne $port.targetPort $other.targetPort }}
{{- template "istio-egress.finding" (dict "model" .model "id" "shared-target-port" "path" $port.path "related" (list $other.path)
  "message" (printf "port %d of %s leads to port %d here and to %d by %s, and a host's port leads to one: give both the same targetPort, or another port" $port.number $service.externalName $port.targetPort $other.targetPort $other.path)) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.sharedSettingsChecks" -}}
{{- $settings := .settings }}
{{- $other := .other }}
{{- $service := .service }}
{{- if and $settings.port.number (ne $settings.port.service $other.port.service) }}
{{- $for := ternary (printf " for workloads %s" $service.selector) "" (not (empty $service.selector)) }}
{{- if and $settings.port.tls.mode $other.port.tls.mode (ne (toJson $settings.port.tls) (toJson $other.port.tls)) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "shared-tls" "path" $settings.tlsPath "related" (list $other.tlsPath)
  "message" (printf "port %d of %s has other TLS settings by %s%s, and a host's port has one: give both the same, or another port, or another workloadSelector" $settings.port.number $service.externalName $other.tlsPath $for)) }}
{{- end }}
{{- if ne ($settings.policy | default "") ($other.policy | default "") }}
{{- template "istio-egress.finding" (dict "model" .model "id" "shared-traffic-policy" "path" (ternary (printf "%s.trafficPolicy" $service.path) $service.path (not (empty $service.entry.trafficPolicy))) "related" (list $other.path)
  "message" (printf "port %d of %s has another traffic policy by %s%s, and a host's port has one: give both the same" $settings.port.number $service.externalName $other.path $for)) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Checks that need all aliases of a host. */}}
{{- define "istio-egress.destinationChecks" -}}
{{- $model := .model }}
{{- $destination := .destination }}
{{- if eq $destination.serviceEntry "DNS" }}
{{- if gt (len $destination.ports) 256 }}
{{- template "istio-egress.finding" (dict "model" $model "id" "too-many-ports" "path" (printf "%s.ports" $destination.path)
  "message" (printf "the aliases of %s declare %d ports, and a ServiceEntry has 256 at the most: remove some" $destination.host (len $destination.ports))) }}
{{- end }}
{{- if gt (len $destination.addresses) 256 }}
{{- template "istio-egress.finding" (dict "model" $model "id" "too-many-addresses" "path" (printf "%s.addresses" $destination.path)
  "message" (printf "the aliases of %s declare %d addresses, and a ServiceEntry has 256 at the most: remove some" $destination.host (len $destination.addresses))) }}
{{- end }}
{{- range $port := $destination.ports }}
{{- if hasKey $model.opaqueProtocols ($port.protocol | default "") }}
{{- if not $destination.addresses }}
{{- template "istio-egress.finding" (dict "model" $model "id" "tcp-without-addresses" "path" $port.path
  "message" (printf "a %s port without addresses captures all traffic of the mesh to port %d: set addresses to the IPs of %s, or declare an endpoint service" $port.protocol $port.number $destination.host)) }}
{{- end }}
{{- range $canonical, $address := $destination.addresses }}
{{- $key := printf "%s %s %d" $destination.namespace $canonical $port.number }}
{{- with get $model.listeners $key }}
{{- template "istio-egress.finding" (dict "model" $model "id" "tcp-address-twice" "path" $port.path "related" (list .)
  "message" (printf "port %d at %s is also %s, and calls to one address and TCP port cannot be told apart: declare one of them, or other ports" $port.number $address .)) }}
{{- else }}
{{- $_ := set $model.listeners $key $port.path }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
