package lint

import (
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// locate fills in where the finding's paths are in the user's files.
func (r *loadedRelease) locate(finding *Finding) {
	finding.Release = r.Label
	finding.Path = r.Key.Join(finding.path...).String()
	place := r.place(finding.path)
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
		related.Path = r.Key.Join(path...).String()
		related.Position = r.place(path).Key
	}
	finding.Suggestion = r.suggestionBelow(finding.Suggestion)
	for _, via := range place.Via {
		finding.Related = append(finding.Related, Related{Message: "used through this alias", Position: via})
	}
}

// place finds a path of the values in the user's files.
func (r *loadedRelease) place(path position.Path) position.Place {
	return r.layers.Find(r.Key.Join(path...))
}

// suggestionBelow is a suggestion whose path is that of the user's file.
func (r *loadedRelease) suggestionBelow(suggestion *render.Suggestion) *render.Suggestion {
	if suggestion == nil || len(r.Key) == 0 {
		return suggestion
	}
	path, err := position.ParsePath(suggestion.Path)
	if err != nil {
		return suggestion
	}
	return &render.Suggestion{Path: r.Key.Join(path...).String(), Value: suggestion.Value}
}
