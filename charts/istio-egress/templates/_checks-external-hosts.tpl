{{- /*
Checks of hosts that are called by their own names. One regular expression decides over all of them at once; only where a
host is wrong, each is looked at by itself.
*/}}
{{- define "istio-egress.hostNamesChecks" -}}
{{- $model := .model }}
{{- $label := "[a-z0-9]([-a-z0-9]*[a-z0-9])?" }}
{{- $last := "[a-z]([-a-z0-9]*[a-z0-9])?" }}
{{- $all := list }}
{{- range $hosts := $model.hostNames }}
{{- $all = concat $all $hosts }}
{{- end }}
{{- $names := join "\n" $all }}
{{- $wrong := or (ne (len $all) (len (splitList "\n" $names))) (not (regexMatch (printf "\\A((\\*\\.)?(%s\\.)+%s\n|\n)*\\z" $label $last) (print $names "\n"))) (regexMatch "[^.\n]{64}" $names) }}
{{- range $path, $hosts := $model.hostNames }}
{{- range $index, $host := $hosts }}
{{- $at := printf "%s.hosts[%d]" $path $index }}
{{- if and $wrong (or (not (regexMatch (printf "^(\\*\\.)?(%s\\.)+%s$" $label $last) $host)) (regexMatch "[^.]{64}" $host)) }}
{{- template "istio-egress.hostInvalid" (dict "model" $model "path" $at "host" $host) }}
{{- else }}
{{- template "istio-egress.hostInside" (dict "model" $model "path" $at "host" $host "http" (hasKey $model.httpHosts $path) "removed" (ternary $path $at (eq (len $hosts) 1))) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.hostInvalid" -}}
{{- $model := .model }}
{{- $path := .path }}
{{- $host := .host }}
{{- /* The host of a URL, of a host with a port, and of one with white space around it. */}}
{{- $name := regexReplaceAll "^\\s*([A-Za-z][A-Za-z0-9+.-]*://)?([^/@]*@)?([^/:?#\\s]+?)\\.?(:[0-9]+)?([/?#]\\S*)?\\s*$" $host "$3" | lower }}
{{- if hasPrefix "." $name }}
{{- $name = print "*" $name }}
{{- end }}
{{- $say := printf "%q is no host name" $host }}
{{- if or (regexMatch "^[0-9.]+(/[0-9]+)?$" $host) (regexMatch "^\\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:./]*\\]?$" $host) }}
{{- $range := contains "/" $host }}
{{- template "istio-egress.finding" (dict "model" $model "id" "host-invalid" "path" $path
  "message" (printf "%q is %s, and workloads call hosts by name here: %s under endpointServices" $host
    (ternary "a range of addresses" "an address" $range) (ternary "list the servers' addresses" "declare a server without a name" $range))) }}
{{- else if eq $host "*" }}
{{- template "istio-egress.finding" (dict "model" $model "id" "host-invalid" "path" $path
  "message" "\"*\" is every host there is, the cluster's own too: name the domains that are allowed, such as \"*.example.com\"") }}
{{- else if and (ne $name $host) (regexMatch "^(\\*\\.)?([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" $name) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "host-invalid" "path" $path "suggestion" (dict "path" $path "value" $name)
  "message" (printf "%s: write %q, in lower case, and ports under ports" $say $name)) }}
{{- else if regexMatch "^\\*\\.[a-z0-9-]+$" $host }}
{{- template "istio-egress.finding" (dict "model" $model "id" "host-invalid" "path" $path
  "message" (printf "%q is a whole top-level domain, and all services of a namespace of that name: write a domain of the vendor, such as \"*.example.com\"" $host)) }}
{{- else if contains "*" $host }}
{{- template "istio-egress.finding" (dict "model" $model "id" "host-invalid" "path" $path
  "message" (printf "%q is no wildcard that the mesh knows: a wildcard is \"*.\" before a domain, such as \"*.example.com\", and stands for all names below it" $host)) }}
{{- else if regexMatch "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" $host }}
{{- template "istio-egress.finding" (dict "model" $model "id" "host-invalid" "path" $path
  "message" (printf "%q is a short name, by which workloads call services of their own namespace: write the full host name, such as %q" $host (print $host ".example.com"))) }}
{{- else }}
{{- template "istio-egress.finding" (dict "model" $model "id" "host-invalid" "path" $path
  "message" (printf "%s: write labels of at most 63 lower-case letters, digits and hyphens, joined by dots, such as \"api.example.com\" or \"*.example.com\"" $say)) }}
{{- end }}
{{- end }}

{{- /* Names that are the cluster's, or a release's own: a host of that name would take their calls. */}}
{{- define "istio-egress.hostInside" -}}
{{- $model := .model }}
{{- $host := .host }}
{{- $name := trimPrefix "*." $host }}
{{- $of := print "." $name }}
{{- $parts := splitList "." $host }}
{{- if or (hasSuffix (print "." $model.clusterDomain) $of) (hasSuffix ".cluster.local" $of) (hasSuffix ".svc" $of) (and (ne $name $host) (hasSuffix $of (print "." $model.clusterDomain))) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "host-in-cluster" "path" .path "suggestion" (dict "path" .removed)
  "message" (printf "%q is for services of the cluster, which need no declaration to be called: remove it; a local name for one is declared under externalNameServices" $host)) }}
{{- else if or (hasSuffix ".egress.internal" $of) (and (ne $name $host) (eq $name "internal")) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "host-in-cluster" "path" .path "suggestion" (dict "path" .removed)
  "message" (printf "%q is for exits, the hosts that this chart makes behind closed services and that nobody calls: remove it" $host)) }}
{{- else if and .http (eq (len $parts) 2) (or (hasKey $model.namespaces (last $parts)) (eq (last $parts) $model.namespace)) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "host-in-cluster" "path" .path
  "message" (printf "%q is also how workloads call a service %q of namespace %q, and those calls would leave the mesh: declare it under externalNameServices, with serviceType: ClusterIP" $host (first $parts) (last $parts))) }}
{{- end }}
{{- end }}

{{- define "istio-egress.hostTwice" -}}
{{- $other := .other }}
{{- if $other.byOwnName }}
{{- template "istio-egress.finding" (dict "model" .model "id" "host-twice" "path" .path "related" (list $other.hostPath) "suggestion" (dict "path" .removed)
  "message" (printf "%s is declared by %s already, and a namespace declares a host once: remove it here, and list all its ports there" .host $other.hostPath)) }}
{{- else if eq .host $other.host }}
{{- template "istio-egress.finding" (dict "model" .model "id" "host-twice" "path" .path "related" (list $other.path) "suggestion" (dict "path" .removed)
  "message" (printf "%s is declared by %s already, whose open form is for calls by the host's own name too: remove it here, or set serviceType: ClusterIP there" .host $other.path)) }}
{{- end }}
{{- end }}

{{- /* Checks of one entry: what it lacks, and what names no single host. */}}
{{- define "istio-egress.externalHostsChecks" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- range $field := list "hosts" "ports" }}
{{- if not (get $entry $field) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "without-schema" "schema" true "path" (print $service.path "." $field) "message" "is missing, and every entry needs it") }}
{{- end }}
{{- end }}
{{- template "istio-egress.externalHostsName" . }}
{{- $through := $entry.through | default $model.through | default "direct" }}
{{- if ne $through "direct" }}
{{- template "istio-egress.finding" (dict "model" $model "id" "hosts-through-gateway" "path" (ternary (print $service.path ".through") $service.path (not (empty $entry.through))) "misses" (list "through")
  "related" (list (ternary "egressGateway.default" $service.path (empty $entry.through))) "suggestion" (dict "path" (print $service.path ".through") "value" "direct")
  "message" "calls of a host by its own name leave the mesh directly, and cannot be led through the gateway: <direct:set through: direct, or >declare each host by its full name under externalNameServices") }}
{{- end }}
{{- $wildcard := "" }}
{{- range $host := $service.hosts }}
{{- if and (contains "*" $host) (not $wildcard) }}
{{- $wildcard = $host }}
{{- end }}
{{- end }}
{{- $_ := set $service "wildcard" $wildcard }}
{{- if and $entry.addresses (or $wildcard (gt (len $service.hosts) 1)) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "hosts-of-addresses" "path" (print $service.path ".addresses") "related" (list (print $service.path ".hosts"))
  "message" (printf "addresses are those of one host, and %s: make an entry for each host that has addresses" (ternary (printf "%q is a wildcard" $wildcard) (printf "this entry lists %d" (len $service.hosts)) (not (empty $wildcard))))) }}
{{- end }}
{{- if and $wildcard $entry.trafficPolicy }}
{{- template "istio-egress.finding" (dict "model" $model "id" "wildcard-policy" "about" "key" "path" (print $service.path ".trafficPolicy") "related" (list (print $service.path ".hosts"))
  "message" (printf "a policy for %q would count for every host below, those that others declare with TLS too: list the hosts by their names, or remove trafficPolicy" $wildcard)) }}
{{- end }}
{{- end }}

{{- define "istio-egress.externalHostsName" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $key := print $service.namespace "/" $service.name }}
{{- if not $service.name }}
{{- template "istio-egress.finding" (dict "model" $model "id" "without-schema" "schema" true "path" (print $service.path ".name") "message" "is missing, and every entry needs it") }}
{{- else if not (regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" $key) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "without-schema" "schema" true "path" (print $service.path ".name")
  "message" (printf "%q is no namespace and name: write at most 63 lower-case letters, digits and hyphens for each, the name with a letter first" $key)) }}
{{- end }}
{{- with get $model.externalHosts $key }}
{{- template "istio-egress.finding" (dict "model" $model "id" "name-twice" "path" $service.path "related" (list .path)
  "message" (printf "external hosts %q in namespace %q are declared by %s already: give one of them another name or namespace" $service.name $service.namespace .path)) }}
{{- else }}
{{- $_ := set $model.externalHosts $key $service }}
{{- end }}
{{- end }}

{{- /* Checks of an entry's ports, once for all its hosts. */}}
{{- define "istio-egress.hostPortsChecks" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- $entry := $service.entry }}
{{- range $port := $service.ports }}
{{- $path := printf "%s.ports[%d]" $service.path $port.index }}
{{- template "istio-egress.portChecks" (dict "model" $model "port" $port) }}
{{- if $service.wildcard }}
{{- template "istio-egress.wildcardPort" (dict "model" $model "service" $service "port" $port "path" $path) }}
{{- else if and (hasKey $model.opaqueProtocols ($port.protocol | default "")) $port.number (not (or $entry.addresses $model.dnsCapture)) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "tcp-without-addresses" "misses" (list "addresses" "dnsCapture") "path" $path "related" (list (print $service.path ".hosts"))
  "message" (printf "a %s port without addresses captures all traffic of the mesh to port %d: declare the host under externalNameServices, by whose name it is told apart, or set addresses to the IPs of %s; or set dnsCapture: true, if the mesh's sidecars capture DNS" $port.protocol $port.number $service.externalName)) }}
{{- end }}
{{- if and $model.ambient (ne $port.targetPort $port.number) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "ambient-target-port" "path" (print $path ".targetPort") "related" (list "dataPlane")
  "message" (printf "ztunnel maps no ports of a host that is called by its own name, so ambient pods would reach the server's port %d: write %d as port" $port.number $port.targetPort)) }}
{{- end }}
{{- end }}
{{- if $service.traits.tls }}
{{- template "istio-egress.originatingHosts" . }}
{{- end }}
{{- if and $entry.trafficPolicy (eq $model.dataPlane "ambient") }}
{{- template "istio-egress.finding" (dict "model" $model "id" "ambient-without-waypoint" "about" "key" "path" (print $service.path ".trafficPolicy") "related" (list "dataPlane")
  "message" "ztunnel passes bytes on and reads no rules, and hosts that are called by their own names pass no waypoint: remove trafficPolicy") }}
{{- end }}
{{- end }}

{{- /* What a name does not tell: where to go on another port, which name to verify, which server a byte is for. */}}
{{- define "istio-egress.wildcardPort" -}}
{{- $port := .port }}
{{- $wildcard := .service.wildcard }}
{{- if hasKey .model.opaqueProtocols ($port.protocol | default "") }}
{{- template "istio-egress.finding" (dict "model" .model "id" "wildcard-port" "path" .path "related" (list (print .service.path ".hosts"))
  "message" (printf "a %s port carries no name by which %q is recognised: name the port https or tls if the workload sends TLS, or list the hosts by their names, in an entry of their own" $port.protocol $wildcard)) }}
{{- else if has $port.tls.settings.mode (list "SIMPLE" "MUTUAL") }}
{{- template "istio-egress.finding" (dict "model" .model "id" "wildcard-port" "path" (print $port.tls.path ".mode") "related" (list .path) "suggestion" (dict "path" $port.tls.path "value" (dict "mode" "DISABLE"))
  "message" (printf "%s needs the name of the server, which %q leaves open: <DISABLE:set mode: DISABLE, or >list the hosts by their names, in an entry of their own" $port.tls.settings.mode $wildcard)) }}
{{- else if ne $port.targetPort $port.number }}
{{- template "istio-egress.finding" (dict "model" .model "id" "wildcard-port" "path" (print .path ".targetPort") "suggestion" (dict "path" (print .path ".targetPort"))
  "message" (printf "calls of %q go where the workload sends them, to port %d: remove targetPort, or list the hosts by their names, in an entry of their own" $wildcard $port.number)) }}
{{- end }}
{{- end }}

{{- define "istio-egress.originatingHosts" -}}
{{- $model := .model }}
{{- $service := .service }}
{{- if gt (len $service.hosts) 1 }}
{{- $blocks := dict $service.tls.path $service.entry.tls }}
{{- range $port := $service.ports }}
{{- with $port.entry.tls }}
{{- $_ := set $blocks $port.tls.path . }}
{{- end }}
{{- end }}
{{- range $path, $block := $blocks }}
{{- range $field := list "sni" "subjectAltNames" }}
{{- if get ($block | default dict) $field }}
{{- template "istio-egress.finding" (dict "model" $model "id" "hosts-share-names" "path" (print $path "." $field) "related" (list (print $service.path ".hosts")) "suggestion" (dict "path" (print $path "." $field))
  "message" (printf "%s would be the same for all %d hosts, and each is asked for and verified by its own name: remove it, or make an entry for the host that it is for" $field (len $service.hosts))) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if $model.ambient }}
{{- $said := dict }}
{{- range $port := $service.ports }}
{{- if and (ne ($port.tls.settings.mode | default "DISABLE") "DISABLE") (not (hasKey $said $port.tls.path)) }}
{{- $_ := set $said $port.tls.path true }}
{{- template "istio-egress.finding" (dict "model" $model "id" "ambient-hosts-tls" "path" (print $port.tls.path ".mode") "related" (list "dataPlane") "suggestion" (dict "path" $port.tls.path "value" (dict "mode" "DISABLE"))
  "message" "ztunnel reads no rules, and calls of a host by its own name pass no waypoint, so ambient pods would send plaintext: <DISABLE:set mode: DISABLE, or >declare each host by its full name under externalNameServices, with a waypoint") }}
{{- end }}
{{- end }}
{{- else if not $service.wildcard }}
{{- template "istio-egress.finding" (dict "model" $model "id" "fails-open" "severity" "warning" "path" $service.path
  "message" (printf "%s can be called in plaintext: from pods without a sidecar or of an ambient mesh, over HTTP/1.0, or where the caller's namespace declares the host otherwise; declare it under externalNameServices, where it gets a name that fails closed" $service.externalName)) }}
{{- end }}
{{- end }}

{{- /* Checks that need to know what else is declared: of one destination. */}}
{{- define "istio-egress.ownNameChecks" -}}
{{- $model := .model }}
{{- $destination := .destination }}
{{- if gt (len $destination.addresses) 256 }}
{{- template "istio-egress.finding" (dict "model" $model "id" "too-many-addresses" "path" (printf "%s.addresses" $destination.path)
  "message" (printf "%d addresses, and a ServiceEntry has 256 at the most: remove some" (len $destination.addresses))) }}
{{- end }}
{{- if $destination.addresses }}
{{- range $port := $destination.ports }}
{{- template "istio-egress.listeningPort" (dict "model" $model "destination" $destination "port" $port) }}
{{- end }}
{{- end }}
{{- end }}
