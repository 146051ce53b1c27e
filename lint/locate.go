package lint

import (
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// locate fills in where the finding's paths are in the user's files.
func (r *loadedRelease) locate(finding *Finding) {
	finding.Release = r.Label
	finding.Path = finding.path.String()
	place := r.layers.Find(finding.path)
	finding.Position = place.Value
	if finding.about == render.AboutKey || !place.Exists {
		finding.Position = place.Key
	}
	for i := range finding.Related {
		related := &finding.Related[i]
		related.Release = r.Label
		path, err := position.ParsePath(related.Path)
		if err != nil { // a text of the chart's that is no path: shown, without a place
			continue
		}
		related.Position = r.layers.Find(path).Key
	}
	for _, via := range place.Via {
		finding.Related = append(finding.Related, Related{Message: "used through this alias", Position: via})
	}
}
