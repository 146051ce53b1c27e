{{- /*
Checks of external hosts: all aliases of a host in a namespace share one ServiceEntry, so they must agree on what it says,
and for each workload selector on the TLS settings of each port.
*/}}
{{- define "istio-egress.sharedDestination" -}}
{{- $service := .service }}
{{- $destination := .destination }}
{{- $visibility := join ", " $service.visibleIn }}
{{- $otherVisibility := join ", " $destination.visibleIn }}
{{- if ne $visibility $otherVisibility }}
{{- template "istio-egress.findingOfOpen" (dict "model" .model "service" $service "id" "shared-visibility" "path" (ternary (printf "%s.exportTo" $service.path) $service.path (not (empty $service.entry.exportTo))) "related" (list $destination.path)
  "message" (printf "%s is visible to %s here and to %s by %s, and a host has one visibility in a namespace: give both the same exportTo, or set serviceType: ClusterIP for both" $destination.host
    ($visibility | default "Istio's default") ($otherVisibility | default "Istio's default") $destination.path)) }}
{{- end }}
{{- template "istio-egress.sharedMetadata" (dict "model" .model "service" $service "destination" $destination "field" "labels") }}
{{- template "istio-egress.sharedMetadata" (dict "model" .model "service" $service "destination" $destination "field" "annotations") }}
{{- end }}

{{- define "istio-egress.sharedMetadata" -}}
{{- $path := printf "%s.%s" .service.path .field }}
{{- if ne (toJson (get .service.entry .field | default dict)) (toJson (get .destination.entry .field | default dict)) }}
{{- template "istio-egress.findingOfOpen" (dict "model" .model "service" .service "id" "shared-metadata" "severity" "warning" "path" (ternary $path .service.path (hasKey .service.entry .field)) "related" (list .destination.path)
  "message" (printf "the ServiceEntry and DestinationRule of %s are shared, and carry the %s of %s: give both the same, or set serviceType: ClusterIP for both" .destination.host .field .destination.path)) }}
{{- end }}
{{- end }}

{{- define "istio-egress.sharedPortChecks" -}}
{{- $port := .port }}
{{- $other := .other }}
{{- $path := printf "%s.ports[%d]" $port.service.path $port.index }}
{{- $otherPath := printf "%s.ports[%d]" $other.service.path $other.index }}
{{- if and $port.number (ne $port.service.path $other.service.path) }}
{{- if and $port.protocol $other.protocol (ne $port.protocol $other.protocol) }}
{{- template "istio-egress.findingOfOpen" (dict "model" .model "service" $port.service "id" "shared-protocol" "path" $path "related" (list $otherPath)
  "message" (printf "port %d of %s is %s here and %s by %s, and a host's port has one protocol: give both the same, or set serviceType: ClusterIP for both" $port.number $port.service.externalName $port.protocol $other.protocol $otherPath)) }}
{{- end }}
{{- $mode := $port.tls.settings.mode | default "" }}
{{- $otherMode := $other.tls.settings.mode | default "" }}
{{- if and (ne ($port.service.selector | default "") ($other.service.selector | default "")) $mode $otherMode (ne (eq $mode "DISABLE") (eq $otherMode "DISABLE")) }}
{{- template "istio-egress.findingOfOpen" (dict "model" .model "service" $port.service "id" "shared-tls" "path" $port.tls.path "related" (list $other.tls.path)
  "message" (printf "port %d of %s is %s here and %s by %s: workloads that one selector leaves out would get the other's: give both TLS or none, or set serviceType: ClusterIP for both" $port.number $port.service.externalName $mode $otherMode $other.tls.path)) }}
{{- end }}
{{- if ne $port.targetPort $other.targetPort }}
{{- template "istio-egress.findingOfOpen" (dict "model" .model "service" $port.service "id" "shared-target-port" "path" $path "related" (list $otherPath)
  "message" (printf "port %d of %s leads to port %d here and to %d by %s, and a host's port leads to one: give both the same targetPort, or set serviceType: ClusterIP for both" $port.number $port.service.externalName $port.targetPort $other.targetPort $otherPath)) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.sharedSettingsChecks" -}}
{{- $port := .port }}
{{- $other := .other }}
{{- $service := $port.service }}
{{- if and $port.number (ne $service.path $other.service.path) }}
{{- $for := ternary (printf " for workloads %s" $service.selector) "" (not (empty $service.selector)) }}
{{- if and $port.tls.settings.mode $other.tls.settings.mode (ne (toJson $port.tls.settings) (toJson $other.tls.settings)) }}
{{- template "istio-egress.findingOfOpen" (dict "model" .model "service" $service "id" "shared-tls" "path" $port.tls.path "related" (list $other.tls.path)
  "message" (printf "port %d of %s has other TLS settings by %s%s, and a host's port has one: give both the same, or set serviceType: ClusterIP for both" $port.number $service.externalName $other.tls.path $for)) }}
{{- end }}
{{- if ne ($service.policy | default "") ($other.service.policy | default "") }}
{{- template "istio-egress.findingOfOpen" (dict "model" .model "service" $service "id" "shared-traffic-policy" "path" (ternary (printf "%s.trafficPolicy" $service.path) $service.path (not (empty $service.entry.trafficPolicy))) "related" (list $other.service.path)
  "message" (printf "port %d of %s has another traffic policy by %s%s, and a host's port has one: give both the same, or set serviceType: ClusterIP for both" $port.number $service.externalName $other.service.path $for)) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Checks that need all aliases of a host. */}}
{{- define "istio-egress.destinationChecks" -}}
{{- $model := .model }}
{{- $destination := .destination }}
{{- range $service := $destination.services }}
{{- template "istio-egress.twoLabelChecks" (dict "model" $model "service" $service) }}
{{- break }}
{{- end }}
{{- if gt (len $destination.ports) 256 }}
{{- template "istio-egress.finding" (dict "model" $model "id" "too-many-ports" "path" (printf "%s.ports" $destination.path)
  "message" (printf "the aliases of %s declare %d ports, and a ServiceEntry has 256 at the most: remove some" $destination.host (len $destination.ports))) }}
{{- end }}
{{- if gt (len $destination.addresses) 256 }}
{{- template "istio-egress.finding" (dict "model" $model "id" "too-many-addresses" "path" (printf "%s.addresses" $destination.path)
  "message" (printf "the aliases of %s declare %d addresses, and a ServiceEntry has 256 at the most: remove some" $destination.host (len $destination.addresses))) }}
{{- end }}
{{- range $port := $destination.ports }}
{{- $protocol := $port.protocol | default "" }}
{{- $opaque := hasKey $model.opaqueProtocols $protocol }}
{{- if and $opaque $port.number $destination.host (not $destination.addresses) }}
{{- template "istio-egress.findingOfOpen" (dict "model" $model "service" $port.service "id" "tcp-without-addresses" "misses" (list "addresses") "path" (printf "%s.ports[%d]" $port.service.path $port.index)
  "message" (printf "a %s port without addresses captures all traffic of the mesh to port %d: set %s, with which the server is reached by its name, or set addresses to the IPs of %s" $protocol $port.number (ternary "waypoint.name" "serviceType: ClusterIP" $model.ambient) $destination.host)) }}
{{- end }}
{{- if $destination.addresses }}
{{- template "istio-egress.listeningPort" (dict "model" $model "destination" $destination "port" $port) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* A port of TCP or TLS at addresses. */}}
{{- define "istio-egress.listeningPort" -}}
{{- $model := .model }}
{{- $destination := .destination }}
{{- $port := .port }}
{{- $protocol := $port.protocol | default "" }}
{{- if or (hasKey $model.opaqueProtocols $protocol) (hasKey $model.encryptedProtocols $protocol) }}
{{- template "istio-egress.listenerChecks" (dict "model" $model "destination" $destination "port" $port "listens" true) }}
{{- end }}
{{- if hasKey $model.encryptedProtocols $protocol }}
{{- template "istio-egress.finding" (dict "model" $model "id" "tls-port-with-addresses" "severity" "warning" "path" (printf "%s.ports[%d]" $port.service.path $port.index)
  "message" (printf "with addresses, sidecars recognise calls to port %d by the address alone, not by the server name, so these settings miss calls to other addresses that DNS gives for %s: list all its addresses, or remove them" $port.number $destination.host)) }}
{{- end }}
{{- end }}

{{- /* HTTP ports share a listener with the whole mesh, but one at an address of theirs takes their calls. */}}
{{- define "istio-egress.httpAddressChecks" -}}
{{- $model := .model }}
{{- range $destination := $model.destinations }}
{{- if and (eq $destination.resolution "DNS") $destination.addresses (not $destination.endpoints) }}
{{- range $port := $destination.ports }}
{{- if hasKey $model.httpProtocols ($port.protocol | default "") }}
{{- template "istio-egress.listenerChecks" (dict "model" $model "destination" $destination "port" $port "listens" false) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
With addresses, a port of TCP or TLS is known by address and number alone: for each, a namespace may see one. Who has it is
kept by namespace, "*" for those that all see, and "" for the first of any.
*/}}
{{- define "istio-egress.listenerChecks" -}}
{{- $model := .model }}
{{- $port := .port }}
{{- $listens := .listens }}
{{- $namespaces := .destination.visibleIn | default (list "*") }}
{{- $path := printf "%s.ports[%d]" $port.service.path $port.index }}
{{- range $canonical, $address := .destination.addresses }}
{{- $key := printf "%s %d" $canonical $port.number }}
{{- $others := get $model.listeners $key | default dict }}
{{- $other := get $others "*" }}
{{- range $namespace := $namespaces }}
{{- if not $other }}
{{- $other = get $others (ternary "" $namespace (eq $namespace "*")) }}
{{- end }}
{{- end }}
{{- if $other }}
{{- template "istio-egress.findingOfOpen" (dict "model" $model "service" $port.service "id" "tcp-address-twice" "path" $path "related" (list $other)
  "message" (printf "port %d at %s is also %s, and such calls are told apart by address and port alone: %s, or declare one of them, or other ports" $port.number $address $other
    (ternary "declare it under externalNameServices, without addresses" "set serviceType: ClusterIP and remove addresses" (not (empty $port.service.hosts))))) }}
{{- else if $listens }}
{{- range $namespace := $namespaces }}
{{- $_ := set $others $namespace $path }}
{{- end }}
{{- $_ := set $others "" $path }}
{{- $_ := set $model.listeners $key $others }}
{{- end }}
{{- end }}
{{- end }}
