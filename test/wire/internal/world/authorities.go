package world

import (
	"fmt"
	"sync"
	"time"

	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/pki"
	"github.com/istio-egress/istio-egress/test/wire/internal/server"
)

// mesh is the CA of the workloads.
const mesh = "mesh"

// Authorities are all CAs.
type Authorities struct {
	byName map[string]*pki.Authority
}

// NewAuthorities makes the CAs.
func NewAuthorities() (*Authorities, error) {
	a := &Authorities{map[string]*pki.Authority{}}
	for _, name := range append([]string{mesh}, cases.Authorities...) {
		authority, err := pki.NewAuthority(name)
		if err != nil {
			return nil, err
		}
		a.byName[name] = authority
	}
	return a, nil
}

// setCertificate gives a server a certificate of which the word says what is wrong with it.
func (w *World) setCertificate(s *server.Server, described *cases.Server, word string) error {
	request, authority := pki.Request{Names: described.Names}, described.CA
	if len(request.Names) == 0 {
		request.Names = []string{described.Host}
	}
	if authority == "" {
		authority = cases.Public
	}
	switch word {
	case cases.WrongName:
		request.Names = []string{"somebody-else.example.net"}
	case cases.OtherCA:
		authority = cases.Stranger
	case cases.Expired:
		request.NotAfter = time.Now().Add(-time.Hour)
	case cases.NotYetValid:
		request.NotBefore = time.Now().Add(time.Hour)
	}
	pair, err := w.tools.Authorities.byName[authority].Issue(request)
	if err != nil {
		return fmt.Errorf("certificate of server %s: %w", s.Name, err)
	}
	s.SetCertificate(&pair.Certificate)
	return nil
}

// identities are the client certificates by name.
type identities struct {
	authorities *Authorities
	issuers     map[string]string

	mu    sync.Mutex
	pairs map[string]*pki.Pair
}

func newIdentities(authorities *Authorities, issuers map[string]string) (*identities, error) {
	i := &identities{authorities: authorities, issuers: issuers, pairs: map[string]*pki.Pair{}}
	for name := range issuers {
		if err := i.issue(name); err != nil {
			return nil, err
		}
	}
	return i, nil
}

// issue issues a certificate, in place of the one before.
func (i *identities) issue(name string) error {
	issuer := i.issuers[name]
	if issuer == "" {
		issuer = cases.Partners
	}
	pair, err := i.authorities.byName[issuer].Issue(pki.Request{CommonName: name})
	if err != nil {
		return fmt.Errorf("client certificate %s: %w", name, err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.pairs[name] = pair
	return nil
}

// serial is the number of the certificate that is in force.
func (i *identities) serial(name string) string {
	return i.pair(name).Leaf.SerialNumber.String()
}

func (i *identities) pair(name string) *pki.Pair {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.pairs[name]
}
