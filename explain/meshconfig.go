package explain

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	meshconfig "istio.io/api/mesh/v1alpha1"
	meshdefaults "istio.io/istio/pkg/config/mesh"
	"sigs.k8s.io/yaml"
)

var errNoMesh = errors.New("the ConfigMap has no key mesh: it is not that of a mesh's configuration")

// ReadMeshConfig reads a mesh's configuration over Istio's defaults: the configuration itself in YAML, or the ConfigMap that
// has it under the key mesh, as kubectl get configmap istio -n istio-system -o yaml prints it.
func ReadMeshConfig(data []byte) (*meshconfig.MeshConfig, error) {
	var document struct {
		Kind string            `json:"kind"`
		Data map[string]string `json:"data"`
	}
	text := string(data)
	if err := yaml.Unmarshal(data, &document); err == nil && document.Kind == "ConfigMap" {
		mesh, ok := document.Data["mesh"]
		if !ok {
			return nil, errNoMesh
		}
		text = mesh
	}
	if err := checkMeshConfig(text); err != nil {
		return nil, err
	}
	c, err := meshdefaults.ApplyMeshConfigDefaults(text)
	if err != nil {
		return nil, fmt.Errorf("mesh configuration: %w", err)
	}
	return c, nil
}

var errNotMesh = errors.New("mesh configuration: none of its keys is one of a mesh's configuration, such as outboundTrafficPolicy")

// checkMeshConfig refuses what is something else. Single fields that are not known are passed over, as istiod does: a mesh may
// be newer.
func checkMeshConfig(text string) error {
	var document map[string]any
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return fmt.Errorf("mesh configuration: %w", err)
	}
	fields := (&meshconfig.MeshConfig{}).ProtoReflect().Descriptor().Fields()
	for key := range document {
		if fields.ByJSONName(key) != nil || fields.ByTextName(key) != nil {
			return nil
		}
	}
	if len(document) > 0 {
		return errNotMesh
	}
	return nil
}

const (
	metadataPrefix = "ISTIO_META_"
	dnsCapture     = "DNS_CAPTURE"
)

// proxyMetadata is what sidecars tell istiod of themselves, without the prefix of the variables.
func (o Options) proxyMetadata() map[string]string {
	metadata := map[string]string{}
	if o.DNSCapture {
		metadata[dnsCapture] = "true"
	}
	for _, given := range []map[string]string{o.MeshConfig.GetDefaultConfig().GetProxyMetadata(), o.ProxyMetadata} {
		for key, value := range given {
			if name, ok := strings.CutPrefix(key, metadataPrefix); ok {
				metadata[name] = value
			}
		}
	}
	return metadata
}

// capturesDNS tells whether sidecars answer their workloads' DNS queries.
func (o Options) capturesDNS() bool { return o.proxyMetadata()[dnsCapture] == "true" }

func isIPv6(ips []string) bool {
	for _, ip := range ips {
		if address, err := netip.ParseAddr(ip); err == nil && address.Is4() {
			return false
		}
	}
	return len(ips) > 0
}
