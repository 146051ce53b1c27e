package delivery

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/markdown"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// The policy that users copy selects all pods of the callers' namespace, and leaves them pods of the cluster alone: the gateway, DNS
// and istiod among them, and no address outside.
func TestNetworkPolicyToCopy(t *testing.T) {
	policy := networkPolicy(t, filepath.Join(project.Root(), "docs", "gateway.md"))
	assert.Equal(t, []networkingv1.PolicyType{networkingv1.PolicyTypeEgress}, policy.Spec.PolicyTypes)
	assert.True(t, selects(t, &policy.Spec.PodSelector, map[string]string{"app": "any"}))
	for namespace, kind := range map[string]string{"istio-system": "the gateway and istiod", "kube-system": "DNS", "shop": "the pods beside it"} {
		assert.True(t, reaches(t, policy, map[string]string{"kubernetes.io/metadata.name": namespace}), kind)
	}
	assert.False(t, reaches(t, policy, nil), "an address outside the cluster")
}

func networkPolicy(t *testing.T, path string) networkingv1.NetworkPolicy {
	t.Helper()
	blocks, err := markdown.Read(path)
	require.NoError(t, err)
	var policy networkingv1.NetworkPolicy
	for _, block := range blocks {
		if strings.Contains(block.Text, "kind: NetworkPolicy") {
			require.NoError(t, yaml.UnmarshalStrict([]byte(block.Text), &policy))
		}
	}
	require.NotEmpty(t, policy.Spec.Egress)
	return policy
}

// reaches tells whether pods that the policy selects may call a pod of a namespace with the labels; nil labels stand for an address
// that is no pod's.
func reaches(t *testing.T, policy networkingv1.NetworkPolicy, namespace map[string]string) bool {
	t.Helper()
	for _, rule := range policy.Spec.Egress {
		if len(rule.To) == 0 {
			return true
		}
		for _, peer := range rule.To {
			if peer.IPBlock != nil {
				return true
			}
			if namespace != nil && peer.NamespaceSelector != nil && selects(t, peer.NamespaceSelector, namespace) {
				return true
			}
		}
	}
	return false
}

func selects(t *testing.T, selector *metav1.LabelSelector, of map[string]string) bool {
	t.Helper()
	read, err := metav1.LabelSelectorAsSelector(selector)
	require.NoError(t, err)
	return read.Matches(labels.Set(of))
}
