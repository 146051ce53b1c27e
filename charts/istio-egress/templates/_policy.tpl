{{- /*
Guard rails: what a platform lets entries be. Each field restricts, and none is looked at where it is not given; an empty list
lets nothing pass. What an entry does not say counts as its default does, so that nothing gets by unsaid.
*/}}
{{- define "istio-egress.policy" -}}
{{- $model := .model }}
{{- $found := len $model.findings }}
{{- $ranges := dict }}
{{- $said := dict }}
{{- template "istio-egress.fieldChecks" (dict "model" $model "known" "policy" "path" "policy." "fields" .policy) }}
{{- if eq $found (len $model.findings) }}
{{- template "istio-egress.policyItems" (dict "model" $model "policy" .policy "into" $ranges) }}
{{- end }}
{{- if eq $found (len $model.findings) }}
{{- range $services := list $model.services $model.externalHosts }}
{{- range $service := $services }}
{{- template "istio-egress.policyOf" (dict "model" $model "policy" $.policy "service" $service "ranges" $ranges "said" $said) }}
{{- end }}
{{- end }}
{{- if and (get ($model.waypoint | default dict) "create") (kindIs "slice" .policy.namespaces) }}
{{- range $namespace, $_ := $model.waypoint.spaces }}
{{- if not (has $namespace $.policy.namespaces) }}
{{- template "istio-egress.forbidden" (dict "model" $model "path" "waypoint" "field" "namespaces" "what" (printf "a waypoint in namespace %q" $namespace) "allowed" $.policy.namespaces) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* What the items of a list look like, for values whose schema is skipped; and the ranges of addresses, read. */}}
{{- define "istio-egress.policyItems" -}}
{{- $model := .model }}
{{- $into := .into }}
{{- $label := "[a-z0-9]([-a-z0-9]*[a-z0-9])?" }}
{{- $forms := dict "namespaces" $label "hosts" (printf "(\\*\\.)?(%s\\.)*%s" $label $label) "exportTo" (printf "([.*]|%s)" $label) "modes" "(DISABLE|SIMPLE|MUTUAL)" }}
{{- range $field, $items := .policy }}
{{- $form := get $forms $field }}
{{- if and (hasPrefix "addresses" $field) (kindIs "slice" $items) }}
{{- $_ := set $into $field list }}
{{- end }}
{{- range $index, $item := ternary $items list (kindIs "slice" $items) }}
{{- $path := printf "policy.%s[%d]" $field $index }}
{{- if not (kindIs "string" $item) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "without-schema" "schema" true "path" $path "message" "must be a string: correct it, and do not skip the schema") }}
{{- else if $form }}
{{- if not (regexMatch (printf "^%s$" $form) $item) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "without-schema" "schema" true "path" $path "message" (printf "%q is no item of %s: %s, and do not skip the schema" $item $field (ternary (print "leave " $field " out to allow all") "correct it" (eq $item "*")))) }}
{{- end }}
{{- else }}
{{- template "istio-egress.policyRange" (dict "model" $model "path" $path "text" $item "into" $into "field" $field) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.policyRange" -}}
{{- $range := dict "path" .path "text" .text }}
{{- $parts := splitList "/" .text }}
{{- template "istio-egress.groups" (dict "text" (first $parts) "into" $range) }}
{{- $bits := mul (len $range.groups) $range.width }}
{{- $length := ternary (toString $bits) (rest $parts | join "/") (eq (len $parts) 1) }}
{{- if or (not $range.groups) (not (regexMatch "^(0|[1-9][0-9]{0,2})$" $length)) }}
{{- $length = "999" }}
{{- end }}
{{- if gt (int $length) (int $bits) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "policy-invalid" "path" .path
  "message" (printf "%q is no CIDR: write one such as \"10.0.0.0/8\" (up to /32) or \"2001:db8::/32\" (up to /128), with no IPv4 inside IPv6" .text)) }}
{{- else }}
{{- $_ := set $range "length" (int $length) }}
{{- $_ := set .into .field (append (get .into .field) $range) }}
{{- end }}
{{- end }}

{{- define "istio-egress.policyOf" -}}
{{- $model := .model }}
{{- $policy := .policy }}
{{- $service := .service }}
{{- $path := $service.path }}
{{- $entry := $service.entry }}
{{- $ranges := .ranges }}
{{- if and (kindIs "slice" $policy.namespaces) (not (has $service.namespace $policy.namespaces)) }}
{{- template "istio-egress.forbidden" (dict "model" $model "path" (ternary (print $path ".namespace") $path (not (empty $entry.namespace))) "field" "namespaces"
  "what" (printf "namespace %q" $service.namespace) "allowed" $policy.namespaces) }}
{{- end }}
{{- if kindIs "slice" $policy.hosts }}
{{- if not (empty $service.externalName) }}
{{- range $index, $host := $service.hosts | default (list $service.externalName) }}
{{- template "istio-egress.policyHost" (dict "model" $model "path" (ternary (printf "%s.hosts[%d]" $path $index) (print $path ".externalName") (hasKey $service "hosts")) "host" $host "allowed" $policy.hosts) }}
{{- end }}
{{- end }}
{{- end }}
{{- template "istio-egress.policyExportTo" . }}
{{- if $ranges }}
{{- range $index, $address := $entry.addresses }}
{{- template "istio-egress.policyAddress" (dict "model" $model "path" (printf "%s.addresses[%d]" $path $index) "address" (toString $address) "ranges" $ranges "policy" $policy) }}
{{- end }}
{{- end }}
{{- if not $service.inCluster }}
{{- template "istio-egress.policyPorts" . }}
{{- if and $policy.requireGateway (not $service.gateway) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "policy-forbids" "path" (ternary (print $path ".through") $path (not (empty $entry.through))) "related" (list "policy.requireGateway")
  "message" (print "policy.requireGateway forbids calls that leave the mesh directly: "
    (ternary "hosts called by their own names do, so declare each by its full name under externalNameServices, with through: gateway" "set through: gateway" (hasKey $service "hosts"))
    (ternary " and dataPlane: sidecar, as ambient pods cannot pass it" "" $model.ambient))) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Names what is allowed, as far as a sentence holds it. */}}
{{- define "istio-egress.forbidden" -}}
{{- $count := len .allowed }}
{{- $words := "the list is empty, and allows none" }}
{{- if .allowed }}
{{- $words = printf "it allows \"%s\"" (slice .allowed 0 (int (min 8 $count)) | join "\", \"") }}
{{- end }}
{{- if gt $count 8 }}
{{- $words = printf "%s and %d more" $words (sub $count 8) }}
{{- end }}
{{- template "istio-egress.finding" (dict "model" .model "id" "policy-forbids" "path" .path "related" (prepend (.related | default list) (print "policy." .field))
  "message" (printf "policy.%s forbids %s: %s%s" .field .what (.set | default "") $words)) }}
{{- end }}

{{- define "istio-egress.policyHost" -}}
{{- $host := .host }}
{{- $allowed := has $host .allowed }}
{{- range $pattern := .allowed }}
{{- if and (hasPrefix "*." $pattern) (hasSuffix (trimPrefix "*" $pattern) $host) }}
{{- $allowed = true }}
{{- end }}
{{- end }}
{{- if not $allowed }}
{{- template "istio-egress.forbidden" (dict "model" .model "path" .path "field" "hosts" "what" (printf "%q" $host) "allowed" .allowed) }}
{{- end }}
{{- end }}

{{- /* An entry that does not say who sees it is visible to all. What the top level says for it is refused there, once a namespace. */}}
{{- define "istio-egress.policyExportTo" -}}
{{- $model := .model }}
{{- $policy := .policy }}
{{- $service := .service }}
{{- $said := dict }}
{{- $related := list }}
{{- $path := $service.path }}
{{- if $service.entry.exportTo }}
{{- $path = print $path ".exportTo" }}
{{- else if $service.visibleIn }}
{{- $related = list $path }}
{{- $path = "exportTo" }}
{{- $said = .said }}
{{- end }}
{{- $bound := $model.exportToBound }}
{{- if and $policy.requireExportTo (not $service.visibleIn) }}
{{- if and $bound (not (has "." $policy.exportTo)) }}
{{- template "istio-egress.forbidden" (dict "model" $model "path" $path "field" "requireExportTo" "allowed" $policy.exportTo
  "what" "entries that do not say who sees them" "set" "set exportTo within policy.exportTo: ") }}
{{- else }}
{{- template "istio-egress.finding" (dict "model" $model "id" "policy-forbids" "path" $path "related" (list "policy.requireExportTo")
  "message" "policy.requireExportTo forbids entries that do not say who sees them: set exportTo, to [\".\"] for the entry's own namespace alone") }}
{{- end }}
{{- else if $bound }}
{{- range $namespace := $service.visibleIn | default (list "*") }}
{{- if not (or (hasKey $said $namespace) (has $namespace $policy.exportTo) (and (eq $namespace $service.namespace) (has "." $policy.exportTo))) }}
{{- $_ := set $said $namespace true }}
{{- template "istio-egress.forbidden" (dict "model" $model "path" $path "related" $related "field" "exportTo" "allowed" $policy.exportTo
  "what" (ternary (ternary "visibility to all namespaces" "entries without exportTo, which all namespaces see" (not (empty $service.visibleIn))) (printf "visibility to namespace %q" $namespace) (eq $namespace "*"))) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Ports share the entry's tls, of which is told once. */}}
{{- define "istio-egress.policyPorts" -}}
{{- $model := .model }}
{{- $policy := .policy }}
{{- $said := dict }}
{{- range $port := .service.ports }}
{{- if and $port.tls (not (hasKey $said $port.tls.path)) }}
{{- $_ := set $said $port.tls.path true }}
{{- $mode := $port.tls.settings.mode }}
{{- if and $mode (kindIs "slice" $policy.modes) (not (has $mode $policy.modes)) }}
{{- template "istio-egress.forbidden" (dict "model" $model "path" (print $port.tls.path ".mode") "field" "modes" "what" (printf "mode %q" $mode) "allowed" $policy.modes
  "set" (ternary "list the hosts by their names, as a wildcard has no other mode: " "" (and (eq $mode "DISABLE") (not (empty $.service.wildcard))))) }}
{{- end }}
{{- if and $policy.forbidInsecureSkipVerify $port.tls.settings.insecureSkipVerify }}
{{- template "istio-egress.finding" (dict "model" $model "id" "policy-forbids" "path" (print $port.tls.path ".insecureSkipVerify") "related" (list "policy.forbidInsecureSkipVerify")
  "message" "policy.forbidInsecureSkipVerify forbids TLS to whoever answers: remove insecureSkipVerify, and give caCertificates or subjectAltNames where the server needs them") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.policyAddress" -}}
{{- $address := dict }}
{{- template "istio-egress.groups" (dict "text" .address "into" $address) }}
{{- if $address.groups }}
{{- $inside := false }}
{{- range .ranges.addressesInside }}
{{- $inside = or $inside (eq (include "istio-egress.inRange" (dict "address" $address "range" .)) "yes") }}
{{- end }}
{{- if and (hasKey .ranges "addressesInside") (not $inside) }}
{{- template "istio-egress.forbidden" (dict "model" .model "path" .path "field" "addressesInside" "what" (printf "address %q" .address) "allowed" .policy.addressesInside) }}
{{- end }}
{{- range .ranges.addressesOutside }}
{{- if eq (include "istio-egress.inRange" (dict "address" $address "range" .)) "yes" }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "policy-forbids" "path" $.path "related" (list .path)
  "message" (printf "policy.addressesOutside forbids address %q, which is in %s: remove it" $.address .text)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Sets the groups of an address, and their width in bits: four of 8 for IPv4, eight of 16 for IPv6; none for what is no address. */}}
{{- define "istio-egress.groups" -}}
{{- $groups := list }}
{{- $width := 8 }}
{{- $octet := "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])" }}
{{- if regexMatch (printf "^(%s\\.){3}%s$" $octet $octet) .text }}
{{- range splitList "." .text }}
{{- $groups = append $groups (int .) }}
{{- end }}
{{- else if contains ":" .text }}
{{- $width = 16 }}
{{- $halves := splitList "::" (include "istio-egress.ipv6" .text) }}
{{- $all := without (splitList ":" (first $halves)) "" }}
{{- $tail := without (splitList ":" (rest $halves | join "")) "" }}
{{- if eq (len $halves) 2 }}
{{- $all = concat $all (splitList "" (repeat (int (sub 8 (add (len $all) (len $tail)))) "0")) $tail }}
{{- end }}
{{- range $all }}
{{- $groups = append $groups (int (int64 (print "0x" .))) }}
{{- end }}
{{- end }}
{{- $_ := set .into "groups" $groups }}
{{- $_ := set .into "width" $width }}
{{- end }}

{{- define "istio-egress.inRange" -}}
{{- $range := .range }}
{{- $address := .address }}
{{- $same := eq $range.width $address.width }}
{{- if $same }}
{{- range $index, $group := $range.groups }}
{{- $left := int (sub $range.length (mul $index $range.width)) }}
{{- $size := index (list 1 2 4 8 16 32 64 128 256 512 1024 2048 4096 8192 16384 32768 65536) (int (max 0 (sub $range.width (max 0 $left)))) }}
{{- $same = and $same (eq (div $group $size) (div (index $address.groups $index) $size)) }}
{{- end }}
{{- end }}
{{- if $same }}yes{{ end }}
{{- end }}

{{- /* The ways that no finding may offer, in its message or as its suggestion, as this policy refuses them. */}}
{{- define "istio-egress.closedWays" -}}
{{- $policy := .policy }}
{{- $ways := list }}
{{- if $policy.requireGateway }}
{{- $ways = append $ways "direct" }}
{{- end }}
{{- range $mode := list "DISABLE" "SIMPLE" }}
{{- if and (kindIs "slice" $policy.modes) (not (has $mode $policy.modes)) }}
{{- $ways = append $ways $mode }}
{{- end }}
{{- end }}
{{- $_ := set .model "closedWays" $ways }}
{{- $_ := set .model "exportToBound" (and (kindIs "slice" $policy.exportTo) (not (has "*" $policy.exportTo))) }}
{{- end }}
