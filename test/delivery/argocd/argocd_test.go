//go:build e2e

// Package argocd tests what Argo CD makes of the examples, with its own code.
package argocd

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/argocd"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// argoRelease is an Application with what Argo CD generates for it.
type argoRelease struct {
	Application struct {
		Metadata struct{ Name string }
		Spec     struct {
			Destination struct{ Name, Namespace string }
			Project     string
			Sources     []struct {
				Chart, TargetRevision string
				Helm                  struct {
					ReleaseName string
					ValueFiles  []string
				}
			}
		}
	}
	Objects []unstructured.Unstructured
}

func argoExample(name string) string {
	return filepath.Join(project.Root(), "examples", "argocd", name)
}

// valuesRepository is a git checkout with the values and the guard rails of examples/argocd, which are repositories of their own
// in an installation.
func valuesRepository(t *testing.T) string {
	t.Helper()
	checkout := t.TempDir()
	for _, folder := range []string{"egress", "policy"} {
		require.NoError(t, os.CopyFS(filepath.Join(checkout, folder), os.DirFS(argoExample(folder))))
	}
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "."}} {
		out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", checkout}, args...)...).CombinedOutput()
		require.NoError(t, err, string(out))
	}
	return checkout
}

func argoManifests(t *testing.T, file string) []argoRelease {
	t.Helper()
	var releases []argoRelease
	err := argocd.Run(t, nil, &releases, "manifests", argoExample(file), project.Chart(), valuesRepository(t))
	require.NoError(t, err)
	require.NotEmpty(t, releases)
	return releases
}

// helmObjects are the objects of helm template for the release of an Application.
func helmObjects(t *testing.T, release argoRelease) []unstructured.Unstructured {
	t.Helper()
	source := release.Application.Spec.Sources[0]
	args := []string{source.Helm.ReleaseName, project.Chart(), "--namespace", release.Application.Spec.Destination.Namespace}
	for _, file := range source.Helm.ValueFiles {
		args = append(args, "--values", argoExample(strings.TrimPrefix(strings.TrimPrefix(file, "$values/"), "$policy/")))
	}
	out, err := helmbin.Output(t.Context(), helmbin.Helm3.Options(t), "template", args...)
	require.NoError(t, err)
	return unstructuredObjects(t, string(out))
}

func unstructuredObjects(t *testing.T, manifests string) []unstructured.Unstructured {
	t.Helper()
	var objects []unstructured.Unstructured
	for document := range strings.SplitSeq("\n"+manifests, "\n---\n") {
		var object unstructured.Unstructured
		require.NoError(t, yaml.Unmarshal([]byte(document), &object.Object))
		if object.Object != nil {
			objects = append(objects, object)
		}
	}
	return objects
}

// withoutTracking removes the annotation by which Argo CD finds its objects.
func withoutTracking(t *testing.T, objects []unstructured.Unstructured) []unstructured.Unstructured {
	t.Helper()
	for _, object := range objects {
		annotations := object.GetAnnotations()
		require.Contains(t, annotations, "argocd.argoproj.io/tracking-id", "%s %s", object.GetKind(), object.GetName())
		delete(annotations, "argocd.argoproj.io/tracking-id")
		object.SetAnnotations(annotations)
		if len(annotations) == 0 {
			unstructured.RemoveNestedField(object.Object, "metadata", "annotations")
		}
	}
	return objects
}

func TestArgoCDGeneratesWhatHelmRenders(t *testing.T) {
	for _, file := range []string{"application.yaml", "applicationset.yaml"} {
		t.Run(file, func(t *testing.T) {
			for _, release := range argoManifests(t, file) {
				want := helmObjects(t, release)
				assert.NotEmpty(t, want)
				assert.Equal(t, asJSON(t, want), asJSON(t, withoutTracking(t, release.Objects)), release.Application.Metadata.Name)
			}
		})
	}
}

func asJSON(t *testing.T, objects []unstructured.Unstructured) []string {
	t.Helper()
	documents := make([]string, len(objects))
	for i, object := range objects {
		content, err := object.MarshalJSON()
		require.NoError(t, err)
		documents[i] = string(content)
	}
	return documents
}

func TestApplicationSetMakesOneReleasePerValuesFile(t *testing.T) {
	var names []string
	for _, release := range argoManifests(t, "applicationset.yaml") {
		destination := release.Application.Spec.Destination
		names = append(names, release.Application.Metadata.Name+" to "+destination.Name+"/"+destination.Namespace)
	}
	assert.Equal(t, []string{
		"egress-east-team-a to east/team-a",
		"egress-west-team-a to west/team-a",
		"egress-west-team-b to west/team-b",
	}, names)
}

// The Application is one of those that the ApplicationSet makes.
func TestApplicationIsOneOfTheApplicationSet(t *testing.T) {
	application := argoManifests(t, "application.yaml")[0]
	for _, release := range argoManifests(t, "applicationset.yaml") {
		if release.Application.Metadata.Name == application.Application.Metadata.Name {
			assert.Equal(t, application, release)
			return
		}
	}
	t.Errorf("the ApplicationSet makes no %s", application.Application.Metadata.Name)
}

func TestArgoCDExamplesInstallThisVersion(t *testing.T) {
	chart, err := render.LoadDir(project.Chart())
	require.NoError(t, err)
	for _, file := range []string{"application.yaml", "applicationset.yaml"} {
		for _, release := range argoManifests(t, file) {
			assert.Equal(t, chart.Name(), release.Application.Spec.Sources[0].Chart)
			assert.Equal(t, chart.Version(), release.Application.Spec.Sources[0].TargetRevision, file)
		}
	}
}

// A field that Argo CD does not know would be ignored by kubectl apply, or refused by the API server.
func TestArgoCDFilesAreReadStrictly(t *testing.T) {
	for _, file := range []string{"application.yaml", "applicationset.yaml"} {
		content, err := os.ReadFile(argoExample(file))
		require.NoError(t, err)
		wrong := filepath.Join(t.TempDir(), file)
		require.NoError(t, os.WriteFile(wrong, bytes.Replace(content, []byte("releaseName:"), []byte("relaseName:"), 1), 0o600))
		var releases []argoRelease
		assert.ErrorContains(t, argocd.Run(t, nil, &releases, "manifests", wrong, project.Chart(), valuesRepository(t)), "relaseName")
	}
}

func TestProjectsPermitTheExamples(t *testing.T) {
	for _, team := range []string{"team-a", "team-b"} {
		var refusals []string
		require.NoError(t, argocd.Run(t, releasesOf(t, team), &refusals, "refused", projectOf(team)))
		assert.Empty(t, refusals)
	}
}

// A team's project takes no release of another.
func TestProjectsRefuseOtherTeams(t *testing.T) {
	var refusals []string
	require.NoError(t, argocd.Run(t, releasesOf(t, "team-b"), &refusals, "refused", projectOf("team-a")))
	assert.Contains(t, refusals, `egress-west-team-b: it belongs to the project "egress-team-b"`)
	assert.Contains(t, refusals, "egress-west-team-b: Service team-b/search")
}

func projectOf(team string) string { return argoExample(filepath.Join("appprojects", team+".yaml")) }

// releasesOf are those of the ApplicationSet in the project of a team, as "manifests" prints them.
func releasesOf(t *testing.T, team string) []json.RawMessage {
	t.Helper()
	var all, own []json.RawMessage
	require.NoError(t, json.Unmarshal(argoRaw(t, "applicationset.yaml", valuesRepository(t)), &all))
	for _, raw := range all {
		var release argoRelease
		require.NoError(t, json.Unmarshal(raw, &release))
		if release.Application.Spec.Project == "egress-"+team {
			own = append(own, raw)
		}
	}
	require.NotEmpty(t, own)
	return own
}

// argoRaw is the output of "manifests" as it is, for "refused".
func argoRaw(t *testing.T, file, checkout string) json.RawMessage {
	t.Helper()
	var releases json.RawMessage
	require.NoError(t, argocd.Run(t, nil, &releases, "manifests", argoExample(file), project.Chart(), checkout))
	return releases
}

// The project is as small as it can be: without any of its permissions, something of the examples is refused.
func TestProjectPermitsNoMoreThanNeeded(t *testing.T) {
	releases := releasesOf(t, "team-a")
	for _, list := range []string{"sourceRepos", "destinations", "namespaceResourceWhitelist"} {
		content, err := os.ReadFile(projectOf("team-a"))
		require.NoError(t, err)
		var project map[string]any
		require.NoError(t, yaml.Unmarshal(content, &project))
		permissions := project["spec"].(map[string]any)[list].([]any)
		require.NotEmpty(t, permissions)
		for i, permission := range permissions {
			project["spec"].(map[string]any)[list] = append(append([]any{}, permissions[:i]...), permissions[i+1:]...)
			smaller, err := yaml.Marshal(project)
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), "appproject.yaml")
			require.NoError(t, os.WriteFile(path, smaller, 0o600))
			var refusals []string
			require.NoError(t, argocd.Run(t, releases, &refusals, "refused", path))
			assert.NotEmpty(t, refusals, "nothing needs %v in %s", permission, list)
		}
	}
}

// otherNamespace is an entry that team-a may not have.
const otherNamespace = `
exportTo: ["."]
externalNameServices:
  payments:
    namespace: istio-system
    externalName: payments.example.com
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
`

// checkoutWith has other values of team-a in the cluster west.
func checkoutWith(t *testing.T, values string) string {
	t.Helper()
	checkout := valuesRepository(t)
	require.NoError(t, os.WriteFile(filepath.Join(checkout, "egress", "west", "team-a", "values.yaml"), []byte(values), 0o600))
	return checkout
}

// applicationWith writes the Application with another source of helm.
func applicationWith(t *testing.T, change func(helm map[string]any)) string {
	t.Helper()
	content, err := os.ReadFile(argoExample("application.yaml"))
	require.NoError(t, err)
	var application map[string]any
	require.NoError(t, yaml.Unmarshal(content, &application))
	change(application["spec"].(map[string]any)["sources"].([]any)[0].(map[string]any)["helm"].(map[string]any))
	changed, err := yaml.Marshal(application)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "application.yaml")
	require.NoError(t, os.WriteFile(path, changed, 0o600))
	return path
}

// withoutPolicy leaves the platform's values file out.
func withoutPolicy(helm map[string]any) { helm["valueFiles"] = helm["valueFiles"].([]any)[:1] }

func TestGuardRailsRefuseOtherNamespaces(t *testing.T) {
	for _, skip := range []bool{false, true} {
		application := applicationWith(t, func(helm map[string]any) { helm["skipSchemaValidation"] = skip })
		err := argocd.Run(t, nil, new([]argoRelease), "manifests", application, project.Chart(), checkoutWith(t, otherNamespace))
		assert.ErrorContains(t, err, `externalNameServices.payments.namespace: policy.namespaces forbids namespace "istio-system": it allows "team-a"`)
	}
}

// A team of which the platform knows nothing has no release.
func TestWithoutGuardRailsNothingIsRendered(t *testing.T) {
	checkout := valuesRepository(t)
	require.NoError(t, os.Remove(filepath.Join(checkout, "policy", "team-b.yaml")))
	err := argocd.Run(t, nil, new([]argoRelease), "manifests", argoExample("applicationset.yaml"), project.Chart(), checkout)
	assert.ErrorContains(t, err, "team-b.yaml")
}

// What the chart would let through, the project refuses.
func TestProjectRefusesOtherNamespaces(t *testing.T) {
	var releases json.RawMessage
	require.NoError(t, argocd.Run(t, nil, &releases, "manifests", applicationWith(t, withoutPolicy), project.Chart(), checkoutWith(t, otherNamespace)))
	var refusals []string
	require.NoError(t, argocd.Run(t, releases, &refusals, "refused", projectOf("team-a")))
	assert.Contains(t, refusals, "egress-west-team-a: Service istio-system/payments")
}

// Parameters come after all files: a whole list takes the place of the tenant's, and an index keeps what it does not name.
func TestParametersOfGuardRails(t *testing.T) {
	checkout := checkoutWith(t, `
policy: {hosts: [api.example.com, "*.org"], exportTo: ["*"]}
externalNameServices:
  free: {externalName: evil.example.org, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
`)
	with := func(name, value string) error {
		application := applicationWith(t, func(helm map[string]any) {
			withoutPolicy(helm)
			helm["parameters"] = []any{map[string]any{"name": name, "value": value}}
		})
		return argocd.Run(t, nil, new([]argoRelease), "manifests", application, project.Chart(), checkout)
	}
	assert.NoError(t, with("policy.hosts[0]", "*.example.com"), "the tenant's second item is still there")
	assert.ErrorContains(t, with("policy.hosts", "{*.example.com,api.example.net}"), `policy.hosts forbids "evil.example.org": it allows "*.example.com", "api.example.net"`)
	assert.ErrorContains(t, with("policy.exportTo", "{.}"), "policy.exportTo forbids")
	assert.ErrorContains(t, with("policy.requireExportTo", "true"), "policy.requireExportTo forbids")
}

// excludedKinds are the kinds that Argo CD drops, of an example's objects.
func excludedKinds(t *testing.T, config string, objects []unstructured.Unstructured) []string {
	t.Helper()
	var dropped []unstructured.Unstructured
	require.NoError(t, argocd.Run(t, objects, &dropped, "excluded", config))
	kinds := []string{}
	for _, object := range dropped {
		kinds = append(kinds, object.GetKind())
	}
	return kinds
}

// By default Argo CD drops EndpointSlices. Examples that render them say so;
// nothing else that an example renders is dropped, by nobody's argocd-cm.
func TestResourceExclusions(t *testing.T) {
	byDefault := argocd.DefaultConfig(t)
	for _, example := range project.Examples(t) {
		t.Run(example.Name, func(t *testing.T) {
			rendered, err := os.ReadFile(example.Rendered)
			require.NoError(t, err)
			objects := unstructuredObjects(t, string(rendered))
			slices := []string{}
			for _, object := range objects {
				if object.GetKind() == "EndpointSlice" {
					slices = append(slices, "EndpointSlice")
				}
			}
			assert.Equal(t, slices, excludedKinds(t, byDefault, objects), "with Argo CD's defaults")
			assert.Empty(t, excludedKinds(t, argoExample("argocd-cm.yaml"), objects), "with the change of examples/argocd")

			output, err := project.Render(t, "--notes", "-f", example.Values)
			require.NoError(t, err)
			assert.Equal(t, len(slices) > 0, strings.Contains(string(output), "resource.exclusions"), "the notes tell of it")
		})
	}
	for _, release := range argoManifests(t, "applicationset.yaml") {
		assert.Empty(t, excludedKinds(t, byDefault, release.Objects), release.Application.Metadata.Name)
	}
}

// Endpoints objects stay excluded: nothing asks for them but the deprecated kind.
func TestChangedExclusionsDifferInEndpointSliceAlone(t *testing.T) {
	read := func(path string) (kinds []string) {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		var config struct{ Data map[string]string }
		require.NoError(t, yaml.Unmarshal(content, &config))
		var exclusions []struct{ APIGroups, Kinds []string }
		require.NoError(t, yaml.Unmarshal([]byte(config.Data["resource.exclusions"]), &exclusions))
		for _, exclusion := range exclusions {
			kinds = append(kinds, exclusion.Kinds...)
		}
		return kinds
	}
	byDefault := read(argocd.DefaultConfig(t))
	require.Contains(t, byDefault, "EndpointSlice")
	assert.ElementsMatch(t, byDefault, append(read(argoExample("argocd-cm.yaml")), "EndpointSlice"))
}
