package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/istio-egress/istio-egress/render"
)

// tenant is what this platform knows of a team.
type tenant struct {
	Namespace string `json:"namespace"`
	// APIs are hosts that the tenant calls by HTTPS, by their local names.
	APIs map[string]string `json:"apis"`
}

func readTenants(path string) ([]tenant, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var tenants []tenant
	if err := json.Unmarshal(content, &tenants); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tenants, nil
}

// render renders the tenant's release: workloads send plain HTTP to the local name, the sidecar makes it HTTPS.
func (t tenant) render(chart *render.Chart) (*render.Result, error) {
	values := render.Values{ExportTo: []string{"."}}
	for name, host := range t.APIs {
		values.ExternalNameServices = append(values.ExternalNameServices, render.ExternalNameService{
			Service: render.Service{
				Name:  name,
				Ports: []render.Port{{Name: "http", Port: 80, TargetPort: 443}},
				TLS:   &render.TLS{Mode: render.TLSSimple},
			},
			ExternalName: host,
		})
	}
	fields, err := values.Map()
	if err != nil {
		return nil, err
	}
	return chart.Render(fields, render.Options{ReleaseName: "egress", Namespace: t.Namespace})
}

func writeAll(folder string, tenants []tenant, results []*render.Result) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for i, result := range results {
		path := filepath.Join(folder, tenants[i].Namespace+".yaml")
		if err := os.WriteFile(path, result.Manifest(), 0o600); err != nil {
			return err
		}
	}
	return nil
}
