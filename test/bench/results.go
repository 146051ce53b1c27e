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

// report is a bench: the results of each form, and where they are from.
type report struct {
	forms    []*results
	library  []libraryRun
	versions []version
	machine  []string
}

// results are all runs with services of a form.
type results struct {
	form    string
	sizes   []size
	taken   map[int]map[string]runs // by entries and subject
	objects map[int]int             // by entries: what kubeconform accepted
	library []libraryRun
}

func measureAll(ctx context.Context, o options, progress io.Writer) (*report, error) {
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
	env := newEnvironment(folder)
	r := &report{versions: append(t.versions, schemaVersions...), machine: machine()}
	fmt.Fprintln(progress, "in one process")
	if r.library, err = measureLibrary(ctx); err != nil {
		return nil, err
	}
	for i, f := range o.forms {
		measured := &results{form: f.name, sizes: o.sizes, taken: map[int]map[string]runs{}, objects: map[int]int{}, library: r.library}
		for _, s := range o.sizes {
			values, err := writeValues(ctx, folder, f, s.entries)
			if err != nil {
				return nil, err
			}
			subjects := t.subjects(s.entries, values, schemas)
			if i == 0 {
				subjects, err = t.withExplain(subjects, values)
			}
			if err = errors.Join(err, measured.measureSize(ctx, env, s, subjects, progress)); err != nil {
				return nil, fmt.Errorf("%s, %d entries: %w", f.name, s.entries, err)
			}
		}
		r.forms = append(r.forms, measured)
	}
	return r, nil
}

// withExplain adds egress-explain, which is measured with one form alone: it takes a minute for the most entries.
func (t *tools) withExplain(subjects []subject, values string) ([]subject, error) {
	explained, err := t.explainSubjects(values)
	return append(subjects, explained...), err
}

// writeValues leaves the work to another process: the memory of this one would
// count as that of the commands.
func writeValues(ctx context.Context, folder string, f form, entries int) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	data, err := exec.CommandContext(ctx, self, "-form", f.name, "-values", fmt.Sprint(entries)).Output()
	if err != nil {
		return "", fmt.Errorf("make values of %d entries: %w", entries, err)
	}
	path := filepath.Join(folder, fmt.Sprintf("values-%s-%d.yaml", f.name, entries))
	return path, errors.Join(os.WriteFile(path, data, 0o600), os.WriteFile(changedName(path), changed(data), 0o600))
}

func (r *results) measureSize(ctx context.Context, env environment, s size, subjects []subject, progress io.Writer) error {
	taken := map[string]runs{}
	r.taken[s.entries] = taken
	for round := range s.rounds {
		fmt.Fprintf(progress, "%s, %d entries, round %d of %d\n", r.form, s.entries, round+1, s.rounds)
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
