{{- /* Checks of a service's form: what the open form cannot keep, and what the closed form has no use for. */}}
{{- define "istio-egress.openAliasChecks" -}}
{{- $service := .service }}
{{- if and $service.traits.tls (not .model.ambient) }}
{{- template "istio-egress.failsOpen" (dict "model" .model "service" $service "field" "serviceType") }}
{{- end }}
{{- if and $service.traits.encrypted (ne $service.serverName $service.externalName) }}
{{- template "istio-egress.findingOfOpen" (dict "model" .model "service" $service "id" "sni-not-external-name" "path" (ternary (print $service.path ".serviceType") "serviceType" (not (empty $service.entry.serviceType))) "related" (list (print $service.path ".serverName"))
  "message" (printf "workloads ask for %q in their TLS, and the sidecar knows an ExternalName's TLS by the names %q and %q alone: set %s, which passes every name" $service.serverName $service.externalName $service.fqdn (ternary "waypoint.name" "serviceType: ClusterIP" .model.ambient))) }}
{{- end }}
{{- end }}

{{- /* A choice of the top level is warned of once, however many entries it concerns. */}}
{{- define "istio-egress.failsOpen" -}}
{{- $service := .service }}
{{- if get $service.entry .field }}
{{- template "istio-egress.failsOpenFinding" (dict "model" .model "field" .field "path" (print $service.path "." .field) "names" $service.name "related" (list $service.path)) }}
{{- else }}
{{- if not (hasKey .model.failsOpen .field) }}
{{- $_ := set .model.failsOpen .field dict }}
{{- end }}
{{- $_ := set (get .model.failsOpen .field) $service.path $service.name }}
{{- end }}
{{- end }}

{{- define "istio-egress.failsOpenOfAll" -}}
{{- range $field, $services := .failsOpen }}
{{- $path := first (keys $services | sortAlpha) }}
{{- $names := get $services $path }}
{{- if gt (len $services) 1 }}
{{- $names = printf "%d entries, such as %s," (len $services) $names }}
{{- end }}
{{- template "istio-egress.failsOpenFinding" (dict "model" $ "field" $field "path" $field "names" $names "related" (list $path)) }}
{{- end }}
{{- end }}

{{- define "istio-egress.failsOpenFinding" -}}
{{- $closed := ternary "ClusterIP" "ServiceEntry" (eq .field "serviceType") }}
{{- $when := "from pods without a sidecar or of an ambient mesh" }}
{{- if eq .field "serviceType" }}
{{- $when = print $when ", over HTTP/1.0, at an address that DNS gives and addresses do not, or where the caller's namespace declares the host otherwise" }}
{{- end }}
{{- template "istio-egress.finding" (dict "model" .model "id" "fails-open" "severity" "warning" "path" .path "related" .related
  "suggestion" (dict "path" .path "value" $closed)
  "message" (printf "%s can be called in plaintext at the TLS port, in the open form: %s; set %s: %s, which fails closed" .names $when .field $closed)) }}
{{- end }}

{{- define "istio-egress.addressesWithoutEffect" -}}
{{- template "istio-egress.finding" (dict "model" .model "id" "addresses-without-effect" "severity" "warning" "about" "key" "path" (print .service.path ".addresses")
  "suggestion" (dict "path" (print .service.path ".addresses"))
  "message" (printf "%s is reached by its name, whatever addresses DNS gives, so addresses do nothing: remove them" .service.name)) }}
{{- end }}
