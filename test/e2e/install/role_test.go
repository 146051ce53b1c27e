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

// roleValues is what the user with the documented role installs in turn: every
// kind that the chart renders.
var roleValues = []string{first, endpointsKind("EndpointSlice"), endpointsKind("ServiceEntry"), endpointsKind("Endpoints"), first}

// documentedRole reads the role that the documents tell users to create.
func documentedRole(t *testing.T) rbacv1.Role {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(project.Root(), "docs", "installer-role.yaml"))
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
	if err := r.install(roleValues[0]); err != nil {
		return err
	}
	for _, values := range roleValues[1:] {
		if err := r.upgrade(values); err != nil {
			return err
		}
	}
	if err := r.rollback(2); err != nil {
		return err
	}
	return r.uninstall()
}

func TestDocumentedRoleSuffices(t *testing.T) {
	role := documentedRole(t)
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		r := newRelease(t, h, cluster.Installer)
		grant(t, role, r.namespace)
		require.NoError(t, r.wholeLife())
		assert.Empty(t, r.live())
	})
}

// Nothing in the role is too much: without any one of its verbs, one of the
// helm commands fails.
func TestDocumentedRoleIsTheSmallest(t *testing.T) {
	role := documentedRole(t)
	for i, rule := range role.Rules {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				t.Run(resource+" "+verb, func(t *testing.T) {
					less := role.DeepCopy()
					less.Rules[i].Resources = slices.DeleteFunc(slices.Clone(rule.Resources), func(r string) bool { return r == resource })
					rest := *rule.DeepCopy()
					rest.Resources = []string{resource}
					rest.Verbs = slices.DeleteFunc(rest.Verbs, func(v string) bool { return v == verb })
					less.Rules = append(less.Rules, rest)
					less.Rules = slices.DeleteFunc(less.Rules, func(r rbacv1.PolicyRule) bool { return len(r.Resources) == 0 || len(r.Verbs) == 0 })
					for _, h := range []*helmbin.Helm{helmbin.Helm3, helmbin.Helm4} {
						r := newRelease(t, h, cluster.Installer)
						grant(t, *less, r.namespace)
						if r.wholeLife() != nil {
							return
						}
					}
					t.Error("both helm commands do without")
				})
			}
		}
	}
}
