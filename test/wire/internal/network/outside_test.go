package network

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRulesOfRedirection(t *testing.T) {
	r := Redirection{
		Port:    15999,
		Serving: []netip.AddrPort{netip.MustParseAddrPort("10.96.1.1:80")},
		Down:    []netip.AddrPort{netip.MustParseAddrPort("[2001:db8::1]:443")},
	}
	assert.Equal(t, `*nat
:PREROUTING ACCEPT
:INPUT ACCEPT
:OUTPUT ACCEPT
:POSTROUTING ACCEPT
-A PREROUTING -p tcp -d 10.96.1.1 --dport 80 -j REDIRECT --to-ports 15999
-A PREROUTING -p tcp -d 10.96.0.0/16 -j ACCEPT
-A PREROUTING -p tcp -j REDIRECT --to-ports 15999
COMMIT
`, r.rules(true))
	six := r.rules(false)
	assert.Contains(t, six, "-d 2001:db8::1 --dport 443 -j ACCEPT")
	assert.NotContains(t, six, "10.", "one family at a time")
	assert.Less(t, strings.Index(six, "2001:db8::1"), strings.Index(six, "REDIRECT"), "the first rule that matches counts")
}
