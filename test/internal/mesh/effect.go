//go:build e2e

package mesh

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// WithoutEffect returns those of the objects that make no difference to the
// configuration of any of the workloads' sidecars, nor to that of an egress gateway. istiod names a rule in what
// it shaped, so that a rule which changes nothing else still shows.
func WithoutEffect(t *testing.T, objects Objects, workloads []Workload) Objects {
	t.Helper()
	all := fingerprint(t, objects, workloads)
	var dead Objects
	for i, object := range objects {
		others := slices.Delete(slices.Clone(objects), i, i+1)
		if fingerprint(t, others, workloads) == all {
			dead = append(dead, object)
		}
	}
	return dead
}

// fingerprint prints the configuration of the workloads' sidecars.
func fingerprint(t *testing.T, objects Objects, workloads []Workload) string {
	t.Helper()
	m := New(t, Options{Objects: []string{objects.String()}})
	var text strings.Builder
	for _, workload := range workloads {
		fmt.Fprintln(&text, workload)
		m.Sidecar(workload).write(&text)
	}
	m.Gateway().write(&text)
	return text.String()
}

func (c Config) write(text *strings.Builder) {
	write(text, c.Listeners)
	write(text, c.Clusters)
	write(text, c.Routes)
	write(text, c.Endpoints)
}

// write prints the messages in an order of their own: istiod's is that of a map.
func write[M proto.Message](text *strings.Builder, messages []M) {
	printed := make([]string, 0, len(messages))
	for _, message := range messages {
		// Not for reading back, so its unstable spacing does not matter within one process.
		printed = append(printed, prototext.MarshalOptions{}.Format(message))
	}
	slices.Sort(printed)
	text.WriteString(strings.Join(printed, "\n"))
}
