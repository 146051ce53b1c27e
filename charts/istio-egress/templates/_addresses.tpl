{{- /* Adds the entry's addresses to a dict, keyed by their canonical form: 2001:DB8::1 and 2001:db8:0::1 are one. */}}
{{- define "istio-egress.addresses" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $into := .into }}
{{- $own := dict }}
{{- range $index, $address := $service.entry.addresses }}
{{- if $address }}
{{- $canonical := $address }}
{{- if contains ":" $address }}
{{- $canonical = include "istio-egress.ipv6" $address }}
{{- end }}
{{- template "istio-egress.addressChecks" (dict "model" $model "service" $service "index" $index "address" $address "canonical" $canonical "own" $own) }}
{{- $_ := set $own $canonical $index }}
{{- if not (hasKey $into $canonical) }}
{{- $_ := set $into $canonical $address }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Which address families an endpoint service has: its slices and the families of its Service follow from it. */}}
{{- define "istio-egress.families" -}}
{{- $ipv4 := list }}
{{- $ipv6 := list }}
{{- range .service.entry.addresses }}
{{- if contains ":" . }}
{{- $ipv6 = append $ipv6 . }}
{{- else }}
{{- $ipv4 = append $ipv4 . }}
{{- end }}
{{- end }}
{{- $_ := set .service "ipv4" $ipv4 }}
{{- $_ := set .service "ipv6" $ipv6 }}
{{- end }}

{{- /* Prints an IPv6 address as eight groups without leading zeros, or nothing when it is not one. */}}
{{- define "istio-egress.ipv6" -}}
{{- $address := lower . }}
{{- $groups := list }}
{{- if and (regexMatch "^[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,8}$" $address) (not (regexMatch "(^:[^:]|[^:]:$|:::|::.*::)" $address)) }}
{{- $halves := splitList "::" $address }}
{{- $groups = without (splitList ":" (index $halves 0)) "" }}
{{- if eq (len $halves) 2 }}
{{- $tail := without (splitList ":" (index $halves 1)) "" }}
{{- $zeros := int (sub 8 (add (len $groups) (len $tail))) }}
{{- if ge $zeros 1 }}
{{- $groups = concat $groups (splitList "" (repeat $zeros "0")) $tail }}
{{- end }}
{{- end }}
{{- end }}
{{- if eq (len $groups) 8 }}
{{- range $index, $group := $groups }}
{{- if $index }}:{{ end }}
{{- trimPrefix "0" $group | trimPrefix "0" | trimPrefix "0" | trimPrefix "0" }}
{{- end }}
{{- end }}
{{- end }}
