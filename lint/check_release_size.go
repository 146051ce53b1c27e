package lint

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/position"
)

const idReleaseSize = "release-size"

// Helm stores a release in one Secret: JSON of chart, values and manifest, compressed, then base64.
const (
	secretLimit    = 1 << 20
	sizeWarnFrom   = secretLimit * 85 / 100
	sizeCheckFrom  = 1500      // entries; fewer do not come near the limit
	sizeSample     = 500       // entries that are rendered to tell the size of all
	sizeRun        = 50        // neighbours in the sample: what is alike compresses well
	chartInRelease = 100 << 10 // bytes that the chart, as it is packaged, takes in the Secret
)

// checkReleaseSize warns when Helm could hardly, or not, store the release. The size is told from a sample, since
// rendering and compressing all would take longer than everything else.
func checkReleaseSize(release *loadedRelease, _ Options) []Finding {
	services := release.model.Services
	count := len(services)
	if count < sizeCheckFrom || hasErrors(release) {
		return nil
	}
	size, err := estimateSize(release)
	if err != nil { // a sample that the chart refuses, where it accepts the whole, tells nothing
		return nil
	}
	if size < sizeWarnFrom {
		return nil
	}
	return []Finding{warning(idReleaseSize, at(string(mostOf(services))),
		"%d entries take about %d KiB in the Secret in which Helm stores the release, and 1024 KiB fit: split them into several releases", count, size>>10)}
}

// mostOf is the kind that most services have.
func mostOf(services []*egress.Service) egress.Kind {
	endpoints := 0
	for _, service := range services {
		if service.Kind == egress.EndpointService {
			endpoints++
		}
	}
	if 2*endpoints > len(services) {
		return egress.EndpointService
	}
	return egress.ExternalNameService
}

// estimateSize renders a sample. Ten times the entries take nine times the room, as neighbours in the sorted manifest
// are then more alike: so it is measured.
func estimateSize(release *loadedRelease) (int, error) {
	values, sampled := sampleValues(release)
	result, err := release.render(values, release.Options)
	if err != nil {
		return 0, err
	}
	times := math.Pow(float64(len(release.model.Services))/float64(sampled), math.Log10(9))
	return chartInRelease + int(float64(storedSize(values, result.Manifest()))*times), nil
}

// sampleValues takes runs of entries that are neighbours in the manifest, as the services of the model are.
func sampleValues(release *loadedRelease) (values map[string]any, sampled int) {
	values = maps.Clone(release.values)
	delete(values, string(egress.ExternalNameService))
	delete(values, string(egress.EndpointService))
	delete(values, string(egress.ExternalHost)) // many to an object: they take little room
	services := release.model.Services
	sample := map[egress.Kind][]any{}
	for start := 0; start < len(services); start += len(services) * sizeRun / sizeSample {
		for _, service := range services[start:min(start+sizeRun, len(services))] {
			entry, ok := position.Lookup(release.values, at(service.Path)).(map[string]any)
			if !ok {
				continue
			}
			entry = maps.Clone(entry)
			entry["name"], entry["namespace"] = service.Name, service.Namespace
			sample[service.Kind] = append(sample[service.Kind], entry)
			sampled++
		}
	}
	for kind, entries := range sample {
		values[string(kind)] = entries
	}
	return values, sampled
}

// storedSize is what values and manifest take in the Secret.
func storedSize(values map[string]any, manifest []byte) int {
	stored, err := json.Marshal(map[string]any{"config": values, "manifest": string(manifest)})
	if err != nil {
		return 0
	}
	var counter byteCounter
	compressor, err := gzip.NewWriterLevel(&counter, gzip.BestCompression) // as Helm
	if err != nil {
		return 0
	}
	if _, err := compressor.Write(stored); err != nil {
		return 0
	}
	if err := compressor.Close(); err != nil {
		return 0
	}
	return base64.StdEncoding.EncodedLen(int(counter))
}

type byteCounter int

func (c *byteCounter) Write(data []byte) (int, error) {
	*c += byteCounter(len(data))
	return len(data), nil
}
