//go:build e2e

// Package analyze runs istioctl analyze over what the examples render.
package analyze

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-egress/istio-egress/test/internal/components"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// noCAs are the messages that istioctl has about examples: TLS without
// caCertificates, MUTUAL or SIMPLE. They were written when that meant no
// verification at all. Now it means the system's CAs, which is what the
// contract promises; TestTLSSettings of package facts holds istiod to it.
var noCAs = []string{"IST0128", "IST0129"}

// httpInDeny is the message that a policy which denies by Host denies bytes as well. The chart's name the SNI of HTTP besides,
// which the analyzer does not look at; TestAllowFrom of package gateway holds istiod to it.
const httpInDeny = "IST0133"

type message struct {
	Code   string `json:"code"`
	Origin string `json:"origin"`
	Text   string `json:"message"`
}

func TestExamples(t *testing.T) {
	istioctl, err := components.Istioctl.Build(context.Background())
	require.NoError(t, err)
	gateway := filepath.Join(t.TempDir(), "gateway.yaml")
	require.NoError(t, os.WriteFile(gateway, []byte(mesh.GatewayObjects), 0o600))
	for _, example := range project.Examples(t) {
		t.Run(example.Name, func(t *testing.T) {
			text, err := os.ReadFile(example.Rendered)
			require.NoError(t, err)
			objects, err := mesh.Split(string(text))
			require.NoError(t, err)
			var told []string
			for _, message := range analyze(t, istioctl, example.Rendered, gateway) {
				if message.Code == httpInDeny {
					continue
				}
				assert.Contains(t, noCAs, message.Code, message.Text)
				told = append(told, strings.Fields(message.Origin)[1])
			}
			assert.ElementsMatch(t, withSystemCAs(objects), told)
		})
	}
}

// Those are accepted where they are due, others are still seen.
func TestMessagesAreSeen(t *testing.T) {
	istioctl, err := components.Istioctl.Build(context.Background())
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "rule.yaml")
	require.NoError(t, os.WriteFile(path, []byte(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: mutual, namespace: default}
spec: {host: example.com, trafficPolicy: {tls: {mode: MUTUAL}}}
`), 0o600))
	messages := analyze(t, istioctl, path)
	require.NotEmpty(t, messages)
	assert.Equal(t, "IST0106", messages[0].Code)
}

// analyze returns what istioctl says about the files alone. It ends with an
// error when it says anything.
func analyze(t *testing.T, istioctl string, paths ...string) []message {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), istioctl, "analyze", "--use-kube=false", "--all-namespaces", "--output=json")
	cmd.Args = append(cmd.Args, paths...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "KUBECONFIG=")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if exit := new(exec.ExitError); !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	var messages []message
	require.NoError(t, json.Unmarshal(out, &messages), "%s\n%s", out, stderr.String())
	return messages
}

// withSystemCAs names the rules that originate TLS and trust the system's CAs, as istioctl sees it: it knows credentialName with a
// selector alone.
func withSystemCAs(objects mesh.Objects) []string {
	var names []string
	for _, rule := range objects.Of("DestinationRule") {
		ports, _, _ := unstructured.NestedSlice(rule.Object, "spec", "trafficPolicy", "portLevelSettings")
		_, selects, _ := unstructured.NestedMap(rule.Object, "spec", "workloadSelector")
		for _, port := range ports {
			tls, _, _ := unstructured.NestedMap(port.(map[string]any), "tls")
			if tls["mode"] != "DISABLE" && tls["caCertificates"] == nil && (tls["credentialName"] == nil || !selects) {
				names = append(names, rule.GetNamespace()+"/"+rule.GetName())
				break
			}
		}
	}
	return names
}
