package soak

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/wire/internal/call"
	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/server"
)

func planned() []cases.Planned {
	expect := func(sees string, arrives cases.Arrives) cases.Expectation {
		return cases.Expectation{Sees: sees, Arrives: &arrives}
	}
	return []cases.Planned{
		{Caller: "client", Call: call.Call{Protocol: call.HTTP, Host: "api", Port: 80}, Expectation: expect("200", cases.Arrives{At: "api:443", SNI: "api.example.com"})},
		{Caller: "client", Call: call.Call{Protocol: call.TCP, Host: "db", Port: 5432}, Expectation: expect("answered", cases.Arrives{At: "db:5432", Plaintext: true})},
	}
}

var encrypted = &server.TLS{SNI: "api.example.com"}

func TestNothingWrong(t *testing.T) {
	counted := newTally(planned())
	counted.add(0, call.Outcome{Saw: "200", ServedBy: "api:443"})
	counted.add(1, call.Outcome{Saw: "answered"})
	counted.take([]server.Arrival{
		{Kind: server.Handshake, At: "elsewhere:443", TLS: encrypted},
		{Kind: server.Request, At: "api:443", TLS: encrypted, Path: "/?token=" + token(0, 7)},
		{Kind: server.Bytes, At: "db:5432", First: []byte(token(1, 8))},
	})
	assert.NoError(t, counted.verdict())
	assert.Equal(t, "2 calls, 2 arrivals, 0 changes, 0 calls failed, 0 in plaintext or to another server", counted.line())
}

func TestWhatMustNotBe(t *testing.T) {
	for wanted, arrival := range map[string]server.Arrival{
		"PLAINTEXT":                       {Kind: server.Bytes, At: "api:443", First: []byte("GET /")},
		"arrived at another server":       {Kind: server.Request, At: "db:5432", Path: "/?token=" + token(0, 7)},
		`sni is to be "api.example.com"`:  {Kind: server.Request, At: "api:443", TLS: &server.TLS{}, Path: "/?token=" + token(0, 7)},
		`the client certificate is to be`: {Kind: server.Request, At: "api:443", TLS: &server.TLS{SNI: "api.example.com", Client: "x"}, Header: http.Header{"Token": {token(0, 7)}}},
		"an unknown token":                {Kind: server.Bytes, At: "db:5432", First: []byte(token(9, 7))},
	} {
		counted := newTally(planned())
		counted.add(0, call.Outcome{Saw: "200"})
		counted.take([]server.Arrival{arrival})
		assert.ErrorContains(t, counted.verdict(), wanted)
	}
	counted := newTally(planned())
	counted.add(0, call.Outcome{Saw: "200", ServedBy: "db:5432"})
	counted.arrivals++
	assert.ErrorContains(t, counted.verdict(), "was answered by db:5432")
	assert.ErrorContains(t, newTally(planned()).verdict(), "no call was made")
}

func TestFailuresAreExplained(t *testing.T) {
	counted := newTally(planned())
	counted.arrivals++
	for range 99 {
		counted.add(0, call.Outcome{Saw: "200"})
	}
	counted.changes(cases.Change{Rotate: "client"})
	counted.add(1, call.Outcome{Saw: "closed", Detail: "read tcp 10.244.0.9:4711->203.0.113.1:5432: connection reset"})
	require.NoError(t, counted.verdict(), "one in a hundred")
	counted.add(1, call.Outcome{Saw: "closed", Detail: "read tcp 10.244.0.9:4712->203.0.113.1:5432: connection reset"})
	assert.ErrorContains(t, counted.verdict(), "2 of 101 calls failed")
	assert.Contains(t, counted.summary(), "2  client tcp://db:5432: closed (read tcp N->N connection reset), after rotating the certificate client")
}
