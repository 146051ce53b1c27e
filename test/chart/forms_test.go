package chart

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

const wanted = `
externalNameServices:
  - {name: catalog, externalName: catalog.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
  - {name: search, externalName: search.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
endpointServices:
  - {name: erp, addresses: [192.0.2.10], ports: [{name: tls, port: 443}], tls: {mode: DISABLE}}
`

const wantedAsMaps = `
externalNameServices:
  catalog: {externalName: catalog.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
  search: {externalName: search.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
endpointServices:
  erp: {addresses: [192.0.2.10], ports: [{name: tls, port: 443}], tls: {mode: DISABLE}}
`

// However the values come together, what counts is what they say in the end.
func TestFormsOfValues(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		set   []string
	}{
		"lists": {files: []string{wanted}},
		"maps":  {files: []string{wantedAsMaps}},
		"a list and a map": {files: []string{`
externalNameServices:
  - {name: catalog, externalName: catalog.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
  - {name: search, externalName: search.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
`, `
endpointServices:
  erp: {addresses: [192.0.2.10], ports: [{name: tls, port: 443}], tls: {mode: DISABLE}}
`}},
		"maps merge field by field": {files: []string{`
externalNameServices:
  catalog: {externalName: catalog.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: DISABLE}}
endpointServices:
  erp: {addresses: [192.0.2.10], ports: [{name: tls, port: 443}], tls: {mode: DISABLE}}
`, `
externalNameServices:
  catalog: {tls: {mode: SIMPLE}}
  search: {externalName: search.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
`}},
		"null removes an entry of a map": {files: []string{wantedAsMaps + `
  old: {addresses: [192.0.2.99], ports: [{name: tls, port: 443}], tls: {mode: DISABLE}}
`, `
endpointServices: {old: null}
`}},
		"null unsets a field": {files: []string{wantedAsMaps, `
externalNameServices: {search: {serverName: null, workloadSelector: null}}
`}},
		"a list replaces a list": {files: []string{`
externalNameServices:
  - {name: old, externalName: old.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
`, wanted}},
		"a list replaces a map": {files: []string{`
externalNameServices:
  old: {externalName: old.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
`, wanted}},
		"--set into a map": {files: []string{wantedAsMaps}, set: []string{
			"--set", "externalNameServices.search.tls.mode=SIMPLE",
			"--set", "externalNameServices.search.tls.mode=DISABLE",
		}},
		"--set into a list": {files: []string{wanted}, set: []string{
			"--set", "externalNameServices[1].tls.mode=SIMPLE",
			"--set", "externalNameServices[1].tls.mode=DISABLE",
		}},
		"--set null removes an entry": {files: []string{wantedAsMaps}, set: []string{
			"--set-json", `endpointServices.old={"addresses":["192.0.2.99"],"ports":[{"name":"tls","port":443}],"tls":{"mode":"DISABLE"}}`,
			"--set", "endpointServices.old=null",
		}},
		"--set-json of a whole collection": {files: []string{wanted}, set: []string{
			"--set-json", `endpointServices={"erp":{"addresses":["192.0.2.10"],"ports":[{"name":"tls","port":443}],"tls":{"mode":"DISABLE"}}}`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
				folder := t.TempDir()
				options := h.Options(t)
				options.ValuesFiles = []string{writeFile(t, filepath.Join(folder, "wanted.yaml"), wanted)}
				want := template(t, options, project.Chart())
				assert.NotEmpty(t, want)

				options.ValuesFiles = nil
				for i, file := range c.files {
					path := filepath.Join(folder, fmt.Sprintf("%d.yaml", i))
					options.ValuesFiles = append(options.ValuesFiles, writeFile(t, path, file))
				}
				assert.Equal(t, want, template(t, options, project.Chart(), c.set...))
			})
		})
	}
}
