{{- /*
The fields that each part of the values may have, and their types as kindOf tells them, for what values.schema.json would
have refused: helm and Argo CD can be told to skip it. Then a misspelt field must not turn TLS off, nor a text stand for a
boolean. The fields of tls say besides what the checks have to know of them: "file" is a path in the sidecar, "verifies"
does nothing where nothing is verified, "client" is the certificate of MUTUAL.
*/}}
{{- define "istio-egress.fields" -}}
{{- $number := "float64 int64 int" }}
{{- $_ := set . "fields" (dict
  "values" (dict
    "externalNameServices" "slice map" "endpointServices" "slice map" "externalHosts" "slice map" "dnsCapture" "bool" "serviceType" "string" "endpointsKind" "string"
    "exportTo" "slice" "clusterDomain" "string" "commonLabels" "map" "commonAnnotations" "map" "egressGateway" "map" "dataPlane" "string" "waypoint" "map" "policy" "map" "test" "map" "enabled" "bool" "global" "map")
  "externalNameServices" (dict "externalName" "string" "serviceType" "string"
    "name" "string" "namespace" "string" "labels" "map" "annotations" "map" "ports" "slice" "serverName" "string" "tls" "map"
    "rewriteHost" "bool" "timeout" "string" "retries" "map" "keepMeshHeaders" "bool" "workloadSelector" "map" "exportTo" "slice"
    "trafficPolicy" "map" "addresses" "slice" "through" "string" "allowFrom" "map")
  "endpointServices" (dict "endpointsKind" "string"
    "name" "string" "namespace" "string" "labels" "map" "annotations" "map" "ports" "slice" "serverName" "string" "tls" "map"
    "rewriteHost" "bool" "timeout" "string" "retries" "map" "keepMeshHeaders" "bool" "workloadSelector" "map" "exportTo" "slice"
    "trafficPolicy" "map" "addresses" "slice" "through" "string" "allowFrom" "map")
  "externalHosts" (dict "hosts" "slice"
    "name" "string" "namespace" "string" "labels" "map" "annotations" "map" "ports" "slice" "tls" "map" "exportTo" "slice"
    "trafficPolicy" "map" "addresses" "slice" "through" "string")
  "ports" (dict "name" "string" "port" $number "targetPort" $number "appProtocol" "string" "tls" "map")
  "tls" (dict
    "mode" "string" "sni" "string" "subjectAltNames" "slice verifies" "caCertificates" "string verifies file" "caCrl" "string verifies file"
    "clientCertificate" "string client file" "privateKey" "string client file" "credentialName" "string" "insecureSkipVerify" "bool")
  "workloadSelector" (dict "matchLabels" "map")
  "allowFrom" (dict "namespaces" "slice" "serviceAccounts" "slice")
  "egressGateway" (dict "name" "string" "namespace" "string" "selector" "map" "port" $number "identity" "string"
    "default" "string")
  "waypoint" (dict "name" "string" "namespace" "string" "create" "bool")
  "policy" (dict "namespaces" "slice" "hosts" "slice" "exportTo" "slice" "modes" "slice" "addressesInside" "slice" "addressesOutside" "slice"
    "forbidInsecureSkipVerify" "bool" "requireGateway" "bool" "requireExportTo" "bool")
  "retries" (dict "attempts" $number "perTryTimeout" "string" "retryOn" "string")
  "trafficPolicy" (dict "connectionPool" "map" "outlierDetection" "map" "loadBalancer" "map")
  "test" (dict "enabled" "bool" "image" "string")
) }}
{{- end }}

{{- /* Checks the fields of a part of the values: "known" is its name above. */}}
{{- define "istio-egress.fieldChecks" -}}
{{- $known := index .model.fields .known }}
{{- range $field, $value := .fields }}
{{- if not (or (contains (kindOf $value) (get $known $field)) (kindIs "invalid" $value)) }}
{{- template "istio-egress.fieldWrong" (dict "model" $.model "path" $.path "field" $field "value" $value "kinds" (get $known $field) "known" $known) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Checks the fields of an entry, and of all that is in it. */}}
{{- define "istio-egress.entryFieldChecks" -}}
{{- $model := .model }}
{{- $path := .path }}
{{- $entry := .entry }}
{{- $found := len $model.findings }}
{{- template "istio-egress.fieldChecks" (dict "model" $model "known" .collection "path" (print $path ".") "fields" $entry) }}
{{- if eq $found (len $model.findings) }}
{{- range $part := list "tls" "workloadSelector" "retries" "trafficPolicy" "allowFrom" }}
{{- with get $entry $part }}
{{- template "istio-egress.fieldChecks" (dict "model" $model "known" $part "path" (print $path "." $part ".") "fields" .) }}
{{- end }}
{{- end }}
{{- range $index, $port := $entry.ports }}
{{- if kindIs "map" $port }}
{{- template "istio-egress.fieldChecks" (dict "model" $model "known" "ports" "path" (printf "%s.ports[%d]." $path $index) "fields" $port) }}
{{- if kindIs "map" $port.tls }}
{{- template "istio-egress.fieldChecks" (dict "model" $model "known" "tls" "path" (printf "%s.ports[%d].tls." $path $index) "fields" $port.tls) }}
{{- end }}
{{- else if not (kindIs "invalid" $port) }}
{{- template "istio-egress.finding" (dict "model" $model "id" "without-schema" "schema" true "path" (printf "%s.ports[%d]" $path $index) "message" "a port is a map of fields: write {name: ..., port: ...}") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "istio-egress.fieldWrong" -}}
{{- $path := print .path .field }}
{{- if .kinds }}
{{- if not .path }}
{{- $_ := set .model "unreadable" true }}
{{- end }}
{{- $number := "a number" }}
{{- $kinds := dict "string" "a string" "bool" "true or false" "slice" "a list" "map" "a map" "slice map" "a list or a map" "float64 int64 int" $number "float64" $number "int64" $number "int" $number }}
{{- template "istio-egress.finding" (dict "model" .model "id" "without-schema" "schema" true "path" $path
  "message" (printf "must be %s, not %s: correct it, and do not skip the schema" (get $kinds (regexReplaceAll " (verifies|client|file).*" .kinds "")) (get $kinds (kindOf .value)))) }}
{{- else }}
{{- template "istio-egress.finding" (dict "model" .model "id" "without-schema" "schema" true "about" "key" "path" $path
  "message" (printf "unknown field %q: allowed are %s" .field (keys .known | sortAlpha | join ", "))) }}
{{- end }}
{{- end }}
