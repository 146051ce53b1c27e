package soak

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/istio-egress/istio-egress/test/wire/internal/call"
	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/judge"
	"github.com/istio-egress/istio-egress/test/wire/internal/server"
)

// A token tells which call something belongs to.
func token(index, number int) string { return fmt.Sprintf("soak-%d-%d-", index, number) }

var tokens = regexp.MustCompile(`soak-(\d+)-\d+-`)

// keptLeaks is how many arrivals that must not be are told.
const keptLeaks = 10

// tally counts calls and arrivals.
type tally struct {
	planned []cases.Planned

	mu                      sync.Mutex
	calls, failed, arrivals int
	failures                map[string]int
	during                  string
	made                    int
	leakCount               int
	leaks                   []error
}

func newTally(planned []cases.Planned) *tally {
	return &tally{planned: planned, failures: map[string]int{}, during: "before any change"}
}

// changes notes what is being changed, which is part of the reason when a call fails.
func (t *tally) changes(change cases.Change) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.made++
	t.during = change.String()
}

// numbers differ from call to call, and are no part of a reason.
var numbers = regexp.MustCompile(`[0-9a-f.:\[\]]*\d[0-9a-f.:\[\]]*`)

// add counts a call.
func (t *tally) add(index int, outcome call.Outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls++
	expected := t.planned[index]
	if by := outcome.ServedBy; by != "" && by != expected.Arrives.At {
		t.leak(fmt.Errorf("%s was answered by %s", expected, by))
	}
	if outcome.Saw == expected.Sees {
		return
	}
	t.failed++
	reason := numbers.ReplaceAllString(outcome.Detail, "N")
	t.failures[fmt.Sprintf("%s: %s (%s), after %s", expected, outcome.Saw, reason, t.during)]++
}

// take looks at arrivals.
func (t *tally) take(arrivals []server.Arrival) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, arrival := range arrivals {
		if arrival.Readable() && !t.mayBeRead(arrival.At) {
			t.leak(errors.New("PLAINTEXT: " + arrival.String()))
			continue
		}
		if !arrival.Content() {
			continue
		}
		t.arrivals++
		if problems := t.problems(arrival); len(problems) > 0 {
			t.leak(errors.New(strings.Join(problems, "; ")))
		}
	}
}

// mayBeRead tells whether a call is to arrive there in plaintext.
func (t *tally) mayBeRead(at string) bool {
	return slices.ContainsFunc(t.planned, func(p cases.Planned) bool { return p.Arrives.Plaintext && p.Arrives.At == at })
}

// problems compares an arrival with the call whose token it has.
func (t *tally) problems(arrival server.Arrival) []string {
	found := tokens.FindStringSubmatch(arrival.Path + string(arrival.First) + arrival.Header.Get("Token"))
	if found == nil {
		return nil // the first bytes of TLS that the workload speaks, or of a greeting
	}
	index, err := strconv.Atoi(found[1])
	if err != nil || index >= len(t.planned) {
		return []string{"an unknown token: " + arrival.String()}
	}
	return judge.Arrival(t.planned[index].Expectation, arrival)
}

func (t *tally) leak(err error) {
	t.leakCount++
	if len(t.leaks) < keptLeaks {
		t.leaks = append(t.leaks, err)
	}
}

// line is all in a line.
func (t *tally) line() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return fmt.Sprintf("%d calls, %d arrivals, %d changes, %d calls failed, %d in plaintext or to another server",
		t.calls, t.arrivals, t.made, t.failed, t.leakCount)
}

// summary is the line, and the failures by their reasons.
func (t *tally) summary() string {
	var text strings.Builder
	fmt.Fprintln(&text, t.line())
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, reason := range slices.SortedFunc(maps.Keys(t.failures), func(a, b string) int { return t.failures[b] - t.failures[a] }) {
		fmt.Fprintf(&text, "  %5d  %s\n", t.failures[reason], reason)
	}
	return text.String()
}
