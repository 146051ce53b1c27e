//go:build e2e

package mesh

import (
	"fmt"
	"strings"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	tlsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	httpv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"google.golang.org/protobuf/types/known/structpb"
)

// clusterConfig is Envoy's cluster.
type clusterConfig = cluster.Cluster

const originalDestination = cluster.Cluster_ORIGINAL_DST

// FromHost stands for an SNI or verified name that the sidecar takes from the
// Host header of each request.
const FromHost = "<host header>"

// TLS is what the sidecar originates. The zero value is plaintext.
type TLS struct {
	// SNI sent, FromHost when it depends on the request.
	SNI string
	// Names accepted in the server's certificate.
	Names []string
	// CA that the sidecar trusts: "system", a file or a secret; empty when nothing is verified.
	CA string
	// Certificate that the sidecar presents: files or a secret; "default" is the mesh's own.
	Certificate string
	// On tells TLS from plaintext.
	On bool
}

// String is the settings in one line.
func (t TLS) String() string {
	if !t.On {
		return "plaintext"
	}
	text := fmt.Sprintf("tls sni=%s names=%s ca=%s", t.SNI, strings.Join(t.Names, ","), t.CA)
	if t.Certificate != "" {
		text += " certificate=" + t.Certificate
	}
	return text
}

// tlsOf reads the TLS settings of a cluster. Where they depend on the
// endpoint, as for the mesh's own mutual TLS, those of the first one count.
func (s *Sidecar) tlsOf(c *cluster.Cluster) TLS {
	s.t.Helper()
	socket := c.GetTransportSocket()
	if matches := c.GetTransportSocketMatches(); len(matches) > 0 {
		socket = matchSocket(matches, s.endpointsOf(c))
	}
	if socket == nil || !strings.HasSuffix(socket.GetTypedConfig().GetTypeUrl(), "UpstreamTlsContext") {
		return TLS{}
	}
	context := &tlsv3.UpstreamTlsContext{}
	if err := socket.GetTypedConfig().UnmarshalTo(context); err != nil {
		s.t.Fatalf("read the TLS settings of %s: %v", c.GetName(), err)
	}
	tls := readContext(context)
	s.fromHost(c, &tls)
	return tls
}

func matchSocket(matches []*cluster.Cluster_TransportSocketMatch, endpoints []*endpoint.LbEndpoint) *core.TransportSocket {
	if len(endpoints) == 0 {
		return nil
	}
	labels := endpoints[0].GetMetadata().GetFilterMetadata()["envoy.transport_socket_match"].GetFields()
	for _, match := range matches {
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

func readContext(context *tlsv3.UpstreamTlsContext) TLS {
	common := context.GetCommonTlsContext()
	tls := TLS{On: true, SNI: context.GetSni()}
	combined := common.GetCombinedValidationContext()
	tls.CA = strings.TrimPrefix(combined.GetValidationContextSdsSecretConfig().GetName(), "file-root:")
	if alone := common.GetValidationContextSdsSecretConfig().GetName(); alone != "" {
		tls.CA = alone
	}
	for _, name := range combined.GetDefaultValidationContext().GetMatchSubjectAltNames() { //nolint:staticcheck // istiod still uses it
		tls.Names = append(tls.Names, name.GetExact())
	}
	for _, secret := range common.GetTlsCertificateSdsSecretConfigs() {
		tls.Certificate = strings.TrimPrefix(secret.GetName(), "file-cert:")
	}
	return tls
}

// fromHost marks what the sidecar takes from the Host header.
func (s *Sidecar) fromHost(c *cluster.Cluster, tls *TLS) {
	packed := c.GetTypedExtensionProtocolOptions()["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]
	if packed == nil {
		return
	}
	options := &httpv3.HttpProtocolOptions{}
	if err := packed.UnmarshalTo(options); err != nil {
		s.t.Fatalf("read the HTTP options of %s: %v", c.GetName(), err)
	}
	if options.GetUpstreamHttpProtocolOptions().GetAutoSni() {
		tls.SNI = FromHost
	}
	if options.GetUpstreamHttpProtocolOptions().GetAutoSanValidation() {
		tls.Names = []string{FromHost}
	}
}
