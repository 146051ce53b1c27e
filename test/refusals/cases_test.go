package refusals

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// values are the values of one case, as a values file has them.
type values map[string]any

// refusal is one way to be refused (or warned), and the same values put right.
type refusal struct {
	// SkipSchema leaves values.schema.json out, as helm can be told to.
	SkipSchema bool `yaml:"skipSchema"`
	Refused    values
	Warned     values
	Accepted   values
}

func (r refusal) flags() []string {
	if r.SkipSchema {
		return []string{"--skip-schema-validation"}
	}
	return nil
}

// wrong are the values that something is to be said about.
func (r refusal) wrong() values {
	if r.Warned != nil {
		return r.Warned
	}
	return r.Refused
}

// readCases returns the cases of every file in testdata, and the large ones, by
// the id of the finding. An id that begins with "schema-" is a kind of refusal
// by values.schema.json.
func readCases(t *testing.T) map[string][]refusal {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	cases := largeCases()
	for _, path := range paths {
		id := strings.TrimSuffix(filepath.Base(path), ".yaml")
		cases[id] = append(cases[id], readFile(t, path)...)
	}
	return cases
}

func readFile(t *testing.T, path string) []refusal {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	var cases []refusal
	for {
		var c refusal
		err := decoder.Decode(&c)
		if errors.Is(err, io.EOF) {
			require.NotEmpty(t, cases, path)
			return cases
		}
		require.NoError(t, err, path)
		require.NotEqual(t, c.Refused == nil, c.Warned == nil, "%s: write refused or warned", path)
		require.NotNil(t, c.Accepted, "%s: write the same values put right under accepted", path)
		cases = append(cases, c)
	}
}

// write puts the values into a file of a temporary folder.
func (v values) write(t *testing.T) string {
	t.Helper()
	content, err := yaml.Marshal(v)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// largeCases are those about limits, with values too long to write down.
func largeCases() map[string][]refusal {
	endpoints := func(kind string, count int) values {
		return values{"endpointServices": []any{map[string]any{
			"name": "erp", "addresses": addresses(count), "endpointsKind": kind,
			"ports": []any{port(443)}, "tls": map[string]any{"mode": "DISABLE"},
		}}}
	}
	// Two aliases of one host, as the limit is the host's.
	host := func(ports, count int) values {
		alias := func(name string, ports []any, addresses []string) map[string]any {
			return map[string]any{
				"name": name, "externalName": "api.example.com", "addresses": addresses,
				"ports": ports, "tls": map[string]any{"mode": "DISABLE"},
			}
		}
		var all []any
		for i := range ports {
			all = append(all, port(1000+i))
		}
		ips := addresses(count)
		return values{"externalNameServices": []any{
			alias("search", all[:ports/2], ips[:count/2]),
			alias("catalog", all[ports/2:], ips[count/2:]),
		}}
	}
	return map[string][]refusal{
		"endpoints-too-many": {
			{Refused: endpoints("ServiceEntry", 4097), Accepted: endpoints("ServiceEntry", 4096)},
			{Refused: endpoints("Endpoints", 1001), Accepted: endpoints("Endpoints", 1000)},
			{Refused: endpoints("Endpoints", 1001), Accepted: endpoints("EndpointSlice", 1001)},
		},
		"too-many-ports":     {{Refused: host(257, 2), Accepted: host(256, 2)}},
		"too-many-addresses": {{Refused: host(2, 257), Accepted: host(2, 256)}},
	}
}

func addresses(count int) []string {
	list := make([]string, count)
	for i := range list {
		list[i] = fmt.Sprintf("10.0.%d.%d", i/250, i%250+1)
	}
	return list
}

func port(number int) map[string]any {
	return map[string]any{"name": fmt.Sprintf("https-%d", number), "port": number}
}
