package main

import (
	"fmt"

	"github.com/istio-egress/istio-egress/internal/valuesgen"
)

// form is one that all entries have, whatever the chart would choose.
type form struct{ name, serviceType, endpointsKind string }

// forms are measured one after the other.
var forms = []form{
	{"closed", "ClusterIP", "ServiceEntry"},
	{"open", "ExternalName", "EndpointSlice"},
}

// parseForm is the form of a name.
func parseForm(name string) (form, error) {
	for _, f := range forms {
		if f.name == name {
			return f, nil
		}
	}
	return form{}, fmt.Errorf("%q: want closed or open", name)
}

// values are those of so many entries, of which the same number has the same ones.
func (f form) values(entries int) map[string]any {
	values := valuesgen.Sample(entries)
	values["serviceType"], values["endpointsKind"] = f.serviceType, f.endpointsKind
	return values
}
