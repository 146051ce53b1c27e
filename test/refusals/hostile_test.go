package refusals

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// guardRails is what the platform gives last, and all that the tenants of team-a may do.
const guardRails = `
exportTo: ["."]
clusterDomain: cluster.local
dataPlane: sidecar
egressGateway: null
waypoint: null
test: {enabled: false}
policy:
  namespaces: [team-a]
  hosts: ["*.example.com"]
  exportTo: ["."]
  modes: [SIMPLE, MUTUAL]
  addressesInside: [203.0.113.0/24]
  addressesOutside: [203.0.113.128/25]
  forbidInsecureSkipVerify: true
  requireExportTo: true
`

// Each tenant tries to get by, and the last sentence says what is refused; without a sentence, nothing is.
var tenants = []struct {
	name, values string
	skipSchema   bool
	refused      string // what the refusal begins with: path, then words
}{
	{name: "nothing forbidden", values: entry("externalName: api.example.com")},
	{name: "another namespace", values: entry("externalName: api.example.com, namespace: kube-system"),
		refused: `externalNameServices.api.namespace: policy.namespaces forbids namespace "kube-system": it allows "team-a"`},
	{name: "the own namespace", values: entry("externalName: api.example.com, namespace: team-a")},
	{name: "a namespace that ends a document", skipSchema: true, values: entry(`externalName: api.example.com, namespace: "team-a\n---\nkind: Pod"`),
		refused: `externalNameServices.api.namespace: policy.namespaces forbids namespace (a text of several lines, not shown)`},
	{name: "another team's host", values: entry("externalName: api.team-b.example"),
		refused: `externalNameServices.api.externalName: policy.hosts forbids "api.team-b.example": it allows "*.example.com"`},
	{name: "a host that ends like an allowed one", values: entry("externalName: api.evil-example.com"),
		refused: `externalNameServices.api.externalName: policy.hosts forbids "api.evil-example.com"`},
	{name: "the API server", values: `{externalNameServices: {api: {externalName: kubernetes.default.svc.cluster.local, ports: [{name: https, port: 443}]}}}`,
		refused: `externalNameServices.api.externalName: policy.hosts forbids "kubernetes.default.svc.cluster.local"`},
	{name: "the API server's address", values: addressed("10.96.0.1"),
		refused: `endpointServices.erp.addresses[0]: policy.addressesInside forbids address "10.96.0.1": it allows "203.0.113.0/24"`},
	{name: "an address that is taken out", values: addressed("203.0.113.200"),
		refused: `endpointServices.erp.addresses[0]: policy.addressesOutside forbids address "203.0.113.200", which is in 203.0.113.128/25`},
	{name: "an address written as IPv6", values: addressed(`"::ffff:203.0.113.7"`),
		refused: `endpointServices.erp.addresses[0]: "::ffff:203.0.113.7" is not an IPv6 address`},
	{name: "an address written as octal", skipSchema: true, values: addressed(`"0313.0.113.7"`),
		refused: `endpointServices.erp.addresses[0]: "0313.0.113.7" is not an IP address`},
	{name: "an allowed address", values: addressed("203.0.113.7")},
	{name: "all namespaces", values: entry(`externalName: api.example.com, exportTo: ["*"]`),
		refused: `externalNameServices.api.exportTo: policy.exportTo forbids visibility to all namespaces: it allows "."`},
	{name: "all namespaces by the top level", values: `exportTo: ["*"]` + "\n" + entry("externalName: api.example.com")},
	{name: "all namespaces by an annotation", values: entry(`externalName: api.example.com, annotations: {networking.istio.io/exportTo: "*"}`),
		refused: `at '/externalNameServices/api/annotations/networking.istio.io~1exportTo'`},
	{name: "another namespace's visibility", values: entry("externalName: api.example.com, exportTo: [team-b]"),
		refused: `externalNameServices.api.exportTo: policy.exportTo forbids visibility to namespace "team-b": it allows "."`},
	{name: "the own namespace by name", values: entry("externalName: api.example.com, exportTo: [team-a]")},
	{name: "every host there is", values: hosts(`"*"`), refused: `externalHosts.vendor.hosts[0]: policy.hosts forbids "*"`},
	{name: "a wider wildcard", values: hosts(`"*.com"`), refused: `externalHosts.vendor.hosts[0]: policy.hosts forbids "*.com"`},
	{name: "a narrower wildcard", values: hosts(`"*.cdn.example.com"`), refused: `externalHosts.vendor.tls.mode: policy.modes forbids mode "DISABLE"`},
	{name: "an exact host", values: strings.ReplaceAll(hosts("cdn.example.com"), "{name: https, port: 443}], tls: {mode: DISABLE}", "{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}")},
	{name: "nobody verified", values: entry("externalName: api.example.com", "insecureSkipVerify: true"),
		refused: `externalNameServices.api.tls.insecureSkipVerify: policy.forbidInsecureSkipVerify forbids TLS to whoever answers`},
	{name: "nobody verified in quotes", skipSchema: true, values: entry("externalName: api.example.com", `insecureSkipVerify: "true"`),
		refused: `externalNameServices.api.tls.insecureSkipVerify: must be true or false, not a string`},
	{name: "an entry's own policy", values: entry(`externalName: evil.example.org, policy: {hosts: ["*.org"]}`),
		refused: `at '/externalNameServices/api': additional properties 'policy' not allowed`},
	{name: "an entry's own policy without schema", skipSchema: true, values: entry(`externalName: evil.example.org, policy: {hosts: ["*.org"]}`),
		refused: `externalNameServices.api.policy: unknown field "policy"`},
	{name: "an entry without schema", skipSchema: true, values: entry("externalName: evil.example.org"),
		refused: `externalNameServices.api.externalName: policy.hosts forbids "evil.example.org"`},
	{name: "an own policy before the platform's", values: `policy: {hosts: ["*.org"], addressesInside: [0.0.0.0/0], requireExportTo: false}` + "\n" + entry("externalName: evil.example.org"),
		refused: `externalNameServices.api.externalName: policy.hosts forbids "evil.example.org": it allows "*.example.com"`},
	{name: "a policy of another type before the platform's", skipSchema: true, values: `policy: {hosts: {evil: true}, namespaces: all}` + "\n" + entry("externalName: evil.example.org"),
		refused: `externalNameServices.api.externalName: policy.hosts forbids "evil.example.org": it allows "*.example.com"`},
	{name: "no policy before the platform's", values: "policy: null\n" + entry("externalName: evil.example.org"),
		refused: `externalNameServices.api.externalName: policy.hosts forbids "evil.example.org"`},
	{name: "fields of policy that are nothing", values: "policy: {hosts: null, modes: null}\n" + entry("externalName: evil.example.org"),
		refused: `externalNameServices.api.externalName: policy.hosts forbids "evil.example.org"`},
	{name: "anchors", values: "global: {free: &free {hosts: [\"*.org\"]}}\npolicy:\n  <<: *free\n" + entry("externalName: evil.example.org"),
		refused: `externalNameServices.api.externalName: policy.hosts forbids "evil.example.org"`},
	{name: "a comment for the linter", values: "# lint:ignore-file policy-forbids it is fine\n" + entry("externalName: evil.example.org # lint:ignore policy-forbids it is fine"),
		refused: `externalNameServices.api.externalName: policy.hosts forbids "evil.example.org"`},
	{name: "an own cluster domain", values: "clusterDomain: evil.example\n" + `externalNameServices: {api: {externalName: api.svc.evil.example, ports: [{name: http, port: 80}]}}`,
		refused: `externalNameServices.api.externalName: policy.hosts forbids "api.svc.evil.example"`},
	{name: "a gateway of its own", values: `egressGateway: {name: own, namespace: team-b, selector: {app: payments}}` + "\n" + entry("externalName: api.example.com, through: gateway"),
		refused: `egressGateway: calls of api pass the egress gateway, and nothing tells which`},
	{name: "more restrictions of its own", values: "policy: {requireGateway: true}\n" + entry("externalName: api.example.com"),
		refused: `externalNameServices.api: policy.requireGateway forbids calls that leave the mesh directly: set through: gateway`},
}

func entry(fields string, tls ...string) string {
	comment := ""
	if before, after, found := strings.Cut(fields, " #"); found {
		fields, comment = before, " #"+after
	}
	return "externalNameServices:\n  api: {" + fields + ", ports: [{name: http, port: 80, targetPort: 443}], tls: {" +
		strings.Join(append([]string{"mode: SIMPLE"}, tls...), ", ") + "}}" + comment + "\n"
}

func addressed(address string) string {
	return "endpointServices: {erp: {addresses: [" + address + "], serverName: erp.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}}\n"
}

func hosts(host string) string {
	return "externalHosts: {vendor: {hosts: [" + host + "], ports: [{name: https, port: 443}], tls: {mode: DISABLE}}}\n"
}

// layered renders values files, the later ones over the earlier, in the namespace team-a.
func layered(t *testing.T, command string, flags ...string) []string {
	t.Helper()
	var err error
	switch command {
	case "render":
		_, err = project.Render(t, append(flags, "--namespace", "team-a")...)
	case "helm3":
		_, err = helmbin.Output(t.Context(), helmbin.Helm3.Options(t), "template", append(flags, project.Chart(), "--namespace", "team-a")...)
	case "helm4":
		_, err = helmbin.Output(t.Context(), helmbin.Helm4.Options(t), "template", append(flags, project.Chart(), "--namespace", "team-a")...)
	}
	return problems(err)
}

func layer(t *testing.T, name, values string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(values), 0o600))
	return path
}

// Whatever a tenant writes into the file before, the platform's guard rails hold.
func TestHostileTenants(t *testing.T) {
	for _, command := range []string{"helm3", "render"} {
		for _, tenant := range tenants {
			t.Run(command+"/"+tenant.name, func(t *testing.T) {
				t.Parallel()
				flags := []string{"--values", layer(t, "tenant.yaml", tenant.values), "--values", layer(t, "platform.yaml", guardRails)}
				if tenant.skipSchema {
					flags = append(flags, "--skip-schema-validation")
				}
				said := layered(t, command, flags...)
				if tenant.refused == "" {
					assert.Empty(t, said)
					return
				}
				assert.Contains(t, "\n"+strings.Join(said, "\n"), "\n"+tenant.refused)
			})
		}
	}
}

// A whole list takes the place of the tenant's; an index would keep the items that it does not name. So does Argo CD with
// parameters, which it gives to helm as --set.
func TestPolicyByParameters(t *testing.T) {
	tenant := `policy: {hosts: [api.example.com, "*.org"]}` + "\n" + entry("externalName: evil.example.org")
	for _, command := range []string{"helm3", "helm4", "render"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			file := layer(t, "tenant.yaml", tenant)
			whole := layered(t, command, "--values", file, "--set", "policy.hosts={*.example.com,api.example.net}")
			assert.Equal(t, []string{`externalNameServices.api.externalName: policy.hosts forbids "evil.example.org": it allows "*.example.com", "api.example.net" [policy-forbids]`}, whole)
			assert.Empty(t, layered(t, command, "--values", file, "--set", "policy.hosts[0]=*.example.com"), "the tenant's second item is still there")
			assert.NotEmpty(t, layered(t, command, "--values", file, "--set", "policy.hosts={}"), "nothing passes an empty list")
			assert.NotEmpty(t, layered(t, command, "--values", layer(t, "string.yaml", strings.Replace(tenant, `{hosts: [api.example.com, "*.org"]}`, "anything", 1)),
				"--set", "policy.hosts={*.example.com}"), "a policy that is none")
		})
	}
}

// A tenant gets no pod with an image of its own: not by the guard rails here, nor by those of the examples.
func TestPlatformRendersNoPodOfTenants(t *testing.T) {
	tenant := "test: {enabled: true, image: example.com/evil}\nexportTo: [\".\"]\n" + entry("externalName: api.example.com")
	platforms := []string{layer(t, "platform.yaml", guardRails)}
	for _, pattern := range []string{"argocd/policy/*.yaml", "helmfile/values/policy.yaml"} {
		files, err := filepath.Glob(filepath.Join(project.Root(), "examples", pattern))
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		platforms = append(platforms, files...)
	}
	open, err := project.Render(t, "--values", layer(t, "tenant.yaml", tenant), "--namespace", "team-a")
	require.NoError(t, err)
	require.Contains(t, string(open), "kind: Pod", "what the platform has to forbid")
	for _, platform := range platforms {
		name, _, _ := strings.Cut(filepath.Base(platform), ".")
		if !strings.HasPrefix(name, "team-") {
			name = "team-a"
		}
		bound, err := project.Render(t, "--values", layer(t, "tenant.yaml", tenant), "--values", platform, "--set", "policy.hosts={*.example.com}", "--namespace", name)
		require.NoError(t, err, platform)
		assert.NotContains(t, string(bound), "kind: Pod", platform)
	}
}
