package render

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	networking "istio.io/api/networking/v1"

	"github.com/istio-egress/istio-egress/egress"
)

// ValuesOf writes a model as values: an entry for each of its services, and for hosts that are called by their own names. A model can say more than values can, such as other
// rules for the same workloads by two selectors; whether the values say the same, [Chart.Prove] tells.
func ValuesOf(model *egress.Model) Values {
	values := Values{
		DataPlane: dataPlaneOf(model), Waypoint: waypointIn(model), EgressGateway: gatewayIn(model), ExternalHosts: externalHostsOf(model),
	}
	values.DNSCapture = slices.ContainsFunc(model.Destinations, needsDNSCapture)
	for _, service := range model.Services {
		if domain, other := otherDomain(service); other {
			values.ClusterDomain = domain
		}
		entry := entryOf(service)
		if service.Kind == egress.EndpointService {
			values.EndpointServices = append(values.EndpointServices, EndpointService{
				Service: entry, Addresses: addressesOf(service), EndpointsKind: EndpointsKind(service.EndpointsKind),
			})
			continue
		}
		values.ExternalNameServices = append(values.ExternalNameServices, ExternalNameService{
			Service: entry, ExternalName: service.ExternalName, Addresses: addressesOf(service), ServiceType: serviceTypeOf(service),
		})
	}
	return values
}

// gatewayIn is the gateway that services pass, of which values have one; nil for none.
func gatewayIn(model *egress.Model) *EgressGateway {
	if len(model.Gateways) == 0 {
		return nil
	}
	from := model.Gateways[0]
	gateway := &EgressGateway{Name: from.Name, Namespace: from.Namespace, Selector: from.Selector, Identity: from.Identity}
	if from.Port != 443 { // the default
		gateway.Port = int32(from.Port)
	}
	return gateway
}

// dataPlaneOf is empty for the default.
func dataPlaneOf(model *egress.Model) DataPlane {
	if model.DataPlane == egress.DataPlaneSidecar {
		return ""
	}
	return DataPlane(model.DataPlane)
}

// waypointIn is the waypoint that services are bound to, of which values have one; nil for none. Its namespace is left out where
// each service has it in its own.
func waypointIn(model *egress.Model) *Waypoint {
	var waypoint *Waypoint
	elsewhere := false
	for _, service := range model.Services {
		namespace, name, bound := strings.Cut(service.Waypoint, "/")
		if !bound {
			continue
		}
		elsewhere = elsewhere || namespace != service.Namespace
		if waypoint == nil {
			waypoint = &Waypoint{Name: name, Namespace: namespace}
		}
	}
	if waypoint != nil && !elsewhere {
		waypoint.Namespace = ""
	}
	return waypoint
}

// otherDomain returns the cluster's domain where it is not the default.
func otherDomain(service *egress.Service) (string, bool) {
	_, domain, _ := strings.Cut(service.Host, ".svc.")
	return domain, domain != "" && domain != "cluster.local"
}

// destinationOf is where the ports of a service lead; nil for a service of the cluster.
func destinationOf(service *egress.Service) *egress.Destination {
	for _, port := range service.Ports {
		if port.To != nil {
			return port.To.Destination
		}
	}
	return nil
}

func addressesOf(service *egress.Service) []string {
	if destination := destinationOf(service); destination != nil {
		return destination.Addresses
	}
	return nil
}

func entryOf(service *egress.Service) Service {
	entry := Service{Name: service.Name, Namespace: service.Namespace, Labels: service.Labels, Annotations: service.Annotations}
	names := map[string]bool{}
	for _, port := range service.Ports {
		entry.Ports = append(entry.Ports, portOf(port, names))
	}
	destination := destinationOf(service)
	if destination == nil {
		return entry
	}
	if service.Waypoint == "" {
		entry.ExportTo = exportToOf(destination.ExportTo, service.Namespace)
	} else { // the exit is seen by the waypoint besides, or by it alone
		entry.ExportTo = exportToOf(service.ExportTo, service.Namespace)
	}
	selector := selectorOf(destination)
	entry.ServerName = serverNameOf(service, selector)
	if selector != nil {
		entry.WorkloadSelector = &WorkloadSelector{MatchLabels: selector}
	}
	setTLS(&entry, service, selector)
	entry.RewriteHost = rewriteHostOf(service, selector)
	setRoute(&entry, service)
	if service.Through != "" {
		entry.Through = ThroughGateway
	}
	if allowed := service.AllowFrom; allowed != nil {
		entry.AllowFrom = &AllowFrom{allowed.Namespaces, allowed.ServiceAccounts}
	}
	for _, port := range service.Ports {
		if policy := ruleFor(port, selector).Policy; policy != nil {
			entry.TrafficPolicy = &TrafficPolicy{policy.ConnectionPool, policy.OutlierDetection, policy.LoadBalancer}
		}
	}
	return entry
}

// portOf writes a port, with a name that tells the protocol and that no other port has.
func portOf(from *egress.Port, names map[string]bool) Port {
	port := Port{Name: from.Name, Port: int32(from.Number), AppProtocol: from.AppProtocol}
	if from.TargetPort != from.Number {
		port.TargetPort = int32(from.TargetPort)
	}
	protocol := strings.ToLower(string(from.Protocol))
	if egress.ServiceProtocol(port.Name, port.AppProtocol, from.Number) != from.Protocol {
		port.Name, port.AppProtocol = protocol, ""
	}
	if names[port.Name] {
		port.Name = protocol + "-" + strconv.Itoa(from.Number)
	}
	names[port.Name] = true
	return port
}

func exportToOf(namespaces []string, own string) []string {
	written := slices.Clone(namespaces)
	for i := range written {
		if written[i] == own {
			written[i] = "."
		}
	}
	return written
}

// selectorOf returns the selector of a destination that has one; its other workloads get what the chart gives them.
func selectorOf(destination *egress.Destination) map[string]string {
	for _, port := range destination.Ports {
		for _, rule := range port.Rules {
			if len(rule.Selector) > 0 {
				return rule.Selector
			}
		}
	}
	return nil
}

// ruleFor is the rule of a port for the workloads of a selector.
func ruleFor(port *egress.Port, selector map[string]string) egress.Rule {
	if port.To == nil {
		return egress.Rule{}
	}
	for _, rule := range port.To.Rules {
		if len(rule.Selector) == len(selector) {
			return rule
		}
	}
	return port.To.Rules[0]
}

// serverNameOf is the name that the server answers to, where it is not the external name: the Host that it gets, the one
// that is verified for others than the selector's workloads, or the one name that is both asked for and verified.
func serverNameOf(service *egress.Service, selector map[string]string) string {
	var names []string
	for _, port := range service.Ports {
		if rewritesHost(port) {
			names = append(names, port.Host)
		}
	}
	names = append(names, verifiedForOthers(service, selector)...)
	for _, port := range service.Ports {
		if port.To == nil {
			continue
		}
		for _, rule := range port.To.Rules {
			settings := rule.TLS.GetSettings()
			if sni := settings.GetSni(); sni != "" && (slices.Equal(settings.GetSubjectAltNames(), []string{sni}) || service.ExternalName == "") {
				names = append(names, sni)
			}
		}
	}
	if len(names) == 0 || names[0] == service.ExternalName {
		return ""
	}
	return names[0]
}

// verifiedForOthers are the names that the chart has verified for all workloads but those of the selector, where these verify
// none: it takes the server's name for it, as the tls block has no names then.
func verifiedForOthers(service *egress.Service, selector map[string]string) []string {
	var names []string
	for _, port := range service.Ports {
		others := ruleFor(port, nil).TLS.GetSettings().GetSubjectAltNames()
		if len(others) == 1 && len(ruleFor(port, selector).TLS.GetSettings().GetSubjectAltNames()) == 0 {
			names = append(names, others[0])
		}
	}
	return names
}

// setTLS writes what most ports have as the entry's tls, and what others have under them.
func setTLS(entry *Service, service *egress.Service, selector map[string]string) {
	name := cmp.Or(entry.ServerName, service.ExternalName)
	blocks := make([]*TLS, len(service.Ports))
	for i, port := range service.Ports {
		blocks[i] = tlsOf(ruleFor(port, selector).TLS.GetSettings(), name)
		if entry.TLS == nil || entry.TLS.Mode == TLSDisable && blocks[i].Mode != TLSDisable {
			entry.TLS = blocks[i]
		}
	}
	for i, block := range blocks {
		if !reflect.DeepEqual(block, entry.TLS) {
			entry.Ports[i].TLS = block
		}
	}
}

// tlsOf writes settings, without what the chart fills in for a server of the name.
func tlsOf(settings *networking.ClientTLSSettings, name string) *TLS {
	tls := &TLS{Mode: TLSDisable}
	if settings.GetMode() == networking.ClientTLSSettings_DISABLE {
		return tls
	}
	data, err := protojson.Marshal(settings)
	if err == nil {
		err = json.Unmarshal(data, tls) // the fields have Istio's names
	}
	if err != nil {
		panic(err) // a message that was read encodes
	}
	if tls.SNI == name {
		tls.SNI = ""
	}
	if slices.Equal(tls.SubjectAltNames, []string{cmp.Or(name, tls.SNI)}) {
		tls.SubjectAltNames = nil
	}
	return tls
}

func serviceTypeOf(service *egress.Service) ServiceType {
	switch {
	case service.InCluster:
		return ""
	case service.Form == egress.FormClosed:
		return ServiceClusterIP
	}
	return ServiceExternalName
}

// setRoute writes what the HTTP ports have in common.
func setRoute(entry *Service, service *egress.Service) {
	for _, port := range service.Ports {
		if !port.Protocol.IsHTTP() {
			continue
		}
		entry.KeepMeshHeaders = len(port.Route.GetHeaders().GetRequest().GetRemove()) == 0
		if timeout := port.Route.GetTimeout(); timeout != nil {
			entry.Timeout = timeout.AsDuration().String()
		}
		if retries := port.Route.GetRetries(); retries != nil {
			entry.Retries = &Retries{Attempts: retries.GetAttempts(), RetryOn: retries.GetRetryOn()}
			if each := retries.GetPerTryTimeout(); each != nil {
				entry.Retries.PerTryTimeout = each.AsDuration().String()
			}
		}
	}
}

// rewritesHost tells whether the server gets a Host of its own. Through a gateway it gets the service's full name otherwise.
func rewritesHost(port *egress.Port) bool {
	return port.Host != "" && (port.Service.Through == "" || port.Host != port.Service.Host)
}

// rewriteHostOf is needed where the Host is not the one that goes with the TLS mode.
func rewriteHostOf(service *egress.Service, selector map[string]string) *bool {
	for _, port := range service.Ports {
		rewrites := rewritesHost(port)
		if port.Protocol.IsHTTP() && rewrites != ruleFor(port, selector).TLS.Originates() {
			return &rewrites
		}
	}
	return nil
}

// Prove renders values and reads back what was rendered. The error says where that differs from what the model says.
func (c *Chart) Prove(values Values, model *egress.Model) error {
	rendered, err := c.readBack(values)
	if err != nil {
		return err
	}
	return differ(model.Effect(), rendered.Effect())
}

// Recommend writes a model as values, each service in the form that the chart chooses by itself, and returns what they render
// to. Calls do the same then as the model says, which is proven: the error says where they would not. Who is not routed by the
// mesh reaches nothing by a closed service, whatever the model's form.
func (c *Chart) Recommend(model *egress.Model) (Values, *egress.Model, error) {
	values := ValuesOf(model)
	for i := range values.ExternalNameServices {
		values.ExternalNameServices[i].ServiceType = ""
	}
	for i := range values.EndpointServices {
		values.EndpointServices[i].EndpointsKind = ""
	}
	rendered, err := c.readBack(values)
	if err != nil {
		return values, nil, err
	}
	for i, entry := range values.ExternalNameServices {
		closed := slices.ContainsFunc(rendered.Services, func(service *egress.Service) bool {
			return service.Name == entry.Name && service.Namespace == entry.Namespace && service.Form == egress.FormClosed
		})
		if closed && len(entry.Addresses) > 0 { // nothing asks for them
			values.ExternalNameServices[i].Addresses = nil
			if rendered, err = c.readBack(values); err != nil {
				return values, nil, err
			}
		}
	}
	return values, rendered, differ(model.Calls(), rendered.Calls())
}

// readBack renders values, from their file, and reads the model of what was rendered.
func (c *Chart) readBack(values Values) (*egress.Model, error) {
	data, err := values.YAML()
	if err != nil {
		return nil, err
	}
	raw, err := ParseValues(data)
	if err != nil {
		return nil, err
	}
	result, err := c.Render(raw, Options{})
	if err != nil {
		return nil, err
	}
	return result.Model()
}

func differ(want, got []string) error {
	for _, line := range want {
		if !slices.Contains(got, line) {
			return fmt.Errorf("lost on the way to values: %s", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			return fmt.Errorf("only the values say: %s", line)
		}
	}
	return nil
}
