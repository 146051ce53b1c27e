package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A command's memory is its own, however large this process was before.
func TestMemoryIsTheCommands(t *testing.T) {
	const size = 256 << 20
	require.Len(t, bytes.Repeat([]byte("x"), size), size)
	used, err := newEnvironment(t.TempDir()).measure(t.Context(), subject{"small", [][]string{{"true"}}})
	require.NoError(t, err)
	assert.Positive(t, used.memory)
	assert.Less(t, used.memory, int64(size))
}
