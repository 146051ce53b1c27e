{{- /*
The two forms of a service.

Open: a name for an address. Whoever calls it reaches the server; the sidecar recognises the call by its address or by its
Host, and sets TLS then.

Closed: a name for a route. The Service has an address and no endpoints; a VirtualService leads its calls to an exit, a
ServiceEntry with a host of the release's own, behind which the server is. Whoever is not routed reaches nothing. Where the
mesh originates TLS, the route names a subset that only the exit's DestinationRule has: without that rule, or with another in
its place, there is nowhere to go.

The values may choose a form by serviceType or endpointsKind. Where they do not, what could send plaintext in place of TLS,
or take other calls, is closed.
*/}}
{{- define "istio-egress.externalNameForm" -}}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- $type := $entry.serviceType | default .model.serviceType }}
{{- if not (has $type (list "" "ExternalName" "ClusterIP")) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "without-schema" "schema" true "path" (ternary (print $service.path ".serviceType") "serviceType" (not (empty $entry.serviceType)))
  "message" (printf "%q is none of the types: write ExternalName (open) or ClusterIP (closed), or remove it" $type)) }}
{{- end }}
{{- $traits := $service.traits }}
{{- $closed := eq $type "ClusterIP" }}
{{- if not $type }}
{{- $closed = or $traits.tls (and $traits.tcp (not $entry.addresses)) (and $traits.encrypted (ne $service.serverName $service.externalName)) }}
{{- end }}
{{- if $service.gateway }}
{{- if eq $type "ExternalName" }}
{{- template "istio-egress.gatewayOpen" (dict "model" .model "service" $service "field" "serviceType") }}
{{- end }}
{{- $closed = true }}
{{- else if $service.waypoint }}
{{- if eq $type "ExternalName" }}
{{- template "istio-egress.openBeforeWaypoint" (dict "model" .model "service" $service "field" "serviceType") }}
{{- end }}
{{- $closed = true }}
{{- else if .model.ambient }}
{{- if eq $type "ClusterIP" }}
{{- template "istio-egress.closedWithoutWaypoint" (dict "model" .model "service" $service "field" "serviceType") }}
{{- end }}
{{- $closed = false }}
{{- template "istio-egress.withoutWaypoint" . }}
{{- end }}
{{- if $closed }}
{{- template "istio-egress.closed" $service }}
{{- if and $entry.addresses (not (and $service.waypoint (or $traits.tls (eq .model.dataPlane "ambient")))) }}
{{- template "istio-egress.addressesWithoutEffect" . }}
{{- end }}
{{- else if eq .model.dataPlane "ambient" }}
{{- else if or $traits.tls $traits.encrypted }}
{{- template "istio-egress.openAliasChecks" . }}
{{- end }}
{{- end }}

{{- define "istio-egress.endpointForm" -}}
{{- $service := .service }}
{{- $kind := $service.entry.endpointsKind | default .model.endpointsKind }}
{{- if not (has $kind (list "" "EndpointSlice" "ServiceEntry" "Endpoints")) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "without-schema" "schema" true "path" (ternary (print $service.path ".endpointsKind") "endpointsKind" (not (empty $service.entry.endpointsKind)))
  "message" (printf "%q is none of the kinds: write ServiceEntry (closed), EndpointSlice or Endpoints (open), or remove it" $kind)) }}
{{- end }}
{{- if $service.gateway }}
{{- if has $kind (list "EndpointSlice" "Endpoints") }}
{{- template "istio-egress.gatewayOpen" (dict "model" .model "service" $service "field" "endpointsKind") }}
{{- end }}
{{- $kind = "ServiceEntry" }}
{{- else if $service.waypoint }}
{{- if has $kind (list "EndpointSlice" "Endpoints") }}
{{- template "istio-egress.openBeforeWaypoint" (dict "model" .model "service" $service "field" "endpointsKind") }}
{{- end }}
{{- $kind = "ServiceEntry" }}
{{- else if .model.ambient }}
{{- if eq $kind "ServiceEntry" }}
{{- template "istio-egress.closedWithoutWaypoint" (dict "model" .model "service" $service "field" "endpointsKind") }}
{{- end }}
{{- $kind = ternary $kind "EndpointSlice" (eq $kind "Endpoints") }}
{{- template "istio-egress.withoutWaypoint" . }}
{{- else if not $kind }}
{{- $kind = ternary "ServiceEntry" "EndpointSlice" $service.traits.tls }}
{{- end }}
{{- $_ := set $service "endpointsKind" $kind }}
{{- if eq $kind "ServiceEntry" }}
{{- template "istio-egress.closed" $service }}
{{- else }}
{{- $_ := set .model.endpointsKinds $kind true }}
{{- if and $service.traits.tls (not .model.ambient) }}
{{- template "istio-egress.failsOpen" (dict "model" .model "service" $service "field" "endpointsKind") }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.closed" -}}
{{- $_ := set . "exit" (printf "%s.%s.egress.internal" .name .namespace) }}
{{- $_ := set . "routed" true }}
{{- end }}

{{- /*
The exit of a closed service. Ports that are not HTTP would take all traffic of their number: they have an address at which
nobody calls, the same for all exits.
*/}}
{{- define "istio-egress.exit" -}}
{{- $service := .service }}
{{- $destination := dict
  "path" $service.path
  "name" $service.name
  "namespace" $service.namespace
  "host" $service.exit
  "server" $service.externalName
  "exportTo" $service.exportTo
  "visibleIn" $service.visibleIn
  "metadata" $service.metadata
  "entry" $service.entry
  "resolution" .resolution
  "services" (dict $service.path $service)
  "ports" dict
  "general" dict
  "endpoints" .endpoints
}}
{{- if eq .resolution "STATIC" }}
{{- /* The rule of the open form has the service's name. It must stay until calls are led to the exit: helm changes rules first. */}}
{{- $_ := set $destination "ruleName" $service.exit }}
{{- end }}
{{- if $service.selector }}
{{- $_ := set $destination "selected" dict }}
{{- end }}
{{- with $service.gateway }}
{{- $_ := set $destination "exportTo" (list .namespace) }}
{{- end }}
{{- if $service.waypoint }}
{{- $_ := set $destination "waypoint" $service.waypoint }}
{{- with $service.route }}
{{- $_ := set $destination "exportTo" .exportTo }}
{{- $_ := set $destination "visibleIn" .visibleIn }}
{{- end }}
{{- end }}
{{- if $service.traits.byte }}
{{- $_ := set $destination "addresses" (dict "240.0.0.1" "240.0.0.1") }}
{{- end }}
{{- if $service.traits.tls }}
{{- $_ := set $destination "subset" "as-declared" }}
{{- end }}
{{- if $service.waypoint }}
{{- template "istio-egress.keepNeighboursOut" (dict "model" .model "service" $service "destination" $destination) }}
{{- end }}
{{- $_ := set .model.destinations (print $service.namespace "/" ($service.name | default $service.path)) $destination }}
{{- template "istio-egress.destinationPorts" (dict "model" .model "service" $service "destination" $destination) }}
{{- end }}
