package delivery

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/render"
)

const withTest = `
test: {enabled: true}
externalNameServices:
  my-httpbin:
    externalName: httpbin.org
    ports:
      - {name: http, port: 80, targetPort: 443, tls: {mode: SIMPLE}}
      - {name: https, port: 443, tls: {mode: DISABLE}}
    tls: {mode: DISABLE}
`

func testPods(t *testing.T, text string) []render.Object {
	t.Helper()
	chart, err := render.Load()
	require.NoError(t, err)
	values, err := render.ParseValues([]byte(text))
	require.NoError(t, err)
	result, err := chart.Render(values, render.Options{ReleaseName: "egress", Namespace: "team-a"})
	require.NoError(t, err)
	objects, err := result.Objects()
	require.NoError(t, err)
	var pods []render.Object
	for _, object := range objects {
		if object.Document.Hook {
			pods = append(pods, object)
		}
	}
	return pods
}

func TestHelmTestCallsTheHTTPNames(t *testing.T) {
	pods := testPods(t, withTest)
	require.Len(t, pods, 1)
	pod := pods[0].Value.(*corev1.Pod)
	assert.Equal(t, "test", pod.Annotations["helm.sh/hook"])
	assert.Equal(t, "team-a", pod.Namespace)
	require.Len(t, pod.Spec.Containers, 1)
	command := pod.Spec.Containers[0].Command
	assert.Equal(t, []string{"http://my-httpbin.team-a.svc.cluster.local:80/"}, command[4:], "every HTTP port, and no other")
}

func TestHelmTestIsOffByDefault(t *testing.T) {
	assert.Empty(t, testPods(t, `
externalNameServices:
  my-httpbin: {externalName: httpbin.org, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}
`))
}
