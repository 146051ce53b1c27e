{{- /*
Checks of one external host in several namespaces. A caller's own namespace comes first, then whichever is older: where an
alias is called from a namespace that sees another declaration of its host, that one's settings may count, or none. That is
harmless among declarations without TLS of the mesh.
*/}}
{{- define "istio-egress.hostsChecks" -}}
{{- $model := . }}
{{- $hosts := dict }}
{{- range $destination := $model.destinations }}
{{- if and (eq $destination.resolution "DNS") (not $destination.endpoints) $destination.host }}
{{- $others := get $hosts $destination.host }}
{{- if $others }}
{{- template "istio-egress.hostElsewhere" (dict "model" $model "destination" $destination "others" $others) }}
{{- else }}
{{- $others = dict "first" $destination }}
{{- $_ := set $hosts $destination.host $others }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
"others" has the declarations before, by the namespaces that see them, as far as a later one can differ from them: two with
TLS and one without, each with its path. The first is added with the second, as hardly any host has two.
*/}}
{{- define "istio-egress.hostElsewhere" -}}
{{- $model := .model }}
{{- $destination := .destination }}
{{- $others := .others }}
{{- with $others.first }}
{{- $_ := set $others "first" "" }}
{{- template "istio-egress.seenBy" (dict "destination" . "others" $others "declared" (include "istio-egress.declared" .)) }}
{{- end }}
{{- $declared := include "istio-egress.declared" $destination }}
{{- $namespaces := $destination.visibleIn | default (list "*") }}
{{- $kind := include "istio-egress.declaredKind" $declared }}
{{- $meets := "" }}
{{- range $namespace := concat $namespaces (list "*") }}
{{- if not $meets }}
{{- with get $others (ternary "" $namespace (has "*" $namespaces)) }}
{{- range $other, $path := .tls }}
{{- if ne $other $declared }}
{{- $meets = $path }}
{{- end }}
{{- end }}
{{- if eq $kind "tls" }}
{{- range $other, $path := .plaintext }}
{{- $meets = $path }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if $meets }}
{{- template "istio-egress.findingOfOpen" (dict "model" $model "service" $destination "id" "host-declared-otherwise" "path" $destination.path "related" (list $meets)
  "message" (printf "%s is declared otherwise by %s, and callers that see both may get the other's TLS settings, or none and send plaintext: %s, or limit both with exportTo, or give both the same ports and tls" $destination.host $meets
    (ternary "declare it under externalNameServices for both" "set serviceType: ClusterIP for both" (not (empty $destination.byOwnName))))) }}
{{- end }}
{{- template "istio-egress.seenBy" (dict "destination" $destination "others" $others "declared" $declared) }}
{{- end }}

{{- /* Keeps a declaration by the namespaces that see it, and under "" in any case. */}}
{{- define "istio-egress.seenBy" -}}
{{- $others := .others }}
{{- $declared := .declared }}
{{- $path := .destination.path }}
{{- $kind := include "istio-egress.declaredKind" $declared }}
{{- range $namespace := concat (.destination.visibleIn | default (list "*")) (list "") }}
{{- if not (hasKey $others $namespace) }}
{{- $_ := set $others $namespace (dict "tls" dict "plaintext" dict) }}
{{- end }}
{{- $kept := get (get $others $namespace) $kind }}
{{- if lt (len $kept) (ternary 2 1 (eq $kind "tls")) }}
{{- $_ := set $kept $declared $path }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Prints what a destination declares of each port. */}}
{{- define "istio-egress.declared" -}}
{{- range $port := .ports }}
{{- $port.number }} {{ $port.protocol }} {{ $port.targetPort }} {{ toJson $port.tls.settings }};
{{- end }}
{{- range $rule := .rules }} {{ $rule.selector }} {{ range $port := $rule.ports }}{{ toJson $port.tls.settings }}{{ end }}
{{- end }}
{{- end }}

{{- define "istio-egress.declaredKind" -}}
{{- if or (contains `"mode":"SIMPLE"` .) (contains `"mode":"MUTUAL"` .) }}tls{{ else }}plaintext{{ end }}
{{- end }}
