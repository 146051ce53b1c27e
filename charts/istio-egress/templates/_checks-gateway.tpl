{{- /* Checks of the egress gateway and of who may call: facts of Istio that would let calls pass, or stop them all. */}}
{{- define "istio-egress.gatewayChecks" -}}
{{- $gateway := .gateway }}
{{- if $gateway.identity }}
{{- template "istio-egress.gatewayIdentity" . }}
{{- end }}
{{- if not (has (.through | default "direct") (list "direct" "gateway")) }}
{{- template "istio-egress.finding" (dict "model" . "id" "without-schema" "schema" true "path" "egressGateway.default"
  "message" (printf "%q is none of the ways: write direct or gateway, or remove it" .through)) }}
{{- end }}
{{- if has $gateway.port (list 15021 15090) }}
{{- template "istio-egress.finding" (dict "model" . "id" "gateway-port" "path" "egressGateway.port" "suggestion" (dict "path" "egressGateway.port" "value" 443)
  "message" (printf "every gateway listens on port %d itself: write another port of the gateway's Service, such as 443" $gateway.port)) }}
{{- else if eq $gateway.port 80 }}
{{- template "istio-egress.finding" (dict "model" . "id" "gateway-port-plaintext" "severity" "warning" "path" "egressGateway.port" "suggestion" (dict "path" "egressGateway.port" "value" 443)
  "message" "gateways have servers for plaintext on port 80, and Istio leaves out servers for TLS beside them: write another port of the gateway's Service, such as 443") }}
{{- else if or (lt $gateway.port 1) (gt $gateway.port 65535) }}
{{- template "istio-egress.finding" (dict "model" . "id" "without-schema" "schema" true "path" "egressGateway.port"
  "message" "must be a whole number from 1 to 65535") }}
{{- end }}
{{- end }}

{{- /* The identity of the gateway's pods, which sidecars verify. */}}
{{- define "istio-egress.gatewayIdentity" -}}
{{- $gateway := .gateway }}
{{- $parts := splitList "/" $gateway.identity }}
{{- if not (regexMatch "^spiffe://[^/]+/ns/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/sa/[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$" $gateway.identity) }}
{{- template "istio-egress.finding" (dict "model" . "id" "without-schema" "schema" true "path" "egressGateway.identity"
  "message" (printf "%q is no identity of a workload: write one such as spiffe://cluster.local/ns/istio-system/sa/istio-egressgateway" $gateway.identity)) }}
{{- else if and $gateway.namespace (ne (index $parts 4) $gateway.namespace) }}
{{- template "istio-egress.finding" (dict "model" . "id" "gateway-identity-namespace" "path" "egressGateway.identity" "related" (list "egressGateway.namespace")
  "message" (printf "the gateway's pods are in namespace %s, and this is an account of namespace %s, which they cannot have: write their own, spiffe://%s/ns/%s/sa/NAME" $gateway.namespace (index $parts 4) (index $parts 2) $gateway.namespace)) }}
{{- end }}
{{- end }}

{{- /* What the gateway needs once a service passes it. */}}
{{- define "istio-egress.gatewayUsed" -}}
{{- $missing := list }}
{{- range $field := list "name" "namespace" "selector" }}
{{- if not (get $.gateway $field) }}
{{- $missing = append $missing $field }}
{{- end }}
{{- end }}
{{- if $missing }}
{{- $service := .gateway.first }}
{{- template "istio-egress.finding" (dict "model" . "id" "gateway-incomplete" "misses" $missing "path" "egressGateway" "related" (list $service.path)
  "message" (printf "calls of %s pass the egress gateway, and nothing tells which: set %s to those of a gateway that exists (name and namespace of its Service, labels of its pods)" $service.name (join ", " $missing))) }}
{{- end }}
{{- with get .services (print .gateway.namespace "/" .gateway.name) }}
{{- template "istio-egress.finding" (dict "model" $ "id" "gateway-own-service" "path" .path "related" (list "egressGateway.name")
  "message" (printf "%s in namespace %s is the Service of the egress gateway, which the entry would render in its place: give it another name or namespace" .name .namespace)) }}
{{- end }}
{{- template "istio-egress.gatewayParts" .gateway }}
{{- end }}

{{- define "istio-egress.throughChecks" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- if not (has .through (list "direct" "gateway")) }}
{{- if $service.entry.through }}
{{- template "istio-egress.finding" (dict "model" $model "id" "without-schema" "schema" true "path" (print $service.path ".through")
  "message" (printf "%q is none of the ways: write direct or gateway, or remove it" .through)) }}
{{- end }}
{{- else if and $service.gateway $service.selector }}
{{- template "istio-egress.finding" (dict "model" $model "id" "gateway-workload-selector" "about" "key" "path" (print $service.path ".workloadSelector")
  "suggestion" (dict "path" (print $service.path ".workloadSelector"))
  "message" (printf "the gateway sends the TLS of %s, for all its callers, so there are no workloads to select: remove workloadSelector, and say under allowFrom who may call" $service.name)) }}
{{- end }}
{{- end }}

{{- define "istio-egress.allowFromDirect" -}}
{{- if not (kindIs "invalid" .service.entry.allowFrom) }}
{{- $suggestion := dict "path" (print .service.path ".allowFrom") }}
{{- if .model.gateway.name }}
{{- $suggestion = dict "path" (print .service.path ".through") "value" "gateway" }}
{{- end }}
{{- template "istio-egress.finding" (dict "model" .model "id" "allow-from-direct" "about" "key" "misses" (list "through" "default" "dataPlane") "path" (print .service.path ".allowFrom") "suggestion" $suggestion
  "message" (printf "%s: %s" (ternary (printf "sidecars call %s past the waypoint, which could not refuse them" .service.name) (printf "calls of %s leave the mesh directly, where nothing can refuse a caller" .service.name) (not (empty .service.waypoint)))
    (ternary (ternary "set dataPlane: ambient, with which sidecars reach nothing, or remove allowFrom" "set waypoint.name, with dataPlane: ambient, or remove allowFrom" (not (empty .service.waypoint))) "set through: gateway, or remove allowFrom" .model.ambient))) }}
{{- end }}
{{- end }}

{{- define "istio-egress.allowFromChecks" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $allowed := $service.allowFrom }}
{{- $path := print $service.path ".allowFrom" }}
{{- if get ($service.gateway | default dict) "identity" }}
{{- template "istio-egress.finding" (dict "model" $model "id" "allow-from-identity" "about" "key" "path" $path "related" (list "egressGateway.identity") "suggestion" (dict "path" "egressGateway.identity")
  "message" (printf "who may call %s is enforced by a policy in the gateway's namespace, and with egressGateway.identity nothing is rendered there: remove identity, so that rules and policies are rendered there, or remove allowFrom" $service.name)) }}
{{- end }}
{{- if not (or $allowed.namespaces $allowed.principals) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "allow-from-empty" "misses" (list "namespaces" "serviceAccounts") "path" $path
  "message" "names nobody, which could mean everybody or no one: list namespaces or serviceAccounts, or remove allowFrom to let everybody call") }}
{{- end }}
{{- $hidden := dict }}
{{- range $namespace := $allowed.namespaces }}
{{- $_ := set $hidden (toString $namespace) true }}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" (toString $namespace)) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "without-schema" "schema" true "path" (print $path ".namespaces")
  "message" (printf "%q is no name of a namespace: write one such as team-a" (toString $namespace))) }}
{{- end }}
{{- end }}
{{- range $account := $allowed.serviceAccounts }}
{{- $_ := set $hidden (first (splitList "/" (toString $account))) true }}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$" (toString $account)) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "without-schema" "schema" true "path" (print $path ".serviceAccounts")
  "message" (printf "%q is no service account: write its namespace and name, such as team-a/client" (toString $account))) }}
{{- end }}
{{- end }}
{{- with $service.visibleIn }}
{{- if not (has "*" .) }}
{{- $outside := without (keys $hidden | sortAlpha) }}
{{- range $namespace := . }}
{{- $outside = without $outside $namespace }}
{{- end }}
{{- if $outside }}
{{- template "istio-egress.finding" (dict "model" $model "id" "allow-from-not-exported" "severity" "warning" "path" $path "related" (list (ternary (print $service.path ".exportTo") "exportTo" (not (empty $service.entry.exportTo))))
  "message" (printf "%s may call %s, and exportTo hides it there: add %s to exportTo, or take it out of allowFrom" (join ", " $outside) $service.name (join ", " $outside))) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* An open form that was asked for, where calls pass the gateway: what escapes the mesh would go past it. */}}
{{- define "istio-egress.gatewayOpen" -}}
{{- $service := .service }}
{{- if get $service.entry .field }}
{{- template "istio-egress.finding" (dict "model" .model "id" "gateway-open" "path" (print $service.path "." .field) "related" (list $service.path)
  "suggestion" (dict "path" (print $service.path "." .field))
  "message" (printf "calls of %s pass the egress gateway, and in the open form some would go past it: remove %s<direct:, or set through: direct>" $service.name .field)) }}
{{- else if not (hasKey .model.gateway (print "open" .field)) }}
{{- $_ := set .model.gateway (print "open" .field) true }}
{{- template "istio-egress.finding" (dict "model" .model "id" "gateway-open" "path" .field "related" (list $service.path) "suggestion" (dict "path" .field)
  "message" (printf "calls of %s pass the egress gateway, and in the open form some would go past it: remove %s, and set it on the entries that go directly" $service.name .field)) }}
{{- end }}
{{- end }}

{{- /* A Secret of the gateway's namespace, which sidecars there would look for as well, and send plaintext without it. */}}
{{- define "istio-egress.gatewayCredential" -}}
{{- if eq .service.namespace .service.gateway.namespace }}
{{- template "istio-egress.finding" (dict "model" .model "id" "gateway-own-namespace" "path" (print .path ".credentialName") "related" (list "egressGateway.namespace")
  "message" (printf "sidecars of %s see the gateway's exit, have no right to its Secret, and would send plaintext there: declare the entry in another namespace, or give the certificates as files" .service.namespace)) }}
{{- end }}
{{- end }}
