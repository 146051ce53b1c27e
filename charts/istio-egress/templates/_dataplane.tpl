{{- /*
The data plane: what reads the objects that are rendered. Sidecars read all of them. In ambient mode a pod has ztunnel alone,
which knows Services and ServiceEntries and reads no rules nor routes: those a waypoint reads, a proxy of its own, to which a
Service is bound by its labels. A binding to a waypoint that is not there is none, and calls go where the Service leads: so it
leads nowhere, and the waypoint alone follows the route to the exit.

  dataPlane  sidecar, ambient or both: what the callers have
  ambient    whether some of them, or all, are ambient
  waypoint   that calls pass; of the values, where the data plane has one
    spaces   namespace -> a waypoint: the namespaces that it serves, and whether it reads Secrets
*/}}
{{- define "istio-egress.dataPlane" -}}
{{- $model := .model }}
{{- $given := dict }}
{{- if kindIs "map" .values.waypoint }}
{{- $given = .values.waypoint }}
{{- end }}
{{- $plane := .values.dataPlane | default "sidecar" }}
{{- if not (has $plane (list "sidecar" "ambient" "both")) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "without-schema" "schema" true "path" "dataPlane"
  "message" (printf "%q is no data plane: write sidecar, ambient, or both, or remove it" $plane)) }}
{{- /* What a misspelt one was to be is told from the waypoint, so that nothing else is blamed. */}}
{{- $plane = ternary "ambient" "sidecar" (not (empty $given.name)) }}
{{- end }}
{{- $_ := set $model "dataPlane" $plane }}
{{- $_ := set $model "ambient" (or (eq $plane "ambient") (eq $plane "both")) }}
{{- if and $model.ambient $given.name }}
{{- $_ := set $model "waypoint" (dict
  "name" $given.name
  "namespace" ($given.namespace | default "")
  "create" ($given.create | default false)
  "spaces" dict
  "files" dict
  "credentials" dict
  "policies" dict
) }}
{{- end }}
{{- template "istio-egress.dataPlaneChecks" (dict "model" $model "waypoint" $given) }}
{{- end }}

{{- /*
Binds a service to its waypoint, which must see its route, exit and rule. Where all callers are ambient nobody else sees them:
sidecars pass by waypoints, and whom they let through.
*/}}
{{- define "istio-egress.bind" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $namespace := $model.waypoint.namespace | default $service.namespace }}
{{- $_ := set $service "waypoint" (dict "name" $model.waypoint.name "namespace" $namespace) }}
{{- $_ := set $service "originator" (ternary "the waypoint" "the sidecar or the waypoint" (eq $model.dataPlane "ambient")) }}
{{- if not (hasKey $model.waypoint.spaces $namespace) }}
{{- $_ := set $model.waypoint.spaces $namespace (dict "serves" dict "secrets" false) }}
{{- end }}
{{- $_ := set (index $model.waypoint.spaces $namespace).serves $service.namespace true }}
{{- $visible := dict "namespace" $service.namespace }}
{{- if eq $model.dataPlane "ambient" }}
{{- $_ := set $visible "exportTo" (list $namespace) }}
{{- else if and $service.exportTo (not (has "*" $service.visibleIn)) (not (has $namespace $service.visibleIn)) }}
{{- $_ := set $visible "exportTo" (append $service.exportTo $namespace) }}
{{- end }}
{{- if $visible.exportTo }}
{{- template "istio-egress.visibility" $visible }}
{{- $_ := set $service "route" $visible }}
{{- end }}
{{- end }}

{{- /*
Sidecars in the waypoint's namespace see what the waypoint sees. They would pass allowFrom by, and without workloadSelector
leave out TLS with a Secret. So the rule is the waypoint's alone, by the label that Istio gives to its pods, and everybody else
has one without the subset that the route names. Istio looks for selectors in the namespace of the rule alone.
*/}}
{{- define "istio-egress.keepNeighboursOut" -}}
{{- $service := .service }}
{{- $secret := false }}
{{- range $port := $service.ports }}
{{- $secret = or $secret (not (empty $port.tls.settings.credentialName)) }}
{{- end }}
{{- if and (eq .model.dataPlane "ambient") (eq $service.waypoint.namespace $service.namespace) (or $secret (hasKey $service.entry "allowFrom")) }}
{{- $_ := set $service "withoutSidecars" true }}
{{- $_ := set .destination "withoutSidecars" true }}
{{- $_ := set .destination "subset" "as-declared" }}
{{- end }}
{{- end }}

{{- /*
A service that ambient callers reach without a waypoint: open, as nobody executes a route. Where they are all callers, no rule
nor route is rendered, which nobody reads.
*/}}
{{- define "istio-egress.withoutWaypoint" -}}
{{- template "istio-egress.withoutWaypointChecks" . }}
{{- if eq .model.dataPlane "ambient" }}
{{- $_ := set .service "routed" false }}
{{- $_ := unset .service "httpRoute" }}
{{- end }}
{{- end }}

{{- /* Where an alias leads that has neither rules nor routes, and that ztunnel leaves to DNS. */}}
{{- define "istio-egress.unruledHost" -}}
{{- $service := .service }}
{{- $destination := dict
  "path" $service.path
  "name" $service.name
  "namespace" $service.namespace
  "host" $service.externalName
  "server" $service.externalName
  "exportTo" $service.exportTo
  "visibleIn" $service.visibleIn
  "metadata" $service.metadata
  "entry" $service.entry
  "resolution" ""
  "unruled" true
  "services" (dict $service.path $service)
  "ports" dict
  "general" dict
}}
{{- $_ := set .model.destinations (print $service.namespace "/" ($service.name | default $service.path)) $destination }}
{{- template "istio-egress.destinationPorts" (dict "model" .model "service" $service "destination" $destination) }}
{{- end }}
