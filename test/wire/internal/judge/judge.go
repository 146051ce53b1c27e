// Package judge compares what became of a call with what was to become of it.
package judge

import (
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/test/wire/internal/call"
	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/server"
)

// Evidence is what became of a call.
type Evidence struct {
	Outcome  call.Outcome
	Arrivals []server.Arrival
	// Sources are the addresses of the pod that is to connect to the server.
	Sources []netip.Addr
	// Sent is the Host header of the workload.
	Sent string
}

// Problems says what is not as expected; nothing if all is. Plaintext that nobody expects is always a
// problem, wherever it arrives.
func Problems(e cases.Expectation, found Evidence) []string {
	var problems []string
	for _, arrival := range found.Arrivals {
		if leaks(*e.Arrives, arrival) {
			problems = append(problems, "PLAINTEXT was sent: "+arrival.String())
		}
	}
	problems = append(problems, arrived(*e.Arrives, found)...)
	if tried := Attempts(found.Arrivals); e.Attempts > 0 && tried != e.Attempts {
		problems = append(problems, fmt.Sprintf("the server is to be tried %d times, and is %d times", e.Attempts, tried))
	}
	if found.Outcome.Saw != e.Sees && e.Sees != cases.Anything {
		problems = append(problems, fmt.Sprintf("the workload is to see %q, and sees %s", e.Sees, found.Outcome))
	}
	if by := found.Outcome.ServedBy; by != "" && by != e.Arrives.At {
		problems = append(problems, "answered by "+by)
	}
	return problems
}

// Arrival says what is not as expected of a part of a call that arrived, wherever it came from.
func Arrival(e cases.Expectation, arrival server.Arrival) []string {
	if arrival.At != e.Arrives.At {
		return []string{"arrived at another server: " + arrival.String()}
	}
	return compare(*e.Arrives, arrival, Evidence{Sources: []netip.Addr{arrival.Source}})
}

// Leaks tells whether something arrived in plaintext that was not to.
func Leaks(e cases.Expectation, arrivals []server.Arrival) bool {
	return slices.ContainsFunc(arrivals, func(a server.Arrival) bool { return leaks(*e.Arrives, a) })
}

func leaks(expected cases.Arrives, arrival server.Arrival) bool {
	return arrival.Readable() && (!expected.Plaintext || arrival.At != expected.At)
}

// Attempts counts the requests that arrived, and the handshakes after which none could.
func Attempts(arrivals []server.Arrival) int {
	count := 0
	for _, arrival := range arrivals {
		if arrival.Kind == server.Request || arrival.Kind == server.Handshake && arrival.Failure != nil {
			count++
		}
	}
	return count
}

func arrived(expected cases.Arrives, found Evidence) []string {
	var problems []string
	contents, requests := 0, 0
	for _, arrival := range found.Arrivals {
		if !arrival.Content() {
			continue
		}
		contents++
		if arrival.Kind == server.Request {
			requests++
		}
		switch {
		case expected.Nothing:
			problems = append(problems, "nothing was to arrive, and something did: "+arrival.String())
		case arrival.At != expected.At:
			problems = append(problems, "arrived at another server: "+arrival.String())
		default:
			problems = append(problems, compare(expected, arrival, found)...)
		}
	}
	if expected.Nothing || expected.Maybe && contents == 0 {
		return problems
	}
	if contents == 0 {
		problems = append(problems, "nothing arrived at "+expected.At)
	}
	if requests == 0 && (expected.Host != "" || len(expected.Headers) > 0) {
		problems = append(problems, "no HTTP request arrived")
	}
	return problems
}

// compare looks at what arrived at the right server.
func compare(expected cases.Arrives, arrival server.Arrival, found Evidence) []string {
	var problems []string
	differs := func(what string, wanted, got any) {
		problems = append(problems, fmt.Sprintf("%s is to be %q, and is %q", what, wanted, got))
	}
	if !slices.Contains(found.Sources, arrival.Source) {
		differs("the address that connects", found.Sources, arrival.Source)
	}
	switch t := arrival.TLS; {
	case t == nil && expected.Plaintext:
	case t == nil:
	case expected.Plaintext:
		problems = append(problems, "plaintext was to arrive, and TLS did: "+arrival.String())
	default:
		if expected.SNI != "" && t.SNI != expected.SNI {
			differs("sni", expected.SNI, t.SNI)
		}
		if expected.ALPN != nil && !slices.Equal(*expected.ALPN, t.Offered) {
			differs("alpn", *expected.ALPN, t.Offered)
		}
		if t.Client != expected.Client {
			differs("the client certificate", expected.Client, t.Client)
		}
	}
	if arrival.Kind == server.Request {
		problems = append(problems, compareRequest(expected, arrival, found.Sent)...)
	}
	return problems
}

func compareRequest(expected cases.Arrives, arrival server.Arrival, sent string) []string {
	var problems []string
	host := expected.Host
	if host == cases.Called {
		host = sent
	}
	if host != "" && arrival.Host != host {
		problems = append(problems, fmt.Sprintf("host is to be %q, and is %q", host, arrival.Host))
	}
	for name, wanted := range expected.Headers {
		values, found := arrival.Header[http.CanonicalHeaderKey(name)]
		got := strings.Join(values, ", ")
		switch {
		case wanted == cases.Present && found, wanted == cases.Absent && !found:
		case wanted == cases.Present:
			problems = append(problems, fmt.Sprintf("the header %s is missing", name))
		case wanted == cases.Absent:
			problems = append(problems, fmt.Sprintf("the header %s is there: %s", name, got))
		case got != wanted:
			problems = append(problems, fmt.Sprintf("the header %s is to be %q, and is %q", name, wanted, got))
		}
	}
	slices.Sort(problems)
	return problems
}

// Logged says that no line matches the regular expression; nothing if one does.
func Logged(expression string, lines []string) []string {
	if slices.ContainsFunc(lines, regexp.MustCompile(expression).MatchString) {
		return nil
	}
	return []string{"no line of the access log matches " + expression}
}
