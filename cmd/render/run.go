package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/istio-egress/istio-egress/render"
)

// Exit statuses.
const (
	exitOK      = 0
	exitRefused = 1 // the values are wrong
	exitFailed  = 2 // the command could not run: flags, files, YAML
)

// streams are the command's standard input and outputs.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exitError ends the command with a status, after the command has told why.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// run executes the command line and returns the exit status.
func run(args []string, s streams) int {
	root := newRootCommand(s)
	root.SetArgs(args)
	err := root.Execute()

	var exit exitError
	var refused *render.RefusedError
	var interrupted interruptedError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &refused):
		fmt.Fprintf(s.err, "Error: %s\n", strings.TrimSpace(err.Error()))
		return exitRefused
	case errors.As(err, &interrupted):
		fmt.Fprintf(s.err, "Error: %s\n", interrupted)
		return interrupted.status()
	default:
		fmt.Fprintf(s.err, "Error: %s\n", oneLine(err.Error()))
		return exitFailed
	}
}

func oneLine(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "; ")
}
