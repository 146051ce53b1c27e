package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

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
func (t tenant) render(ctx context.Context, chart *render.Chart) (*render.Result, error) {
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
	return chart.RenderContext(ctx, fields, render.Options{ReleaseName: "egress", Namespace: t.Namespace})
}

// writeAll writes into the folder and nowhere else, whatever the tenants' names or links in the folder say.
func writeAll(folder string, tenants []tenant, results []*render.Result) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	for i, result := range results {
		if err := root.WriteFile(tenants[i].Namespace+".yaml", result.Manifest(), 0o600); err != nil {
			return err
		}
	}
	return root.Close()
}
