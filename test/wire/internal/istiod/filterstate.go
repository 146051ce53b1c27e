package istiod

import (
	"strings"

	filterstate "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/common/set_filter_state/v3"
	httpstate "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/set_filter_state/v3"
	networkstate "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/set_filter_state/v3"
	"google.golang.org/protobuf/types/known/anypb"
)

// standInState has the values that waypoints keep of a tunnel made by Envoy's own factories: those of Istio's build are for
// strings under names of Istio's, and hold the same. It returns other configurations as they are.
func standInState(packed *anypb.Any) (*anypb.Any, error) {
	switch {
	case packed.MessageIs(&httpstate.Config{}):
		return changed(func(c *httpstate.Config) error { return asStrings(c.GetOnRequestHeaders()) })(packed)
	case packed.MessageIs(&networkstate.Config{}):
		return changed(func(c *networkstate.Config) error {
			return asStrings(append(c.GetOnNewConnection(), c.GetOnDownstreamTlsHandshake()...))
		})(packed)
	}
	return packed, nil
}

func asStrings(values []*filterstate.FilterStateValue) error {
	for _, value := range values {
		switch {
		case value.GetFactoryKey() == "istio.hashable_string":
			value.FactoryKey = "envoy.hashable_string"
		case value.GetFactoryKey() == "" && (strings.HasPrefix(value.GetObjectKey(), "io.istio.") || strings.HasPrefix(value.GetObjectKey(), "istio.")):
			value.FactoryKey = "envoy.string"
		}
	}
	return nil
}
