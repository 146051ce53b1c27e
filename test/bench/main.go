// Command bench measures render, its report and diff, and render lint against helm 3, helm 4 and
// kubeconform, and egress-explain against render, alternately in one run, and prints the results as Markdown.
//
//	ci/bench                                          a full run, of closed services and of open ones: twenty minutes
//	ci/bench -sizes 10:3,1000:3 -check                a short one that fails when a ratio has regressed
//	ci/bench -write docs/performance.md               puts the results into a document
//	ci/bench -form open                               one form alone
//	ci/bench -form open -values 1000                  prints the values of 1,000 entries
//
// All commands are built from the modules that pin them, and the values come
// from a seeded generator. Nothing is measured against a clock that is not the
// same run's: what is checked are ratios.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"sigs.k8s.io/yaml"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	sizes  []size
	forms  []form
	check  bool
	write  string
	values int
}

func parseFlags(args []string, errors io.Writer) (options, error) {
	o := options{sizes: []size{{10, 5}, {100, 5}, {1_000, 3}, {10_000, 2}}, forms: forms}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(errors)
	flags.Func("sizes", "numbers of entries, each with its rounds: entries:rounds[,...] (default 10:5,100:5,1000:3,10000:2)", func(s string) (err error) {
		o.sizes, err = parseSizes(s)
		return err
	})
	flags.Func("form", "measure services of this `form` alone, closed or open (default both)", func(s string) error {
		f, err := parseForm(s)
		o.forms = []form{f}
		return err
	})
	flags.BoolVar(&o.check, "check", false, "fail when a ratio at the largest size is less than half of its target")
	flags.StringVar(&o.write, "write", "", "put the results into this Markdown `file`, between its bench comments")
	flags.IntVar(&o.values, "values", 0, "print values with this many `entries`, and measure nothing")
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, err
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	o, err := parseFlags(args, progress)
	if err != nil {
		return err
	}
	if o.values > 0 {
		return printValues(out, o.forms[0].values(o.values))
	}
	measured, err := measureAll(ctx, o, progress)
	if err != nil {
		return err
	}
	report := measured.markdown()
	if _, err := io.WriteString(out, report); err != nil {
		return err
	}
	if o.write != "" {
		if err := replaceSection(o.write, report); err != nil {
			return err
		}
	}
	if o.check {
		return measured.check()
	}
	return nil
}

func printValues(out io.Writer, values map[string]any) error {
	data, err := yaml.Marshal(values)
	if err != nil {
		return fmt.Errorf("print values: %w", err)
	}
	_, err = out.Write(data)
	return err
}
