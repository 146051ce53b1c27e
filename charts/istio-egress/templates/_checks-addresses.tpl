{{- /*
Checks of IP addresses, by what the Kubernetes API takes as an endpoint and Istio as an address. One regular expression
finds whether all are plain IPv4 addresses that a server can have, one on a line; only otherwise each is looked at by
itself.
*/}}
{{- define "istio-egress.allAddressesChecks" -}}
{{- $model := .model }}
{{- $octet := "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])" }}
{{- $text := values $model.addresses | join "\n" }}
{{- if or $model.severalLines (not (regexMatch (printf "\\A((%s\\.){3}%s\n|\n)*\\z" $octet $octet) (print $text "\n"))) (regexMatch "(?m)^(127|169\\.254|22[4-9]|23[0-9]|0\\.0\\.0\\.0$|255\\.255\\.255\\.255$)" $text) }}
{{- range $path, $addresses := $model.addressLists }}
{{- range $index, $address := $addresses }}
{{- if not (kindIs "invalid" $address) }}
{{- $canonical := $address }}
{{- if contains ":" $address }}
{{- $canonical = include "istio-egress.ipv6" $address }}
{{- end }}
{{- template "istio-egress.addressChecks" (dict "model" $model "path" (printf "%s.addresses[%d]" $path $index) "address" $address "canonical" $canonical) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.addressChecks" -}}
{{- $address := .address }}
{{- $path := .path }}
{{- $ipv6 := contains ":" $address }}
{{- $octet := "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])" }}
{{- if regexMatch "^[^/]+/(32|128)$" $address }}
{{- $alone := first (splitList "/" $address) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "address-cidr" "path" $path "suggestion" (dict "path" $path "value" $alone)
  "message" (printf "%q is a range, of one address: write %q" $address $alone)) }}
{{- else if contains "/" $address }}
{{- template "istio-egress.finding" (dict "model" .model "id" "address-cidr" "path" $path
  "message" (printf "%q is a range: write each address of the server by itself" $address)) }}
{{- else if regexMatch (printf "^(%s\\.){3}%s:[0-9]+$" $octet $octet) $address }}
{{- template "istio-egress.finding" (dict "model" .model "id" "address-invalid" "path" $path "suggestion" (dict "path" $path "value" (first (splitList ":" $address)))
  "message" (printf "%q has a port: write %q, and the port under ports" $address (first (splitList ":" $address)))) }}
{{- else if and $ipv6 (not .canonical) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "address-invalid" "path" $path
  "message" (printf "%q is not an IPv6 address: write one such as \"2001:db8::10\", without brackets, zone or embedded IPv4 address" $address)) }}
{{- else if and (not $ipv6) (not (regexMatch (printf "^(%s\\.){3}%s$" $octet $octet) $address)) (hasPrefix "externalNameServices" $path) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "address-invalid" "path" $path
  "message" (printf "%q is not an IP address: write one such as \"192.0.2.10\"; or remove addresses and set serviceType: ClusterIP, with which the server is reached by its name" $address)) }}
{{- else if and (not $ipv6) (not (regexMatch (printf "^(%s\\.){3}%s$" $octet $octet) $address)) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "address-invalid" "path" $path
  "message" (printf "%q is not an IP address: write one such as \"192.0.2.10\"; a host name goes under %s" $address (ternary "hosts" "externalNameServices" (hasPrefix "externalHosts" $path)))) }}
{{- else }}
{{- if or (eq $address "0.0.0.0") (eq .canonical "::") }}
{{- template "istio-egress.finding" (dict "model" .model "id" "address-unspecified" "path" $path
  "message" (printf "%q is the unspecified address, at which no server can be reached: write the server's address" $address)) }}
{{- else if or (hasPrefix "127." $address) (eq .canonical "::1") }}
{{- template "istio-egress.finding" (dict "model" .model "id" "address-loopback" "path" $path
  "message" (printf "%q is a loopback address, which is the calling pod itself: write the server's address" $address)) }}
{{- else if or (hasPrefix "169.254." $address) (and $ipv6 (regexMatch "^fe[89ab][0-9a-f]:" .canonical)) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "address-link-local" "path" $path
  "message" (printf "%q is a link-local address, which Kubernetes refuses as an endpoint: write the server's address" $address)) }}
{{- else if or (and (not $ipv6) (regexMatch "^(22[4-9]|23[0-9])\\." $address)) (and $ipv6 (regexMatch "^ff[0-9a-f]{2}:" .canonical)) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "address-multicast" "path" $path
  "message" (printf "%q is a multicast address, at which no server listens: write the server's address" $address)) }}
{{- else if eq $address "255.255.255.255" }}
{{- template "istio-egress.finding" (dict "model" .model "id" "address-invalid" "path" $path
  "message" (printf "%q is the broadcast address: write the server's address" $address)) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.addressTwice" -}}
{{- $service := .service }}
{{- $seen := dict }}
{{- range $index, $address := .addresses }}
{{- if not (kindIs "invalid" $address) }}
{{- $canonical := toString $address }}
{{- if contains ":" $canonical }}
{{- $canonical = include "istio-egress.ipv6" $canonical | default $canonical }}
{{- end }}
{{- if hasKey $seen $canonical }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "address-twice" "path" (printf "%s.addresses[%d]" $service.path $index)
  "suggestion" (dict "path" (printf "%s.addresses[%d]" $service.path $index))
  "related" (list (printf "%s.addresses[%d]" $service.path (index $seen $canonical)))
  "message" (printf "%q is given twice: remove one of them" (toString $address))) }}
{{- else }}
{{- $_ := set $seen $canonical $index }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.endpointsChecks" -}}
{{- $service := .service }}
{{- $count := len ($service.entry.addresses | default list) }}
{{- if and (eq $service.endpointsKind "Endpoints") (gt $count 1000) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "endpoints-too-many" "path" (printf "%s.addresses" $service.path)
  "suggestion" (dict "path" (print $service.path ".endpointsKind") "value" "EndpointSlice")
  "message" (printf "%d addresses, and Kubernetes takes over 1000 of an Endpoints object at the most: set endpointsKind: EndpointSlice" $count)) }}
{{- else if and (eq $service.endpointsKind "ServiceEntry") (gt $count 4096) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "endpoints-too-many" "path" (printf "%s.addresses" $service.path)
  "suggestion" (dict "path" (print $service.path ".endpointsKind") "value" "EndpointSlice")
  "message" (printf "%d addresses, and a ServiceEntry has 4096 endpoints at the most: set endpointsKind: EndpointSlice, or make several entries" $count)) }}
{{- end }}
{{- if eq $service.endpointsKind "Endpoints" }}
{{- $path := ternary (printf "%s.endpointsKind" $service.path) "endpointsKind" (not (empty $service.entry.endpointsKind)) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "endpoints-legacy" "severity" "warning" "path" $path
  "suggestion" (dict "path" $path "value" "EndpointSlice")
  "message" "Endpoints is deprecated since Kubernetes 1.33: set EndpointSlice, or ServiceEntry for Argo CD") }}
{{- end }}
{{- end }}
