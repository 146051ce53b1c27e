package refusals

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

const marker = "S3CR3T0MARKER"

// withSecrets are values with keys, tokens and passwords where the schema, and where the chart's own checks look.
func withSecrets() []values {
	key := "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC" + marker + "\n-----END PRIVATE KEY-----\n"
	lines := "user=egress\npassword=\"" + marker + "\"\n"
	long := strings.Repeat("Zm9vYmFy4", 20) + marker
	sentence := "the password is " + strings.Repeat("correct horse battery staple ", 5) + marker
	var all []values
	for _, secret := range []string{key, lines, long, sentence} {
		all = append(all, values{
			"clusterDomain": secret, "serviceType": secret, "egressGateway": map[string]any{"name": secret, "namespace": secret, "default": secret},
			"commonLabels": map[string]any{"a": secret}, "exportTo": []any{secret},
			"externalNameServices": []any{map[string]any{
				"name": secret, "namespace": secret, "externalName": secret, "serverName": secret, "through": secret, "timeout": secret,
				"ports": []any{map[string]any{"name": secret, "appProtocol": secret, "port": secret}},
				"tls": map[string]any{
					"mode": secret, "sni": secret, "caCertificates": secret, "privateKey": secret, "clientCertificate": secret, "credentialName": secret,
				},
			}},
			"endpointServices": []any{secret},
		}, values{ // what the schema takes, or would take
			"externalNameServices": []any{map[string]any{
				"name": "api", "externalName": secret, "ports": []any{map[string]any{"name": "http", "port": 443}}, "tls": map[string]any{"mode": "SIMPLE"},
			}, map[string]any{
				"name": "cert", "externalName": "api.example.com", "ports": []any{map[string]any{"name": "http", "port": 80}},
				"tls": map[string]any{"mode": "DISABLE", "sni": secret, "caCertificates": secret, "privateKey": secret, "credentialName": secret},
			}},
		})
	}
	return all
}

// No command of helm repeats what looks like a key, a token or a password, whoever refuses it.
func TestHelmRepeatsNoSecret(t *testing.T) {
	helmbin.Each(t, func(t *testing.T, helm *helmbin.Helm) {
		for i, wrong := range withSecrets() {
			file := wrong.write(t)
			for _, args := range [][]string{
				{"template", project.Chart()}, {"template", project.Chart(), "--skip-schema-validation"}, {"lint", project.Chart()},
				{"install", "egress", project.Chart(), "--dry-run=client", "--skip-schema-validation"},
			} {
				out, err := helmbin.Output(t.Context(), helm.Options(t), args[0], append(args[1:], "--values", file)...)
				require.Error(t, err, "values %d: helm %v", i, args)
				said := string(out) + err.Error()
				if at := strings.Index(said, marker); at >= 0 {
					assert.Fail(t, "a secret is repeated", "values %d: helm %v: %s", i, args, said[max(0, at-300):at])
				}
			}
		}
	})
}
