package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/lint/catalogue"
	"github.com/istio-egress/istio-egress/lint/output"
)

// nearCommand is the end of a sentence about a command that is not known.
func nearCommand(cmd *cobra.Command, name string) string {
	var names []string
	for _, other := range cmd.Commands() {
		names = append(names, other.Name())
	}
	if near, ok := words.Nearest(name, names); ok {
		return fmt.Sprintf(": did you mean %s?", near)
	}
	return " (render --help shows all)"
}

// nearFlag adds the flag that was meant to the error about one that is not known.
func nearFlag(cmd *cobra.Command, err error) error {
	name, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	if near, ok := words.Nearest(name, names); ok {
		return fmt.Errorf("unknown flag --%s: did you mean --%s?", name, near)
	}
	return fmt.Errorf("unknown flag --%s (%s --help shows all)", name, cmd.CommandPath())
}

// flagValues are those that a shell completes: by the names of flags.
var flagValues = map[string]func() []string{
	"format":  output.Formats,
	"disable": catalogue.IDs,
	"explain": func() []string { return append(catalogue.IDs(), "list") },
}

// completeFlags tells the shell's completion which values the flags of all commands take.
func completeFlags(cmd *cobra.Command) {
	for name, values := range flagValues {
		if flag := cmd.Flags().Lookup(name); flag == nil || name == "format" && cmd.Name() != "lint" {
			continue
		}
		if err := cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values(), cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // the flag exists, and has no other one
		}
	}
	if cmd.Flags().Lookup("values") != nil {
		_ = cmd.MarkFlagFilename("values", "yaml", "yml") // the flag exists
	}
	for _, below := range cmd.Commands() {
		completeFlags(below)
	}
}
