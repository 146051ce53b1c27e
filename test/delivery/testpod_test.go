package delivery

import (
	"os"
	"os/exec"
	"path/filepath"
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

// fakeCurl answers by the path of the URL, as curl -D - -w prints it.
const fakeCurl = `#!/bin/sh
for url in "$@"; do :; done
case $url in
  */server404) printf 'HTTP/1.1 404 Not Found\\r\\nserver: envoy\\r\\nx-envoy-upstream-service-time: 12\\r\\n\\r\\nstatus: 404' ;;
  */sidecar404) printf 'HTTP/1.1 404 Not Found\\r\\nServer: envoy\\r\\ncontent-length: 0\\r\\n\\r\\nstatus: 404' ;;
  */plain401) printf 'HTTP/1.1 401 Unauthorized\\r\\nserver: nginx\\r\\n\\r\\nstatus: 401' ;;
  */ok) printf 'HTTP/1.1 200 OK\\r\\nserver: envoy\\r\\nx-envoy-upstream-service-time: 3\\r\\n\\r\\nstatus: 200' ;;
  */unavailable) printf 'HTTP/1.1 503 Service Unavailable\\r\\nserver: envoy\\r\\n\\r\\nstatus: 503' ;;
  *) printf 'status: 000'; exit 6 ;;
esac
`

// A 404 of the server is an answer, one of the sidecar is not: it has no route. The pod says which it saw.
func TestHelmTestTellsWhoAnswers(t *testing.T) {
	script := testPods(t, withTest)[0].Value.(*corev1.Pod).Spec.Containers[0].Command[2]
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "curl"), []byte(fakeCurl), 0o700)) // it is executed
	for url, want := range map[string]string{
		"http://a/ok":          "ok   200 by the server: http://a/ok",
		"http://a/server404":   "ok   404 by the server: http://a/server404",
		"http://a/plain401":    "ok   401 by the server: http://a/plain401",
		"http://a/sidecar404":  "FAIL 404 by the sidecar, which has no route for it: http://a/sidecar404",
		"http://a/unavailable": "FAIL 503, the server is not reached: http://a/unavailable",
		"http://a/nothing":     "FAIL no answer: http://a/nothing",
	} {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", script, "aliases", url)
		cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		assert.Equal(t, want+"\n", string(out))
		assert.Equal(t, want[:2] != "ok", err != nil, "%s: %v", url, err)
	}
}

func TestHelmTestIsOffByDefault(t *testing.T) {
	assert.Empty(t, testPods(t, `
externalNameServices:
  my-httpbin: {externalName: httpbin.org, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}
`))
}
