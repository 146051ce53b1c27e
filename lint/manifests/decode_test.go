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
			"5:3 spec.hots: ServiceEntry has no such field: correct its name, or remove it",
			"7:3 spec.xyz: ServiceEntry has no such field: correct its name, or remove it",
			"8:62 spec.ports[0].protcol: ServiceEntry has no such field: correct its name, or remove it",
		}},
		"outside the spec": {strings.NewReplacer("{name", "{labls: {}, name", "spec:", "spex: 3\nspec:").Replace(rule), []string{
			"3:12 metadata.labls: DestinationRule has no such field: correct its name, or remove it",
			"4:7 spex: DestinationRule has no such field: correct its name, or remove it",
		}},
		"lower case":        {strings.Replace(entry, "DNS", "dns", 1), []string{`6:15 spec.resolution: "dns" is none of the values of this field: write DNS`}},
		"none of its value": {strings.Replace(entry, "DNS", "lookup", 1), []string{`6:15 spec.resolution: "lookup" is none of the values of this field`}},
		"a number in quotes": {strings.Replace(entry, "80,", `"80",`, 1), []string{
			`7:20 spec.ports[0].number: "80" is text, and Kubernetes takes a number only: remove the quotes`,
		}},
		"another type":  {strings.Replace(entry, "[api.example.com]", "api.example.com", 1), []string{`5:10 spec.hosts: a value of another type belongs here: unexpected token "api.example.com"`}},
		"a duration":    {strings.Replace(rule, "    tls:", "    connectionPool: {tcp: {connectTimeout: 5x}}\n    tls:", 1), []string{`7:44 spec.trafficPolicy.connectionPool.tcp.connectTimeout: invalid google.protobuf.Duration value "5x"`}},
		"a list's item": {strings.Replace(entry, "[api.example.com]", "[3, 4]", 1), []string{`5:11 spec.hosts[0]: invalid value for string field hosts: 3`}},
		"a version":     {strings.Replace(entry, "istio.io/v1", "istio.io/v9", 1), []string{`1:1 : no Go type is known for kind "ServiceEntry" of apiVersion "networking.istio.io/v9"`}},
		"of Kubernetes": {fmt.Sprintf(service, `{port: 80, name: a}, {port: "81", nam: b}`), []string{
			"5:39 spec.ports[1].port: text does not fit here: write a number",
			"5:50 spec.ports[1].nam: Service has no such field: correct its name, or remove it",
		}},
		"of Kubernetes, unknown": {fmt.Sprintf(service, `{port: 80, name: a}, {port: 81, nam: b}`), []string{
			"5:48 spec.ports[1].nam: Service has no such field: correct its name, or remove it",
		}},
		"a label": {strings.Replace(fmt.Sprintf(service, "{port: 80}"), "{name", "{labels: {a: b, c: true}, name", 1), []string{
			"3:30 metadata.labels.c: true or false does not fit here: write text, in quotes",
		}},
		"of a List": {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  spec: {prots: []}\n", []string{"6:10 spec.prots: Service has no such field: correct its name, or remove it"}},
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
