{{- /*
HTTP routes: what a VirtualService says of every HTTP port of a service, as text. Envoy tells servers about the mesh in
headers; they are taken off unless the entry keeps them, at the last hop: "lastRoute" is what the gateway's route says. Without anything to say there is no need for a route, but for
closed services and for those that get another Host.
*/}}
{{- define "istio-egress.httpRoutes" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- if not $model.hasHTTP }}
{{- $_ := set $model "hasHTTP" true }}
{{- $_ := set $model "withoutMeshHeaders" (toYaml (dict "headers" (dict "request" (dict "remove" (list
  "x-envoy-peer-metadata" "x-envoy-peer-metadata-id" "x-envoy-decorator-operation" "x-envoy-attempt-count")))) | nindent 6) }}
{{- end }}
{{- $text := "" }}
{{- if $entry.keepMeshHeaders }}
{{- else if $service.gateway }}
{{- $_ := set $service "lastRoute" $model.withoutMeshHeaders }}
{{- else }}
{{- $text = $model.withoutMeshHeaders }}
{{- end }}
{{- if or $entry.timeout $entry.retries }}
{{- $policy := deepCopy (pick $entry "timeout" "retries") }}
{{- template "istio-egress.withoutNulls" $policy }}
{{- $text = print $text (toYaml $policy | nindent 6) }}
{{- end }}
{{- if $text }}
{{- $_ := set $service "httpRoute" $text }}
{{- $_ := set $service "routed" true }}
{{- else }}
{{- range $port := $service.ports }}
{{- if $port.authority }}
{{- $_ := set $service "routed" true }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
