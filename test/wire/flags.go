package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"time"
)

// soakTime is how long a soak takes that is not told otherwise.
const soakTime = 5 * time.Minute

// costRounds are those of a measurement that is not told otherwise: it takes five minutes.
const costRounds = 15

// options are what the flags say.
type options struct {
	cases    string
	examples string
	chart    string
	only     *regexp.Regexp
	parallel int
	verbose  bool
	dump     string
	soak     time.Duration
	cost     bool
	rounds   int
	write    string
}

func parseFlags(args []string, out io.Writer) (options, error) {
	o := options{only: regexp.MustCompile("")}
	flags := flag.NewFlagSet("wire", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.cases, "cases", "test/wire/cases", "the `folder` of the cases")
	flags.StringVar(&o.examples, "examples", "examples", "the `folder` of the examples that cases name")
	flags.StringVar(&o.chart, "chart", "", "a `folder` with another chart than the one that is built in")
	flags.Func("run", "run the cases whose file/name matches the `expression`", func(s string) (err error) {
		o.only, err = regexp.Compile(s)
		return err
	})
	flags.IntVar(&o.parallel, "parallel", runtime.NumCPU()+1, "how many files run at a time")
	flags.BoolVar(&o.verbose, "v", false, "print every call, with what arrived")
	flags.StringVar(&o.dump, "dump", "", "write what istiod sent to each proxy into this `folder`")
	flags.DurationVar(&o.soak, "soak", soakTime, "after the cases, make calls for this `time` while everything changes; with -run, only if it is given")
	flags.BoolVar(&o.cost, "cost", false, "measure what the sidecar costs, print it as Markdown, and run no case")
	flags.IntVar(&o.rounds, "rounds", costRounds, "with -cost, the `number` of rounds")
	flags.StringVar(&o.write, "write", "", "with -cost, put the results into this `file`, between its wire comments")
	err := flags.Parse(args)
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if given["run"] && !given["soak"] {
		o.soak = 0
	}
	if err == nil && o.rounds < 1 {
		err = errors.New("-rounds is a number from 1 on")
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, err
}
