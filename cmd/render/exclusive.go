package main

import (
	"fmt"

	"github.com/spf13/pflag"
)

// exclusive is a flag that excludes others, and why.
type exclusive struct {
	flag   string
	others []string
	why    string
}

// check refuses the first of the others that is given as well.
func (e exclusive) check(flags *pflag.FlagSet) error {
	if !flags.Changed(e.flag) {
		return nil
	}
	for _, other := range e.others {
		if flags.Changed(other) {
			return fmt.Errorf("--%s and %s do not go together: %s", e.flag, written(flags.Lookup(other)), e.why)
		}
	}
	return nil
}

func written(flag *pflag.Flag) string {
	if flag.Shorthand == "" {
		return "--" + flag.Name
	}
	return fmt.Sprintf("--%s (-%s)", flag.Name, flag.Shorthand)
}
