{{- /*
The DestinationRules of a destination. Without workload selectors it is one. With them, it is one per selector, and one
without selector that keeps everybody else from sending plaintext to the TLS port. Each names every port of the
destination: Istio applies one rule to a workload, the selected one instead of the general one.
*/}}
{{- define "istio-egress.rules" -}}
{{- $destination := . }}
{{- $general := get $destination.selectors "" }}
{{- $rules := list }}
{{- if and $general (eq (len $destination.selectors) 1) }}
{{- $ports := list }}
{{- range $port := $general.ports }}
{{- $ports = append $ports (dict "number" $port.port.number "tls" $port.port.tls "policy" $port.policy) }}
{{- end }}
{{- $rules = list (dict "name" $destination.name "exportTo" $destination.exportTo "ports" $ports) }}
{{- else }}
{{- $exportTo := $destination.exportTo }}
{{- if eq ($destination.visibility | default "") "." }}
{{- /* Istio merges two rules of a host whose exportTo is ".", and the general rule would be lost in the selected one. */}}
{{- $exportTo = list $destination.namespace }}
{{- end }}
{{- $forAll := dict }}
{{- template "istio-egress.generalPorts" (dict "destination" $destination "into" $forAll) }}
{{- $rules = append $rules (dict "name" $destination.name "exportTo" $exportTo "ports" $forAll) }}
{{- range $selector, $selected := $destination.selectors }}
{{- if $selector }}
{{- $ports := dict }}
{{- range $key, $port := $forAll }}
{{- $own := get $selected.ports $key }}
{{- if $own }}
{{- $_ := set $ports $key (dict "number" $own.port.number "tls" $own.port.tls "policy" $own.policy) }}
{{- else }}
{{- $_ := set $ports $key $port }}
{{- end }}
{{- end }}
{{- $name := printf "%s-%s" ($destination.name | trunc 244 | trimSuffix "." | trimSuffix "-") ($selector | sha256sum | trunc 8) }}
{{- $rules = append $rules (dict "name" $name "exportTo" (list ".") "matchLabels" $selected.matchLabels "ports" $ports) }}
{{- end }}
{{- end }}
{{- end }}
{{- $_ := set $destination "rules" $rules }}
{{- end }}

{{- /* The settings for workloads that no selector names, per port: those of the entries without one, where there are. */}}
{{- define "istio-egress.generalPorts" -}}
{{- $into := .into }}
{{- $general := get .destination.selectors "" }}
{{- range $key, $port := .destination.ports }}
{{- if and $general (hasKey $general.ports $key) }}
{{- $settings := index $general.ports $key }}
{{- $_ := set $into $key (dict "number" $port.number "tls" $settings.port.tls "policy" $settings.policy) }}
{{- else }}
{{- range $selected := $.destination.selectors }}
{{- with get $selected.ports $key }}
{{- if or (not (hasKey $into $key)) (eq (index $into $key).tls.mode "DISABLE") }}
{{- $settings := dict "number" $port.number "policy" .policy }}
{{- template "istio-egress.tlsForEverybodyElse" (dict "settings" .port.tls "into" $settings) }}
{{- $_ := set $into $key $settings }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
