package lint

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"

	"github.com/istio-egress/istio-egress/lint/position"
)

const idReleaseSize = "release-size"

// Helm stores a release in one Secret: JSON of chart, values and manifest, compressed, then base64.
const (
	secretLimit    = 1 << 20
	sizeWarnFrom   = secretLimit * 85 / 100
	sizeCheckFrom  = 1500     // entries; fewer do not come near the limit
	sizeSample     = 500      // entries that are rendered to tell the size of all
	chartInRelease = 40 << 10 // bytes that the chart itself takes in the Secret
)

// checkReleaseSize warns when Helm could hardly, or not, store the release. The size is told from a sample, since
// rendering and compressing all would take longer than everything else.
func checkReleaseSize(release *loadedRelease, _ Options) []Finding {
	count := len(release.entries)
	if count < sizeCheckFrom || hasErrors(release) {
		return nil
	}
	values, sampled := sampleValues(release, (count+sizeSample-1)/sizeSample)
	result, err := release.render(values, release.Options)
	if err != nil { // a sample that the chart refuses, where it accepts the whole, tells nothing
		return nil
	}
	size := chartInRelease + storedSize(values, result.Manifest())*count/sampled
	if size < sizeWarnFrom {
		return nil
	}
	collection := externalNameServices
	if release.entries[count/2].collection == endpointServices {
		collection = endpointServices
	}
	return []Finding{warning(idReleaseSize, position.Path{position.Key(collection)},
		"%d entries take about %d KiB in the Secret in which Helm stores the release, and 1024 KiB fit: split them into several releases", count, size>>10)}
}

func hasErrors(release *loadedRelease) bool {
	for _, finding := range release.chart {
		if finding.Severity == Error {
			return true
		}
	}
	return false
}

// sampleValues takes one of every so many entries.
func sampleValues(release *loadedRelease, every int) (values map[string]any, sampled int) {
	values = map[string]any{}
	for key, value := range release.values {
		if key != externalNameServices && key != endpointServices {
			values[key] = value
		}
	}
	sample := map[string]map[string]any{externalNameServices: {}, endpointServices: {}}
	for i := 0; i < len(release.entries); i += every {
		one := release.entries[i]
		fields := make(map[string]any, len(one.fields)+1)
		for key, value := range one.fields {
			if key != "name" {
				fields[key] = value
			}
		}
		fields["namespace"] = one.namespace
		sample[one.collection][one.name] = fields
		sampled++
	}
	for collection, entries := range sample {
		values[collection] = entries
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
