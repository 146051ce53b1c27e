//go:build e2e

package sigstore

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// standIn is GitHub as the issuer of identities, and Sigstore's Fulcio and Rekor: each under a path of one server.
type standIn struct {
	*authority
	*tokens
	transparency signingKey
	url, folder  string
}

// startStandIn serves them until the test ends. Workflow is who GitHub says is signing.
func startStandIn(t *testing.T, workflow string) *standIn {
	t.Helper()
	issued := &tokens{key: newSigningKey(t), workflow: workflow, issuer: githubIssuer}
	s := &standIn{
		authority: newAuthority(t, issued), tokens: issued, transparency: newSigningKey(t), folder: t.TempDir(),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /github/token", s.serveToken)
	mux.HandleFunc("POST /fulcio/api/v1/signingCert", s.serveCertificate)
	mux.HandleFunc("POST /rekor/api/v1/log/entries", s.serveEntry)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.url = server.URL
	s.writeKeys(t)
	return s
}

// signing is the environment of whoever signs: GitHub's job, and where Sigstore is.
func (s *standIn) signing() []string {
	return []string{
		"ACTIONS_ID_TOKEN_REQUEST_URL=" + s.url + "/github/token?api-version=2.0", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=" + requestToken,
		"COSIGN_FULCIO_URL=" + s.url + "/fulcio", "COSIGN_REKOR_URL=" + s.url + "/rekor",
		"SIGSTORE_CT_LOG_PUBLIC_KEY_FILE=" + s.file("ctlog.pem"),
	}
}

// verifyingFiles is the environment of whoever verifies a file with a bundle, verifyingImages of whoever verifies what is in a
// registry: which keys stand in for those that cosign knows of Sigstore.
func (s *standIn) verifyingFiles() []string {
	return []string{"COSIGN_TRUSTED_ROOT=" + s.file("trusted_root.json")}
}

func (s *standIn) verifyingImages() []string {
	return []string{
		"SIGSTORE_ROOT_FILE=" + s.file("fulcio.pem"), "SIGSTORE_REKOR_PUBLIC_KEY=" + s.file("rekor.pem"),
		"SIGSTORE_CT_LOG_PUBLIC_KEY_FILE=" + s.file("ctlog.pem"),
	}
}

func (s *standIn) file(name string) string {
	return filepath.Join(s.folder, name)
}

func (s *standIn) writeKeys(t *testing.T) {
	t.Helper()
	trusted, err := json.Marshal(s.trustedRoot())
	require.NoError(t, err)
	for name, content := range map[string][]byte{
		"fulcio.pem":        encodePEM("CERTIFICATE", s.root.Raw),
		"rekor.pem":         encodePEM("PUBLIC KEY", s.transparency.der),
		"ctlog.pem":         encodePEM("PUBLIC KEY", s.certificates.der),
		"trusted_root.json": trusted,
	} {
		require.NoError(t, os.WriteFile(s.file(name), content, 0o600))
	}
}

type object = map[string]any

// trustedRoot is what https://github.com/sigstore/protobuf-specs (sigstore_trustroot.proto) makes of the keys.
func (s *standIn) trustedRoot() object {
	valid := object{"start": s.root.NotBefore.Format(time.RFC3339)}
	logOf := func(key signingKey) []object {
		return []object{{
			"baseUrl": s.url, "hashAlgorithm": "SHA2_256", "logId": object{"keyId": key.id},
			"publicKey": object{"rawBytes": key.der, "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": valid},
		}}
	}
	return object{
		"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
		"tlogs":     logOf(s.transparency),
		"ctlogs":    logOf(s.certificates),
		"certificateAuthorities": []object{{
			"subject": object{"organization": "stand-in", "commonName": "stand-in"}, "uri": s.url + "/fulcio", "validFor": valid,
			"certChain": object{"certificates": []object{{"rawBytes": s.root.Raw}}},
		}},
	}
}

// signingKey is a P-256 key with its public half in DER and the id that logs call it by: the hash of that.
type signingKey struct {
	*ecdsa.PrivateKey
	der, id []byte
}

func newSigningKey(t *testing.T) signingKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	require.NoError(t, err)
	id := sha256.Sum256(der)
	return signingKey{private, der, id[:]}
}

// sign returns the signature of the content's SHA-256 in ASN.1.
func (k signingKey) sign(content []byte) ([]byte, error) {
	digest := sha256.Sum256(content)
	return ecdsa.SignASN1(rand.Reader, k.PrivateKey, digest[:])
}

func encodePEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
