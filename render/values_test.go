package render_test

import (
	"strings"
	"testing"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"

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
