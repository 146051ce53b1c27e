package delivery

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// newKey makes a throwaway key and returns the paths of its secret and its public keyring.
func newKey(t *testing.T, name string) (secret, public string) {
	t.Helper()
	key, err := openpgp.NewEntity(name, "", name+"@example.com", nil)
	require.NoError(t, err)
	folder := t.TempDir()
	secret, public = filepath.Join(folder, "secring.gpg"), filepath.Join(folder, "pubring.gpg")

	file, err := os.Create(secret)
	require.NoError(t, err)
	require.NoError(t, key.SerializePrivate(file, nil))
	require.NoError(t, file.Close())
	file, err = os.Create(public)
	require.NoError(t, err)
	require.NoError(t, key.Serialize(file))
	require.NoError(t, file.Close())
	return secret, public
}

func TestProvenance(t *testing.T) {
	secret, public := newKey(t, "release")
	_, others := newKey(t, "somebody-else")
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		verify := func(path, keyring string) error {
			_, err := helmbin.Output(t.Context(), h.Options(t), "verify", path, "--keyring", keyring)
			return err
		}
		signed := pack(t, h, project.Chart(), "--sign", "--key", "release", "--keyring", secret)
		assert.NoError(t, verify(signed, public))
		assert.Error(t, verify(signed, others), "signed by another key")

		_, err := helmbin.Output(t.Context(), h.Options(t), "template", signed, "--verify", "--keyring", public)
		assert.NoError(t, err)

		content := read(t, signed)
		require.NoError(t, os.WriteFile(signed, []byte(content+"more"), 0o600))
		assert.Error(t, verify(signed, public), "a package that was changed after signing")

		assert.Error(t, verify(pack(t, h, project.Chart()), public), "a package without provenance")
	})
}

// The registry keeps the provenance beside the package.
func TestProvenanceFromARegistry(t *testing.T) {
	secret, public := newKey(t, "release")
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		charts := startRegistry(t)
		signed := pack(t, h, project.Chart(), "--sign", "--key", "release", "--keyring", secret)
		_, err := helmbin.Output(t.Context(), h.Options(t), "push", signed, charts, "--plain-http")
		require.NoError(t, err)
		_, err = helmbin.Output(t.Context(), h.Options(t), "pull", charts+"/istio-egress", "--plain-http",
			"--verify", "--keyring", public, "--destination", t.TempDir())
		assert.NoError(t, err)
	})
}
