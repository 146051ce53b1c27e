{{- /*
The model: the values, normalised once per render and kept in the root context under IstioEgress, so that each kind's
file is a range over plain data.

  services      "namespace/name" -> one Service to render, with its ports and the routes of its VirtualService
  destinations  "namespace/name" -> one host that rules apply to: an external host with its ServiceEntry, shared by all
                its aliases, or an endpoint service; with ports, and settings per workload selector
  findings      what is wrong or doubtful in the values

Templates cannot return values: a define that computes something writes it into a dict it was given.
The values themselves are never changed.
*/}}
{{- define "istio-egress.model" -}}
{{- template "istio-egress.normalise" . }}
{{- template "istio-egress.refuse" . }}
{{- end }}

{{- define "istio-egress.normalise" -}}
{{- if not (hasKey . "IstioEgress") }}
{{- $model := dict
  "namespace" .Release.Namespace
  "clusterDomain" (.Values.clusterDomain | default "cluster.local")
  "endpointsKind" (.Values.endpointsKind | default "EndpointSlice")
  "exportTo" .Values.exportTo
  "commonLabels" (.Values.commonLabels | default dict)
  "commonAnnotations" (.Values.commonAnnotations | default dict)
  "services" dict
  "destinations" dict
  "findings" dict
  "listeners" dict
}}
{{- $_ := set . "IstioEgress" $model }}
{{- template "istio-egress.protocols" $model }}
{{- template "istio-egress.commonMetadata" (dict "root" . "model" $model) }}
{{- template "istio-egress.commonChecks" $model }}
{{- range $collection := list "externalNameServices" "endpointServices" }}
{{- $entries := index $.Values $collection }}
{{- $asMap := kindIs "map" $entries }}
{{- range $index, $entry := $entries }}
{{- if $entry }}
{{- $path := "" }}
{{- if $asMap }}
{{- $path = printf "%s.%s" $collection $index }}
{{- else }}
{{- $path = printf "%s[%d]" $collection $index }}
{{- end }}
{{- $service := dict "path" $path "name" (ternary $index ($entry.name | default "") $asMap) "entry" $entry }}
{{- template "istio-egress.service" (dict "model" $model "service" $service) }}
{{- if eq $collection "externalNameServices" }}
{{- template "istio-egress.externalNameService" (dict "model" $model "service" $service) }}
{{- else }}
{{- template "istio-egress.endpointService" (dict "model" $model "service" $service) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- range $destination := $model.destinations }}
{{- template "istio-egress.destinationChecks" (dict "model" $model "destination" $destination) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* What both kinds of entries have in common: name, namespace, visibility, labels, TLS. */}}
{{- define "istio-egress.service" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- $namespace := $entry.namespace | default $model.namespace }}
{{- $_ := set $service "namespace" $namespace }}
{{- $_ := set $service "fqdn" (printf "%s.%s.svc.%s" $service.name $namespace $model.clusterDomain) }}
{{- $_ := set $service "exportTo" ($entry.exportTo | default $model.exportTo) }}
{{- with $service.exportTo }}
{{- $_ := set $service "visibility" (join "," (sortAlpha .)) }}
{{- end }}
{{- $_ := set $service "selector" "" }}
{{- with $entry.workloadSelector }}
{{- with .matchLabels }}
{{- $matchLabels := dict }}
{{- range $key, $value := . }}
{{- if kindIs "string" $value }}
{{- $_ := set $matchLabels $key $value }}
{{- end }}
{{- end }}
{{- $_ := set $service "matchLabels" $matchLabels }}
{{- $_ := set $service "selector" (toJson $matchLabels) }}
{{- end }}
{{- end }}
{{- template "istio-egress.metadata" (dict "model" $model "into" $service "labels" $entry.labels "annotations" $entry.annotations) }}
{{- with $entry.trafficPolicy }}
{{- template "istio-egress.trafficPolicy" (dict "service" $service "policy" .) }}
{{- end }}
{{- template "istio-egress.serviceChecks" . }}
{{- $key := printf "%s/%s" $namespace $service.name }}
{{- if and $service.name (not (hasKey $model.services $key)) }}
{{- $_ := set $model.services $key $service }}
{{- end }}
{{- end }}

{{- define "istio-egress.externalNameService" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- $externalName := $entry.externalName | default "" }}
{{- $_ := set $service "kind" "ExternalName" }}
{{- $_ := set $service "externalName" $externalName }}
{{- $_ := set $service "serverName" ($entry.serverName | default $externalName) }}
{{- template "istio-egress.externalNameChecks" . }}
{{- if hasSuffix (printf ".svc.%s" $model.clusterDomain) $externalName }}
{{- $_ := set $service "inCluster" true }}
{{- template "istio-egress.inClusterPorts" $service }}
{{- template "istio-egress.inClusterChecks" . }}
{{- else }}
{{- template "istio-egress.tls" (dict "model" $model "service" $service "settings" $entry.tls "into" $service "path" (printf "%s.tls" $service.path)) }}
{{- $key := printf "%s/%s" $service.namespace $externalName }}
{{- $destination := get $model.destinations $key }}
{{- if $destination }}
{{- template "istio-egress.sharedDestination" (dict "model" $model "service" $service "destination" $destination) }}
{{- else }}
{{- $destination = dict
  "path" $service.path
  "name" $externalName
  "namespace" $service.namespace
  "host" $externalName
  "exportTo" $service.exportTo
  "visibility" $service.visibility
  "labels" $service.labels
  "annotations" $service.annotations
  "ownLabels" $entry.labels
  "ownAnnotations" $entry.annotations
  "serviceEntry" "DNS"
  "ports" dict
  "addresses" dict
  "selectors" dict
}}
{{- $_ := set $model.destinations $key $destination }}
{{- end }}
{{- template "istio-egress.addresses" (dict "model" $model "service" $service "into" $destination.addresses) }}
{{- template "istio-egress.ports" (dict "model" $model "service" $service "destination" $destination) }}
{{- end }}
{{- end }}

{{- define "istio-egress.endpointService" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- $endpointsKind := $entry.endpointsKind | default $model.endpointsKind }}
{{- $_ := set $service "kind" "ClusterIP" }}
{{- $_ := set $service "endpointsKind" $endpointsKind }}
{{- $_ := set $service "serverName" $entry.serverName }}
{{- template "istio-egress.tls" (dict "model" $model "service" $service "settings" $entry.tls "into" $service "path" (printf "%s.tls" $service.path)) }}
{{- $addresses := dict }}
{{- template "istio-egress.addresses" (dict "model" $model "service" $service "into" $addresses) }}
{{- template "istio-egress.families" (dict "service" $service "addresses" $addresses) }}
{{- template "istio-egress.endpointsChecks" . }}
{{- $destination := dict
  "path" $service.path
  "name" $service.name
  "namespace" $service.namespace
  "host" $service.fqdn
  "exportTo" $service.exportTo
  "visibility" $service.visibility
  "labels" $service.labels
  "annotations" $service.annotations
  "serviceEntry" (ternary "STATIC" "" (eq $endpointsKind "ServiceEntry"))
  "endpoints" $entry.addresses
  "ports" dict
  "selectors" dict
}}
{{- $key := printf "%s/%s" $service.namespace $service.name }}
{{- if not (hasKey $model.destinations $key) }}
{{- $_ := set $model.destinations $key $destination }}
{{- end }}
{{- template "istio-egress.ports" (dict "model" $model "service" $service "destination" $destination) }}
{{- end }}
