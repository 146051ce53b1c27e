// Package soak makes calls at a steady rate while the world around them changes, and sees to it that
// none of them leaves in plaintext or reaches another server.
package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/world"
)

const (
	// rate is how many calls are begun in a second, and inFlight how many may be under way.
	rate     = 300
	inFlight = 64
	// pause is how long a change is in force.
	pause = 250 * time.Millisecond
	// telling is how often the numbers are told.
	telling = 15 * time.Second
)

// Soak is a run.
type Soak struct {
	world   *world.World
	planned []cases.Planned
	changes []cases.Change
	tally   *tally
}

// New prepares a run of the calls of a file's only case, with each of its changes by itself.
func New(w *world.World, file *cases.File) (*Soak, error) {
	if len(file.Cases) != 1 {
		return nil, fmt.Errorf("%s: a soak is one case, and there are %d", file.Path, len(file.Cases))
	}
	planned, err := file.Plan(&file.Cases[0], w.Variant)
	if err != nil {
		return nil, err
	}
	return &Soak{world: w, planned: planned, changes: file.Cases[0].Meanwhile, tally: newTally(planned)}, nil
}

// Run makes calls for the time. The error says what must not be.
func (s *Soak) Run(ctx context.Context, length time.Duration, progress io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var running sync.WaitGroup
	var changing error
	running.Go(func() { changing = s.change(ctx) })
	running.Go(func() { s.inspect(ctx) })
	running.Go(func() { s.tell(ctx, progress) })
	s.call(ctx)
	running.Wait()
	s.tally.take(s.world.Servers.Drain())
	fmt.Fprint(progress, s.tally.summary())
	if changing != nil {
		return fmt.Errorf("change the world: %w", changing)
	}
	return s.tally.verdict()
}

// call begins calls at the rate, of all kinds in turn, until the time is over, and waits for their end.
func (s *Soak) call(ctx context.Context) {
	ticker := time.NewTicker(time.Second / rate)
	defer ticker.Stop()
	var running sync.WaitGroup
	places := make(chan struct{}, inFlight)
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			running.Wait()
			return
		case <-ticker.C:
		}
		index := n % len(s.planned)
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			p := s.planned[index]
			p.Token = token(index, n)
			// A call that has begun may end.
			s.tally.add(index, s.world.Pods[p.Caller].Caller.Do(context.WithoutCancel(ctx), p.Call))
		})
	}
}

// change makes one change after the other, and takes each back.
func (s *Soak) change(ctx context.Context) error {
	for {
		for _, i := range rand.Perm(len(s.changes)) {
			if !wait(ctx, pause) {
				return nil
			}
			if err := s.changeOnce(context.WithoutCancel(ctx), ctx, s.changes[i]); err != nil {
				return err
			}
		}
	}
}

func (s *Soak) changeOnce(ctx, until context.Context, change cases.Change) error {
	s.tally.changes(change)
	undo, err := s.world.Change(ctx, []cases.Change{change})
	if err != nil {
		return err
	}
	wait(until, pause)
	return undo(ctx)
}

// wait waits, and tells whether the context is still alive then.
func wait(ctx context.Context, length time.Duration) bool {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (s *Soak) inspect(ctx context.Context) {
	for wait(ctx, 100*time.Millisecond) {
		s.tally.take(s.world.Servers.Drain())
	}
}

func (s *Soak) tell(ctx context.Context, progress io.Writer) {
	start := time.Now()
	for wait(ctx, telling) {
		fmt.Fprintf(progress, "%s: %s\n", time.Since(start).Round(time.Second), s.tally.line())
	}
}

// verdict says what must not be.
func (t *tally) verdict() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.leakCount > 0:
		return fmt.Errorf("%d arrivals must not be: %w", t.leakCount, errors.Join(t.leaks...))
	case t.calls == 0 || t.arrivals == 0:
		return errors.New("no call was made")
	case t.failed > t.calls/100:
		return fmt.Errorf("%d of %d calls failed, which is more than one in a hundred", t.failed, t.calls)
	}
	return nil
}
