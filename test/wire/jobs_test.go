package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
)

func parsed(t *testing.T, args ...string) options {
	t.Helper()
	o, err := parseFlags(args, new(bytes.Buffer))
	require.NoError(t, err)
	return o
}

func TestFlags(t *testing.T) {
	assert.Equal(t, soakTime, parsed(t).soak)
	assert.Zero(t, parsed(t, "-run", "x").soak, "some cases need no soak")
	assert.Equal(t, soakTime, parsed(t, "-run", "x", "-soak", "5m").soak)
	for _, args := range [][]string{{"-run", "("}, {"-soak", "long"}, {"cases"}} {
		_, err := parseFlags(args, new(bytes.Buffer))
		assert.Error(t, err, args)
	}
}

func TestJobs(t *testing.T) {
	files := []*cases.File{
		{
			Path:         "some/first.yaml",
			Surroundings: cases.Surroundings{Outbound: []string{cases.AllowAny, cases.RegistryOnly}},
			Cases:        []cases.Case{{Name: "one call"}, {Name: "another", Only: cases.RegistryOnly}},
		},
		{
			Path:         "some/second.yaml",
			Surroundings: cases.Surroundings{Istiod: map[string]string{"B": "2", "A": "1"}},
			Cases:        []cases.Case{{Name: "one call"}},
		},
	}
	all := jobs(parsed(t), files)
	require.Len(t, all, 2)
	require.Len(t, all[""], 2)
	assert.Equal(t, "first (ALLOW_ANY)", all[""][0].name())
	assert.Len(t, all[""][0].selected, 1, "the other is for REGISTRY_ONLY")
	assert.Len(t, all[""][1].selected, 2)
	assert.Len(t, all["A=1,B=2"], 1, "istiod's variables make a run of their own")

	all = jobs(parsed(t, "-run", "^first/another"), files)
	require.Len(t, all[""], 1, "in a mesh of the other policy there is nothing to do")
	assert.Len(t, all[""][0].selected, 1)
	assert.Empty(t, jobs(parsed(t, "-run", "third"), files))
}
