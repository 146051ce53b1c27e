{{- /*
Checks of the external name. One regular expression decides over all names at once, as compiling it costs more than all
else of an entry; only when a name is wrong, each is looked at by itself. A name of several lines is wrong too.
*/}}
{{- define "istio-egress.externalNamesChecks" -}}
{{- $label := "[a-z0-9]([-a-z0-9]*[a-z0-9])?" }}
{{- $last := "[a-z]([-a-z0-9]*[a-z0-9])?" }}
{{- $names := values .model.externalNames | join "\n" }}
{{- $each := ne (len (splitList "\n" $names)) (len .model.externalNames) }}
{{- if or $each (not (regexMatch (printf "\\A((%s\\.)+%s\n|\n)*\\z" $label $last) (print $names "\n"))) (regexMatch "[^.\n]{64}" $names) }}
{{- $model := .model }}
{{- range $path, $name := .model.externalNames }}
{{- if $name }}
{{- if or (not (regexMatch (printf "^(%s\\.)+%s$" $label $last) $name)) (regexMatch "[^.]{64}" $name) }}
{{- template "istio-egress.externalNameSentences" (dict "model" $model "path" (printf "%s.externalName" $path) "name" $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.clusterNameChecks" -}}
{{- $service := .service }}
{{- $name := $service.externalName }}
{{- if and (hasSuffix ".svc.cluster.local" $name) (not $service.inCluster) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "external-name-cluster-domain" "path" (printf "%s.externalName" $service.path) "related" (list "clusterDomain")
  "suggestion" (dict "path" (print $service.path ".externalName") "value" (printf "%s.svc.%s" (trimSuffix ".svc.cluster.local" $name) .model.clusterDomain))
  "message" (printf "%q is a name of a cluster whose domain is cluster.local, and here it is %s: write %q, or correct clusterDomain" $name .model.clusterDomain (printf "%s.svc.%s" (trimSuffix ".svc.cluster.local" $name) .model.clusterDomain))) }}
{{- else if hasSuffix ".svc" $name }}
{{- template "istio-egress.finding" (dict "model" .model "id" "external-name-not-full" "path" (printf "%s.externalName" $service.path)
  "suggestion" (dict "path" $service.path "value" (set (omit $service.entry "tls" "serverName" "serviceType" "rewriteHost" "timeout" "retries" "keepMeshHeaders" "workloadSelector" "trafficPolicy" "addresses") "externalName" (print $name "." .model.clusterDomain)))
  "message" (printf "%q is not a full name: write %q for the service of this cluster, and no tls" $name (printf "%s.%s" $name .model.clusterDomain))) }}
{{- else if and $service.inCluster (not (contains "." (trimSuffix (print ".svc." .model.clusterDomain) $name))) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "external-name-not-full" "path" (printf "%s.externalName" $service.path)
  "message" (printf "%q has no namespace: write <service>.<namespace>.svc.%s" $name .model.clusterDomain)) }}
{{- else if or (eq $name $service.fqdn) (hasSuffix ".egress.internal" $name) }}
{{- template "istio-egress.finding" (dict "model" .model "id" "external-name-itself" "path" (printf "%s.externalName" $service.path)
  "message" (printf "%q is %s: write the name of what it should lead to" $name (ternary "this alias itself" "for exits, which nobody calls" (eq $name $service.fqdn)))) }}
{{- end }}
{{- end }}

{{- /* Istio applies the target's routes to calls by the target's own names, and not by an alias'. */}}
{{- define "istio-egress.aliasOfAlias" -}}
{{- $service := .service }}
{{- $parts := splitList "." $service.externalName }}
{{- if gt (len $parts) 2 }}
{{- with get .model.services (print (index $parts 1) "/" (index $parts 0)) }}
{{- if ne .path $service.path }}
{{- template "istio-egress.finding" (dict "model" $.model "id" "alias-of-alias" "path" (print $service.path ".externalName") "related" (list .path)
  "message" (printf "%s is declared by these values itself, and its routes do not apply to an alias of it: declare %s as %s is declared, with what it leads to and its tls" $service.externalName $service.name .path)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
An open alias of a host with two labels, of which the last is a namespace: every sidecar would take calls of that namespace's
service, by its short name, for calls of the host.
*/}}
{{- define "istio-egress.twoLabelChecks" -}}
{{- $service := .service }}
{{- $parts := splitList "." $service.externalName }}
{{- if eq (len $parts) 2 }}
{{- $last := index $parts 1 }}
{{- if or (hasKey .model.namespaces $last) (eq $last .model.namespace) }}
{{- template "istio-egress.findingOfOpen" (dict "model" .model "service" $service "id" "external-name-is-service" "path" (print $service.path ".externalName")
  "message" (printf "%q is also how workloads call a service %q of namespace %q, and those calls would leave the mesh: set serviceType: ClusterIP" $service.externalName (index $parts 0) $last)) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.externalNameSentences" -}}
{{- $name := .name }}
{{- $bare := trimAll "." $name }}
{{- $explained := false }}
{{- /* The host of a URL, of a host with a port, and of one with white space around it. */}}
{{- $host := regexReplaceAll "^[\\s\\x{00a0}\\x{200b}\\x{feff}]*([A-Za-z][A-Za-z0-9+.-]*://)?([^/@]*@)?([^/:?#\\s\\x{00a0}\\x{200b}\\x{feff}]+?)\\.?(:[0-9]+)?([/?#]\\S*)?[\\s\\x{00a0}\\x{200b}\\x{feff}]*$" $name "$3" | lower }}
{{- $write := "write the host name alone" }}
{{- $suggestion := "" }}
{{- if regexMatch "^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" $host }}
{{- $write = printf "write %q" $host }}
{{- $suggestion = dict "path" .path "value" $host }}
{{- end }}
{{- if contains "{{" $name }}
{{- $explained = true }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-invalid"
  "message" (printf "%q holds a template, and nothing is filled in there, as values are no templates: write the host name itself" $name)) }}
{{- else if regexMatch "\\$[{(A-Za-z_]" $name }}
{{- $explained = true }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-invalid"
  "message" (printf "%q holds a variable that nothing filled in: write the host name itself, or have it filled in before the file is read" $name)) }}
{{- else if regexMatch "[\\s\\x{00a0}\\x{200b}\\x{feff}]" $name }}
{{- $explained = true }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-invalid" "suggestion" $suggestion
  "message" (printf "%q has white space or a line break: %s, on one line" $name $write)) }}
{{- else if regexMatch "^[^:/]+:[0-9]+$" $name }}
{{- $explained = true }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-invalid" "suggestion" $suggestion
  "message" (printf "%q has a port: %s, and the port under ports" $name $write)) }}
{{- else if or (contains "://" $name) (contains "/" $name) }}
{{- $explained = true }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-invalid" "suggestion" $suggestion
  "message" (printf "%q is a URL: %s, and the port under ports" $name $write)) }}
{{- else if or (regexMatch "^[0-9.]+$" $name) (regexMatch "^\\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\\]?$" $name) }}
{{- $explained = true }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-ip"
  "message" (printf "%q is an IP address, and an ExternalName is a DNS name: declare the address under endpointServices" $name)) }}
{{- else }}
{{- if ne $name (lower $name) }}
{{- $explained = true }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-upper-case" "suggestion" (dict "path" .path "value" (lower $name | trimSuffix "."))
  "message" (printf "%q has upper-case letters, with which Istio does not connect the alias to the host: write %q" $name (lower $name | trimSuffix "."))) }}
{{- end }}
{{- if hasSuffix "." $name }}
{{- $explained = true }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-trailing-dot" "suggestion" (dict "path" .path "value" (lower $name | trimSuffix "."))
  "message" (printf "%q ends in a dot, with which Istio does not connect the alias to the host: write %q" $name (lower $name | trimSuffix "."))) }}
{{- end }}
{{- if contains "*" $name }}
{{- $explained = true }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-wildcard"
  "message" (printf "%q has a wildcard, and an alias leads to one host: write a full host name<direct:; hosts that are called by their own names stand under externalHosts, which takes wildcards>" $name)) }}
{{- end }}
{{- if contains "_" $name }}
{{- $explained = true }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-underscore"
  "message" (printf "%q has an underscore, which host names do not: write the host's real name" $name)) }}
{{- end }}
{{- if or (eq $bare "localhost") (hasSuffix ".localhost" $bare) }}
{{- $explained = true }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-short"
  "message" (printf "%q is the calling pod itself: write the server's host name" $name)) }}
{{- else if and $bare (not (contains "." $bare)) }}
{{- $explained = true }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-short"
  "message" (printf "%q is a short name, which Istio reads as a service of the alias' namespace: write the full host name, such as %q, or %q for a service of this cluster" $name (printf "%s.example.com" (lower $bare)) (printf "%s.NAMESPACE.svc.%s" (lower $bare) .model.clusterDomain))) }}
{{- end }}
{{- end }}
{{- if and (not $explained) (regexMatch "[^\\x00-\\x7f]" $name) }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-invalid"
  "message" (printf "%q has letters that DNS does not: write the name in its ASCII form, whose labels begin with xn--" $name)) }}
{{- else if and (not $explained) (regexMatch "[^.]{64}" $name) }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-invalid"
  "message" (printf "%q has a label of more than 63 characters, which no host name has: write the host's real name" $name)) }}
{{- else if not $explained }}
{{- template "istio-egress.finding" (dict "model" .model "path" .path "id" "external-name-invalid"
  "message" (printf "%q is not a host name: write labels of lower-case letters, digits and hyphens, joined by dots, such as \"httpbin.org\"" $name)) }}
{{- end }}
{{- end }}

{{- /* An alias of a service in the cluster is a Service and nothing else: Istio applies the target's own rules. */}}
{{- define "istio-egress.inClusterChecks" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- range $field := list "tls" "serverName" "serviceType" "rewriteHost" "timeout" "retries" "keepMeshHeaders" "workloadSelector" "trafficPolicy" "addresses" "through" "allowFrom" }}
{{- if hasKey $service.entry $field }}
{{- if not (kindIs "invalid" (get $service.entry $field)) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "in-cluster-field" "about" "key" "path" (printf "%s.%s" $service.path $field)
  "suggestion" (dict "path" (printf "%s.%s" $service.path $field))
  "message" (printf "%s leads to a service of this cluster, to which the mesh's own rules apply: remove %s" $service.externalName $field)) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $index, $port := $service.entry.ports }}
{{- if $port }}
{{- if $port.tls }}
{{- template "istio-egress.finding" (dict "model" $model "id" "in-cluster-field" "about" "key" "path" (printf "%s.ports[%d].tls" $service.path $index)
  "suggestion" (dict "path" (printf "%s.ports[%d].tls" $service.path $index))
  "message" (printf "%s leads to a service of this cluster, to which the mesh's own rules apply: remove tls" $service.externalName)) }}
{{- end }}
{{- if and $port.targetPort $port.port (ne (int $port.targetPort) (int $port.port)) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "in-cluster-target-port" "path" (printf "%s.ports[%d].targetPort" $service.path $index)
  "message" (printf "an alias of a service of this cluster maps no ports: write a port of %s as port, and no targetPort" $service.externalName)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
