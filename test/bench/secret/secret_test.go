// Package secret measures what a release takes in the cluster, where Helm keeps
// it in one Secret of at most 1 MiB: chart, values, manifest and notes.
//
//	go test -run '^$' -bench . -benchtime 1x ./bench/secret
package secret

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/action"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
	helmtime "helm.sh/helm/v3/pkg/time"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/compact"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// fits is how many entries the documents promise to fit into a release: in the forms that the chart chooses, and where all are
// closed.
const fits = 7_000

// installed is the release that helm install makes, but for the cluster.
func installed(t testing.TB, values map[string]any) *release.Release {
	t.Helper()
	version, err := chartutil.ParseKubeVersion("v1.37.0")
	require.NoError(t, err)
	run := action.NewInstall(&action.Configuration{Log: func(string, ...any) {}})
	run.DryRun, run.ClientOnly, run.Replace = true, true, true
	run.ReleaseName, run.Namespace, run.KubeVersion = "egress", "default", version
	made, err := run.Run(loadHelmChart(t), values)
	require.NoError(t, err)
	return made
}

// made is the same release, rendered without Helm, which takes long for many entries.
func made(t testing.TB, values map[string]any) *release.Release {
	t.Helper()
	chart, err := render.Load()
	require.NoError(t, err)
	result, err := chart.Render(values, render.Options{ReleaseName: "egress"})
	require.NoError(t, err)
	return &release.Release{
		Name: "egress", Namespace: "default", Version: 1,
		Chart: loadHelmChart(t), Config: values, Manifest: string(result.Manifest()),
		Info: &release.Info{
			FirstDeployed: helmtime.Now(), LastDeployed: helmtime.Now(), Status: release.StatusDeployed,
			Description: "Install complete", Notes: result.Notes(),
		},
	}
}

// loadHelmChart loads the chart as it is packaged: with the licence, and without what only its authors read.
func loadHelmChart(t testing.TB) *helmchart.Chart {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(project.Chart())))
	licence, err := os.ReadFile(filepath.Join(project.Root(), "LICENSE"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "LICENSE"), licence, 0o600))
	require.NoError(t, compact.Chart(folder))
	chart, err := loader.LoadDir(folder)
	require.NoError(t, err)
	return chart
}

// stored returns the size of the Secret's data as Helm's own driver writes it.
func stored(t testing.TB, r *release.Release) int {
	t.Helper()
	client := fake.NewClientset().CoreV1().Secrets("default")
	secrets := driver.NewSecrets(client)
	secrets.Log = func(string, ...any) {}
	require.NoError(t, secrets.Create("sh.helm.release.v1.egress.v1", r))
	secret, err := client.Get(t.Context(), "sh.helm.release.v1.egress.v1", metav1.GetOptions{})
	require.NoError(t, err)
	size := 0
	for _, data := range secret.Data {
		size += len(data)
	}
	return size
}

func objects(manifest string) int { return strings.Count("\n"+manifest, "\n---\n") }

func TestMadeReleaseIsAsLargeAsHelms(t *testing.T) {
	values := valuesgen.Sample(50)
	assert.InEpsilon(t, stored(t, installed(t, values)), stored(t, made(t, values)), 0.005)
}

func TestReleaseFitsIntoItsSecret(t *testing.T) {
	for form, values := range map[string]map[string]any{"as the chart chooses": valuesgen.Sample(fits), "closed": closed(fits)} {
		release := made(t, values)
		size := stored(t, release)
		t.Logf("%d entries, %s: %d bytes", fits, form, size)
		assert.Less(t, size, corev1.MaxSecretSize, form)
		assert.Less(t, len(release.Info.Notes), 50_000, "notes of a large release must be short: they are stored too")
		assert.LessOrEqual(t, objects(release.Manifest), 4*fits+fits/5, "objects per entry")
	}
}

// closed are values with every entry closed: those that would be open too.
func closed(entries int) map[string]any {
	values := valuesgen.Sample(entries)
	values["serviceType"], values["endpointsKind"] = "ClusterIP", "ServiceEntry"
	return values
}

// fitThrough is how many entries the documents promise to fit into a release that passes an egress gateway, also where every
// entry says who may call.
const fitThrough = 4_000

func TestReleaseThroughAGatewayFitsIntoItsSecret(t *testing.T) {
	byIdentity := through(fitThrough)
	byIdentity["egressGateway"].(map[string]any)["identity"] = "spiffe://cluster.local/ns/istio-system/sa/egress"
	for layout, values := range map[string]map[string]any{
		"by a rule of its namespace": through(fitThrough), "by its identity": byIdentity, "with allowFrom": limited(fitThrough),
	} {
		release := made(t, values)
		size := stored(t, release)
		t.Logf("through a gateway, %s: %d bytes", layout, size)
		assert.Less(t, size, corev1.MaxSecretSize, layout)
		assert.Greater(t, objects(release.Manifest), 5*fitThrough, layout)
	}
}

// fitHosts is how many entries of externalHosts the documents promise to fit into a release of nothing else.
const fitHosts = 10_000

func TestReleaseOfHostsFitsIntoItsSecret(t *testing.T) {
	values := valuesgen.SampleHosts(fitHosts)
	release := made(t, values)
	size := stored(t, release)
	hosts := 0
	for _, entry := range values["externalHosts"].([]any) {
		hosts += len(entry.(map[string]any)["hosts"].([]any))
	}
	t.Logf("%d entries, %d hosts, %d objects: %d bytes", fitHosts, hosts, objects(release.Manifest), size)
	assert.Less(t, size, corev1.MaxSecretSize)
	assert.Greater(t, hosts, 2*fitHosts)
}

// through are values of which every entry passes an egress gateway.
func through(entries int) map[string]any {
	values := valuesgen.Sample(entries)
	values["egressGateway"] = map[string]any{
		"name": "istio-egressgateway", "namespace": "istio-system", "selector": map[string]any{"istio": "egressgateway"}, "default": "gateway",
	}
	for _, collection := range []string{"externalNameServices", "endpointServices"} {
		for _, entry := range values[collection].([]any) {
			delete(entry.(map[string]any), "workloadSelector") // the gateway has the certificates
		}
	}
	return values
}

// limited are values of which every entry says besides who may call.
func limited(entries int) map[string]any {
	values := through(entries)
	for _, collection := range []string{"externalNameServices", "endpointServices"} {
		for i, item := range values[collection].([]any) {
			entry := item.(map[string]any)
			entry["allowFrom"] = map[string]any{"namespaces": []any{entry["namespace"]}, "serviceAccounts": []any{fmt.Sprintf("shop/client-%d", i%50)}}
		}
	}
	return values
}

var kibibytes = regexp.MustCompile(`take about (\d+) KiB`)

// The linter tells the size from a sample, with no help of Helm's.
func TestLintWarnsOfTheSizeThatHelmStores(t *testing.T) {
	const full = 8_000 // entries that fill the Secret to more than nine tenths
	size := stored(t, made(t, valuesgen.Sample(full)))
	require.Greater(t, size, corev1.MaxSecretSize*9/10)
	message := sizeWarning(t, full)
	require.Regexp(t, kibibytes, message)
	told, err := strconv.Atoi(kibibytes.FindStringSubmatch(message)[1])
	require.NoError(t, err)
	assert.InEpsilon(t, size>>10, told, 0.1, message)

	assert.Empty(t, sizeWarning(t, full/2))
}

func sizeWarning(t *testing.T, entries int) string {
	t.Helper()
	chart, err := render.Load()
	require.NoError(t, err)
	data, err := yaml.Marshal(valuesgen.Sample(entries))
	require.NoError(t, err)
	findings, err := lint.Releases(chart, []lint.Release{{Values: render.ValuesOptions{
		Files: []string{"-"}, Stdin: bytes.NewReader(data),
	}}}, lint.Options{})
	require.NoError(t, err)
	for _, finding := range findings {
		if finding.ID == "release-size" {
			return finding.Message
		}
	}
	return ""
}

// BenchmarkRelease reports sizes, no times.
func BenchmarkRelease(b *testing.B) {
	for _, entries := range []int{1, 1_000, fits, 7_500} {
		b.Run(fmt.Sprintf("entries=%d", entries), func(b *testing.B) { report(b, entries, valuesgen.Sample(entries)) })
	}
	b.Run(fmt.Sprintf("hosts=%d", fitHosts), func(b *testing.B) { report(b, fitHosts, valuesgen.SampleHosts(fitHosts)) })
	b.Run(fmt.Sprintf("closed=%d", fits), func(b *testing.B) { report(b, fits, closed(fits)) })
}

func report(b *testing.B, entries int, values map[string]any) {
	b.Helper()
	release := made(b, values)
	size := stored(b, release)
	for b.Loop() {
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(objects(release.Manifest))/float64(entries), "objects/entry")
	b.ReportMetric(float64(len(release.Manifest))/float64(entries), "manifest-B/entry")
	b.ReportMetric(float64(size), "secret-B")
	b.ReportMetric(float64(size)/float64(entries), "secret-B/entry")
}
