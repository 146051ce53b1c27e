package render_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/render"
)

func TestTypedValues(t *testing.T) {
	rewrite := false
	values, err := render.Values{
		ExportTo:     []string{"."},
		CommonLabels: map[string]string{"team": "a"},
		ExternalNameServices: []render.ExternalNameService{{
			Service: render.Service{
				Name:        "api",
				Ports:       []render.Port{{Name: "http", Port: 80, TargetPort: 443}},
				TLS:         &render.TLS{Mode: render.TLSSimple},
				RewriteHost: &rewrite,
				TrafficPolicy: &render.TrafficPolicy{
					LoadBalancer: &networking.LoadBalancerSettings{
						LbPolicy: &networking.LoadBalancerSettings_Simple{Simple: networking.LoadBalancerSettings_LEAST_REQUEST},
					},
				},
			},
			ExternalName: "api.example.com",
		}},
		EndpointServices: []render.EndpointService{{
			Service: render.Service{
				Name:  "db",
				Ports: []render.Port{{Name: "tls", Port: 443}},
				TLS:   &render.TLS{Mode: render.TLSDisable},
			},
			Addresses:     []string{"192.0.2.1"},
			EndpointsKind: render.EndpointsServiceEntry,
		}},
	}.Map()
	if err != nil {
		t.Fatal(err)
	}
	result, err := loadEmbedded(t).Render(values, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	objects, err := result.Objects()
	if err != nil {
		t.Fatal(err)
	}
	var rule *istio.DestinationRule
	kinds := map[string]int{}
	for _, o := range objects {
		kinds[o.Document.Kind]++
		if r, ok := o.Value.(*istio.DestinationRule); ok && strings.HasPrefix(r.Spec.Host, "api.") {
			rule = r
		}
	}
	if rule == nil || kinds["Service"] != 2 || kinds["ServiceEntry"] != 2 || kinds["VirtualService"] != 2 {
		t.Fatalf("objects %v", kinds)
	}
	policy := rule.Spec.TrafficPolicy.PortLevelSettings[0]
	if policy.Tls.Mode != networking.ClientTLSSettings_SIMPLE || policy.LoadBalancer.GetSimple() != networking.LoadBalancerSettings_LEAST_REQUEST {
		t.Errorf("policy %v", policy)
	}
}

// Numbers of 64 bits, which the JSON of protobuf has as text, are numbers in the values, and settings are there without any.
func TestTypedTrafficPolicy(t *testing.T) {
	hash := &networking.LoadBalancerSettings_ConsistentHashLB{
		HashKey:       &networking.LoadBalancerSettings_ConsistentHashLB_UseSourceIp{UseSourceIp: true},
		HashAlgorithm: &networking.LoadBalancerSettings_ConsistentHashLB_RingHash_{RingHash: &networking.LoadBalancerSettings_ConsistentHashLB_RingHash{MinimumRingSize: 2048}},
	}
	values := render.Values{ExternalNameServices: []render.ExternalNameService{{
		Service: render.Service{
			Name: "api", Ports: []render.Port{{Name: "http", Port: 80}}, TLS: &render.TLS{Mode: render.TLSDisable},
			TrafficPolicy: &render.TrafficPolicy{
				LoadBalancer: &networking.LoadBalancerSettings{LbPolicy: &networking.LoadBalancerSettings_ConsistentHash{ConsistentHash: hash}},
				ConnectionPool: &networking.ConnectionPoolSettings{Tcp: &networking.ConnectionPoolSettings_TCPSettings{
					MaxConnections: 5,
					TcpKeepalive:   &networking.ConnectionPoolSettings_TCPSettings_TcpKeepalive{}, // there, with the system's defaults
				}},
			},
		},
		ExternalName: "api.example.com",
	}}}
	result, err := loadEmbedded(t).Render(mapOf(t, values), render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"minimumRingSize: 2048\n", "maxConnections: 5\n", "useSourceIp: true\n", "tcpKeepalive:\n              probes: 0\n"} {
		if !strings.Contains(string(result.Manifest()), want) {
			t.Errorf("%q is not in %s", want, result.Manifest())
		}
	}
}

func mapOf(t *testing.T, values render.Values) map[string]any {
	t.Helper()
	all, err := values.Map()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every field of the schema has a Go field.
func TestTypedValuesHaveAllFields(t *testing.T) {
	for name, fields := range render.SchemaFields(t) {
		for field, inGo := range fields {
			if !inGo {
				t.Errorf("%s has no field %s", name, field)
			}
		}
	}
}

func TestValuesOfOtherGoTypes(t *testing.T) {
	values := map[string]any{
		"externalNameServices": []map[string]any{{
			"name": "api", "externalName": "api.example.com", "exportTo": []string{"."},
			"ports": []map[string]any{{"name": "http", "port": 80}},
			"tls":   render.TLS{Mode: render.TLSDisable},
		}},
	}
	if _, err := loadEmbedded(t).Render(values, render.Options{}); err != nil {
		t.Error(err)
	}
	if _, err := loadEmbedded(t).Render(map[string]any{"global": map[string]any{"f": func() {}}}, render.Options{}); err == nil {
		t.Error("a function is accepted as a value")
	}
}

// Values decode in both forms: a list, or a map from name to entry, as Helm merges it.
func TestValuesDecodeFromBothForms(t *testing.T) {
	const list = `
externalNameServices:
  - {name: api, externalName: api.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}
  - {name: mail, externalName: mail.example.com, ports: [{name: tls, port: 465}], tls: {mode: DISABLE}}
endpointServices:
  - {name: db, addresses: [192.0.2.1], ports: [{name: tls, port: 443}], tls: {mode: DISABLE}}
`
	const byName = `
externalNameServices:
  mail: {externalName: mail.example.com, ports: [{name: tls, port: 465}], tls: {mode: DISABLE}}
  api: {name: api, externalName: api.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}
  gone: null
endpointServices:
  db: {addresses: [192.0.2.1], ports: [{name: tls, port: 443}], tls: {mode: DISABLE}}
`
	var fromList, fromMap render.Values
	if err := errors.Join(yaml.UnmarshalStrict([]byte(list), &fromList), yaml.UnmarshalStrict([]byte(byName), &fromMap)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(fromList, fromMap) || len(fromMap.ExternalNameServices) != 2 || fromMap.EndpointServices[0].Name != "db" {
		t.Errorf("from a list\n%+v\nfrom a map\n%+v", fromList, fromMap)
	}
	for text, want := range map[string]string{
		"externalNameServices: {api: {name: other}}": `the entry "api" has the name "other": its key is its name`,
		"endpointServices: {db: [1]}":                "cannot unmarshal array",
		"endpointServices: no":                       "cannot unmarshal bool",
	} {
		if err := yaml.Unmarshal([]byte(text), new(render.Values)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
