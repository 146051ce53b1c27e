{{- /*
The DestinationRules of a destination that has workload selectors: one per selector, and one without that keeps everybody
else from sending plaintext to the TLS port. Each names every port of the destination: Istio applies one rule to a
workload, the selected one instead of the general one. They are set as "rules" of the destination.
*/}}
{{- define "istio-egress.rules" -}}
{{- $destination := . }}
{{- $general := dict }}
{{- range $key, $port := $destination.ports }}
{{- if hasKey $destination.general $key }}
{{- $_ := set $general $key (index $destination.general $key) }}
{{- else }}
{{- template "istio-egress.everybodyElse" (dict "destination" $destination "key" $key "into" $general) }}
{{- end }}
{{- end }}
{{- $exportTo := $destination.exportTo }}
{{- if eq (join "," ($exportTo | default list)) "." }}
{{- /* Istio merges two rules of a host whose exportTo is ".", and the general rule would be lost in the selected one. */}}
{{- $exportTo = list $destination.namespace }}
{{- end }}
{{- $ruleName := $destination.ruleName | default $destination.name }}
{{- $rules := list (dict "name" $ruleName "exportTo" $exportTo "ports" $general) }}
{{- range $selector, $selected := $destination.selected }}
{{- $ports := dict }}
{{- range $key, $port := $general }}
{{- $_ := set $ports $key (get $selected.ports $key | default $port) }}
{{- end }}
{{- $name := printf "%s-%s" ($ruleName | trunc 244 | trimSuffix "." | trimSuffix "-") ($selector | sha256sum | trunc 8) }}
{{- $rules = append $rules (dict "name" $name "exportTo" (list ".") "selector" $selector "matchLabels" $selected.matchLabels "ports" $ports) }}
{{- end }}
{{- $_ := set $destination "rules" $rules }}
{{- end }}

{{- /*
A port as workloads see it that no selector names: the same server, verified, without the selected workloads'
certificates. If selectors disagree, TLS wins over plaintext.
*/}}
{{- define "istio-egress.everybodyElse" -}}
{{- $key := .key }}
{{- $into := .into }}
{{- range $selected := .destination.selected }}
{{- with get $selected.ports $key }}
{{- if or (not (hasKey $into $key)) (eq (index $into $key).tls.settings.mode "DISABLE") }}
{{- $settings := .tls.settings }}
{{- if ne $settings.mode "DISABLE" }}
{{- $settings = dict "mode" "SIMPLE" "sni" $settings.sni "subjectAltNames" ($settings.subjectAltNames | default (list (.service.serverName | default $settings.sni))) }}
{{- if hasPrefix "configmap://" (.tls.settings.credentialName | default "") }}
{{- $_ := set $settings "credentialName" .tls.settings.credentialName }}
{{- end }}
{{- end }}
{{- $_ := set $into $key (dict "number" .number "tls" (dict "path" .tls.path "settings" $settings) "service" .service) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
