package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/istio-egress/istio-egress/test/wire/internal/envoy"
)

// commands are those of Debian's package iptables that redirect connections.
var commands = []string{"iptables-restore", "ip6tables-restore", "iptables-save", "ip6tables-save"}

// prepare sees to it that all is there that a run needs, and says what is missing.
func prepare(progress io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if os.Geteuid() != 0 {
		return errors.New("make wire makes network namespaces and redirects connections in them, which takes root: run it as root, or with sudo")
	}
	if err := installIptables(ctx, progress); err != nil {
		return err
	}
	_, err := envoy.Fetch(ctx, progress)
	return err
}

func installIptables(ctx context.Context, progress io.Writer) error {
	missing := missingCommand()
	if missing == "" {
		return nil
	}
	const byHand = "install it (Debian: apt-get update && apt-get install iptables)"
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("the command %s is missing: %s", missing, byHand)
	}
	for _, args := range [][]string{{"update"}, {"install", "--yes", "--no-install-recommends", "iptables"}} {
		fmt.Fprintf(progress, "apt-get %s, as %s is missing\n", args[0], missing)
		command := exec.CommandContext(ctx, "apt-get", args...)
		command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("the command %s is missing, and %s fails (%w): %s\n%s", missing, command, err, byHand, output)
		}
	}
	if missing := missingCommand(); missing != "" {
		return fmt.Errorf("the command %s is missing still: %s", missing, byHand)
	}
	return nil
}

func missingCommand() string {
	for _, name := range commands {
		if _, err := exec.LookPath(name); err != nil {
			return name
		}
	}
	return ""
}
