//go:build e2e

package install

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/cluster"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// roleValues is what the user with the documented roles installs in turn: every
// kind that the chart renders, with a gateway and a waypoint in other namespaces.
func (r *release) roleValues() []string {
	return []string{
		first, endpointsKind("EndpointSlice"), r.throughGateway("client"), r.throughGateway("other"),
		r.throughWaypoint("test"), r.throughWaypoint("live"), endpointsKind("ServiceEntry"), endpointsKind("Endpoints"), first,
	}
}

// gatewayNamespace is that of the gateway which the release's entries pass.
func (r *release) gatewayNamespace() string { return r.namespace + "-gateway" }

func (r *release) throughGateway(serviceAccount string) string {
	return `
egressGateway: {name: egressgateway, namespace: ` + r.gatewayNamespace() + `, selector: {istio: egressgateway}}
externalNameServices:
  - name: my-httpbin
    externalName: httpbin.org
    through: gateway
    allowFrom: {serviceAccounts: [shop/` + serviceAccount + `]}
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
`
}

// waypointNamespace is that of the waypoint which the release creates.
func (r *release) waypointNamespace() string { return r.namespace + "-waypoint" }

// throughWaypoint are values with every kind of a waypoint, all of whose objects have a label.
func (r *release) throughWaypoint(stage string) string {
	return `
dataPlane: ambient
waypoint: {name: egress, namespace: ` + r.waypointNamespace() + `, create: true}
commonLabels: {stage: ` + stage + `}
externalNameServices:
  - name: my-httpbin
    externalName: httpbin.org
    allowFrom: {namespaces: [shop]}
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: MUTUAL, credentialName: client}
`
}

// documentedRole reads the role that the documents tell users to create in the
// release's namespace; gatewayRole that in the gateway's, and waypointRole that in the waypoint's.
func documentedRole(t *testing.T) rbacv1.Role { return roleOf(t, "installer-role.yaml") }
func gatewayRole(t *testing.T) rbacv1.Role    { return roleOf(t, "gateway-role.yaml") }
func waypointRole(t *testing.T) rbacv1.Role   { return roleOf(t, "waypoint-role.yaml") }

func roleOf(t *testing.T, file string) rbacv1.Role {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(project.Root(), "docs", file))
	require.NoError(t, err)
	var role rbacv1.Role
	require.NoError(t, yaml.UnmarshalStrict(text, &role))
	return role
}

// grant gives the role, and nothing else, to the installer in the namespace.
func grant(t *testing.T, role rbacv1.Role, namespace string) {
	t.Helper()
	config, err := control.Config(cluster.Admin)
	require.NoError(t, err)
	client, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	_, err = client.RbacV1().Roles(namespace).Create(t.Context(), &role, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = client.RbacV1().RoleBindings(namespace).Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: string(cluster.Installer)}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
}

// wholeLife installs, upgrades through all kinds, rolls back and uninstalls.
func (r *release) wholeLife() error {
	r.t.Helper()
	all := r.roleValues()
	if err := r.install(all[0]); err != nil {
		return err
	}
	for _, values := range all[1:] {
		if err := r.upgrade(values); err != nil {
			return err
		}
	}
	for _, revision := range []int{3, 2} {
		if err := r.rollback(revision); err != nil {
			return err
		}
	}
	return r.uninstall()
}

func TestDocumentedRoleSuffices(t *testing.T) {
	role := documentedRole(t)
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		r := newRelease(t, h, cluster.Installer)
		r.grantAll(role, gatewayRole(t), waypointRole(t))
		require.NoError(t, r.wholeLife())
		assert.Empty(t, r.live())
	})
}

// grantAll gives the roles, and makes the gateway's namespace and the waypoint's.
func (r *release) grantAll(role, ofGateway, ofWaypoint rbacv1.Role) {
	r.t.Helper()
	require.NoError(r.t, control.CreateNamespace(r.t.Context(), r.gatewayNamespace()))
	grant(r.t, role, r.namespace)
	grant(r.t, ofGateway, r.gatewayNamespace())
	require.NoError(r.t, control.CreateNamespace(r.t.Context(), r.waypointNamespace()))
	grant(r.t, ofWaypoint, r.waypointNamespace())
}

// Nothing in the roles is too much: without any one of their verbs, one of the
// helm commands fails.
func TestDocumentedRolesAreTheSmallest(t *testing.T) {
	role, ofGateway, ofWaypoint := documentedRole(t), gatewayRole(t), waypointRole(t)
	for name, less := range lesser(role) {
		t.Run(name, func(t *testing.T) { doesNotSuffice(t, less, ofGateway, ofWaypoint) })
	}
	for name, less := range lesser(ofGateway) {
		t.Run("gateway "+name, func(t *testing.T) { doesNotSuffice(t, role, less, ofWaypoint) })
	}
	for name, less := range lesser(ofWaypoint) {
		t.Run("waypoint "+name, func(t *testing.T) { doesNotSuffice(t, role, ofGateway, less) })
	}
}

func doesNotSuffice(t *testing.T, role, ofGateway, ofWaypoint rbacv1.Role) {
	t.Helper()
	for _, h := range []*helmbin.Helm{helmbin.Helm3, helmbin.Helm4} {
		r := newRelease(t, h, cluster.Installer)
		r.grantAll(role, ofGateway, ofWaypoint)
		if r.wholeLife() != nil {
			return
		}
	}
	t.Error("both helm commands do without")
}

// lesser are the roles that have one verb less for one resource, by that resource and verb.
func lesser(role rbacv1.Role) map[string]rbacv1.Role {
	all := map[string]rbacv1.Role{}
	for i, rule := range role.Rules {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				less := role.DeepCopy()
				less.Rules[i].Resources = slices.DeleteFunc(slices.Clone(rule.Resources), func(r string) bool { return r == resource })
				rest := *rule.DeepCopy()
				rest.Resources = []string{resource}
				rest.Verbs = slices.DeleteFunc(rest.Verbs, func(v string) bool { return v == verb })
				less.Rules = append(less.Rules, rest)
				less.Rules = slices.DeleteFunc(less.Rules, func(r rbacv1.PolicyRule) bool { return len(r.Resources) == 0 || len(r.Verbs) == 0 })
				all[resource+" "+verb] = *less
			}
		}
	}
	return all
}
