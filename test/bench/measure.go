package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// usage is what one run took.
type usage struct {
	wall   time.Duration
	cpu    time.Duration // of all cores
	memory int64         // peak of the resident memory in bytes; of a pipe, of its largest command
}

// runs are the runs of one subject at one size, by round.
type runs []usage

// environment is a place for the runs: helm shall see neither the user's
// configuration nor a cluster.
type environment struct {
	folder string
	env    []string
}

func newEnvironment(folder string) environment {
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "HELM_") || strings.HasPrefix(variable, "KUBE")
	})
	for _, name := range []string{"CACHE", "CONFIG", "DATA"} {
		env = append(env, "HELM_"+name+"_HOME="+filepath.Join(folder, "helm", strings.ToLower(name)))
	}
	return environment{folder, append(env, "KUBECONFIG="+filepath.Join(folder, "no-cluster"))}
}

// output is the file that keeps what a subject printed last.
func (e environment) output(s subject) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, s.name)
	return filepath.Join(e.folder, name+".out")
}

// measure runs a subject once. Whatever is printed goes into a file. A command
// that fails is an error: what is measured must be the whole work.
func (e environment) measure(ctx context.Context, s subject) (usage, error) {
	out, err := os.Create(e.output(s))
	if err != nil {
		return usage{}, err
	}
	defer out.Close()
	commands, stderr, err := e.commands(ctx, s, out)
	if err != nil {
		return usage{}, err
	}
	if err := forgetPeak(); err != nil {
		return usage{}, err
	}
	start := time.Now()
	if err := startAll(commands); err != nil {
		return usage{}, fmt.Errorf("%s: %w", s.name, err)
	}
	var taken usage
	var failed error
	for _, command := range commands {
		if err := command.Wait(); err != nil && failed == nil {
			failed = fmt.Errorf("%s: %w\n%s", s.name, err, stderr)
		}
		taken.cpu += command.ProcessState.UserTime() + command.ProcessState.SystemTime()
		taken.memory = max(taken.memory, peakMemory(command.ProcessState))
	}
	taken.wall = time.Since(start)
	return taken, failed
}

func (e environment) commands(ctx context.Context, s subject, out io.Writer) ([]*exec.Cmd, *strings.Builder, error) {
	stderr := &strings.Builder{}
	var commands []*exec.Cmd
	for _, args := range s.pipe {
		command := exec.CommandContext(ctx, args[0], args[1:]...)
		command.Env = e.env
		command.Stdout = out
		if len(s.pipe) == 1 {
			command.Stderr = stderr
		}
		commands = append(commands, command)
	}
	for i := range commands[1:] {
		reader, writer, err := os.Pipe()
		if err != nil {
			return nil, nil, err
		}
		commands[i].Stdout, commands[i+1].Stdin = writer, reader
	}
	return commands, stderr, nil
}

// startAll starts the commands and closes this process's ends of the pipes
// between them, so that a reader sees the end.
func startAll(commands []*exec.Cmd) error {
	for i, command := range commands {
		if err := command.Start(); err != nil {
			return err
		}
		if i > 0 {
			_ = command.Stdin.(*os.File).Close()
			_ = commands[i-1].Stdout.(*os.File).Close()
		}
	}
	return nil
}
