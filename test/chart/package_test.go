package chart

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// packagedFiles lists the files of the chart package in a folder, by their paths in the chart.
func packagedFiles(t *testing.T, folder string) []string {
	t.Helper()
	packages, err := filepath.Glob(filepath.Join(folder, "*.tgz"))
	require.NoError(t, err)
	require.Len(t, packages, 1)
	file, err := os.Open(packages[0])
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)

	var names []string
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			require.NotEmpty(t, names)
			return names
		}
		require.NoError(t, err)
		names = append(names, strings.TrimPrefix(header.Name, "istio-egress/"))
	}
}
