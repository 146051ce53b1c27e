// Package inputfile reads the files that a command line names, where - is standard input.
package inputfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// IsStdin tells whether a name stands for standard input.
func IsStdin(name string) bool { return strings.TrimSpace(name) == "-" }

// Stdin is how messages and findings name standard input.
const Stdin = "<stdin>"

// Name is how messages and findings name a file.
func Name(name string) string {
	if IsStdin(name) {
		return Stdin
	}
	return name
}

// Read returns what a file holds, but no more than limit bytes and one, by which the caller sees that it is larger; 0 is
// no limit. stdin is read for the name "-"; nil is os.Stdin.
func Read(name string, stdin io.Reader, limit int64) ([]byte, error) {
	if IsStdin(name) {
		if stdin == nil {
			stdin = os.Stdin
		}
		data, err := readAll(stdin, 0, limit)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", Stdin, err)
		}
		return data, nil
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w", name, syscall.ENOENT)
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s: is a directory, want a file", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := readAll(file, info.Size(), limit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

// readAll reads about so many bytes at once; the size of a pipe is 0.
func readAll(from io.Reader, size, limit int64) ([]byte, error) {
	if limit > 0 {
		size = min(size, limit)
		from = io.LimitReader(from, limit+1)
	}
	var data bytes.Buffer
	data.Grow(int(size) + bytes.MinRead)
	_, err := data.ReadFrom(from)
	return data.Bytes(), err
}

// ErrStdinTwice is for a second reader of standard input, who would find nothing.
var ErrStdinTwice = errors.New("it is given more than once, and can be read only once: give - for one of the files, and the others by name")

// Once is standard input for readers of whom only the first is served. The others get ErrStdinTwice. Nil is os.Stdin.
func Once(stdin io.Reader) io.Reader {
	if stdin == nil {
		stdin = os.Stdin
	}
	return &once{from: stdin}
}

type once struct {
	from  io.Reader
	ended bool
}

func (o *once) Read(buffer []byte) (int, error) {
	if o.ended {
		return 0, ErrStdinTwice
	}
	n, err := o.from.Read(buffer)
	o.ended = errors.Is(err, io.EOF)
	return n, err
}
