package objects_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	istionetworking "istio.io/client-go/pkg/apis/networking/v1"
	istiosecurity "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/internal/objecttypes"
	"github.com/istio-egress/istio-egress/lint/objects"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

func expectMisfits(t *testing.T, misfits []objects.Misfit, want ...string) {
	t.Helper()
	var got []string
	for _, misfit := range misfits {
		got = append(got, fmt.Sprintf("%s: %s", misfit.At, misfit.Message))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestMisfits(t *testing.T) {
	const (
		service = "apiVersion: v1\nkind: Service\n"
		entry   = "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nspec: "
		rule    = "apiVersion: networking.istio.io/v1beta1\nkind: DestinationRule\nspec: "
		route   = "apiVersion: networking.istio.io/v1alpha3\nkind: VirtualService\nspec: "
		peer    = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nspec: "
	)
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"names": {service + "metadata: {Labels: {}}\nspec: {port: [], type: a, x: 1, ports: [{nodePrt: 1}]}\nstatus: {loadbalancer: {}}\n", []string{
			`metadata.Labels: Service has no such field: did you mean "labels"?`,
			`spec.port: Service has no such field: did you mean "ports"?`,
			"spec.x: Service has no such field: correct its name, or remove it",
			`spec.ports[0].nodePrt: Service has no such field: did you mean "nodePort"?`,
			`status.loadbalancer: Service has no such field: did you mean "loadBalancer"?`,
		}},
		"names of protobuf": {rule + "{host: h, export_to: [a], trafficPolicy: {tls: {subject_alt_names: [a], sin: a}}}", []string{
			`spec.export_to: DestinationRule has no such field: did you mean "exportTo"?`,
			`spec.trafficPolicy.tls.subject_alt_names: DestinationRule has no such field: did you mean "subjectAltNames"?`,
			`spec.trafficPolicy.tls.sin: DestinationRule has no such field: did you mean "sni"?`,
		}},
		"names of protobuf that Kubernetes knows": {route + "{http: [{mirror_percent: 5}, {mirror_percent: 5, mirrorPercent: 6}]}", []string{
			"spec.http[1].mirrorPercent: mirror_percent and mirrorPercent exclude each other: remove one of them",
		}},
		"a variable of a wrong name": {entry + "{hots: \"${HOST}\"}", []string{`spec.hots: ServiceEntry has no such field: did you mean "hosts"?`}},
		"variables":                  {entry + "{hosts: [\"${HOST}\"], ports: [{number: \"$(PORT)\", targetPort: \"8${X}\"}], resolution: \"${R}\", addresses: \"${A}\"}", nil},
		"types of Kubernetes": {service + "metadata: {name: 5, labels: {a: true, b: 1, c: x}, creationTimestamp: yesterday, deletionTimestamp: 5}\nspec: {ports: {port: 80}, clusterIPs: a, publishNotReadyAddresses: 1, selector: []}\n", []string{
			"metadata.name: a number does not fit here: write text, in quotes",
			"metadata.labels.a: true or false does not fit here: write text, in quotes",
			"metadata.labels.b: a number does not fit here: write text, in quotes",
			`metadata.creationTimestamp: "yesterday" is no time: write one such as 2006-01-02T15:04:05Z`,
			"metadata.deletionTimestamp: a number is no time: write one such as 2006-01-02T15:04:05Z",
			"spec.ports: a map does not fit here: write a list",
			"spec.clusterIPs: text does not fit here: write a list",
			"spec.publishNotReadyAddresses: a number does not fit here: write true or false",
			"spec.selector: a list does not fit here: write a map",
		}},
		"types of Istio": {entry + "{hosts: a, ports: [5], endpoints: [{ports: {http: x}, labels: [a], address: null}], subjectAltNames: [null], exportTo: {}}", []string{
			"spec.hosts: text does not fit here: write a list",
			"spec.ports[0]: a number does not fit here: write a map",
			"spec.endpoints[0].ports.http: text does not fit here: write a number",
			"spec.endpoints[0].labels: a list does not fit here: write a map",
			"spec.subjectAltNames[0]: nothing does not fit here: write a value",
			"spec.exportTo: a map does not fit here: write a list",
		}},
		"quotes": {service + "spec: {publishNotReadyAddresses: \"true\", ports: [{port: \"80\", targetPort: \"80\"}, {port: \"80x\"}, {port: \"null\"}]}\n", []string{
			`spec.publishNotReadyAddresses: "true" is text, and Kubernetes takes true or false only: remove the quotes`,
			`spec.ports[0].port: "80" is text, and Kubernetes takes a number only: remove the quotes`,
			"spec.ports[1].port: text does not fit here: write a number",
			"spec.ports[2].port: text does not fit here: write a number",
		}},
		"quotes in wrappers": {rule + "{trafficPolicy: {outlierDetection: {consecutive5xxErrors: \"5\"}, loadBalancer: {localityLbSetting: {enabled: \"false\"}}}}", []string{
			`spec.trafficPolicy.outlierDetection.consecutive5xxErrors: "5" is text, and Kubernetes takes a number only: remove the quotes`,
			`spec.trafficPolicy.loadBalancer.localityLbSetting.enabled: "false" is text, and Kubernetes takes true or false only: remove the quotes`,
		}},
		"quotes that Kubernetes takes": {strings.Replace(entry, "spec: ", "status: ", 1) + "{observedGeneration: \"5\", conditions: [{lastProbeTime: \"2006-01-02T15:04:05Z\"}]}", nil},
		"limits": {entry + "{ports: [{number: -1}, {number: 4294967296}, {number: 1.5}, {number: 80.0, targetPort: 0x10}], endpoints: [{weight: .nan}]}", []string{
			"spec.ports[0].number: -1 does not fit here: write a whole number from 0 to 4294967295",
			"spec.ports[1].number: 4294967296 does not fit here: write a whole number from 0 to 4294967295",
			"spec.ports[2].number: 1.5 does not fit here: write a whole number from 0 to 4294967295",
			"spec.endpoints[0].weight: NaN does not fit here: write a whole number from 0 to 4294967295",
		}},
		"limits of Kubernetes": {service + "spec: {ports: [{port: 2147483648}]}\nmetadata: {generation: 1e30}\n", []string{
			"spec.ports[0].port: 2147483648 does not fit here: write a whole number from -2147483648 to 2147483647",
			"metadata.generation: 1e+30 does not fit here: write a whole number from -9223372036854775808 to 9223372036854775807",
		}},
		"limits of fractions": {route + "{http: [{mirrorPercentage: {value: .inf}}]}", []string{"spec.http[0].mirrorPercentage.value: +Inf does not fit here: write a number"}},
		"enumerations": {rule + "{trafficPolicy: {tls: {mode: simple}, proxyProtocol: {version: V3}}, subsets: [{trafficPolicy: {tls: {mode: 1}}}, {trafficPolicy: {tls: {mode: TLS}}}]}", []string{
			`spec.trafficPolicy.tls.mode: "simple" is none of the values of this field: write SIMPLE`,
			`spec.trafficPolicy.proxyProtocol.version: "V3" is none of the values of this field: write V1`,
			"spec.subsets[0].trafficPolicy.tls.mode: a number is none of the values of this field: write DISABLE, SIMPLE, MUTUAL or ISTIO_MUTUAL",
			`spec.subsets[1].trafficPolicy.tls.mode: "TLS" is none of the values of this field: write DISABLE, SIMPLE, MUTUAL or ISTIO_MUTUAL`,
		}},
		"durations": {rule + "{trafficPolicy: {connectionPool: {tcp: {connectTimeout: 1m30s, idleTimeout: 5, maxConnectionDuration: 1d}}}}", []string{
			"spec.trafficPolicy.connectionPool.tcp.idleTimeout: a number is no duration: write one such as 5s, 1m30s or 100ms",
			`spec.trafficPolicy.connectionPool.tcp.maxConnectionDuration: "1d" is no duration: write one such as 5s, 1m30s or 100ms`,
		}},
		"fields that exclude each other": {route + "{http: [{match: [{uri: {exact: /a, prefix: /b}, method: {exact: null, regex: a}}], directResponse: {body: {bytes: a}}}]}", []string{
			"spec.http[0].match[0].uri.prefix: exact and prefix exclude each other: remove one of them",
			"spec.http[0].directResponse.body.bytes: text does not fit here: write text in base64",
		}},
		"keys": {peer + "{portLevelMtls: {8080: {mode: STRICT}, http: {mode: DISABLE}, -1: {}}}", []string{
			`spec.portLevelMtls.http: "http" does not fit here: write a number`,
			`spec.portLevelMtls.-1: "-1" does not fit here: write a number`,
		}},
		"no object":              {"- a list\n", []string{`apiVersion: "" has no kind "": correct the two`}},
		"a kind of no group":     {"apiVersion: v1\nkind: Sirvice\n", []string{`apiVersion: "v1" has no kind "Sirvice": correct the two`}},
		"a version of no kind":   {"apiVersion: v2\nkind: Service\n", []string{`apiVersion: "v2" has no kind "Service": write v1`}},
		"nothing but a kind":     {service, nil},
		"nothing in its place":   {entry + "\n", nil},
		"something in its place": {entry + "[]\n", []string{"spec: a list does not fit here: write a map"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, misfits := read(t, test.text)
			expectMisfits(t, misfits, test.want...)
		})
	}
}

// What fits is in the object, whatever else is not.
func TestObjectOfWhatFits(t *testing.T) {
	object, misfits := read(t, "apiVersion: v1\nkind: Service\nmetadata: {name: a, label: {}}\nspec: {externalName: 5, ports: [{port: \"80\", name: http}], type: ExternalName}\n")
	if service := object.(*corev1.Service); len(misfits) != 3 || service.Name != "a" || service.Spec.ExternalName != "" ||
		service.Spec.Ports[0].Name != "http" || service.Spec.Ports[0].Port != 0 || service.Spec.Type != corev1.ServiceTypeExternalName {
		t.Errorf("%v, %+v", misfits, service)
	}
	object, misfits = read(t, "apiVersion: networking.istio.io/v1alpha3\nkind: ServiceEntry\nmetadata: {name: a}\nspec: {hosts: [a, 5], resolution: dns, ports: [{number: \"${PORT}\", name: http}]}\n")
	if entry := object.(*istionetworking.ServiceEntry); len(misfits) != 2 || entry.Name != "a" || entry.APIVersion != "networking.istio.io/v1alpha3" ||
		!slices.Equal(entry.Spec.Hosts, []string{"a"}) || entry.Spec.Ports[0].Name != "http" {
		t.Errorf("%v, %+v", misfits, entry)
	}
	object, misfits = read(t, "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nspec: {action: DENY, rules: [{to: [{operation: {hosts: [a]}}]}], selector: {matchLabels: {a: b}}, acton: A}\n")
	if policy := object.(*istiosecurity.AuthorizationPolicy); len(misfits) != 1 || policy.Spec.Action.String() != "DENY" || policy.Spec.Rules[0].To[0].Operation.Hosts[0] != "a" {
		t.Errorf("%v, %+v", misfits, policy)
	}
}

func TestExamplesFit(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/rendered.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		documents, _ := position.Documents(file, data)
		for _, document := range documents {
			fields := document.Root()
			if !objecttypes.Known(text(fields, "apiVersion"), text(fields, "kind")) {
				continue // a waypoint's Gateway
			}
			got, misfits, _ := objects.Read(fields)
			expectMisfits(t, misfits)
			want, err := render.Document{
				APIVersion: text(fields, "apiVersion"), Kind: text(fields, "kind"), Content: asJSON(t, fields.Value()),
			}.Decode()
			if err != nil || asJSON(t, got) != asJSON(t, want) {
				t.Errorf("%s: %s, want %s, %v", file, asJSON(t, got), asJSON(t, want), err)
			}
		}
	}
}

func text(fields position.Node, name string) string {
	value, _ := fields.Field(name).Text()
	return value
}
