package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// quick is how long a command may take without a word.
const quick = time.Second

// working tells on a terminal what the command does, once that takes longer than a second, and for how long. Whoever has
// called it calls done before something else is printed: it wipes the line.
func (s streams) working(doing string, quiet bool) (done func()) {
	if quiet || !isTerminal(s.err) {
		return func() {}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tellProgress(s.err, doing, stop)
	}()
	return func() {
		close(stop)
		<-stopped
	}
}

func tellProgress(out io.Writer, doing string, stop <-chan struct{}) {
	const wipe = "\r\x1b[K"
	ticker := time.NewTicker(quick)
	defer ticker.Stop()
	for seconds := 0; ; {
		select {
		case <-ticker.C:
			seconds++
			fmt.Fprintf(out, "%s%s ... %d s", wipe, doing, seconds)
		case <-stop:
			if seconds > 0 {
				fmt.Fprint(out, wipe)
			}
			return
		}
	}
}

// isTerminal tells whether somebody watches the output, on what can wipe a line.
func isTerminal(out io.Writer) bool {
	if terminal, ok := out.(interface{ IsTerminal() bool }); ok {
		return terminal.IsTerminal()
	}
	file, ok := out.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
