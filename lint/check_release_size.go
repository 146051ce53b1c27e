package lint

import (
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math"
	"slices"

	"github.com/istio-egress/istio-egress/position"
)

const idReleaseSize = "release-size"

// Helm stores a release in one Secret: JSON of chart, values and manifest, compressed, then base64.
const (
	secretLimit    = 1 << 20
	sizeWarnFrom   = secretLimit * 85 / 100
	sizeCheckFrom  = 1500     // entries; fewer do not come near the limit
	sizeSample     = 500      // entries that are rendered to tell the size of all
	sizeRun        = 50       // neighbours in the sample: what is alike compresses well
	chartInRelease = 53 << 10 // bytes that the chart itself takes in the Secret
)

// checkReleaseSize warns when Helm could hardly, or not, store the release. The size is told from a sample, since
// rendering and compressing all would take longer than everything else.
func checkReleaseSize(release *loadedRelease, _ Options) []Finding {
	count := len(release.entries)
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

// estimateSize renders a sample. Ten times the entries take nine times the room, as neighbours in the sorted manifest
// are then more alike: so it is measured.
func estimateSize(release *loadedRelease) (int, error) {
	values, sampled := sampleValues(release)
	result, err := release.render(values, release.Options)
	if err != nil {
		return 0, err
	}
	times := math.Pow(float64(len(release.entries))/float64(sampled), math.Log10(9))
	return chartInRelease + int(float64(storedSize(values, result.Manifest()))*times), nil
}

// sampleValues takes runs of entries that are neighbours in the manifest.
func sampleValues(release *loadedRelease) (values map[string]any, sampled int) {
	values = map[string]any{}
	for key, value := range release.values {
		if key != externalNameServices && key != endpointServices {
			values[key] = value
		}
	}
	sorted := slices.Clone(release.entries)
	slices.SortFunc(sorted, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name))
	})
	sample := map[string][]any{}
	for start := 0; start < len(sorted); start += len(sorted) * sizeRun / sizeSample {
		for _, one := range sorted[start:min(start+sizeRun, len(sorted))] {
			fields := maps.Clone(one.fields)
			fields["name"], fields["namespace"] = one.name, one.namespace
			sample[one.collection] = append(sample[one.collection], fields)
			sampled++
		}
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
