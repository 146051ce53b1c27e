package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Exit statuses.
const (
	exitOK       = 0
	exitUnlike   = 1 // a call is not as expected
	exitNoAnswer = 2 // flags, files, values that the chart refuses
)

// streams are the command's standard input and outputs.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// errUnlike ends the command after it has told which calls are not as expected.
var errUnlike = errors.New("calls are not as expected")

// run executes the command line and returns the exit status.
func run(ctx context.Context, args []string, s streams) int {
	root := newRootCommand(s)
	root.SetArgs(append([]string{}, args...)) // nil would be those of the process
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errUnlike):
		return exitUnlike
	}
	fmt.Fprintf(s.err, "Error: %s\n", strings.TrimSpace(err.Error()))
	return exitNoAnswer
}
