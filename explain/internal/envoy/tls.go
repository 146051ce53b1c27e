package envoy

import (
	"cmp"
	"fmt"
	"strings"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	internalupstream "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/internal_upstream/v3"
	tls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	upstream "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"google.golang.org/protobuf/types/known/structpb"
)

// TLS is what a proxy sends to a server, as Envoy's configuration has it.
type TLS struct {
	SNI string
	// SNIFromHost and NamesFromHost tell that these are taken from each request's Host header.
	SNIFromHost, NamesFromHost bool
	// Names are those of which the server's certificate must have one; none lets any pass.
	Names []string
	// CA is the secret of the CAs: file-root:system, file-root:<path> or kubernetes://<name>; empty when nothing is verified.
	CA string
	// Certificate is the secret of the client certificate: default for the mesh's own, file-cert:<path>~<key>,
	// kubernetes://<name>; empty for none.
	Certificate string
}

// Upstream returns the TLS of a cluster, nil for plaintext. Where it depends on the endpoint, the first counts.
func Upstream(c *cluster.Cluster, endpoints []*endpoint.LbEndpoint) (*TLS, error) {
	socket, err := withoutTunnel(socketOf(c, endpoints))
	if err != nil {
		return nil, fmt.Errorf("the tunnel of cluster %s: %w", c.GetName(), err)
	}
	context := &tls.UpstreamTlsContext{}
	if !socket.GetTypedConfig().MessageIs(context) {
		if isTunnelled(endpoints) {
			return &TLS{Certificate: meshCertificate}, nil
		}
		return nil, nil
	}
	if err := socket.GetTypedConfig().UnmarshalTo(context); err != nil {
		return nil, fmt.Errorf("the TLS settings of cluster %s: %w", c.GetName(), err)
	}
	t := readContext(context)
	return t, readOptions(c, t)
}

// meshCertificate is the secret of the mesh's own certificate.
const meshCertificate = "default"

// withoutTunnel returns the socket inside of the one that leads to a waypoint's own listener for tunnels.
func withoutTunnel(socket *core.TransportSocket) (*core.TransportSocket, error) {
	tunnel := &internalupstream.InternalUpstreamTransport{}
	if !socket.GetTypedConfig().MessageIs(tunnel) {
		return socket, nil
	}
	err := socket.GetTypedConfig().UnmarshalTo(tunnel)
	return tunnel.GetTransportSocket(), err
}

// isTunnelled tells whether the first endpoint is one that a waypoint sends the mesh's own mutual TLS to.
func isTunnelled(endpoints []*endpoint.LbEndpoint) bool {
	return len(endpoints) > 0 && endpoints[0].GetEndpoint().GetAddress().GetEnvoyInternalAddress() != nil
}

func socketOf(c *cluster.Cluster, endpoints []*endpoint.LbEndpoint) *core.TransportSocket {
	if len(c.GetTransportSocketMatches()) == 0 {
		return c.GetTransportSocket()
	}
	var labels map[string]*structpb.Value
	if len(endpoints) > 0 {
		labels = endpoints[0].GetMetadata().GetFilterMetadata()["envoy.transport_socket_match"].GetFields()
	}
	for _, match := range c.GetTransportSocketMatches() {
		if covers(labels, match.GetMatch().GetFields()) {
			return match.GetTransportSocket()
		}
	}
	return nil
}

func covers(labels, wanted map[string]*structpb.Value) bool {
	for key, value := range wanted {
		if labels[key].GetStringValue() != value.GetStringValue() {
			return false
		}
	}
	return true
}

func readContext(context *tls.UpstreamTlsContext) *TLS {
	common := context.GetCommonTlsContext()
	combined := common.GetCombinedValidationContext()
	t := &TLS{SNI: context.GetSni()}
	t.CA = cmp.Or(combined.GetValidationContextSdsSecretConfig().GetName(), common.GetValidationContextSdsSecretConfig().GetName())
	validation := combined.GetDefaultValidationContext()
	if validation == nil {
		validation = common.GetValidationContext()
	}
	for _, name := range validation.GetMatchSubjectAltNames() { //nolint:staticcheck // istiod still sends it
		t.Names = append(t.Names, cmp.Or(name.GetExact(), name.GetPrefix()+name.GetSuffix()+name.GetSafeRegex().GetRegex()))
	}
	for _, name := range validation.GetMatchTypedSubjectAltNames() {
		t.Names = append(t.Names, cmp.Or(name.GetMatcher().GetExact(), name.GetMatcher().GetSuffix()))
	}
	for _, secret := range common.GetTlsCertificateSdsSecretConfigs() {
		t.Certificate = secret.GetName()
	}
	return t
}

func readOptions(c *cluster.Cluster, t *TLS) error {
	packed := c.GetTypedExtensionProtocolOptions()["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]
	if packed == nil {
		return nil
	}
	options := &upstream.HttpProtocolOptions{}
	if err := packed.UnmarshalTo(options); err != nil {
		return fmt.Errorf("the HTTP options of cluster %s: %w", c.GetName(), err)
	}
	t.SNIFromHost = options.GetUpstreamHttpProtocolOptions().GetAutoSni()
	t.NamesFromHost = options.GetUpstreamHttpProtocolOptions().GetAutoSanValidation()
	return nil
}

// ConfigOf reads which object istiod names in metadata as the one that shaped a route, chain or cluster.
func ConfigOf(metadata *core.Metadata) (kind, namespace, name string, ok bool) {
	path := metadata.GetFilterMetadata()["istio"].GetFields()["config"].GetStringValue()
	// /apis/networking.istio.io/v1/namespaces/<namespace>/<kind>/<name>
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if len(parts) != 7 {
		return "", "", "", false
	}
	kinds := map[string]string{"virtual-service": "VirtualService", "destination-rule": "DestinationRule"}
	return cmp.Or(kinds[parts[5]], parts[5]), parts[4], parts[6], true
}
