package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/output"
)

// printing is where findings go in a format: to standard output, or to a file.
type printing struct {
	format string
	file   string // empty for standard output
}

// parsePrints reads --format: a format, or format=file. One alone has standard output, and no file has two.
func parsePrints(formats []string) ([]printing, error) {
	var all []printing
	taken := map[string]bool{}
	for _, text := range formats {
		format, file, toFile := strings.Cut(text, "=")
		if err := output.Check(format); err != nil {
			return nil, err
		}
		if toFile && file == "" {
			return nil, fmt.Errorf("--format %s: write the name of a file after the =, such as %s=lint.%s", text, format, format)
		}
		if taken[file] && !toFile {
			return nil, errors.New("--format: one format alone goes to standard output: write format=file for the others, such as sarif=lint.sarif")
		}
		if taken[file] {
			return nil, fmt.Errorf("--format %s: another format goes to that file already", text)
		}
		taken[file] = true
		all = append(all, printing{format, file})
	}
	return all, nil
}

func (p printing) write(out io.Writer, findings []lint.Finding, options output.Options) error {
	if p.file == "" {
		options.Color = colored(out)
		return output.Write(p.format, out, findings, options)
	}
	var text bytes.Buffer
	if err := output.Write(p.format, &text, findings, options); err != nil {
		return err
	}
	return os.WriteFile(p.file, text.Bytes(), 0o666) // for everybody that the umask lets read it
}
