{{- /* Sentences of the notes: where a port leads to, and the commands that check it. */}}
{{- define "istio-egress.notes.path" -}}
{{- $service := .service }}
{{- $port := .port }}
{{- if $service.inCluster -}}
to {{ $service.externalName }}, in this cluster
{{- else -}}
{{- with $service.gateway -}}
through {{ .namespace }}/{{ .name }} {{ end -}}
{{- if $service.externalName -}}
to {{ $service.externalName }}:{{ $port.targetPort }}
{{- else -}}
to {{ len $service.entry.addresses }} {{ ternary "address" "addresses" (eq (len $service.entry.addresses) 1) }}, port {{ $port.targetPort }}
{{- end -}}
{{- if eq $port.tls.settings.mode "DISABLE" }}, {{ $port.protocol }} as the workload sends it (DISABLE)
{{- else }}, {{ $port.protocol }} in TLS by {{ $service.originator | default (ternary "the sidecar" "the gateway" (empty $service.gateway)) }} ({{ $port.tls.settings.mode }}),
{{- if $port.tls.settings.insecureSkipVerify }} server NOT verified{{ else }} server verified as {{ join ", " $port.tls.settings.subjectAltNames }}{{ end }}
{{- with $service.selector }}, for workloads {{ . }}{{ end }}
{{- end }}
{{- with $port.authority }}, Host: {{ . }}{{ end }}
{{- with $service.allowFrom }}, for {{ join ", " (concat .namespaces .serviceAccounts) }} alone{{ end }}
{{- end }}
{{- end }}

{{- /* Why a service has its form. */}}
{{- define "istio-egress.notes.form" -}}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- $chosen := or $entry.serviceType $entry.endpointsKind (ternary .model.serviceType .model.endpointsKind (empty $service.endpointsKind)) }}
{{- if $service.inCluster -}}
an alias of a service of this cluster
{{- else if $service.exit -}}
closed: calls that the mesh does not route reach nothing
{{- if $service.gateway }} (as they pass the egress gateway)
{{- else if $service.waypoint }} (as calls of ambient pods pass the waypoint {{ $service.waypoint.namespace }}/{{ $service.waypoint.name }})
{{- else if $chosen }} ({{ ternary "serviceType" "endpointsKind" (empty $service.endpointsKind) }}: {{ $chosen }})
{{- else if $service.traits.tls }} (as the mesh originates TLS)
{{- else if $service.traits.tcp }} (as a tcp port without addresses would take other calls)
{{- else }} (as the workload's TLS asks for {{ $service.serverName }})
{{- end }}
{{- else -}}
open: pods {{ ternary "outside the mesh" "without a sidecar" (eq .model.dataPlane "ambient") }} reach it too
{{- if $chosen }} ({{ ternary "serviceType" "endpointsKind" (empty $service.endpointsKind) }}: {{ $chosen }})
{{- else }} (as every port has DISABLE)
{{- end }}
{{- end }}
{{- end }}

{{- /* A workload that sends TLS itself asks for the server by its own name, through the alias. */}}
{{- define "istio-egress.notes.curl" -}}
{{- $service := .service }}
{{- $port := .port }}
{{- $server := $service.serverName | default "SERVER_NAME" }}
{{- if hasKey .model.httpProtocols $port.protocol -}}
curl -sS -o /dev/null -w '%{http_code}\n' http://{{ $service.fqdn }}:{{ $port.number }}/
{{- else if has $port.protocol (list "HTTPS" "TLS") -}}
curl -sS -o /dev/null -w '%{http_code}\n' --connect-to {{ $server }}:{{ $port.number }}:{{ $service.fqdn }}:{{ $port.number }} https://{{ $server }}:{{ $port.number }}/
{{- else -}}
curl -sS -m 5 telnet://{{ $service.fqdn }}:{{ $port.number }} </dev/null
{{- end }}
{{- end }}

{{- define "istio-egress.notes.withoutSidecar" -}}
{{- $service := .service }}
{{- $port := .port }}
{{- if $service.exit -}}
{{ $service.fqdn }}:{{ $port.number }} reaches nothing
{{- else if $service.inCluster -}}
kubectl exec --namespace {{ $service.namespace }} deploy/client-without-sidecar -- {{ template "istio-egress.notes.curl" . }}
{{- else if ne $port.tls.settings.mode "DISABLE" -}}
{{ $service.fqdn }}:{{ $port.number }} reaches the server's port {{ ternary $port.number $port.targetPort (not $service.endpointsKind) }}, without the sidecar's TLS
{{- else if and (not $service.endpointsKind) (ne $port.targetPort $port.number) -}}
{{ $service.fqdn }}:{{ $port.number }} reaches the server's port {{ $port.number }}, as Kubernetes maps no ports for ExternalName
{{- else -}}
kubectl exec --namespace {{ $service.namespace }} deploy/client-without-sidecar -- {{ template "istio-egress.notes.curl" . }}
{{- end }}
{{- end }}

{{- /* Who calls, as the notes name them. */}}
{{- define "istio-egress.notes.callers" -}}
{{- get (dict "ambient" "ambient pods" "both" "pods with a sidecar and ambient pods") .dataPlane | default "pods with a sidecar" }}
{{- end }}

{{- /* How to see whether a binding counts: until then, calls reach nothing. */}}
{{- define "istio-egress.notes.waypoint" -}}
{{- range $namespace, $space := .waypoint.spaces }}

Ambient pods need the waypoint {{ $namespace }}/{{ $.waypoint.name }}: while it is not ready, or does not let a namespace in, calls reach nothing. Wait for
it, then see that ztunnel names it beside each service (column WAYPOINT):

  kubectl wait --namespace {{ $namespace }} --for=condition=Programmed gateway.gateway.networking.k8s.io/{{ $.waypoint.name }}
  {{- range keys $space.serves | sortAlpha }}
  istioctl ztunnel-config service --service-namespace {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.notes.count" -}}
{{- $hosts := 0 }}
{{- range . }}
{{- $hosts = add $hosts (len .) }}
{{- end -}}
, {{ $hosts }} {{ ternary "host by its own name" "hosts by their own names" (eq (toString $hosts) "1") }}
{{- end }}

{{- define "istio-egress.notes.ownName" -}}
{{- $port := .port }}
{{- if eq .list.resolution "NONE" -}}
to the address that the workload calls, {{ $port.protocol }} as it sends it (DISABLE)
{{- else if eq $port.tls.settings.mode "DISABLE" -}}
to the host's port {{ $port.targetPort }}, {{ $port.protocol }} as the workload sends it (DISABLE)
{{- else -}}
to the host's port {{ $port.targetPort }}, {{ $port.protocol }} in TLS by the sidecar ({{ $port.tls.settings.mode }}),
{{- if $port.tls.settings.insecureSkipVerify }} server NOT verified{{ else if eq (len .list.hosts) 1 }} server verified as {{ join ", " $port.tls.settings.subjectAltNames }}{{ else }} each host verified by its own name{{ end }}
{{- end }}
{{- end }}
