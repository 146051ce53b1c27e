package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptedError says that the command was told to end.
type interruptedError struct{ signal os.Signal }

func (e interruptedError) Error() string {
	if e.signal == os.Interrupt {
		return "interrupted; nothing was changed"
	}
	return e.signal.String() + "; nothing was changed"
}

// status is the exit status that shells know for a process that a signal ended.
func (e interruptedError) status() int {
	const killed = 128
	number, _ := e.signal.(syscall.Signal)
	return killed + int(number)
}

// untilInterrupted returns a context that ends with the first Ctrl-C or SIGTERM; its cause is an interruptedError. Until stop,
// neither ends the process by itself.
func untilInterrupted() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case received := <-signals:
			cancel(interruptedError{received})
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}
