//go:build e2e

package sigstore

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The extensions of certificates: who vouched for the identity (https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md),
// and the timestamps of certificates' logs (RFC 6962, section 3.3).
var (
	oidIssuerRaw  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 1} // the first form of it, which cosign 2 reads of images
	oidIssuer     = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 8}
	oidTimestamps = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}
)

// authority is Fulcio: it writes the workflow that a token names into a certificate of ten minutes, and logs it.
type authority struct {
	key          signingKey
	root         *x509.Certificate
	certificates signingKey // of the certificates' log
	issued       *tokens
}

func newAuthority(t *testing.T, issued *tokens) *authority {
	t.Helper()
	key := newSigningKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "stand-in", Organization: []string{"stand-in"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	root, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &authority{key: key, root: root, certificates: newSigningKey(t), issued: issued}
}

// certificateRequest is the body of Fulcio's first API.
type certificateRequest struct {
	PublicKey          struct{ Content []byte } `json:"publicKey"`
	SignedEmailAddress []byte                   `json:"signedEmailAddress"` // of any subject
}

func (a *authority) serveCertificate(w http.ResponseWriter, r *http.Request) {
	var request certificateRequest
	err := json.NewDecoder(r.Body).Decode(&request)
	var chain []byte
	if err == nil {
		chain, err = a.certify(request, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(chain)
}

// certify returns the certificate of a key whose holder signed the token's subject, with the root.
func (a *authority) certify(request certificateRequest, token string) ([]byte, error) {
	told, err := a.issued.read(token)
	if err != nil {
		return nil, err
	}
	key, err := publicKey(request.PublicKey.Content)
	if err != nil {
		return nil, err
	}
	if !verified(key, []byte(told.Subject), request.SignedEmailAddress) {
		return nil, errors.New("the subject is not signed by the key")
	}
	leaf, err := a.issue(key, told)
	if err != nil {
		return nil, err
	}
	return append(encodePEM("CERTIFICATE", leaf), encodePEM("CERTIFICATE", a.root.Raw)...), nil
}

func (a *authority) issue(key *ecdsa.PublicKey, told claims) ([]byte, error) {
	identity, err := url.Parse("https://github.com/" + told.Workflow)
	if err != nil {
		return nil, err
	}
	issuer, err := asn1.MarshalWithParams(told.Issuer, "utf8")
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(9 * time.Minute),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
		URIs:            []*url.URL{identity},
		ExtraExtensions: []pkix.Extension{{Id: oidIssuerRaw, Value: []byte(told.Issuer)}, {Id: oidIssuer, Value: issuer}},
	}
	return a.logged(template, key)
}

// logged makes the certificate with the log's timestamp, which is over the certificate without it.
func (a *authority) logged(template *x509.Certificate, key *ecdsa.PublicKey) ([]byte, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, a.root, key, a.key)
	if err != nil {
		return nil, err
	}
	unlogged, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	timestamps, err := a.timestamps(unlogged.RawTBSCertificate)
	if err != nil {
		return nil, err
	}
	template.ExtraExtensions = append(template.ExtraExtensions, pkix.Extension{Id: oidTimestamps, Value: timestamps})
	return x509.CreateCertificate(rand.Reader, template, a.root, key, a.key)
}

// timestamps is the list of one timestamp, in the words of TLS: RFC 6962, sections 3.2 and 3.3.
func (a *authority) timestamps(unlogged []byte) ([]byte, error) {
	const version, certificateTimestamp, precertificate = 0, 0, 1
	moment := binary.BigEndian.AppendUint64(nil, uint64(time.Now().UnixMilli()))
	issuer := sha256.Sum256(a.key.der)

	signed := append([]byte{version, certificateTimestamp}, moment...)
	signed = append(signed, 0, precertificate)
	signed = append(signed, issuer[:]...)
	signed = append(signed, byte(len(unlogged)>>16), byte(len(unlogged)>>8), byte(len(unlogged)))
	signed = append(append(signed, unlogged...), 0, 0)
	signature, err := a.certificates.sign(signed)
	if err != nil {
		return nil, err
	}

	const sha256WithECDSA = 4<<8 | 3
	timestamp := append(append([]byte{version}, a.certificates.id...), moment...)
	timestamp = append(timestamp, 0, 0)
	timestamp = binary.BigEndian.AppendUint16(timestamp, sha256WithECDSA)
	timestamp = append(timestamp, prefixed(signature)...)
	return asn1.Marshal(prefixed(prefixed(timestamp)))
}

// prefixed puts the length before the content, in two bytes.
func prefixed(content []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(content))), content...)
}

func publicKey(encoded []byte) (*ecdsa.PublicKey, error) {
	block, _ := pem.Decode(encoded)
	if block == nil {
		return nil, errors.New("no PEM")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	if key, ok := key.(*ecdsa.PublicKey); ok {
		return key, nil
	}
	return nil, errors.New("no ECDSA key")
}

func verified(key *ecdsa.PublicKey, content, signature []byte) bool {
	digest := sha256.Sum256(content)
	return ecdsa.VerifyASN1(key, digest[:], signature)
}
