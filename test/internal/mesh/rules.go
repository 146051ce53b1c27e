//go:build e2e

package mesh

import (
	"strings"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
)

// ruleOf reads which DestinationRule or VirtualService istiod names in the
// metadata of a cluster or route that it shaped, as "destination-rule ns/name".
func ruleOf(metadata *core.Metadata) []string {
	path := metadata.GetFilterMetadata()["istio"].GetFields()["config"].GetStringValue()
	// /apis/networking.istio.io/v1/namespaces/<namespace>/<kind>/<name>
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if len(parts) != 7 {
		return nil
	}
	return []string{parts[5] + " " + parts[4] + "/" + parts[6]}
}
