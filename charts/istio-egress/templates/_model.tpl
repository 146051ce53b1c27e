{{- /*
The model: the values, normalised once per render and kept in the root context under IstioEgress, so that each kind's
file is a range over what is ready to print. The Go package reads it too (render/model.go): its keys are a contract, which
render/testdata/model.txt shows.

  services      "namespace/name" -> one Service to render, with its ports and the routes of its VirtualService
  destinations  "namespace/name" -> one host that rules apply to: an external host with its ServiceEntry, shared by all
                its aliases; an endpoint service; the exit of a closed service; or a host called by its own name (_hosts.tpl)
  hostLists     "namespace/name" -> one ServiceEntry of hosts that are called by their own names
  gateway       the egress gateway that services pass (_gateway.tpl)
  waypoint      the waypoint that calls of ambient pods pass (_dataplane.tpl)
  findings      what is wrong or doubtful in the values

Templates cannot return values: a define that computes something writes it into a dict it was given. The values
themselves are never changed. This runs for every entry, so a dict is made by one call where one call will do, and the
sentences of the checks stand in files of their own, behind a cheap condition. What most entries do not have is set where
they have it: docs/performance.md says why.
*/}}
{{- define "istio-egress.model" -}}
{{- if not (hasKey . "IstioEgress") }}
{{- template "istio-egress.normalise" . }}
{{- template "istio-egress.refuse" . }}
{{- end }}
{{- end }}

{{- define "istio-egress.normalise" -}}
{{- $model := dict
  "namespace" (.Release.Namespace | default "default")
  "clusterDomain" (.Values.clusterDomain | default "cluster.local")
  "dnsCapture" .Values.dnsCapture
  "serviceType" (.Values.serviceType | default "")
  "endpointsKind" (.Values.endpointsKind | default "")
  "exportTo" .Values.exportTo
  "commonLabels" (.Values.commonLabels | default dict)
  "commonAnnotations" (.Values.commonAnnotations | default dict)
  "services" dict
  "destinations" dict
  "hostLists" dict
  "hostNames" dict
  "httpHosts" dict
  "externalHosts" dict
  "externalNames" dict
  "addresses" dict
  "addressLists" dict
  "listeners" dict
  "endpointsKinds" dict
  "namespaces" dict
  "inCluster" dict
  "failsOpen" dict
  "findings" dict
}}
{{- $_ := set . "IstioEgress" $model }}
{{- template "istio-egress.protocols" $model }}
{{- template "istio-egress.fields" $model }}
{{- template "istio-egress.fieldChecks" (dict "model" $model "known" "values" "path" "" "fields" .Values) }}
{{- if and (kindIs "bool" .Values.enabled) (not .Values.enabled) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "without-schema" "schema" true "path" "enabled" "about" "key" "message" "must be left out: it is a switch for a parent chart, and the chart itself renders everything; remove the entries instead") }}
{{- end }}
{{- if not $model.unreadable }}
{{- template "istio-egress.read" (dict "root" . "model" $model) }}
{{- end }}
{{- end }}

{{- /* Reads the values, of which each is of a type that it may have. */}}
{{- define "istio-egress.read" -}}
{{- $model := .model }}
{{- $root := .root }}
{{- with $root.Values.test }}
{{- template "istio-egress.fieldChecks" (dict "model" $model "known" "test" "path" "test." "fields" .) }}
{{- end }}
{{- template "istio-egress.commonMetadata" (dict "root" $root "model" $model) }}
{{- template "istio-egress.commonChecks" $model }}
{{- if kindIs "map" $root.Values.policy }}
{{- template "istio-egress.closedWays" (dict "model" $model "policy" $root.Values.policy) }}
{{- end }}
{{- template "istio-egress.dataPlane" (dict "model" $model "values" $root.Values) }}
{{- template "istio-egress.gateway" (dict "model" $model "values" $root.Values "release" $root.Release.Name "chart" $root.Chart.Name) }}
{{- range $collection := list "externalNameServices" "endpointServices" "externalHosts" }}
{{- $entries := index $root.Values $collection }}
{{- $asMap := kindIs "map" $entries }}
{{- range $index, $entry := $entries }}
{{- $path := "" }}
{{- $name := $index }}
{{- if $asMap }}
{{- $path = printf "%s.%s" $collection $index }}
{{- else }}
{{- $path = printf "%s[%d]" $collection $index }}
{{- end }}
{{- if not $entry }}
{{- else if not (kindIs "map" $entry) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "without-schema" "schema" true "path" $path "message" "an entry is a map of fields: write {name: ..., ports: ...}") }}
{{- else }}
{{- if not $asMap }}
{{- $name = $entry.name | default "" }}
{{- end }}
{{- $found := len $model.findings }}
{{- template "istio-egress.entryFieldChecks" (dict "model" $model "collection" $collection "entry" $entry "path" $path) }}
{{- if ne $found (len $model.findings) }}
{{- else if eq $collection "externalNameServices" }}
{{- template "istio-egress.externalNameService" (dict "model" $model "entry" $entry "path" $path "name" $name) }}
{{- else if eq $collection "endpointServices" }}
{{- template "istio-egress.endpointService" (dict "model" $model "entry" $entry "path" $path "name" $name) }}
{{- else }}
{{- template "istio-egress.externalHosts" (dict "model" $model "entry" $entry "path" $path "name" $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- template "istio-egress.allChecks" (dict "model" $model "values" $root.Values) }}
{{- if kindIs "map" $root.Values.policy }}
{{- $_ := set $model "policy" $root.Values.policy }}
{{- template "istio-egress.policy" (dict "model" $model "policy" $root.Values.policy) }}
{{- end }}
{{- end }}

{{- define "istio-egress.externalNameService" -}}
{{- $model := .model }}
{{- $entry := .entry }}
{{- $externalName := $entry.externalName | default "" }}
{{- $namespace := $entry.namespace | default $model.namespace }}
{{- $service := dict
  "path" .path
  "name" .name
  "namespace" $namespace
  "fqdn" (printf "%s.%s.svc.%s" .name $namespace $model.clusterDomain)
  "entry" $entry
  "externalName" $externalName
  "serverName" ($entry.serverName | default $externalName)
  "exportTo" $model.exportTo
  "metadata" $model.metadata
}}
{{- template "istio-egress.service" (dict "model" $model "service" $service) }}
{{- $_ := set $model.externalNames .path $externalName }}
{{- if or (contains ".svc" $externalName) (hasSuffix ".egress.internal" $externalName) }}
{{- $_ := set $service "inCluster" (hasSuffix (print ".svc." $model.clusterDomain) $externalName) }}
{{- template "istio-egress.clusterNameChecks" (dict "model" $model "service" $service) }}
{{- end }}
{{- if $service.inCluster }}
{{- $_ := set $model.inCluster .path $service }}
{{- template "istio-egress.inClusterPorts" (dict "model" $model "service" $service) }}
{{- else }}
{{- if $model.waypoint }}
{{- template "istio-egress.bind" (dict "model" $model "service" $service) }}
{{- end }}
{{- if or $entry.through $model.through (hasKey $entry "allowFrom") }}
{{- template "istio-egress.through" (dict "model" $model "service" $service) }}
{{- end }}
{{- template "istio-egress.tls" (dict "model" $model "service" $service "settings" $entry.tls "into" $service "path" .path) }}
{{- template "istio-egress.ports" (dict "model" $model "service" $service) }}
{{- template "istio-egress.externalNameForm" (dict "model" $model "service" $service) }}
{{- if $model.ambient }}
{{- template "istio-egress.ambientChecks" (dict "model" $model "service" $service) }}
{{- end }}
{{- if $service.exit }}
{{- template "istio-egress.exit" (dict "model" $model "service" $service "resolution" "DNS" "endpoints" (list $externalName)) }}
{{- else if eq $model.dataPlane "ambient" }}
{{- template "istio-egress.unruledHost" (dict "model" $model "service" $service) }}
{{- else }}
{{- template "istio-egress.externalHost" (dict "model" $model "service" $service) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* An external host by its own name, as open aliases lead to it: declared once however many they are. */}}
{{- define "istio-egress.externalHost" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- $key := print $service.namespace "/" ($service.externalName | default $service.path) }}
{{- $destination := get $model.destinations $key }}
{{- if $destination }}
{{- template "istio-egress.sharedDestination" (dict "model" $model "service" $service "destination" $destination) }}
{{- else }}
{{- $destination = dict
  "path" $service.path
  "name" $service.externalName
  "namespace" $service.namespace
  "host" $service.externalName
  "server" $service.externalName
  "exportTo" $service.exportTo
  "visibleIn" $service.visibleIn
  "metadata" $service.metadata
  "entry" $entry
  "resolution" "DNS"
  "services" dict
  "ports" dict
  "general" dict
  "selected" dict
  "addresses" dict
}}
{{- $_ := set $model.destinations $key $destination }}
{{- end }}
{{- $_ := set $destination.services $service.path $service }}
{{- with $entry.addresses }}
{{- template "istio-egress.addresses" (dict "model" $model "service" $service "addresses" . "into" $destination.addresses) }}
{{- end }}
{{- template "istio-egress.destinationPorts" (dict "model" $model "service" $service "destination" $destination) }}
{{- end }}

{{- define "istio-egress.endpointService" -}}
{{- $model := .model }}
{{- $entry := .entry }}
{{- $namespace := $entry.namespace | default $model.namespace }}
{{- $service := dict
  "path" .path
  "name" .name
  "namespace" $namespace
  "fqdn" (printf "%s.%s.svc.%s" .name $namespace $model.clusterDomain)
  "entry" $entry
  "endpointsKind" ""
  "serverName" $entry.serverName
  "exportTo" $model.exportTo
  "metadata" $model.metadata
}}
{{- template "istio-egress.service" (dict "model" $model "service" $service) }}
{{- if $model.waypoint }}
{{- template "istio-egress.bind" (dict "model" $model "service" $service) }}
{{- end }}
{{- if or $entry.through $model.through (hasKey $entry "allowFrom") }}
{{- template "istio-egress.through" (dict "model" $model "service" $service) }}
{{- end }}
{{- template "istio-egress.tls" (dict "model" $model "service" $service "settings" $entry.tls "into" $service "path" .path) }}
{{- template "istio-egress.ports" (dict "model" $model "service" $service) }}
{{- template "istio-egress.endpointForm" (dict "model" $model "service" $service) }}
{{- if $model.ambient }}
{{- template "istio-egress.ambientChecks" (dict "model" $model "service" $service) }}
{{- end }}
{{- template "istio-egress.addresses" (dict "model" $model "service" $service "addresses" $entry.addresses "into" dict) }}
{{- $addresses := $entry.addresses | default list }}
{{- with $service.families }}
{{- $addresses = concat .IPv4 .IPv6 }}
{{- end }}
{{- template "istio-egress.endpointsChecks" (dict "model" $model "service" $service) }}
{{- if $service.exit }}
{{- template "istio-egress.exit" (dict "model" $model "service" $service "resolution" "STATIC" "endpoints" $addresses) }}
{{- else }}
{{- $destination := dict
  "path" .path
  "name" .name
  "namespace" $namespace
  "host" $service.fqdn
  "server" ""
  "exportTo" $service.exportTo
  "visibleIn" $service.visibleIn
  "metadata" $service.metadata
  "entry" $entry
  "resolution" ""
  "services" (dict .path $service)
  "ports" dict
  "general" dict
  "selected" dict
  "endpoints" $addresses
}}
{{- if eq $model.dataPlane "ambient" }}
{{- $_ := set $destination "unruled" true }}
{{- end }}
{{- $_ := set $model.destinations (print $namespace "/" .name) $destination }}
{{- template "istio-egress.destinationPorts" (dict "model" $model "service" $service "destination" $destination) }}
{{- end }}
{{- end }}

{{- /* What all kinds of entries may have besides: visibility, a selector, a traffic policy, labels and annotations. */}}
{{- define "istio-egress.settings" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- $exportTo := $entry.exportTo }}
{{- if and $model.exportTo (not $exportTo) (has $service.namespace $model.exportTo) (has "." $model.exportTo) }}
{{- /* The default names this namespace beside ".": Istio refuses a namespace given twice. */}}
{{- $exportTo = without $model.exportTo $service.namespace }}
{{- end }}
{{- with $exportTo | default $model.exportTo }}
{{- $_ := set $service "exportTo" . }}
{{- template "istio-egress.visibility" $service }}
{{- end }}
{{- with $entry.workloadSelector }}
{{- with .matchLabels }}
{{- $_ := set $service "selector" (toJson .) }}
{{- end }}
{{- end }}
{{- with $entry.trafficPolicy }}
{{- template "istio-egress.trafficPolicy" (dict "model" $model "service" $service "policy" .) }}
{{- end }}
{{- if or $entry.labels $entry.annotations }}
{{- template "istio-egress.metadata" (dict "model" $model "into" $service "labels" $entry.labels "annotations" $entry.annotations) }}
{{- end }}
{{- if or $service.exportTo $entry.name }}
{{- template "istio-egress.serviceChecks" . }}
{{- end }}
{{- end }}

{{- /* A Service of a name that no other has. */}}
{{- define "istio-egress.service" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- template "istio-egress.settings" . }}
{{- if not (and $service.name $entry.ports (or $entry.externalName $entry.addresses)) }}
{{- template "istio-egress.requiredFields" . }}
{{- end }}
{{- if $service.name }}
{{- $key := print $service.namespace "/" $service.name }}
{{- if or (eq $key "default/kubernetes") (not (regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" $key)) }}
{{- template "istio-egress.nameChecks" (dict "model" $model "service" $service) }}
{{- end }}
{{- if not (hasKey $model.namespaces $service.namespace) }}
{{- $_ := set $model.namespaces $service.namespace true }}
{{- end }}
{{- with get $model.services $key }}
{{- template "istio-egress.nameTwice" (dict "model" $model "service" $service "other" .) }}
{{- else }}
{{- $_ := set $model.services $key $service }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Sets the namespaces that see a service, sorted, "*" for all. Unset where exportTo is: what that means, the mesh says. */}}
{{- define "istio-egress.visibility" -}}
{{- $namespaces := dict }}
{{- range $namespace := .exportTo }}
{{- $_ := set $namespaces (ternary $.namespace (toString $namespace) (eq (toString $namespace) ".")) true }}
{{- end }}
{{- if hasKey $namespaces "*" }}
{{- $_ := set . "visibleIn" (list "*") }}
{{- else }}
{{- $_ := set . "visibleIn" (keys $namespaces | sortAlpha) }}
{{- end }}
{{- end }}
