{{- /* Checks of what all kinds of entries share: names, visibility, workload selectors; and of the top-level values. */}}
{{- define "istio-egress.commonChecks" -}}
{{- template "istio-egress.exportToChecks" (dict "model" . "path" "exportTo" "exportTo" .exportTo) }}
{{- if ne .clusterDomain "cluster.local" }}
{{- template "istio-egress.clusterDomainChecks" (dict "model" . "domain" .clusterDomain) }}
{{- end }}
{{- end }}

{{- /* With svc as its part, VirtualServices would be of names that nobody calls. */}}
{{- define "istio-egress.clusterDomainChecks" -}}
{{- $name := trimAll "." (lower .domain) }}
{{- $meant := regexReplaceAll "^(.*\\.)?svc(\\.|$)" $name "" }}
{{- $finding := dict "model" .model "path" "clusterDomain" }}
{{- $write := "one such as \"cluster.local\"" }}
{{- $form := "^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\\.)*[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" }}
{{- if regexMatch $form $meant }}
{{- $write = printf "%q" $meant }}
{{- $_ := set $finding "suggestion" (dict "path" "clusterDomain" "value" $meant) }}
{{- end }}
{{- if ne $meant $name }}
{{- $_ := set $finding "id" "cluster-domain" }}
{{- $_ := set $finding "message" (printf "%q is not the domain alone, which stands behind .svc. in the names of services: write %s" .domain $write) }}
{{- template "istio-egress.finding" $finding }}
{{- else if or (ne $name .domain) (not (regexMatch $form $name)) }}
{{- $_ := set $finding "id" "without-schema" }}
{{- $_ := set $finding "schema" true }}
{{- $_ := set $finding "message" (printf "%q is no DNS domain in lower case: write %s" .domain $write) }}
{{- template "istio-egress.finding" $finding }}
{{- end }}
{{- end }}

{{- /* Checks that look at all entries together. */}}
{{- define "istio-egress.allChecks" -}}
{{- template "istio-egress.externalNamesChecks" . }}
{{- template "istio-egress.allAddressesChecks" . }}
{{- if .model.hostNames }}
{{- template "istio-egress.hostNamesChecks" . }}
{{- end }}
{{- range $destination := .model.destinations }}
{{- if $destination.byOwnName }}
{{- template "istio-egress.ownNameChecks" (dict "model" $.model "destination" $destination) }}
{{- else if and (eq $destination.resolution "DNS") (not $destination.endpoints) }}
{{- template "istio-egress.destinationChecks" (dict "model" $.model "destination" $destination) }}
{{- end }}
{{- if $destination.selected }}
{{- template "istio-egress.rules" $destination }}
{{- end }}
{{- end }}
{{- template "istio-egress.hostsChecks" .model }}
{{- template "istio-egress.failsOpenOfAll" .model }}
{{- if .model.gateway.first }}
{{- template "istio-egress.gatewayUsed" .model }}
{{- end }}
{{- if .model.waypoint }}
{{- template "istio-egress.waypointNeeds" .model }}
{{- end }}
{{- if .model.listeners }}
{{- template "istio-egress.httpAddressChecks" . }}
{{- end }}
{{- range $service := .model.inCluster }}
{{- template "istio-egress.aliasOfAlias" (dict "model" $.model "service" $service) }}
{{- end }}
{{- end }}

{{- define "istio-egress.nameTwice" -}}
{{- $service := .service }}
{{- template "istio-egress.finding" (dict "model" .model "id" "name-twice" "path" $service.path "related" (list .other.path)
  "message" (printf "a Service %q in namespace %q is declared by %s already: give one of them another name or namespace" $service.name $service.namespace .other.path)) }}
{{- end }}

{{- define "istio-egress.serviceChecks" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- if and $entry.name (ne $entry.name $service.name) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "name-mismatch" "path" (printf "%s.name" $service.path) "suggestion" (dict "path" (print $service.path ".name"))
  "message" (printf "the entry's key is its name: remove name, or write %q as the key" $entry.name)) }}
{{- end }}
{{- if $entry.exportTo }}
{{- template "istio-egress.exportToChecks" (dict "model" $model "path" (printf "%s.exportTo" $service.path) "exportTo" $entry.exportTo) }}
{{- end }}
{{- with $service.exportTo }}
{{- $path := ternary (printf "%s.exportTo" $service.path) "exportTo" (not (empty $entry.exportTo)) }}
{{- if and $entry.exportTo (has "." .) (has $service.namespace .) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "export-to-own-namespace" "path" $path "related" (list $service.path)
  "suggestion" (dict "path" $path "value" (without . $service.namespace))
  "message" (printf "\".\" and %q are the same namespace for %s, and Istio refuses a namespace given twice: keep one of them" $service.namespace $service.path)) }}
{{- end }}
{{- if and $service.selector (not (has "." .)) (not (has "*" .)) (not (has $service.namespace .)) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "selector-not-exported" "path" (printf "%s.workloadSelector" $service.path) "related" (list $path)
  "suggestion" (dict "path" $path "value" (append . "."))
  "message" (printf "a workload selector works in the entry's own namespace only, and exportTo hides the host there: add \".\" to %s, or declare the entry in the workloads' namespace" $path)) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* What the schema requires, and a missing schema would not. */}}
{{- define "istio-egress.requiredFields" -}}
{{- $service := .service }}
{{- $wanted := list "externalName" "ports" }}
{{- if hasKey $service "endpointsKind" }}
{{- $wanted = list "addresses" "ports" }}
{{- end }}
{{- range $field := $wanted }}
{{- if not (get $service.entry $field) }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "without-schema" "schema" true "path" (print $service.path "." $field) "message" "is missing, and every entry needs it") }}
{{- end }}
{{- end }}
{{- if not $service.name }}
{{- template "istio-egress.finding" (dict "model" .model "id" "without-schema" "schema" true "path" (print $service.path ".name") "message" "is missing: write the name by which workloads call the service") }}
{{- end }}
{{- end }}

{{- /* Names that Kubernetes does not take, which the schema refuses too, and one that it has itself. */}}
{{- define "istio-egress.nameChecks" -}}
{{- $service := .service }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" $service.name) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "without-schema" "schema" true "path" (print $service.path ".name")
  "message" "is no name of a Service: write at most 63 lower-case letters, digits and hyphens, with a letter first") }}
{{- else if eq (print $service.namespace "/" $service.name) "default/kubernetes" }}
{{- template "istio-egress.finding" (dict "model" .model "id" "name-kubernetes" "path" (ternary (print $service.path ".name") $service.path (not (empty $service.entry.name)))
  "message" "the Service kubernetes of namespace default is the API server's, which every pod asks by that name: write another name or namespace") }}
{{- else }}
{{- template "istio-egress.finding" (dict "model" .model "id" "without-schema" "schema" true "path" (print $service.path ".namespace")
  "message" "is no name of a namespace: write at most 63 lower-case letters, digits and hyphens") }}
{{- end }}
{{- end }}

{{- define "istio-egress.exportToChecks" -}}
{{- if and .exportTo (has "*" .exportTo) (gt (len .exportTo) 1) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "export-to-all-and-some" "path" .path "suggestion" (dict "path" .path "value" (without .exportTo "*"))
  "message" "\"*\" means all namespaces and stands alone: remove it, or the others") }}
{{- end }}
{{- end }}

{{- /* Fields, and values of fields, that the older of the supported versions of Istio do not know. */}}
{{- define "istio-egress.newerFieldsChecks" -}}
{{- $path := print .service.path ".trafficPolicy." }}
{{- $http := get (.policy.connectionPool | default dict) "http" | default dict }}
{{- if $http.http2KeepAlive }}
{{- /* No map may be left empty. */}}
{{- $keepAlive := print $path "connectionPool.http.http2KeepAlive" }}
{{- if eq (len $http) 1 }}
{{- $keepAlive = print $path "connectionPool.http" }}
{{- if eq (len .policy.connectionPool) 1 }}
{{- $keepAlive = ternary (print .service.path ".trafficPolicy") (print $path "connectionPool") (eq (len .policy) 1) }}
{{- end }}
{{- end }}
{{- template "istio-egress.finding" (dict "model" .model "id" "newer-istio" "severity" "warning" "path" (print $path "connectionPool.http.http2KeepAlive")
  "suggestion" (dict "path" $keepAlive) "since" "1.31"
  "message" "Istio 1.30 does not know http2KeepAlive and leaves it out: remove it, unless all your meshes have Istio 1.31 or later") }}
{{- end }}
{{- $warmup := get (.policy.loadBalancer | default dict) "warmup" | default dict }}
{{- if and $warmup.aggression (lt (float64 $warmup.aggression) (float64 1)) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "newer-istio" "severity" "warning" "path" (print $path "loadBalancer.warmup.aggression")
  "suggestion" (dict "path" (print $path "loadBalancer.warmup.aggression") "value" 1) "since" "1.31"
  "message" "Istio 1.30 refuses an aggression below 1: write 1 or more, unless all your meshes have Istio 1.31 or later") }}
{{- end }}
{{- end }}

{{- define "istio-egress.loadBalancerChecks" -}}
{{- $path := printf "%s.trafficPolicy.loadBalancer" .service.path }}
{{- if and .loadBalancer.simple .loadBalancer.consistentHash }}
{{- template "istio-egress.finding" (dict "model" .model "id" "load-balancer-choice" "path" $path
  "message" "simple and consistentHash exclude each other: remove one of them") }}
{{- end }}
{{- with .loadBalancer.consistentHash }}
{{- $by := keys (pick . "httpHeaderName" "httpQueryParameterName" "httpCookie" "useSourceIp") }}
{{- if ne (len $by) 1 }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "load-balancer-choice" "path" (printf "%s.consistentHash" $path)
  "message" (printf "a hash is taken of one thing, and here of %d: write exactly one of httpHeaderName, httpQueryParameterName, httpCookie, useSourceIp" (len $by))) }}
{{- end }}
{{- if and .ringHash .maglev }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "load-balancer-choice" "path" (printf "%s.consistentHash" $path)
  "message" "ringHash and maglev exclude each other: remove one of them") }}
{{- end }}
{{- end }}
{{- end }}
