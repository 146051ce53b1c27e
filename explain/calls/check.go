package calls

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/explain"
)

// Result is an expectation with what became of its call.
type Result struct {
	Expectation
	File  string
	Trace *explain.Trace
	// Differences say what was expected and what was got; none when the expectation holds.
	Differences []string
	// Ignored are the objects that had no part in a call that is not as expected.
	Ignored []explain.Ignored
}

// Passed tells whether the expectation holds.
func (r Result) Passed() bool { return len(r.Differences) == 0 }

// Name is the call in a line.
func (r Result) Name() string {
	name := r.Call.URL + " from " + r.Call.From.String()
	if r.Call.From.ServiceAccount != "" {
		name += " as " + r.Call.From.ServiceAccount
	}
	switch {
	case r.Call.NoSidecar:
		name += " without a sidecar"
	case r.Call.From.DataPlane == egress.DataPlaneAmbient:
		name += " in ambient mode"
	}
	if r.RegistryOnly {
		name += " under REGISTRY_ONLY"
	}
	return name
}

// Report is what a check found.
type Report struct {
	Results []Result
	// Uncovered are the entries of the values that no expectation calls, of Entries in all.
	Uncovered []explain.Place
	Entries   int
}

// Failed counts the expectations that do not hold.
func (r *Report) Failed() int {
	failed := 0
	for _, result := range r.Results {
		if !result.Passed() {
			failed++
		}
	}
	return failed
}

// Compare holds a call's trace against what is expected.
func (e Expect) Compare(t *explain.Trace) []string {
	got := explain.TLS{}
	if t.TLS != nil {
		got = *t.TLS
	}
	var differences []string
	differ := func(what, wanted, got string) {
		if wanted != got {
			if got == "" {
				got = "none"
			}
			if wanted == "" {
				wanted = "none"
			}
			differences = append(differences, fmt.Sprintf("%s: expected %s, got %s", what, wanted, got))
		}
	}
	for _, field := range []struct{ what, wanted, got string }{
		{"verdict", string(e.Verdict), string(t.Verdict)}, {"sni", e.SNI, got.SNI}, {"ca", e.CA, got.CA}, {"through", e.Through, t.Through},
		{"certificate", e.Certificate, got.Certificate}, {"host", e.Host, t.Host},
	} {
		if field.wanted != "" {
			differ(field.what, field.wanted, field.got)
		}
	}
	for _, field := range []struct {
		what        string
		wanted, got []string
	}{{"upstream", e.Upstream, t.Upstream}, {"verifies", e.Verifies, got.Verifies}} {
		if field.wanted != nil {
			differ(field.what, listed(field.wanted), listed(field.got))
		}
	}
	return differences
}

func listed(names []string) string {
	return strings.Join(slices.Sorted(slices.Values(names)), ", ")
}

// entry is one of the values, with the hosts that workloads call.
type entry struct {
	path  string
	hosts []string
}

// entriesOf are the entries of a model: of local names, and of hosts that are called by their own.
func entriesOf(model *egress.Model) []entry {
	var all []entry
	for _, service := range model.Services {
		all = append(all, entry{service.Path, []string{service.Host}})
	}
	at := map[string]int{}
	for _, destination := range model.Destinations {
		if destination.Kind != egress.ExternalHost {
			continue
		}
		i, known := at[destination.Path]
		if !known {
			i = len(all)
			at[destination.Path] = i
			all = append(all, entry{path: destination.Path})
		}
		all[i].hosts = append(all[i].hosts, destination.Host)
	}
	return all
}

// uncovered returns the entries that no trace is about.
func uncovered(entries []entry, results []Result) []entry {
	names := map[string]bool{}
	var paths []string
	for _, r := range results {
		for _, name := range r.Trace.Names() {
			names[name] = true
		}
		for _, step := range r.Trace.Steps {
			for _, by := range step.By {
				paths = append(paths, by.Place.Path)
			}
		}
	}
	called := map[string]bool{}
	for _, path := range paths {
		called[entryOf(path)] = true
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e entry) bool {
		return called[e.path] || slices.ContainsFunc(e.hosts, func(host string) bool { return names[host] })
	})
}

// entryOf cuts a path after the entry: externalNameServices[1].tls is of externalNameServices[1].
func entryOf(path string) string {
	for i := strings.IndexAny(path, ".[") + 1; i > 0 && i < len(path); i++ {
		if path[i] == '.' || path[i] == '[' {
			return path[:i]
		}
	}
	return path
}
