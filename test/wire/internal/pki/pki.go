// Package pki issues the certificates of a test: the servers', the clients' and the mesh's own.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"time"
)

// Authority is a CA.
type Authority struct {
	Name        string
	certificate *x509.Certificate
	key         crypto.Signer
}

// NewAuthority makes a CA.
func NewAuthority(name string) (*Authority, error) {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-48 * time.Hour),
		NotAfter:              time.Now().Add(48 * time.Hour),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	a := &Authority{Name: name, certificate: template}
	pair, err := a.sign(template, nil)
	if err != nil {
		return nil, fmt.Errorf("make the CA %s: %w", name, err)
	}
	a.certificate, a.key = pair.Leaf, pair.PrivateKey.(crypto.Signer)
	return a, nil
}

// PEM is the CA's certificate.
func (a *Authority) PEM() []byte { return encode("CERTIFICATE", a.certificate.Raw) }

// Pool holds nothing but the CA.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// Request says what a certificate is to be.
type Request struct {
	// CommonName of a client.
	CommonName string
	// Names are DNS names and IP addresses of a server.
	Names []string
	// Identity is the SPIFFE ID of a workload.
	Identity string
	// NotBefore and NotAfter are a day ago and in a day where they are not set.
	NotBefore, NotAfter time.Time
}

// Issue issues a certificate with a key of its own.
func (a *Authority) Issue(r Request) (*Pair, error) {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: r.CommonName},
		NotBefore:   r.NotBefore,
		NotAfter:    r.NotAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if template.NotBefore.IsZero() {
		template.NotBefore = time.Now().Add(-24 * time.Hour)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(24 * time.Hour)
	}
	for _, name := range r.Names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	if r.Identity != "" {
		id, err := url.Parse(r.Identity)
		if err != nil {
			return nil, err
		}
		template.URIs = []*url.URL{id}
	}
	pair, err := a.sign(template, a.key)
	if err != nil {
		return nil, fmt.Errorf("issue a certificate of %s: %w", a.Name, err)
	}
	return pair, nil
}

// Pair is a certificate with its key.
type Pair struct{ tls.Certificate }

// sign signs with the key, or with the new certificate's own.
func (a *Authority) sign(template *x509.Certificate, signer crypto.Signer) (*Pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if signer == nil {
		signer = key
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62)); err != nil {
		return nil, err
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), signer)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, err
	}
	return &Pair{tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key, Leaf: leaf}}, nil
}

// CertificatePEM is the certificate.
func (p *Pair) CertificatePEM() []byte { return encode("CERTIFICATE", p.Certificate.Certificate[0]) }

// KeyPEM is the key.
func (p *Pair) KeyPEM() ([]byte, error) {
	raw, err := x509.MarshalPKCS8PrivateKey(p.PrivateKey)
	if err != nil {
		return nil, err
	}
	return encode("PRIVATE KEY", raw), nil
}

func encode(kind string, raw []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw})
}
