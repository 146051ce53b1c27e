package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// results are all runs of a bench.
type results struct {
	sizes    []size
	taken    map[int]map[string]runs // by entries and subject
	objects  map[int]int             // by entries: what kubeconform accepted
	library  []libraryRun
	versions []version
	machine  []string
}

func measureAll(ctx context.Context, sizes []size, progress io.Writer) (*results, error) {
	folder, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	t, err := buildTools(ctx)
	if err != nil {
		return nil, err
	}
	if t.explain, err = buildExplain(ctx, folder); err != nil {
		return nil, err
	}
	schemas := filepath.Join(folder, "schemas")
	if err := os.Mkdir(schemas, 0o755); err != nil {
		return nil, err
	}
	schemaVersions, err := writeSchemas(ctx, schemas)
	if err != nil {
		return nil, err
	}
	r := &results{
		sizes: sizes, taken: map[int]map[string]runs{}, objects: map[int]int{},
		versions: append(t.versions, schemaVersions...), machine: machine(),
	}
	env := newEnvironment(folder)
	for _, s := range sizes {
		values, err := writeValues(ctx, folder, s.entries)
		if err != nil {
			return nil, err
		}
		explained, err := t.explainSubjects(values)
		if err != nil {
			return nil, err
		}
		if err := r.measureSize(ctx, env, s, append(t.subjects(s.entries, values, schemas), explained...), progress); err != nil {
			return nil, fmt.Errorf("%d entries: %w", s.entries, err)
		}
	}
	fmt.Fprintln(progress, "in one process")
	r.library, err = measureLibrary(ctx)
	return r, err
}

// writeValues leaves the work to another process: the memory of this one would
// count as that of the commands.
func writeValues(ctx context.Context, folder string, entries int) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	data, err := exec.CommandContext(ctx, self, "-values", fmt.Sprint(entries)).Output()
	if err != nil {
		return "", fmt.Errorf("make values of %d entries: %w", entries, err)
	}
	path := filepath.Join(folder, fmt.Sprintf("values-%d.yaml", entries))
	return path, errors.Join(os.WriteFile(path, data, 0o600), os.WriteFile(changedName(path), changed(data), 0o600))
}

func (r *results) measureSize(ctx context.Context, env environment, s size, subjects []subject, progress io.Writer) error {
	taken := map[string]runs{}
	r.taken[s.entries] = taken
	for round := range s.rounds {
		fmt.Fprintf(progress, "%d entries, round %d of %d\n", s.entries, round+1, s.rounds)
		for _, command := range subjects {
			used, err := env.measure(ctx, command)
			if err != nil {
				return err
			}
			taken[command.name] = append(taken[command.name], used)
		}
		taken[pipeline] = append(taken[pipeline], both(taken[helmLint][round], taken[kubeconform][round]))
	}
	objects, err := sameOutput(env, subjects)
	r.objects[s.entries] = objects
	return err
}

// both is what two commands take that follow each other.
func both(a, b usage) usage {
	return usage{wall: a.wall + b.wall, cpu: a.cpu + b.cpu, memory: max(a.memory, b.memory)}
}

// sameOutput compares what the subjects printed, and returns the number of objects.
func sameOutput(env environment, subjects []subject) (int, error) {
	printed := map[string]string{}
	for _, s := range subjects {
		data, err := os.ReadFile(env.output(s))
		if err != nil {
			return 0, err
		}
		printed[s.name] = string(data)
	}
	if printed[render] != printed[helmTemplate] {
		return 0, errors.New("render and helm template (helm 3) print different bytes")
	}
	if withoutEmptyLines(printed[render]) != withoutEmptyLines(printed[helm4Template]) {
		return 0, errors.New("render and helm template (helm 4) print different documents")
	}
	return accepted(printed[kubeconform], documents(printed[render]))
}
