package judge

import (
	"errors"
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-egress/istio-egress/test/wire/internal/call"
	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/server"
)

var pod = netip.MustParseAddr("10.244.0.9")

// request is an arrival without a fault.
func request() server.Arrival {
	return server.Arrival{
		Kind: server.Request, At: "api:443", Source: pod, Host: "api.example.com",
		Header: http.Header{"X-Request-Id": {"7"}},
		TLS:    &server.TLS{SNI: "api.example.com", Offered: []string{"http/1.1"}, Client: "billing"},
	}
}

func expectation() cases.Expectation {
	return cases.Expectation{Sees: "200", Arrives: &cases.Arrives{
		At: "api:443", SNI: "api.example.com", ALPN: &[]string{"http/1.1"}, Client: "billing", Host: "api.example.com",
		Headers: map[string]string{"x-request-id": cases.Present, "via": cases.Absent},
	}}
}

func problems(e cases.Expectation, saw string, arrivals ...server.Arrival) []string {
	return Problems(e, Evidence{
		Outcome: call.Outcome{Saw: saw, ServedBy: ""}, Arrivals: arrivals, Sources: []netip.Addr{pod}, Sent: "api",
	})
}

func TestAsExpected(t *testing.T) {
	assert.Empty(t, problems(expectation(), "200", request()))

	nothing := cases.Expectation{Sees: "503", Arrives: &cases.Arrives{Nothing: true}}
	failed := server.Arrival{Kind: server.Handshake, At: "api:443", TLS: &server.TLS{}, Failure: errors.New("bad certificate")}
	assert.Empty(t, problems(nothing, "503"))
	assert.Empty(t, problems(nothing, "503", failed), "a handshake gives nothing away")

	readable := cases.Expectation{Sees: "200", Arrives: &cases.Arrives{At: "api:80", Plaintext: true, Host: cases.Called}}
	assert.Empty(t, problems(readable, "200",
		server.Arrival{Kind: server.Bytes, At: "api:80", Source: pod},
		server.Arrival{Kind: server.Request, At: "api:80", Source: pod, Host: "api"}))
}

func TestNotAsExpected(t *testing.T) {
	for wanted, change := range map[string]func(*server.Arrival){
		"PLAINTEXT was sent":                 func(a *server.Arrival) { a.TLS = nil },
		"arrived at another server":          func(a *server.Arrival) { a.At = "other:443" },
		`sni is to be "api.example.com"`:     func(a *server.Arrival) { a.TLS.SNI = "" },
		`alpn is to be`:                      func(a *server.Arrival) { a.TLS.Offered = nil },
		"the client certificate is to be":    func(a *server.Arrival) { a.TLS.Client = "" },
		`host is to be "api.example.com"`:    func(a *server.Arrival) { a.Host = "api" },
		"the header x-request-id is missing": func(a *server.Arrival) { a.Header = nil },
		"the header via is there":            func(a *server.Arrival) { a.Header["Via"] = []string{"1.1 envoy"} },
		"the address that connects is to be": func(a *server.Arrival) { a.Source = netip.MustParseAddr("10.244.0.10") },
		"no HTTP request arrived":            func(a *server.Arrival) { a.Kind = server.Bytes },
	} {
		t.Run(wanted, func(t *testing.T) {
			arrival := request()
			change(&arrival)
			found := problems(expectation(), "200", arrival)
			if assert.NotEmpty(t, found) {
				assert.Contains(t, found[0], wanted)
			}
		})
	}
	assert.Contains(t, problems(expectation(), "200")[0], "nothing arrived at api:443")
	assert.Contains(t, problems(expectation(), "503", request())[0], `the workload is to see "200", and sees 503`)
	nothing := cases.Expectation{Sees: "503", Arrives: &cases.Arrives{Nothing: true}}
	assert.Contains(t, problems(nothing, "503", request())[0], "nothing was to arrive")
	assert.Contains(t, problems(nothing, "503", server.Arrival{Kind: server.Bytes, At: "api:443"})[0], "PLAINTEXT")
	readable := cases.Expectation{Sees: "200", Arrives: &cases.Arrives{At: "api:443", Plaintext: true}}
	assert.Contains(t, problems(readable, "200", request())[0], "plaintext was to arrive, and TLS did")
}

func TestLeaksAreFoundEverywhere(t *testing.T) {
	stray := server.Arrival{Kind: server.Bytes, At: "192.0.2.1:80"}
	assert.True(t, Leaks(expectation(), []server.Arrival{request(), stray}))
	assert.False(t, Leaks(expectation(), []server.Arrival{request()}))

	hop := server.Arrival{Kind: server.Hop, At: "gateway:8443", TLS: &server.TLS{}}
	assert.Empty(t, problems(expectation(), "200", hop, request()), "it is no arrival at a server")
	hop.TLS = nil
	assert.Contains(t, problems(expectation(), "200", hop, request())[0], "PLAINTEXT was sent")
}

func TestLogged(t *testing.T) {
	assert.Empty(t, Logged("TLSv1.[23]", []string{"GET", "tls=TLSv1.3"}))
	assert.Equal(t, []string{"no line of the access log matches TLSv1.[23]"}, Logged("TLSv1.[23]", []string{"tls=-"}))
}

func TestAttempts(t *testing.T) {
	refused := server.Arrival{Kind: server.Handshake, At: "api:443", Source: pod, TLS: &server.TLS{}, Failure: errors.New("bad certificate")}
	nothing := cases.Expectation{Sees: "503", Arrives: &cases.Arrives{Nothing: true}, Attempts: 2}
	assert.Empty(t, problems(nothing, "503", refused, refused))
	assert.Contains(t, problems(nothing, "503", refused)[0], "is to be tried 2 times, and is 1 times")

	twice := expectation()
	twice.Attempts = 2
	shaken := request()
	shaken.Kind = server.Handshake
	assert.Empty(t, problems(twice, "200", shaken, request(), request()), "a handshake that succeeds is part of an attempt")
	assert.NotEmpty(t, problems(twice, "200", request(), request(), request()))
	twice.Attempts = 0
	assert.Empty(t, problems(twice, "200", request(), request(), request()), "nobody counts")
}
