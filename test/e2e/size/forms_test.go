//go:build e2e

package size

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-egress/istio-egress/render"
)

// entriesOf are entries of one port each, all visible everywhere.
type entriesOf struct {
	name string
	port render.Port
	tls  render.TLSMode
}

var kinds = []entriesOf{
	{"http, SIMPLE", render.Port{Name: "http", Port: 80, TargetPort: 443}, render.TLSSimple},
	{"tls, DISABLE", render.Port{Name: "tls", Port: 443}, render.TLSDisable},
	{"tcp, SIMPLE", render.Port{Name: "tcp", Port: 5432}, render.TLSSimple},
}

// most is what a sidecar may get for 1,000 closed entries, beside what it gets without any: three clusters an entry, the
// subset's among them, one listener for each byte port, and what istiod 1.31 makes of that, in whole KiB.
var most = map[string]config{
	"http, SIMPLE": {clusters: 3003, listeners: 100, bytes: 4488<<10 - 1},
	"tls, DISABLE": {clusters: 3003, listeners: 1003, bytes: 3303<<10 - 1},
	"tcp, SIMPLE":  {clusters: 3003, listeners: 1003, bytes: 3800<<10 - 1},
}

// What the headers cost is left out of the comparison.
func TestCostOfBothForms(t *testing.T) {
	for _, kind := range kinds {
		for _, form := range []render.ServiceType{render.ServiceExternalName, render.ServiceClusterIP} {
			kept := sidecarOf(t, kind.values(t, form, true))
			t.Logf("%d entries, %s, %s: %+v", *entries, kind.name, form, kept)
			if kind.port.Name == "http" {
				removed := sidecarOf(t, kind.values(t, form, false))
				t.Logf("and with the mesh's headers taken off: %d bytes more an entry", (removed.bytes-kept.bytes) / *entries)
			}
			if form != render.ServiceClusterIP {
				continue
			}
			limit := most[kind.name]
			assert.LessOrEqual(t, kept.clusters, scaled(limit.clusters), kind.name)
			assert.LessOrEqual(t, kept.listeners, scaled(limit.listeners), kind.name)
			assert.LessOrEqual(t, kept.bytes, scaled(limit.bytes), kind.name)
		}
	}
}

func scaled(thousand int) int { return thousand * max(*entries, 1000) / 1000 }

func (k entriesOf) values(t *testing.T, form render.ServiceType, keep bool) map[string]any {
	t.Helper()
	var values render.Values
	for i := range *entries {
		entry := render.ExternalNameService{
			Service: render.Service{
				Name:            fmt.Sprintf("my-api-%d", i),
				Ports:           []render.Port{k.port},
				TLS:             &render.TLS{Mode: k.tls},
				KeepMeshHeaders: keep,
			},
			ExternalName: fmt.Sprintf("api-%d.example.com", i),
			ServiceType:  form,
		}
		if form == render.ServiceExternalName && k.port.Name == "tcp" {
			entry.Addresses = []string{fmt.Sprintf("198.18.%d.%d", i/250, i%250+1)}
		}
		values.ExternalNameServices = append(values.ExternalNameServices, entry)
	}
	m, err := values.Map()
	if err != nil {
		t.Fatal(err)
	}
	return m
}
