package manifests

import (
	"slices"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/render"
)

// tellClosing finds out what closing an open name changes, by doing it.
func (i *importer) tellClosing(entry *Entry) error {
	service := entry.model.Services[0]
	values, closed := closedForm(entry.Values)
	if service.InCluster || closed == "" {
		return nil
	}
	before, err := i.declareValues(entry.Values)
	if err != nil {
		return err
	}
	after, err := i.declareValues(values)
	if err != nil {
		return err
	}
	for _, change := range egress.Diff(only(before, service.ID()), only(after, service.ID())) {
		if !slices.Contains(entry.Closing, change.Text) {
			entry.Closing = append(entry.Closing, change.Text)
		}
	}
	if host := service.ExternalName; declares(before, host) && !declares(after, host) {
		entry.Closing = append(entry.Closing, "calls of "+host+" by its own name are no longer declared")
	}
	entry.Closed = closed
	return nil
}

// closedForm returns the values of one entry in the closed form, and how that is written; nothing where they are that already.
func closedForm(values render.Values) (render.Values, string) {
	switch {
	case len(values.ExternalNameServices) > 0 && values.ExternalNameServices[0].ServiceType == render.ServiceExternalName:
		values.ExternalNameServices = slices.Clone(values.ExternalNameServices)
		values.ExternalNameServices[0].ServiceType = render.ServiceClusterIP
		return values, "serviceType: ClusterIP"
	case len(values.EndpointServices) > 0 && values.EndpointServices[0].EndpointsKind != render.EndpointsServiceEntry:
		values.EndpointServices = slices.Clone(values.EndpointServices)
		values.EndpointServices[0].EndpointsKind = render.EndpointsServiceEntry
		return values, "endpointsKind: ServiceEntry"
	}
	return values, ""
}

// declares tells whether a model has a host under its own name.
func declares(model *egress.Model, host string) bool {
	return host != "" && slices.ContainsFunc(model.Destinations, func(d *egress.Destination) bool { return d.Host == host })
}
