{{- /*
Addresses: what an entry's addresses are is checked for all entries at once (_checks-addresses.tpl). Here they are kept
for that, split into families, and written in their canonical form: 2001:DB8::1 and 2001:db8:0::1 are one.
*/}}
{{- define "istio-egress.addresses" -}}
{{- $service := .service }}
{{- $into := .into }}
{{- $text := join "\n" .addresses }}
{{- $_ := set .model.addresses $service.path $text }}
{{- $_ := set .model.addressLists $service.path .addresses }}
{{- if ne (len (splitList "\n" $text)) (len (.addresses | default list)) }}
{{- $_ := set .model "severalLines" true }}
{{- end }}
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
{{- $ipv4 := dict }}
{{- $ipv6 := dict }}
{{- $own := .own }}
{{- range .addresses }}
{{- $address := toString . }}
{{- if contains ":" $address }}
{{- $address = include "istio-egress.ipv6" $address | default $address }}
{{- $_ := set $ipv6 $address true }}
{{- else }}
{{- $_ := set $ipv4 $address true }}
{{- end }}
{{- $_ := set $own $address $address }}
{{- end }}
{{- $_ := set .service "families" (dict "IPv4" (keys $ipv4 | sortAlpha) "IPv6" (keys $ipv6 | sortAlpha)) }}
{{- end }}

{{- /*
Prints an IPv6 address in its canonical form (RFC 5952), which is the only one that the API server takes, or nothing when
it is not one. An IPv4 address inside of an IPv6 address is none.
*/}}
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
{{- $text := ":" }}
{{- range $groups }}
{{- $text = print $text (trimPrefix "0" . | trimPrefix "0" | trimPrefix "0" | trimPrefix "0" | default "0") ":" }}
{{- end }}
{{- template "istio-egress.ipv6Shortened" $text }}
{{- end }}
{{- end }}

{{- /* Prints ":2001:db8:0:0:0:0:0:1:" with the first of its longest runs of zeros left out: 2001:db8::1 */}}
{{- define "istio-egress.ipv6Shortened" -}}
{{- $text := . }}
{{- $shortened := "" }}
{{- range $length := list 8 7 6 5 4 3 2 }}
{{- $run := print ":" (repeat $length "0:") }}
{{- if and (not $shortened) (contains $run $text) }}
{{- $parts := splitn $run 2 $text }}
{{- $shortened = print $parts._0 "::" $parts._1 }}
{{- end }}
{{- end }}
{{- with $shortened | default $text }}
{{- $short := . }}
{{- if not (hasPrefix "::" $short) }}
{{- $short = trimPrefix ":" $short }}
{{- end }}
{{- if not (hasSuffix "::" $short) }}
{{- $short = trimSuffix ":" $short }}
{{- end }}
{{- if not (regexMatch "^::ffff:[0-9a-f]+:[0-9a-f]+$" $short) }}
{{- $short }}
{{- end }}
{{- end }}
{{- end }}
