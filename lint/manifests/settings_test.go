package manifests_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	networking "istio.io/api/networking/v1alpha3"
	istio "istio.io/client-go/pkg/apis/networking/v1"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/catalogue"
	"github.com/istio-egress/istio-egress/render"
)

// objects are typed, unlike those of the linter: this file reads what objects say in a way of its own.
type objects struct {
	services  []*core.Service
	endpoints []*core.Endpoints //nolint:staticcheck // people still have it
	slices    []*discovery.EndpointSlice
	entries   []*istio.ServiceEntry
	rules     []*istio.DestinationRule
}

func (o *objects) add(value kruntime.Object) {
	switch value := value.(type) {
	case *core.Service:
		o.services = append(o.services, value)
	case *core.Endpoints: //nolint:staticcheck // people still have it
		o.endpoints = append(o.endpoints, value)
	case *discovery.EndpointSlice:
		o.slices = append(o.slices, value)
	case *istio.ServiceEntry:
		o.entries = append(o.entries, value)
	case *istio.DestinationRule:
		o.rules = append(o.rules, value)
	}
}

func readObjects(t *testing.T, text string) *objects {
	t.Helper()
	all := &objects{}
	for document := range strings.SplitSeq(text, "---\n") {
		var head struct {
			Kind  string `json:"kind"`
			Items []any  `json:"items"`
		}
		if err := yaml.Unmarshal([]byte(document), &head); err != nil {
			continue // the linter says so
		}
		for _, item := range head.Items {
			data, err := yaml.Marshal(item)
			if err != nil {
				t.Fatal(err)
			}
			inner := readObjects(t, string(data))
			all.services, all.entries, all.rules = append(all.services, inner.services...), append(all.entries, inner.entries...), append(all.rules, inner.rules...)
		}
		value, known := map[string]kruntime.Object{
			"Service": &core.Service{}, "Endpoints": &core.Endpoints{}, "EndpointSlice": &discovery.EndpointSlice{}, //nolint:staticcheck // as above
			"ServiceEntry": &istio.ServiceEntry{}, "DestinationRule": &istio.DestinationRule{},
		}[head.Kind]
		if !known {
			continue
		}
		if err := yaml.Unmarshal([]byte(document), value); err != nil {
			continue
		}
		all.add(value)
	}
	return all
}

// wire is what leaves the sidecar of some workloads when they call a port.
type wire struct {
	servers, mode, sni, names, certificate string
	target                                 uint32
}

// call is a port as some workloads see it.
type call struct {
	selector string
	port     uint32
}

// subject returns the Service that a finding's object belongs to, if there is one, and the host that counts.
func (o *objects) subject(object string) (*core.Service, string) {
	kind, name, _ := strings.Cut(object, " ")
	namespace, name, _ := strings.Cut(name, "/")
	host := ""
	switch kind {
	case "ServiceEntry":
		for _, entry := range o.entries {
			if entry.Name == name {
				host = entry.Spec.Hosts[0]
			}
		}
	case "DestinationRule":
		for _, rule := range o.rules {
			if rule.Name == name {
				host = rule.Spec.Host
			}
		}
	default:
		if kind == "EndpointSlice" {
			for _, slice := range o.slices {
				if slice.Name == name {
					name = slice.Labels["kubernetes.io/service-name"]
				}
			}
		}
		host = name
	}
	for _, service := range o.services {
		external := strings.ToLower(strings.TrimSuffix(service.Spec.ExternalName, "."))
		if inNamespace(service.Namespace) != namespace {
			continue
		}
		if names(host, service) || external == host {
			if external != "" && strings.Trim(external, "0123456789.") != "" && !strings.Contains(external, ":") {
				return service, external
			}
			return service, service.Name + "." + inNamespace(service.Namespace) + ".svc.cluster.local"
		}
	}
	return nil, host
}

// names tells whether a host is one of the Service's, whatever the cluster's domain.
func names(host string, service *core.Service) bool {
	full := service.Name + "." + inNamespace(service.Namespace) + ".svc"
	return host == service.Name || host == full || strings.HasPrefix(host, full+".")
}

func inNamespace(name string) string {
	if name == "" {
		return "default"
	}
	return name
}

// rulesOf returns the rules of the host, else those of its alias.
func (o *objects) rulesOf(host string, alias *core.Service) []*istio.DestinationRule {
	var live, meant []*istio.DestinationRule
	for _, rule := range o.rules {
		switch {
		case rule.Spec.Host == host:
			live = append(live, rule)
		case alias != nil && names(rule.Spec.Host, alias):
			meant = append(meant, rule)
		}
	}
	if len(live) > 0 {
		return live
	}
	return meant
}

type declaredPort struct {
	number, target uint32
	protocol       egress.Protocol
	name           string
}

// portsOf returns the host's ports, and its servers.
func (o *objects) portsOf(host string, service *core.Service) ([]declaredPort, string) {
	var ports []declaredPort
	servers := host
	for _, entry := range o.entries {
		if entry.Spec.Hosts[0] != host && (service == nil || !names(entry.Spec.Hosts[0], service)) {
			continue
		}
		var addresses []string
		for _, endpoint := range entry.Spec.Endpoints {
			addresses = append(addresses, endpoint.Address)
		}
		if len(addresses) > 0 {
			servers = sorted(addresses)
		}
		for _, port := range entry.Spec.Ports {
			declared := declaredPort{port.Number, port.TargetPort, egress.ProtocolNamed(port.Protocol), port.Name}
			if declared.target == 0 {
				declared.target = declared.number
			}
			if len(addresses) > 0 && entry.Spec.Endpoints[0].Ports[port.Name] != 0 {
				declared.target = entry.Spec.Endpoints[0].Ports[port.Name]
			}
			ports = append(ports, declared)
		}
	}
	if len(ports) > 0 || service == nil {
		return ports, servers
	}
	for _, port := range service.Spec.Ports {
		declared := declaredPort{uint32(port.Port), uint32(port.TargetPort.IntValue()), egress.ProtocolNamed(port.Name), port.Name}
		if declared.target == 0 {
			declared.target = declared.number
		}
		ports = append(ports, declared)
	}
	return o.withEndpoints(ports, service, servers)
}

func (o *objects) withEndpoints(ports []declaredPort, service *core.Service, servers string) ([]declaredPort, string) {
	var addresses []string
	numbers := map[string]uint32{}
	for _, slice := range o.slices {
		if slice.Labels["kubernetes.io/service-name"] == service.Name {
			for _, endpoint := range slice.Endpoints {
				addresses = append(addresses, endpoint.Addresses...)
			}
			for _, port := range slice.Ports {
				numbers[*port.Name] = uint32(*port.Port)
			}
		}
	}
	for _, mirrored := range o.endpoints {
		if mirrored.Name == service.Name {
			for _, address := range mirrored.Subsets[0].Addresses {
				addresses = append(addresses, address.IP)
			}
			for _, port := range mirrored.Subsets[0].Ports {
				numbers[port.Name] = uint32(port.Port)
			}
		}
	}
	for i, port := range ports {
		if target := numbers[port.name]; target != 0 {
			ports[i].target = target
		} else if len(ports) == 1 {
			for _, target := range numbers {
				ports[i].target = target
			}
		}
	}
	if strings.Trim(service.Spec.ExternalName, "0123456789.:abcdef") == "" && service.Spec.ExternalName != "" {
		addresses = []string{service.Spec.ExternalName}
	}
	if len(addresses) > 0 {
		servers = sorted(addresses)
	}
	return ports, servers
}

func sorted(values []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(values))), " ")
}

// tlsOf is what a rule says of a port. Repaired, settings for the server's port count for the one that workloads call,
// and settings without tls do not drop it.
func tlsOf(rule *istio.DestinationRule, port declaredPort, ports []declaredPort) *networking.ClientTLSSettings {
	policy := rule.Spec.TrafficPolicy
	declared := slices.ContainsFunc(ports, func(other declaredPort) bool { return other.number == port.target })
	for _, level := range policy.GetPortLevelSettings() {
		number := level.GetPort().GetNumber()
		if number != port.number && (declared || number != port.target) {
			continue
		}
		if level.Tls == nil {
			break
		}
		return level.Tls
	}
	return policy.GetTls()
}

// wires are the calls of a host as its objects, repaired, would make them.
func (o *objects) wires(host string, service *core.Service) map[call]wire {
	ports, servers := o.portsOf(host, service)
	rules := o.rulesOf(host, service)
	if len(rules) == 0 {
		rules = []*istio.DestinationRule{{}}
	}
	all := map[call]wire{}
	for _, rule := range rules {
		for _, port := range ports {
			selector := fmt.Sprint(rule.Spec.WorkloadSelector.GetMatchLabels())
			tls := tlsOf(rule, port, ports)
			sent := wire{servers: servers, mode: "DISABLE", target: port.target}
			mode := tls.GetMode().String()
			if tls == nil && port.protocol.IsHTTP() && port.target == 443 { // which nobody else would encrypt
				tls, mode = &networking.ClientTLSSettings{}, "SIMPLE"
			}
			if mode == "DISABLE" || port.protocol.IsTLS() {
				all[call{selector, port.number}] = sent
				continue
			}
			sent.mode, sent.sni, sent.names = mode, tls.Sni, sorted(tls.SubjectAltNames)
			sent.certificate = fmt.Sprint(tls.CredentialName, ",", tls.ClientCertificate, ",", tls.PrivateKey, ",", tls.CaCertificates, ",", tls.CaCrl)
			if tls.CredentialName != "" && selector == "map[]" && !strings.HasPrefix(tls.CredentialName, "configmap:") {
				selector = "map[app:my-workload]"
			}
			if port.protocol.IsHTTP() && port.number == 443 && !strings.HasSuffix(host, ".cluster.local") {
				port.number = 80
			}
			if len(o.entries) == 0 && port.number == 80 && port.target == 80 && servers == host {
				sent.target = 443
			}
			all[call{selector, port.number}] = sent
		}
	}
	return all
}

// Per port and set of workloads, a replacement leads to the same servers with the same settings as the objects, but for the
// repairs that the findings ask for: names are verified, and nobody is left out.
func TestReplacementsSaySame(t *testing.T) {
	compared := 0
	for name, text := range allSets(t) {
		t.Run(name, func(t *testing.T) {
			before := readObjects(t, text)
			for _, finding := range lintText(t, text) {
				if finding.Replacement != "" {
					compare(t, before, finding)
					compared++
				}
			}
		})
	}
	if compared < 60 {
		t.Errorf("%d replacements were compared", compared)
	}
}

// allSets are the manifests of all tests and of the catalogue.
func allSets(t *testing.T) map[string]string {
	t.Helper()
	all := maps.Clone(clean)
	for name, test := range traps {
		all["trap "+name] = test.text
	}
	for name, test := range replaced {
		all["replaced "+name] = test.text
	}
	for name, text := range notReplaced {
		all["not replaced "+name] = text
	}
	for _, id := range catalogue.IDs() {
		entry, err := catalogue.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		for i, example := range append(entry.Fails, entry.Repair...) {
			if strings.HasSuffix(example.Info, "manifest") {
				all[fmt.Sprintf("%s %d", id, i)] = example.Text
			}
		}
	}
	return all
}

func compare(t *testing.T, before *objects, finding lint.Finding) {
	t.Helper()
	service, host := before.subject(finding.Object)
	for _, entry := range before.entries {
		if slices.Contains(entry.Spec.Hosts, host) && (entry.Spec.Location == networking.ServiceEntry_MESH_INTERNAL || entry.Spec.WorkloadSelector != nil) {
			t.Errorf("%s: %s is part of the mesh\n%s", finding.ID, host, finding.Replacement)
		}
	}
	after := renderObjects(t, finding.Replacement)
	hostAfter := after.rulesHost()
	if hostAfter == "" { // an alias of a Service of the cluster, which has no settings
		if after.services[0].Spec.ExternalName != host || len(before.rulesOf(host, service)) > 0 {
			t.Errorf("%s: leads to %s, not to %s\n%s", finding.ID, after.services[0].Spec.ExternalName, host, finding.Replacement)
		}
		return
	}
	got := after.wires(hostAfter, after.serviceOf(hostAfter))
	want := before.wires(host, service)
	for key, wanted := range want {
		if wanted.mode != "DISABLE" {
			wanted = named(wanted, host)
		}
		if sent := got[key]; sent != wanted {
			t.Errorf("%s: %+v\ngot  %+v\nwant %+v\n%s", finding.ID, key, sent, wanted, finding.Replacement)
		}
	}
	for key, sent := range got {
		if _, wanted := want[key]; wanted {
			continue
		}
		if key.selector != "map[]" || !slices.ContainsFunc(slices.Collect(maps.Keys(want)), func(other call) bool {
			return other.port == key.port && (sent.mode == "DISABLE") == (want[other].mode == "DISABLE")
		}) {
			t.Errorf("%s: nobody asked for %+v: %+v\n%s", finding.ID, key, sent, finding.Replacement)
		}
	}
}

// named completes the names that TLS must verify.
func named(sent wire, host string) wire {
	if sent.sni == "" && strings.HasSuffix(host, ".cluster.local") {
		host, _, _ = strings.Cut(sent.names, " ")
	}
	if sent.sni == "" {
		sent.sni = host
	}
	if sent.names == "" {
		sent.names = sent.sni
	}
	return sent
}

func renderObjects(t *testing.T, values string) *objects {
	t.Helper()
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := render.ParseValues([]byte(values))
	if err != nil {
		t.Fatalf("%v\n%s", err, values)
	}
	result, err := chart.Render(parsed, render.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, values)
	}
	rendered, err := result.Objects()
	if err != nil {
		t.Fatal(err)
	}
	all := &objects{}
	for _, object := range rendered {
		all.add(object.Value)
	}
	return all
}

func (o *objects) rulesHost() string {
	if len(o.rules) == 0 {
		return ""
	}
	return o.rules[0].Spec.Host
}

func (o *objects) serviceOf(host string) *core.Service {
	for _, service := range o.services {
		if strings.HasPrefix(host, service.Name+"."+service.Namespace+".svc.") {
			return service
		}
	}
	return nil
}
