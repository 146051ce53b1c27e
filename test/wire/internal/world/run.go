package world

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/istio-egress/istio-egress/test/wire/internal/call"
	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/judge"
	"github.com/istio-egress/istio-egress/test/wire/internal/server"
)

// Result is what became of a call.
type Result struct {
	Planned  cases.Planned
	Without  string // the object that was deleted
	Outcome  call.Outcome
	Arrivals []server.Arrival
	// AccessLog are the caller's lines, if anything is wrong.
	AccessLog []string
	// Problems are none if all is as expected.
	Problems []string
	// Explained tells that what arrived was held against egress-explain.
	Explained bool
	Took      time.Duration
}

// RunCase makes the calls of a case. The error is not about them.
func (w *World) RunCase(ctx context.Context, each *cases.Case) ([]Result, error) {
	if len(each.DeleteEach) == 0 {
		return w.runGiven(ctx, each, each.Given, "")
	}
	var all []Result
	for _, r := range w.releases {
		for _, object := range r.objects {
			if !slices.Contains(each.DeleteEach, object.Kind) {
				continue
			}
			given := append(slices.Clone(each.Given), cases.Change{Delete: object.String(), Line: each.Line})
			results, err := w.runGiven(ctx, each, given, object.String())
			if err != nil {
				return nil, err
			}
			all = append(all, results...)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("line %d: the releases have nothing of the kinds %v", each.Line, each.DeleteEach)
	}
	return all, nil
}

func (w *World) runGiven(ctx context.Context, each *cases.Case, given []cases.Change, without string) (results []Result, err error) {
	planned, err := w.file.Plan(each, w.Variant)
	if err != nil || len(planned) == 0 {
		return nil, err
	}
	undo, err := w.Change(ctx, given)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, undo(ctx)) }()
	if len(each.Meanwhile) > 0 {
		return w.runMeanwhile(ctx, each, planned)
	}
	for _, p := range planned {
		for range p.Times {
			result := w.run(ctx, p)
			result.Without = without
			if len(result.Problems) == 0 {
				result.Explained, result.Problems = w.explained(result) //nolint:contextcheck // it takes none, and a second
			}
			results = append(results, result)
			if len(result.Problems) > 0 {
				break
			}
		}
	}
	return results, nil
}

// runMeanwhile makes the calls again and again while the world is changed.
func (w *World) runMeanwhile(ctx context.Context, each *cases.Case, planned []cases.Planned) (results []Result, err error) {
	changed := make(chan error, 1)
	var undo func(context.Context) error
	go func() {
		var err error
		undo, err = w.Change(ctx, each.Meanwhile)
		changed <- err
	}()
	tooLate := time.Now().Add(meanwhileTime)
	for done := false; !done; {
		select {
		case err = <-changed:
			changed = nil
		default:
		}
		done = changed == nil
		for _, p := range planned {
			result := w.run(ctx, p)
			// A renewed certificate takes a moment, and has to come.
			if done && w.isOld(result) {
				done = time.Now().After(tooLate)
				if done {
					result.Problems = append(result.Problems, "the client's renewed certificate does not arrive")
				}
			}
			results = append(results, result)
		}
	}
	if err != nil {
		return nil, err
	}
	return results, undo(ctx)
}

// meanwhileTime is how long changes may take until they are in force.
const meanwhileTime = 15 * time.Second

// isOld tells whether a connection was opened with a client certificate that is not the newest.
func (w *World) isOld(r Result) bool {
	return slices.ContainsFunc(r.Arrivals, func(a server.Arrival) bool {
		return a.Kind == server.Handshake && a.TLS.Client != "" && a.TLS.Serial != w.identities.serial(a.TLS.Client)
	})
}

var tokens atomic.Int64

// run makes a call until it is as expected, or its time is over.
func (w *World) run(ctx context.Context, p cases.Planned) Result {
	start := time.Now()
	pod := w.Pods[p.Caller]
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		result := w.once(ctx, p)
		result.Took = time.Since(start)
		leaks := judge.Leaks(p.Expectation, result.Arrivals)
		if len(result.Problems) == 0 && p.Logs != "" {
			result.Problems = judge.Logged(p.Logs, pod.AccessLogSince(ctx, start))
		}
		if len(result.Problems) == 0 {
			return result
		}
		if leaks || time.Since(start) >= p.Within || ctx.Err() != nil {
			result.AccessLog = pod.AccessLogSince(ctx, start)
			return result
		}
		<-ticker.C
	}
}

func (w *World) once(ctx context.Context, p cases.Planned) Result {
	p.Token = fmt.Sprintf("token-%d", tokens.Add(1))
	mark := w.Servers.Mark()
	outcome := w.Pods[p.Caller].Caller.Do(ctx, p.Call)
	if p.Attempts > 0 {
		w.awaitAttempts(mark, p.Attempts)
	}
	result := Result{Planned: p, Outcome: outcome, Arrivals: w.Servers.Since(mark)}
	result.Problems = judge.Problems(p.Expectation, judge.Evidence{
		Outcome: outcome, Arrivals: result.Arrivals, Sources: w.sources(p), Sent: sentHost(p.Call),
	})
	if proxy := w.Pods[p.Caller].proxy; proxy != nil && proxy.Rejected() != nil {
		result.Problems = append(result.Problems, proxy.Rejected().Error())
	}
	return result
}

// attemptTime is how long a server may take to notice that a client has given up a handshake, after its workload has the answer.
const attemptTime = time.Second

// awaitAttempts waits until as many are recorded as are expected, and a moment for those that are not.
func (w *World) awaitAttempts(mark, expected int) {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	tooLate := time.After(attemptTime)
	for moments := 0; moments < 5; {
		select {
		case <-ticker.C:
			if judge.Attempts(w.Servers.Since(mark)) >= expected {
				moments++
			}
		case <-tooLate:
			return
		}
	}
}

// sources are the addresses of the pod that is to connect to the server.
func (w *World) sources(p cases.Planned) []netip.Addr {
	if through := p.Arrives.Through; through != "" {
		return w.Pods[through].Addresses
	}
	return w.Pods[p.Caller].Addresses
}

func sentHost(c call.Call) string {
	if c.HostHeader != "" {
		return c.HostHeader
	}
	if c.Port == c.Protocol.DefaultPort() {
		return c.Host
	}
	return net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))
}

// Explain prints what is known of a call that went wrong.
func (r Result) Explain() string {
	var text strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&text, "    "+format+"\n", args...) }
	line("%s", r.Planned)
	if r.Without != "" {
		line("  without   %s", r.Without)
	}
	for _, problem := range r.Problems {
		line("  problem   %s", problem)
	}
	line("  expected  %s", r.Planned.Expectation)
	line("  saw       %s", r.Outcome)
	for _, arrival := range r.Arrivals {
		line("  recorded  %s", arrival)
	}
	if len(r.Arrivals) == 0 {
		line("  recorded  nothing")
	}
	for _, logged := range r.AccessLog {
		line("  envoy     %s", logged)
	}
	return text.String()
}
