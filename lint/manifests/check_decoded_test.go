package manifests_test

import (
	"fmt"
	"strings"
	"testing"
)

// Every field that does not belong is reported, at its place.
func TestNotDecoded(t *testing.T) {
	service := "apiVersion: v1\nkind: Service\nmetadata: {name: api}\nspec:\n  ports: [%s]\n"
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"unknown fields": {strings.NewReplacer("hosts:", "hots:", "resolution: DNS", "resolution: DNS\n  xyz: {é<: 1}", "protocol:", "protcol:").Replace(entry), []string{
			`5:3 spec.hots: ServiceEntry has no such field: did you mean "hosts"?`,
			"7:3 spec.xyz: ServiceEntry has no such field: correct its name, or remove it",
			`8:62 spec.ports[0].protcol: ServiceEntry has no such field: did you mean "protocol"?`,
		}},
		"outside the spec": {strings.NewReplacer("{name", "{labls: {}, name", "spec:", "spex: 3\nspec:").Replace(rule), []string{
			`3:12 metadata.labls: DestinationRule has no such field: did you mean "labels"?`,
			`4:7 spex: DestinationRule has no such field: did you mean "spec"?`,
		}},
		"lower case":        {strings.Replace(entry, "DNS", "dns", 1), []string{`6:15 spec.resolution: "dns" is none of the values of this field: write DNS`}},
		"none of its value": {strings.Replace(entry, "DNS", "lookup", 1), []string{`6:15 spec.resolution: "lookup" is none of the values of this field: write NONE, STATIC, DNS, DNS_ROUND_ROBIN or DYNAMIC_DNS`}},
		"a number in quotes": {strings.Replace(entry, "80,", `"80",`, 1), []string{
			`7:20 spec.ports[0].number: "80" is text, and Kubernetes takes a number only: remove the quotes`,
		}},
		"another type": {strings.Replace(entry, "[api.example.com]", "api.example.com", 1), []string{`5:10 spec.hosts: text does not fit here: write a list`}},
		"a duration":   {strings.Replace(rule, "    tls:", "    connectionPool: {tcp: {connectTimeout: 5x}}\n    tls:", 1), []string{`7:44 spec.trafficPolicy.connectionPool.tcp.connectTimeout: "5x" is no duration: write one such as 5s, 1m30s or 100ms`}},
		"a list's item": {strings.Replace(entry, "[api.example.com]", "[3, 4]", 1), []string{
			"5:11 spec.hosts[0]: a number does not fit here: write text, in quotes",
			"5:14 spec.hosts[1]: a number does not fit here: write text, in quotes",
		}},
		"a version": {strings.Replace(entry, "istio.io/v1", "istio.io/v9", 1), []string{`1:13 apiVersion: "networking.istio.io/v9" has no kind "ServiceEntry": write networking.istio.io/v1`}},
		"of Kubernetes": {fmt.Sprintf(service, `{port: 80, name: a}, {port: "81", nam: b}`), []string{
			`5:39 spec.ports[1].port: "81" is text, and Kubernetes takes a number only: remove the quotes`,
			`5:50 spec.ports[1].nam: Service has no such field: did you mean "name"?`,
		}},
		"of Kubernetes, unknown": {fmt.Sprintf(service, `{port: 80, name: a}, {port: 81, nam: b}`), []string{
			`5:48 spec.ports[1].nam: Service has no such field: did you mean "name"?`,
		}},
		"a label": {strings.Replace(fmt.Sprintf(service, "{port: 80}"), "{name", "{labels: {a: b, c: true}, name", 1), []string{
			"3:30 metadata.labels.c: true or false does not fit here: write text, in quotes",
		}},
		"words of YAML 1.1": {strings.Replace(fmt.Sprintf(service, "{port: 80}"), "  ports:", "  externalName: on\n  ports:", 1), []string{
			"5:17 spec.externalName: true or false does not fit here: write text, in quotes",
		}},
		"of a merged map": {strings.Replace(rule, "tls: {", "tls: {<<: {mod: SIMPLE, sni: 5}, ", 1), []string{
			`7:21 spec.trafficPolicy.tls.mod: DestinationRule has no such field: did you mean "mode"?`,
		}},
		"of a List": {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  spec: {prots: []}\n", []string{`6:10 spec.prots: Service has no such field: did you mean "ports"?`}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, finding := range lintText(t, test.text) {
				if finding.ID != "manifest-not-decoded" {
					continue
				}
				got = append(got, fmt.Sprintf("%s %s: %s", strings.TrimPrefix(finding.Position.String(), "<stdin>:"), finding.Path, finding.Message))
				if finding.Replacement != "" {
					t.Errorf("replaced, though it says something else:\n%s", finding.Replacement)
				}
			}
			expect(t, got, test.want...)
		})
	}
}
