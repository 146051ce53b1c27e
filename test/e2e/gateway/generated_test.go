//go:build e2e

package gateway

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	networking "istio.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// Values that nobody wrote pass both hops as they declare, by those who may call alone; and with any object missing, nothing
// goes past the gateway or leaves otherwise.
func TestGeneratedValuesPassTheGateway(t *testing.T) {
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.ThroughGateway(random, 1+random.IntN(12))
		delete(values["egressGateway"].(map[string]any), "port") // which the gateway of this mesh has not
		text, err := yaml.Marshal(values)
		require.NoError(t, err)
		objects := rendered(t, string(text), "first")
		calls := declaredCalls(t, values)

		m := loaded(t, false, objects.String())
		gateway := m.Gateway()
		sidecars := map[string]*mesh.Sidecar{}
		for _, call := range calls {
			if sidecars[call.namespace] == nil {
				sidecars[call.namespace] = m.Sidecar(mesh.Workload{Namespace: call.namespace})
			}
			call.check(t, gateway.Call(sidecars[call.namespace], call.url))
		}

		if random.IntN(2) > 0 {
			return
		}
		missing := objects[random.IntN(len(objects))]
		m = loaded(t, false, objects.Filter(func(o mesh.Object) bool { return o.String() != missing.String() }).String())
		gateway = m.Gateway()
		sidecar := m.Sidecar(mesh.Workload{Namespace: "team-b"})
		for _, call := range calls {
			assert.Empty(t, call.leak(gateway.Call(sidecar, call.url)), "without %s", missing)
		}
	})
}

// declaredCall is a call of a port that passes the gateway, and what the model says of it.
type declaredCall struct {
	cell
	namespace string // of a caller who sees the name
	upstreams []string
	allowFrom *egress.AllowFrom
}

func declaredCalls(t *testing.T, values map[string]any) []declaredCall {
	t.Helper()
	chart, err := loadChart()
	require.NoError(t, err)
	model, _, err := chart.Declare(values, render.Options{ReleaseName: "first", Namespace: "default"})
	require.NoError(t, err)
	var calls []declaredCall
	for _, service := range model.Services {
		if service.Through == "" {
			continue
		}
		for _, port := range service.Ports {
			calls = append(calls, callOf(port))
		}
	}
	return calls
}

func callOf(port *egress.Port) declaredCall {
	service := port.Service
	scheme := "tcp"
	switch {
	case port.Protocol == "HTTP":
		scheme = "http"
	case port.Protocol.IsHTTP():
		scheme = "h2c"
	case port.Protocol.IsTLS():
		scheme = "tls"
	}
	c := declaredCall{namespace: "team-b", allowFrom: service.AllowFrom}
	if !service.All() {
		c.namespace = service.ExportTo[0]
	}
	c.url = fmt.Sprintf("%s://%s:%d", scheme, service.Host, port.Number)
	servers := port.To.Destination.Addresses
	if service.Kind == egress.ExternalNameService {
		servers = []string{service.ExternalName}
	}
	for _, server := range servers {
		c.upstreams = append(c.upstreams, net.JoinHostPort(server, strconv.Itoa(port.TargetPort)))
	}
	slices.Sort(c.upstreams)
	c.upstream, c.tls = c.upstreams[0], tlsText(port.To.Rules[0].TLS.GetSettings())
	if port.Protocol.IsHTTP() {
		c.host = cmp.Or(port.Host, service.Host)
	}
	return c
}

// tlsText is what a proxy is to do by the settings, as mesh.TLS writes it.
func tlsText(settings *networking.ClientTLSSettings) string {
	if settings.GetMode() == networking.ClientTLSSettings_DISABLE {
		return "plaintext"
	}
	tls := mesh.TLS{On: true, SNI: settings.GetSni(), Names: settings.GetSubjectAltNames(), CA: cmp.Or(settings.GetCaCertificates(), "system")}
	if settings.GetInsecureSkipVerify().GetValue() {
		tls.CA = ""
	}
	if settings.GetClientCertificate() != "" {
		tls.Certificate = settings.GetClientCertificate() + "~" + settings.GetPrivateKey()
	}
	if name := settings.GetCredentialName(); strings.HasPrefix(name, "configmap://") {
		tls.CA = name + "-cacert"
	} else if name != "" {
		tls.CA, tls.Certificate = "kubernetes://"+name+"-cacert", "kubernetes://"+name
	}
	return tls.String()
}

func (c declaredCall) check(t *testing.T, passage mesh.Passage) {
	t.Helper()
	if !assert.NotNil(t, passage.Second, "%s from %s does not pass the gateway: %s", c.url, c.namespace, passage) {
		return
	}
	assert.True(t, passage.First.TLS.MeshTLS(), "%s: %s", c.url, passage.First)
	assert.NoError(t, passage.Second.Error, c.url)
	assert.Equal(t, c.upstreams, passage.Second.Upstreams, c.url)
	assert.Equal(t, c.tls, passage.Second.TLS.String(), c.url)
	assert.Equal(t, c.host, passage.Second.Host, c.url)
	others := mesh.Caller{Namespace: "nobody", ServiceAccount: "nobody"}
	assert.Equal(t, c.allowFrom == nil, passage.Allowed(t, others), "%s by others: %s", c.url, passage)
	if c.allowFrom == nil {
		return
	}
	for _, namespace := range c.allowFrom.Namespaces {
		assert.True(t, passage.Allowed(t, mesh.Caller{Namespace: namespace, ServiceAccount: "any"}), "%s from %s", c.url, namespace)
	}
	for _, account := range c.allowFrom.ServiceAccounts {
		namespace, name, _ := strings.Cut(account, "/")
		assert.True(t, passage.Allowed(t, mesh.Caller{Namespace: namespace, ServiceAccount: name}), "%s by %s", c.url, account)
	}
}
