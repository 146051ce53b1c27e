{{- /*
Checks of the data plane: what ambient callers cannot have, or not without a waypoint. ztunnel reads Services and
ServiceEntries alone, so what a rule or a route would have said is not done, and a call goes out as the workload sends it.
*/}}
{{- define "istio-egress.dataPlaneChecks" -}}
{{- $model := .model }}
{{- template "istio-egress.fieldChecks" (dict "model" $model "known" "waypoint" "path" "waypoint." "fields" .waypoint) }}
{{- if eq (toString .waypoint.name) "none" }}
{{- template "istio-egress.finding" (dict "model" $model "id" "without-schema" "schema" true "path" "waypoint.name"
  "message" "to Istio, \"none\" means no waypoint: write the name of the waypoint's Gateway") }}
{{- else if and $model.ambient (not .waypoint.name) (or .waypoint.namespace .waypoint.create) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "waypoint-without-name" "misses" (list "name") "path" "waypoint"
  "message" "nothing tells which waypoint: set name to that of its Gateway, or remove waypoint") }}
{{- else if and .waypoint.name (not $model.ambient) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "waypoint-without-effect" "severity" "warning" "about" "key" "misses" (list "dataPlane") "path" "waypoint" "related" (list "dataPlane")
  "suggestion" (dict "path" "waypoint")
  "message" "sidecars pass by waypoints, and the data plane is sidecar: <direct:set dataPlane: both or ambient, or >remove waypoint") }}
{{- end }}
{{- end }}

{{- /* Checks of an entry that ambient pods call. */}}
{{- define "istio-egress.ambientChecks" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- if $service.selector }}
{{- template "istio-egress.finding" (dict "model" $model "id" "ambient-workload-selector" "about" "key" "path" (print $service.path ".workloadSelector")
  "suggestion" (dict "path" (print $service.path ".workloadSelector"))
  "message" "a waypoint calls for all workloads, and does not look at selectors: remove workloadSelector; whose workloads need a certificate of their own, keep them with sidecars, in a release of its own") }}
{{- end }}
{{- if and $entry.addresses $service.externalName (or (eq $model.dataPlane "ambient") (and $service.waypoint $service.traits.tls)) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "ambient-addresses" "about" "key" "path" (print $service.path ".addresses")
  "suggestion" (dict "path" (print $service.path ".addresses"))
  "message" (printf "%s is reached by its name, and ztunnel would take calls of the addresses for calls without TLS: remove addresses, which ambient pods do not need" $service.externalName)) }}
{{- end }}
{{- template "istio-egress.ambientVisibility" . }}
{{- end }}

{{- /* The default of the top level is warned of once, and nothing where policy asks for it. */}}
{{- define "istio-egress.ambientVisibility" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- if and $service.exportTo (not (has "*" $service.visibleIn)) (not $model.exportToBound) }}
{{- if $service.entry.exportTo }}
{{- template "istio-egress.ambientExportTo" (dict "model" $model "path" (print $service.path ".exportTo") "related" (list "dataPlane")) }}
{{- else if not $model.exportToWarned }}
{{- $_ := set $model "exportToWarned" true }}
{{- template "istio-egress.ambientExportTo" (dict "model" $model "path" "exportTo" "related" (list $service.path)) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.ambientExportTo" -}}
{{- template "istio-egress.finding" (dict "model" .model "id" "ambient-export-to" "severity" "warning" "path" .path "related" .related "suggestion" (dict "path" .path "value" (list "*"))
  "message" (ternary "ztunnel does not look at exportTo, so ambient pods of all namespaces can call: set exportTo: [\"*\"], and let a NetworkPolicy or an AuthorizationPolicy at the waypoint say who may call"
    "ztunnel does not look at exportTo, so it keeps sidecars out, and ambient pods of all namespaces can call: set exportTo: [\"*\"]" (eq .model.dataPlane "ambient"))) }}
{{- end }}

{{- define "istio-egress.openBeforeWaypoint" -}}
{{- template "istio-egress.ambientForm" (dict "model" .model "service" .service "field" .field "id" "ambient-open" "once" "openWarned"
  "message" (printf "calls of %s pass a waypoint, and in the open form they would leave in plaintext where it is missing: remove %s" .service.name .field)) }}
{{- end }}

{{- define "istio-egress.closedWithoutWaypoint" -}}
{{- template "istio-egress.ambientForm" (dict "model" .model "service" .service "field" .field "id" "ambient-without-waypoint" "once" "closedWarned"
  "message" (printf "the closed form needs who executes its route, and ambient pods have nobody, so they would not reach %s: set waypoint.name, or remove %s" .service.name .field)) }}
{{- end }}

{{- /* A form that the entry or the top level asks for; the latter is refused once. */}}
{{- define "istio-egress.ambientForm" -}}
{{- if get .service.entry .field }}
{{- template "istio-egress.finding" (dict "model" .model "id" .id "path" (print .service.path "." .field) "suggestion" (dict "path" (print .service.path "." .field)) "related" (list "dataPlane") "message" .message) }}
{{- else if not (hasKey .model (print .once .field)) }}
{{- $_ := set .model (print .once .field) true }}
{{- template "istio-egress.finding" (dict "model" .model "id" .id "path" .field "suggestion" (dict "path" .field) "related" (list .service.path) "message" .message) }}
{{- end }}
{{- end }}

{{- /* What needs a proxy that reads rules and routes. */}}
{{- define "istio-egress.withoutWaypointChecks" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- $said := dict }}
{{- range $port := $service.ports }}
{{- if and (ne ($port.tls.settings.mode | default "DISABLE") "DISABLE") (not (hasKey $said $port.tls.path)) }}
{{- $_ := set $said $port.tls.path true }}
{{- template "istio-egress.finding" (dict "model" $model "id" "ambient-without-waypoint" "misses" (list "waypoint") "path" (print $port.tls.path ".mode") "related" (list "dataPlane")
  "message" (printf "ztunnel reads no rules, so ambient pods would send plaintext to the TLS port: set waypoint.name to a waypoint that originates TLS (create: true renders one)<DISABLE:, or mode: DISABLE instead of %s>" $port.tls.settings.mode)) }}
{{- end }}
{{- if and $service.externalName (ne $port.targetPort $port.number) (or (eq $model.dataPlane "ambient") (not $entry.addresses)) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "ambient-target-port" "misses" (list "waypoint") "path" (printf "%s.ports[%d].targetPort" $service.path $port.index) "related" (list "dataPlane")
  "message" (printf "an ExternalName maps no ports, so ambient pods would reach the server's port %d: write %d as port, or set waypoint.name" $port.number $port.targetPort)) }}
{{- end }}
{{- end }}
{{- range $field := ternary (list "rewriteHost" "timeout" "retries" "trafficPolicy") (list "rewriteHost") (eq $model.dataPlane "ambient") }}
{{- if get $entry $field }}
{{- template "istio-egress.finding" (dict "model" $model "id" "ambient-without-waypoint" "about" "key" "misses" (list "waypoint") "path" (print $service.path "." $field) "related" (list "dataPlane")
  "message" (printf "ztunnel passes bytes on and reads no rules, so nothing would do what %s says for ambient pods: set waypoint.name, or remove %s" $field $field)) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Where a proxy finds certificates: for sidecars they need a selector, for waypoints the Secret in their namespace. */}}
{{- define "istio-egress.ambientCredential" -}}
{{- if eq .model.dataPlane "both" }}
{{- template "istio-egress.finding" (dict "model" .model "id" "both-credential-name" "path" (print .path ".credentialName") "related" (list "dataPlane")
  "message" "sidecars read a Secret for selected workloads alone, and a waypoint knows no selectors: give the certificates as files, or declare the entry in two releases, one with dataPlane: sidecar and one with dataPlane: ambient") }}
{{- else if .service.waypoint }}
{{- $_ := set (get .model.waypoint.spaces .service.waypoint.namespace) "secrets" true }}
{{- $_ := set .model.waypoint.credentials .path .service.waypoint.namespace }}
{{- end }}
{{- end }}

{{- /* What a waypoint must have that is not rendered; each is said once. */}}
{{- define "istio-egress.waypointNeeds" -}}
{{- if and .waypoint.credentials (not .waypoint.create) }}
{{- $path := first (keys .waypoint.credentials | sortAlpha) }}
{{- $namespace := get .waypoint.credentials $path }}
{{- template "istio-egress.finding" (dict "model" . "id" "waypoint-secret" "severity" "warning" "path" (print $path ".credentialName") "related" (list "waypoint")
  "message" (printf "the waypoint %s reads the Secret in its own namespace %s, and only if its service account may list Secrets there, else TLS fails: give it that right, or set waypoint.create: true" .waypoint.name $namespace)) }}
{{- end }}
{{- with .waypoint.files }}
{{- $path := first (keys . | sortAlpha) }}
{{- template "istio-egress.finding" (dict "model" $ "id" "waypoint-files" "severity" "warning" "path" $path "related" (list "waypoint")
  "message" (printf "the waypoint %s reads this file in its own pod: mount it there (infrastructure.parametersRef of its Gateway), or give the certificates by credentialName" $.waypoint.name)) }}
{{- end }}
{{- end }}

{{- define "istio-egress.gatewayInAmbient" -}}
{{- $own := .service.entry.through }}
{{- if or $own (not .model.gatewayInAmbient) }}
{{- if not $own }}
{{- $_ := set .model "gatewayInAmbient" true }}
{{- end }}
{{- template "istio-egress.finding" (dict "model" .model "id" "ambient-gateway" "path" (ternary (print .service.path ".through") "egressGateway.default" (not (empty $own))) "related" (list "dataPlane")
  "suggestion" (dict "path" (ternary (print .service.path ".through") "egressGateway.default" (not (empty $own))) "value" "direct")
  "message" "from ambient pods, calls would reach the egress gateway without the caller's identity, or not at all: <direct:set through: direct, with a waypoint that originates TLS, or >keep dataPlane: sidecar for what passes the gateway") }}
{{- end }}
{{- end }}
