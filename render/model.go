package render

import (
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/wrapperspb"
	networking "istio.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/objecttypes"
)

// modelKey is where the chart keeps its model in the root context; templates/_model.tpl tells what is in it.
const modelKey = "IstioEgress"

// modelReader reads the chart's model. What values of a wrong type have left empty there reads as the zero value.
type modelReader struct {
	model    egress.Model
	services map[string]*egress.Service // by path
	blocks   map[uintptr]*egress.TLS    // by the chart's dict: ports share their service's
	labels   map[string]map[string]string
	policies map[string]*networking.TrafficPolicy
	routes   map[string]*networking.HTTPRoute
	err      error // the first
}

// readModel reads the model that the chart left in the root context; nil for a chart that has none.
func readModel(root map[string]any) (*egress.Model, error) {
	chart, ok := root[modelKey].(map[string]any)
	if !ok {
		return nil, nil
	}
	r := &modelReader{
		services: map[string]*egress.Service{},
		blocks:   map[uintptr]*egress.TLS{},
		labels:   map[string]map[string]string{},
		policies: map[string]*networking.TrafficPolicy{},
		routes:   map[string]*networking.HTTPRoute{},
	}
	r.model.DataPlane = egress.DataPlane(text(chart["dataPlane"]))
	r.model.DNSCapture = chart["dnsCapture"] == true
	r.model.GuardRails = []*egress.GuardRails{readGuardRails(fields(chart["policy"]))}
	for _, service := range inOrder(chart["services"]) {
		r.readService(service)
	}
	if gateway := fields(chart["gateway"]); gateway["first"] != nil {
		r.model.Gateways = []*egress.Gateway{readGateway(gateway)}
	}
	for _, destination := range inOrder(chart["destinations"]) {
		r.readDestination(destination)
	}
	return &r.model, r.err
}

func (r *modelReader) readService(from map[string]any) {
	metadata := fields(from["metadata"])
	service := &egress.Service{
		Path:          text(from["path"]),
		Kind:          egress.ExternalNameService,
		Form:          egress.FormOpen,
		Name:          text(from["name"]),
		Namespace:     text(from["namespace"]),
		Host:          text(from["fqdn"]),
		ExternalName:  text(from["externalName"]),
		InCluster:     from["inCluster"] == true,
		ServerName:    text(from["serverName"]),
		EndpointsKind: text(from["endpointsKind"]),
		Labels:        r.texts(text(metadata["labels"])),
		Annotations:   r.texts(text(metadata["annotations"])),
		Visibility:    visibility(from),
		Selector:      r.texts(text(from["selector"])),
		Policy:        r.policy(from),
	}
	service.Through, service.AllowFrom = throughOf(from), allowFrom(from)
	if waypoint := fields(from["waypoint"]); waypoint != nil {
		service.Waypoint = text(waypoint["namespace"]) + "/" + text(waypoint["name"])
	}
	if text(from["exit"]) != "" {
		service.Form = egress.FormClosed
	}
	if service.EndpointsKind != "" {
		service.Kind = egress.EndpointService
	}
	entry := fields(from["entry"])
	if rewrite, ok := entry["rewriteHost"].(bool); ok {
		service.RewriteHost = &rewrite
	}
	shared := r.tls(from)
	if len(fields(entry["tls"])) > 0 {
		service.TLS = shared
	}
	for _, port := range list(from["ports"]) {
		r.readPort(service, shared, fields(port))
	}
	r.services[service.Path] = service
	r.model.Services = append(r.model.Services, service)
}

func readGuardRails(from map[string]any) *egress.GuardRails {
	return &egress.GuardRails{
		Namespaces:               restriction(from["namespaces"]),
		Hosts:                    restriction(from["hosts"]),
		ExportTo:                 restriction(from["exportTo"]),
		Modes:                    restriction(from["modes"]),
		AddressesInside:          restriction(from["addressesInside"]),
		AddressesOutside:         restriction(from["addressesOutside"]),
		ForbidInsecureSkipVerify: from["forbidInsecureSkipVerify"] == true,
		RequireGateway:           from["requireGateway"] == true,
		RequireExportTo:          from["requireExportTo"] == true,
	}
}

// restriction reads a list that restricts nothing where there is none.
func restriction(items any) []string {
	if items == nil {
		return nil
	}
	return append([]string{}, textsOf(items)...)
}

func readGateway(from map[string]any) *egress.Gateway {
	gateway := &egress.Gateway{
		Name: text(from["name"]), Namespace: text(from["namespace"]), Port: integer(from["port"]), Identity: text(from["identity"]), Selector: map[string]string{},
	}
	for label, value := range fields(from["selector"]) {
		gateway.Selector[label] = text(value)
	}
	return gateway
}

// throughOf is the egress gateway of a service, as namespace/name; empty for none.
func throughOf(service map[string]any) string {
	gateway := fields(service["gateway"])
	if gateway == nil {
		return ""
	}
	return text(gateway["namespace"]) + "/" + text(gateway["name"])
}

// allowFrom reads who may call a service; nil for everybody.
func allowFrom(service map[string]any) *egress.AllowFrom {
	allowed := fields(service["allowFrom"])
	if allowed == nil {
		return nil
	}
	return egress.NewAllowFrom(textsOf(allowed["namespaces"]), textsOf(allowed["serviceAccounts"]))
}

func textsOf(items any) []string {
	var all []string
	for _, item := range list(items) {
		all = append(all, text(item))
	}
	return all
}

func (r *modelReader) readPort(service *egress.Service, shared *egress.TLS, from map[string]any) {
	entry := fields(from["entry"])
	port := &egress.Port{
		Path:          portPath(from),
		Name:          text(entry["name"]),
		AppProtocol:   text(entry["appProtocol"]),
		Number:        integer(from["number"]),
		TargetPort:    integer(from["targetPort"]),
		HasTargetPort: entry["targetPort"] != nil,
		Protocol:      egress.Protocol(text(from["protocol"])),
		Host:          text(from["authority"]),
		TLS:           shared,
		Service:       service,
	}
	if port.Protocol.IsHTTP() {
		said := fields(from["service"])
		port.Route = decoded(r, r.routes, text(said["lastRoute"])+text(said["httpRoute"]), service.Path)
	}
	if shared == nil || text(fields(from["tls"])["path"]) != shared.Path {
		port.TLS = r.tls(from)
	}
	service.Ports = append(service.Ports, port)
}

func portPath(port map[string]any) string {
	return fmt.Sprintf("%s.ports[%d]", text(fields(port["service"])["path"]), integer(port["index"]))
}

func (r *modelReader) readDestination(from map[string]any) {
	destination := &egress.Destination{
		Path:       text(from["path"]),
		Kind:       egress.ExternalNameService,
		Namespace:  text(from["namespace"]),
		Host:       text(from["host"]),
		Server:     text(from["server"]),
		Visibility: visibility(from),

		WithoutSidecars: from["withoutSidecars"] == true,
	}
	for _, service := range inOrder(from["services"]) {
		if text(service["endpointsKind"]) != "" {
			destination.Kind = egress.EndpointService
		}
		if known := r.services[text(service["path"])]; known != nil { // else it has no name, or one that was taken
			destination.Services = append(destination.Services, known)
		}
	}
	if from["byOwnName"] == true {
		metadata := fields(from["metadata"])
		destination.Kind, destination.Entry, destination.HostPath = egress.ExternalHost, text(from["entryName"]), text(from["hostPath"])
		destination.Labels, destination.Annotations = r.texts(text(metadata["labels"])), r.texts(text(metadata["annotations"]))
	}
	destination.Addresses = addressesIn(from)
	destination.FirstAddress = firstAddress(from)
	rules := []map[string]any{from} // one for all workloads
	if several := list(from["rules"]); several != nil {
		rules = nil
		for _, rule := range several {
			rules = append(rules, fields(rule))
		}
	}
	ports := fields(from["ports"])
	for _, key := range slices.Sorted(maps.Keys(ports)) {
		port := r.readDestinationPort(fields(ports[key]), key, rules)
		port.Destination = destination
		destination.Ports = append(destination.Ports, port)
	}
	connect(destination)
	r.model.Destinations = append(r.model.Destinations, destination)
}

// addressesIn are those of the server, sorted: the endpoints behind a name, or those that an alias's host is known by. An
// exit that is resolved by DNS has none.
func addressesIn(destination map[string]any) []string {
	var addresses []string
	endpoints := list(destination["endpoints"])
	switch {
	case text(destination["resolution"]) != "DNS":
		for _, address := range endpoints {
			addresses = append(addresses, text(address))
		}
	case len(endpoints) == 0:
		for address := range fields(destination["addresses"]) {
			addresses = append(addresses, address)
		}
	}
	slices.Sort(addresses)
	return addresses
}

// firstAddress is the address that the entry has first, as it is written in the objects.
func firstAddress(destination map[string]any) string {
	given := list(fields(destination["entry"])["addresses"])
	if len(given) == 0 || text(destination["resolution"]) == "DNS" {
		return ""
	}
	address, err := netip.ParseAddr(text(given[0]))
	if err != nil {
		return text(given[0])
	}
	return address.String()
}

// connect leads the ports of services to the ports of their destination, which have the same numbers.
func connect(destination *egress.Destination) {
	byNumber := make(map[int]*egress.DestinationPort, len(destination.Ports))
	for _, port := range destination.Ports {
		byNumber[port.Number] = port
	}
	for _, service := range destination.Services {
		for _, port := range service.Ports {
			port.To = byNumber[port.Number]
		}
	}
}

func (r *modelReader) readDestinationPort(from map[string]any, key string, rules []map[string]any) *egress.DestinationPort {
	port := &egress.DestinationPort{
		Path:       portPath(from),
		Number:     integer(from["number"]),
		TargetPort: integer(from["targetPort"]),
		Protocol:   egress.Protocol(text(from["protocol"])),
	}
	for _, rule := range rules {
		settings := fields(fields(rule["ports"])[key])
		port.Rules = append(port.Rules, egress.Rule{
			Selector: r.texts(text(rule["selector"])),
			TLS:      r.tls(settings),
			Policy:   r.policy(fields(settings["service"])),
		})
	}
	return port
}

// visibility reads who sees a service or destination.
func visibility(from map[string]any) egress.Visibility {
	var v egress.Visibility
	switch namespaces := from["visibleIn"].(type) {
	case []string:
		v.ExportTo = namespaces
	case []any:
		for _, namespace := range namespaces {
			v.ExportTo = append(v.ExportTo, text(namespace))
		}
	}
	switch {
	case len(list(fields(from["entry"])["exportTo"])) > 0:
		v.ExportToPath = text(from["path"]) + ".exportTo"
	case len(v.ExportTo) > 0:
		v.ExportToPath = "exportTo"
	}
	return v
}

// tls reads the settings of a service or a port.
func (r *modelReader) tls(from map[string]any) *egress.TLS {
	block := fields(from["tls"])
	if block == nil {
		return nil
	}
	key := reflect.ValueOf(block).Pointer()
	tls, known := r.blocks[key]
	if known {
		return tls
	}
	tls = &egress.TLS{Path: text(block["path"])}
	r.blocks[key] = tls
	settings := fields(block["settings"])
	if text(settings["mode"]) == "" {
		return tls
	}
	tls.Settings = new(networking.ClientTLSSettings)
	for name, value := range settings {
		r.fail(tls.Path, setField(tls.Settings.ProtoReflect(), name, value))
	}
	return tls
}

// setField sets a field of a message to a value of the chart: a text, a list of texts, a name of an enumeration or a
// boolean, which is all that TLS settings have.
func setField(message protoreflect.Message, name string, value any) error {
	field := message.Descriptor().Fields().ByJSONName(name)
	if field == nil {
		return fmt.Errorf("no field of Istio has the name %s", name)
	}
	switch value := value.(type) {
	case string:
		if field.Kind() == protoreflect.StringKind {
			message.Set(field, protoreflect.ValueOfString(value))
			return nil
		}
		if field.Kind() == protoreflect.EnumKind {
			if word := field.Enum().Values().ByName(protoreflect.Name(value)); word != nil {
				message.Set(field, protoreflect.ValueOfEnum(word.Number()))
				return nil
			}
		}
	case []any:
		if field.IsList() && field.Kind() == protoreflect.StringKind {
			items := message.Mutable(field).List()
			for _, item := range value {
				items.Append(protoreflect.ValueOfString(text(item)))
			}
			return nil
		}
	case bool:
		if field.Message() != nil && field.Message().FullName() == "google.protobuf.BoolValue" {
			message.Set(field, protoreflect.ValueOfMessage(wrapperspb.Bool(value).ProtoReflect()))
			return nil
		}
	}
	return fmt.Errorf("%s does not take %s", name, describe(value))
}

// policy reads a service's traffic policy, as the chart renders it.
func (r *modelReader) policy(service map[string]any) *networking.TrafficPolicy {
	return decoded(r, r.policies, text(service["policy"]), text(service["path"])+".trafficPolicy")
}

// decoded reads a message that the chart keeps as text; nil where there is none. The same text is read once.
func decoded[T any, M interface {
	*T
	proto.Message
}](r *modelReader, known map[string]M, rendered, path string) M {
	if rendered == "" {
		return nil
	}
	message, ok := known[rendered]
	if !ok {
		message = new(T)
		data, err := yaml.YAMLToJSON([]byte(rendered))
		if err == nil {
			err = objecttypes.DecodeMessage(data, message)
		}
		r.fail(path, err)
		known[rendered] = message
	}
	return message
}

// texts reads labels, annotations or a selector, which the chart keeps as text: the same for most services.
func (r *modelReader) texts(rendered string) map[string]string {
	if rendered == "" {
		return nil
	}
	labels, known := r.labels[rendered]
	if !known {
		labels = map[string]string{}
		_ = yaml.Unmarshal([]byte(rendered), &labels) // values that are no texts are refused
		r.labels[rendered] = labels
	}
	return labels
}

func (r *modelReader) fail(path string, err error) {
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %w", path, err)
	}
}

// inOrder returns the dicts of a dict, in the order of their keys.
func inOrder(dicts any) []map[string]any {
	all := fields(dicts)
	ordered := make([]map[string]any, 0, len(all))
	for _, key := range slices.Sorted(maps.Keys(all)) {
		ordered = append(ordered, fields(all[key]))
	}
	return ordered
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

func integer(value any) int {
	n, _ := value.(int)
	return n
}

func list(value any) []any {
	items, _ := value.([]any)
	return items
}

func fields(value any) map[string]any {
	m, _ := value.(map[string]any)
	return m
}
