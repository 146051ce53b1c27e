package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	declaredAlias = "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: team-a}\nspec: {type: ExternalName, externalName: api.example.com, ports: [{name: https, port: 443}]}\n---\n" +
		"apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: api, namespace: team-a}\nspec: {hosts: [api.example.com], resolution: DNS, ports: [{number: 443, name: https, protocol: HTTPS}]}\n"
	portless     = "apiVersion: v1\nkind: Service\nmetadata: {name: api}\nspec: {type: ExternalName, externalName: api.example.com}\n"
	ownNameAlone = "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: api}\nspec: {hosts: [api.example.com], resolution: DNS, ports: [{number: 443, name: https, protocol: HTTPS}]}\n"
	ofTheMesh    = "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: api}\nspec: {hosts: [api.example.com], location: MESH_INTERNAL, resolution: DNS, ports: [{number: 443, name: https, protocol: HTTPS}]}\n"
)

func TestImport(t *testing.T) {
	for name, tc := range map[string]struct {
		stdin           string
		args            []string
		status          int
		out, errorsHave string
	}{
		"an alias":         {declaredAlias, []string{"-"}, exitOK, "    serviceType: ExternalName\n", "1 entry from 1 file (2 objects)\n"},
		"strict":           {declaredAlias, []string{"-", "--strict"}, exitOK, "name: api\n", "1 entry"},
		"by its own name":  {ownNameAlone, []string{"-", "--strict"}, exitOK, "externalHosts:\n", "1 entry"},
		"strict, tokens":   {declaredAlias + "---\n" + newerTokens, []string{"-", "--strict"}, exitOK, "name: api\n", "(2 objects); 1 object is no way out of the mesh"},
		"not in values":    {ofTheMesh, []string{"-"}, exitOK, "# - ServiceEntry default/api (<stdin>:4): spec.location: the host counts as one of the mesh", "not in the values: ServiceEntry default/api (<stdin>:4): "},
		"strict, not all":  {ofTheMesh, []string{"-", "--strict"}, exitRefused, "# Not in these values:\n", "not in the values: "},
		"strict, no ports": {portless, []string{"-", "--strict"}, exitRefused, "# Not in these values:\n", "it declares no ports"},
		"strict, stronger": {strings.Replace(portless, "api.example.com", "api.example.com, ports: [{name: http, port: 80}]", 1), []string{"-", "--strict"}, exitRefused, "# Other than the objects: declared to the mesh", "other than the objects: Service default/api (<stdin>:1): declared to the mesh"},
		"not YAML":         {"a: [\n", []string{"-"}, exitOK, "# Not in these values:\n# - <stdin>:", "not in the values: <stdin>:"},
		"values":           {cleanValues, []string{"-"}, exitFailed, "", "-: no Kubernetes objects in it"},
		"nothing":          {"", nil, exitFailed, "", "nothing to import: give files, folders, or - for standard input"},
		"a missing file":   {"", []string{"no-such.yaml"}, exitFailed, "", "no-such.yaml: no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errors strings.Builder
			status := run(append([]string{"import"}, tc.args...), streams{in: strings.NewReader(tc.stdin), out: &out, err: &errors})
			if status != tc.status || !strings.Contains(out.String(), tc.out) || !strings.Contains(errors.String(), tc.errorsHave) {
				t.Errorf("status %d\n%s\n2>\n%s", status, out.String(), errors.String())
			}
		})
	}
}

// A folder is read with what is below it, and what import writes is what render takes.
func TestImportOfFolder(t *testing.T) {
	folder := t.TempDir()
	service, entry, _ := strings.Cut(declaredAlias, "---\n")
	for name, text := range map[string]string{"service.yaml": service, "istio/entry.yaml": entry} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var values, manifests, errors strings.Builder
	if status := run([]string{"import", folder}, streams{in: nil, out: &values, err: &errors}); status != exitOK {
		t.Fatal(errors.String())
	}
	if status := run([]string{"-f", "-"}, streams{in: strings.NewReader(values.String()), out: &manifests, err: &errors}); status != exitOK {
		t.Fatal(errors.String(), values.String())
	}
	for _, want := range []string{`externalName: "api.example.com"`, "kind: ServiceEntry"} {
		if !strings.Contains(manifests.String(), want) {
			t.Errorf("%s\nhas no %s", manifests.String(), want)
		}
	}
}
