{{- /*
Addresses: what an entry's addresses are is checked for all entries at once (_checks-addresses.tpl). Here they are kept
for that, split into families, and told apart by their canonical form: 2001:DB8::1 and 2001:db8:0::1 are one.
*/}}
{{- define "istio-egress.addresses" -}}
{{- $service := .service }}
{{- $into := .into }}
{{- $text := join "\n" .addresses }}
{{- $_ := set .model.addresses $service.path $text }}
{{- $own := dict }}
{{- range .addresses }}
{{- $_ := set $own (toString .) . }}
{{- end }}
{{- if contains ":" $text }}
{{- $own = dict }}
{{- template "istio-egress.families" (dict "service" $service "addresses" .addresses "own" $own) }}
{{- end }}
{{- if ne (len $own) (len (.addresses | default list)) }}
{{- template "istio-egress.addressTwice" . }}
{{- end }}
{{- range $canonical, $address := $own }}
{{- if not (hasKey $into $canonical) }}
{{- $_ := set $into $canonical $address }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.families" -}}
{{- $ipv4 := list }}
{{- $ipv6 := list }}
{{- $own := .own }}
{{- range .addresses }}
{{- if contains ":" . }}
{{- $_ := set $own (include "istio-egress.ipv6" . | default .) . }}
{{- $ipv6 = append $ipv6 . }}
{{- else }}
{{- $_ := set $own . . }}
{{- $ipv4 = append $ipv4 . }}
{{- end }}
{{- end }}
{{- $_ := set .service "ipv4" $ipv4 }}
{{- $_ := set .service "ipv6" $ipv6 }}
{{- end }}

{{- /* Endpoints that are not in slices: in a ServiceEntry, or in a legacy Endpoints object. */}}
{{- define "istio-egress.otherEndpoints" -}}
{{- $destination := .destination }}
{{- if eq .service.endpointsKind "ServiceEntry" }}
{{- $_ := set $destination "resolution" "STATIC" }}
{{- $_ := set $destination "endpoints" .service.entry.addresses }}
{{- /* Visible to nobody, it still serves the Service's address, and captures no other traffic on its ports. */}}
{{- $_ := set $destination "serviceEntryExportTo" (list "~") }}
{{- end }}
{{- template "istio-egress.endpointsChecks" . }}
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
