package render

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// What helm's build sets when it links the command, from the same modules.
func TestVersionsAreThoseOfTheModules(t *testing.T) {
	goMod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	module := func(path string) string {
		found := regexp.MustCompile(`(?m)^\s+` + regexp.QuoteMeta(path) + ` (v[0-9.]+)`).FindSubmatch(goMod)
		if found == nil {
			t.Fatalf("go.mod does not name %s", path)
		}
		return string(found[1])
	}
	major, _, _ := strings.Cut(HelmVersion, ".")
	if got := module("helm.sh/helm/" + major); got != HelmVersion {
		t.Errorf("HelmVersion is %s, the module %s", HelmVersion, got)
	}
	minor := strings.Split(module("k8s.io/client-go"), ".")[1]
	if want := "v1." + minor + ".0"; helmKubeVersion != want {
		t.Errorf("helmKubeVersion is %s, the module is of %s", helmKubeVersion, want)
	}
	for input, want := range map[string]string{"": helmKubeVersion, "1.31": "v1.31", "v1.30.2": "v1.30.2"} {
		release, err := newHelmRelease(Options{KubeVersion: input})
		if err != nil || release.capabilities.KubeVersion.Version != want {
			t.Errorf("kube version %q is %v, %v, want %s", input, release.capabilities, err, want)
		}
	}
}
