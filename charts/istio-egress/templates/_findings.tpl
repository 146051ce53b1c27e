{{- /*
Findings: what the checks (_checks-*.tpl) say of the values. An error refuses the values; a warning is shown in the
notes.

  id        the rule, as the linter's catalogue names it
  severity  error, where nothing else is given, or warning
  path      of the value
  message   what is wrong and what to write instead; words between <DISABLE: and > are left out where policy closes that way:
            direct, DISABLE or SIMPLE
  related   paths of other values that take part
  about     "key" when the field itself is wrong there, and not what it says
  schema    true for what values.schema.json refuses too
  misses    names of fields, any of which would have answered: where one has another fault, this is no second one
  suggestion  what the message offers, as data: a path, and the value to write there; without a value, what is there is removed
  since     the minor version of Istio from which on nothing is wrong
*/}}
{{- define "istio-egress.finding" -}}
{{- $findings := .model.findings }}
{{- $message := .message }}
{{- if contains "<" $message }}
{{- range .model.closedWays }}
{{- $message = regexReplaceAll (printf "<%s:[^>]*>" .) $message "" }}
{{- end }}
{{- $message = regexReplaceAll "<(?:direct|DISABLE|SIMPLE):([^>]*)>" $message "$1" }}
{{- end }}
{{- if and (contains "mode: DISABLE" $message) (has "DISABLE" .model.closedWays) }}
{{- $message = print $message "; policy.modes would have to allow DISABLE" }}
{{- end }}
{{- if gt (len $message) 40 }}
{{- $message = include "istio-egress.shown" $message }}
{{- end }}
{{- $finding := dict "id" .id "severity" (.severity | default "error") "path" .path "message" $message }}
{{- if contains "-----BEGIN" .path }}
{{- /* As the Go package's paths name it, which finds its line by that. */}}
{{- $_ := set $finding "path" (regexReplaceAll "(?s)[.]?-----BEGIN.*" .path (printf "[\"(a %s, not shown)\"]" (ternary "private key" "certificate" (contains "PRIVATE KEY" .path)))) }}
{{- end }}
{{- range $key := list "related" "about" "schema" "misses" "suggestion" "since" }}
{{- with get $ $key }}
{{- $_ := set $finding $key . }}
{{- end }}
{{- end }}
{{- $value := get (.suggestion | default dict) "value" }}
{{- if kindIs "map" $value }}
{{- $value = get $value "mode" }}
{{- end }}
{{- if has $value .model.closedWays }}
{{- $_ := unset $finding "suggestion" }}
{{- end }}
{{- $_ := set $findings (printf "%06d" (len $findings)) $finding }}
{{- end }}

{{- /*
A message without what nobody should read in a log: keys and certificates, texts of several lines, and long ones, as those of
tokens are. The Go package has the same rules (internal/words).
*/}}
{{- define "istio-egress.shown" -}}
{{- $message := regexReplaceAll "-----BEGIN[^\"]*" . "(a key or certificate, not shown)" }}
{{- range $quoted := regexFindAll "\"(?:[^\"\\\\]|\\\\.)*\"" $message -1 }}
{{- if regexMatch "[^\\\\](\\\\\\\\)*\\\\[nr]" $quoted }}
{{- $message = replace $quoted "(a text of several lines, not shown)" $message }}
{{- else if or (gt (len $quoted) 102) (and (regexMatch "^\"[A-Za-z0-9+/_=-]{40,}\"$" $quoted) (regexMatch "[0-9]" $quoted)) }}
{{- $message = replace $quoted (print (regexFind "^\"(?:[^\"\\\\]|\\\\.){0,20}" $quoted) "…\"") $message }}
{{- end }}
{{- end }}
{{- regexReplaceAll "([^\\s\"]{20})[^\\s\"]{81,}" $message "${1}…" }}
{{- end }}

{{- /*
A finding that is settled by closing an alias: what the closed form has no use for goes with it. A host by its own name has no
closed form.
*/}}
{{- define "istio-egress.findingOfOpen" -}}
{{- $service := .service }}
{{- if not (or $service.hosts $service.byOwnName) }}
{{- $suggestion := dict "path" (print $service.path ".serviceType") "value" "ClusterIP" }}
{{- if $service.entry.addresses }}
{{- $suggestion = dict "path" $service.path "value" (set (omit $service.entry "addresses") "serviceType" "ClusterIP") }}
{{- end }}
{{- $_ := set . "suggestion" $suggestion }}
{{- end }}
{{- template "istio-egress.finding" . }}
{{- end }}

{{- /* Prints all findings as a JSON array, for programs: the Go package reads it. Called with the root context. */}}
{{- define "istio-egress.findings" -}}
{{- template "istio-egress.normalise" . }}
[
{{- $first := true }}
{{- range .IstioEgress.findings }}
{{- if not $first }},{{ end }}
{{- $first = false }}
{{- toJson . }}
{{- end }}]
{{- end }}

{{- /* Refuses the values with one message that names all problems. */}}
{{- define "istio-egress.refuse" -}}
{{- $errors := 0 }}
{{- range .IstioEgress.findings }}
{{- if eq .severity "error" }}
{{- $errors = add1 $errors }}
{{- end }}
{{- end }}
{{- if $errors }}
{{- $lines := include "istio-egress.refusal" .IstioEgress }}
{{- fail (printf "istio-egress refuses these values (%d %s):%s" $errors (ternary "problem" "problems" (eq $errors 1)) $lines) }}
{{- /* helm lint lets "fail" pass, as values may be missing there. These are wrong: the name of a missing template says why. */}}
{{- include (printf "these values are refused:%s" (replace "\n" " " $lines)) . }}
{{- end }}
{{- end }}

{{- define "istio-egress.refusal" -}}
{{- range .findings }}
{{- if eq .severity "error" }}
{{ printf "- %s: %s [%s]" .path .message .id }}
{{- end }}
{{- end }}
{{- end }}
