{{- /*
Through an egress gateway. The service is closed, and its route leads to the gateway's Service, in the mesh's own mutual TLS:
the gateway knows the caller, and the caller knows the gateway. There, a second route leads to the exit, which the gateway
alone can see.

  gateway  of the model: the gateway of the values, with what is rendered once for it
    service    full name of its Service
    host       to which sidecars' routes lead: the same, or with an identity a host of the release's own in front of it
    identity   in the certificate of its pods; empty where Istio knows the pods itself
    scope      of the names that this release gives its HTTP hosts between sidecar and gateway
    gateway    name of the Gateway objects, with a number behind it
    spaces     namespaces of the services with HTTP ports
    bytePorts  number -> the hop of a byte port, each with a server and a subset of its own
    policies   "namespace/name" -> service with allowFrom
  hop      of a port: the names between sidecar and gateway
    host       the Host of HTTP, the SNI of bytes: the gateway's route is for it
    subset     of the gateway's Service
    gateway    the Gateway object, as routes name it

All HTTP hosts share one server and one subset, and are told apart by their Host. Bytes are told apart by the SNI alone, so
each port has its own. Releases on one gateway never meet: in its names HTTP has the release's scope, and bytes have the
namespace and name of a Service, of which there is one.

The rule by which sidecars reach the gateway's Service is in the gateway's namespace: only there all of them find it. With an
identity there is no such rule: the release has a host of its own, behind which the gateway's Service is, and its rule beside
it. Istio does not know which pods are behind such a host, so the rule names whom to verify.
*/}}
{{- define "istio-egress.gateway" -}}
{{- $model := .model }}
{{- $given := dict }}
{{- if kindIs "map" .values.egressGateway }}
{{- $given = .values.egressGateway }}
{{- end }}
{{- template "istio-egress.fieldChecks" (dict "model" $model "known" "egressGateway" "path" "egressGateway." "fields" $given) }}
{{- $name := printf "%s-%s" .release (trimPrefix "istio-" .chart) }}
{{- $scope := printf "%s/%s" $model.namespace $name | sha256sum | trunc 8 }}
{{- $host := printf "%s.%s.svc.%s" ($given.name | default "") ($given.namespace | default "") $model.clusterDomain }}
{{- $_ := set $model "gateway" (dict
  "name" ($given.name | default "")
  "namespace" ($given.namespace | default "")
  "selector" ($given.selector | default dict)
  "port" (atoi (print ($given.port | default 443)))
  "identity" ($given.identity | default "")
  "service" $host
  "host" (ternary (printf "to.%s.%s.egress.internal" ($given.name | default "") $scope) $host (not (empty $given.identity)))
  "gateway" $name
  "scope" $scope
  "spaces" dict
  "bytePorts" dict
  "policies" dict
) }}
{{- if $given.default }}
{{- $_ := set $model "through" (toString $given.default) }}
{{- end }}
{{- template "istio-egress.gatewayChecks" $model }}
{{- end }}

{{- /* Leads a service through the gateway, and tells who may call it. */}}
{{- define "istio-egress.through" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- $through := $entry.through | default $model.through | default "direct" }}
{{- if and (eq $through "gateway") $model.ambient }}
{{- template "istio-egress.gatewayInAmbient" (dict "model" $model "service" $service) }}
{{- else if eq $through "gateway" }}
{{- $_ := set $service "gateway" $model.gateway }}
{{- $_ := set $model.gateway "first" ($model.gateway.first | default $service) }}
{{- if hasKey $entry "allowFrom" }}
{{- template "istio-egress.allowFrom" (dict "model" $model "service" $service "policies" $model.gateway.policies) }}
{{- end }}
{{- else if not (hasKey $entry "allowFrom") }}
{{- else if and $service.waypoint (eq $model.dataPlane "ambient") }}
{{- template "istio-egress.allowFrom" (dict "model" $model "service" $service "policies" $model.waypoint.policies) }}
{{- else }}
{{- template "istio-egress.allowFromDirect" . }}
{{- end }}
{{- template "istio-egress.throughChecks" (dict "model" $model "service" $service "through" $through) }}
{{- end }}

{{- /* Sets who may call, as the source of a policy that denies everybody else. */}}
{{- define "istio-egress.allowFrom" -}}
{{- $service := .service }}
{{- $allowed := $service.entry.allowFrom }}
{{- if kindIs "map" $allowed }}
{{- $principals := list }}
{{- range $account := $allowed.serviceAccounts }}
{{- $parts := splitList "/" (toString $account) }}
{{- $principals = append $principals (printf "*/ns/%s/sa/%s" (first $parts) (last $parts)) }}
{{- end }}
{{- $_ := set $service "allowFrom" (dict "namespaces" ($allowed.namespaces | default list) "serviceAccounts" ($allowed.serviceAccounts | default list) "principals" $principals) }}
{{- $_ := set .policies (print $service.namespace "/" ($service.name | default $service.path)) $service }}
{{- template "istio-egress.allowFromChecks" . }}
{{- end }}
{{- end }}

{{- /* Names a port of a service between sidecar and gateway. */}}
{{- define "istio-egress.hop" -}}
{{- $service := .service }}
{{- $port := .port }}
{{- $gateway := $service.gateway }}
{{- $name := print $port.number "." $service.name "." $service.namespace }}
{{- if .http }}
{{- if not (hasKey $gateway.spaces $service.namespace) }}
{{- $_ := set $gateway.spaces $service.namespace true }}
{{- end }}
{{- $_ := set $port "hop" (dict
  "host" (print $name "." $gateway.scope ".egress.internal")
  "subset" $gateway.scope
  "gateway" (print $.model.namespace "/" $gateway.gateway "-0")
) }}
{{- else }}
{{- $index := len $gateway.bytePorts }}
{{- $hop := dict
  "host" (print $name ".tcp.egress.internal")
  "subset" (printf "%s-%d-%s" ($service.name | trunc 49) $port.number (sha256sum $name | trunc 7))
  "gateway" (printf "%s/%s-%d" $.model.namespace $gateway.gateway (div $index 500))
  "namespace" $service.namespace
}}
{{- $_ := set $gateway.bytePorts (printf "%06d" $index) $hop }}
{{- $_ := set $port "hop" $hop }}
{{- end }}
{{- end }}

{{- /*
What the release has of servers and subsets, in parts that fit an object: "parts" of the gateway, each a list of hops, with
"http" where the part has the HTTP server too.
*/}}
{{- define "istio-egress.gatewayParts" -}}
{{- $hops := list }}
{{- if .bytePorts }}
{{- $hops = chunk 500 (keys .bytePorts | sortAlpha) }}
{{- else if .spaces }}
{{- $hops = list list }}
{{- end }}
{{- $_ := set . "parts" $hops }}
{{- end }}

{{- /*
The rule by which sidecars reach the gateway: a subset for all HTTP, and one for each byte port of a part, of which the first has
the index 0.

Every cluster of a sidecar that is made by the rule carries its name, so that is short.
*/}}
{{- define "istio-egress.toGatewayRule" }}
{{- $gateway := .gateway }}
{{- $identity := "" }}
{{- if $gateway.identity }}
{{- $identity = print "subjectAltNames: [" (quote $gateway.identity) "]" | nindent 10 }}
{{- end }}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: {{ quote .name }}
  namespace: {{ quote .namespace }}
  labels:
    {{- .metadata.labels }}
  {{- with .metadata.annotations }}
  annotations:
    {{- . }}
  {{- end }}
spec:
  host: {{ quote $gateway.host }}
  {{- with .exportTo }}
  exportTo: {{ toJson . }}
  {{- end }}
  subsets:
    {{- if and $gateway.spaces (eq .index 0) }}
    - name: {{ quote $gateway.scope }}
      trafficPolicy:
        connectionPool:
          http:
            {{- /* Else gRPC would lose its trailers: the hop would be HTTP/1.1. */}}
            useClientProtocol: true
        tls:
          mode: ISTIO_MUTUAL
          sni: {{ printf "any.%s.%s.egress.internal" (first (keys $gateway.spaces | sortAlpha)) $gateway.scope | quote }}
          {{- $identity }}
    {{- end }}
    {{- range $key := .part }}
    {{- $hop := index $gateway.bytePorts $key }}
    - name: {{ quote $hop.subset }}
      trafficPolicy:
        tls:
          mode: ISTIO_MUTUAL
          sni: {{ quote $hop.host }}
          {{- $identity }}
    {{- end }}
{{- end }}

{{- define "istio-egress.everybodyButThem" -}}
{{- with .namespaces }}
            notNamespaces: {{ toJson . }}
{{- end }}
{{- with .principals }}
            notPrincipals: {{ toJson . }}
{{- end }}
{{- end }}

{{- /* The destination of a port's route at sidecars: the gateway, in the subset that says how it is reached. */}}
{{- define "istio-egress.toGateway" }}
        - destination:
            host: {{ quote .service.gateway.host }}
            subset: {{ quote .hop.subset }}
            port:
              number: {{ .service.gateway.port }}
{{- end }}

{{- /* The route of a port at the gateway. It tries no request again: the caller's hop does, as often as the entry says. */}}
{{- define "istio-egress.atGateway" }}
{{- $service := .service }}
{{- $port := .port }}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: {{ printf "%s.%d" $service.name $port.number | quote }}
  namespace: {{ quote $service.namespace }}
  labels:
    {{- $service.metadata.labels }}
  {{- with $service.metadata.annotations }}
  annotations:
    {{- . }}
  {{- end }}
spec:
  hosts:
    - {{ quote $port.hop.host }}
  gateways:
    - {{ quote $port.hop.gateway }}
  exportTo: [{{ quote $service.gateway.namespace }}]
  {{- if .http }}
  http:
    - rewrite:
        authority: {{ quote $port.authority }}
      {{- $service.lastRoute | default "" }}
      retries:
        attempts: 0
      route:
  {{- else }}
  tcp:
    - route:
  {{- end }}
        - destination:
            host: {{ quote $service.exit }}
            {{- if ne $port.tls.settings.mode "DISABLE" }}
            subset: as-declared
            {{- end }}
            port:
              number: {{ $port.number }}
{{- end }}
