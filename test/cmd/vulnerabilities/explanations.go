package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	anything = "*"
	// pins begins the folders of the modules that only pin the version of another project, which chooses what it requires.
	// One line may explain all of such a module; the others explain id by id.
	pins = "test/"
)

// explanation is a line of the file: why a vulnerability, or any, of a module does no harm.
type explanation struct {
	folder, id, reason string
	line               int
	used               bool
}

type explanations []*explanation

// parseExplanations reads lines of a module's folder, an id or "*", and a reason. Lines that begin with "#" are comments.
func parseExplanations(text string) (explanations, error) {
	var all explanations
	var problems []error
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		e, err := parseExplanation(line)
		if err == nil && all.find(e.folder, e.id) != nil {
			err = fmt.Errorf("%s %s is explained twice: remove one", e.folder, e.id)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("explanations, line %d: %w", number, err))
			continue
		}
		e.line = number
		all = append(all, e)
	}
	return all, errors.Join(problems...)
}

func parseExplanation(line string) (*explanation, error) {
	fields := strings.Fields(line)
	switch {
	case len(fields) < 3:
		return nil, fmt.Errorf("%q: write the module's folder, the id and the reason", line)
	case fields[1] == anything && !strings.HasPrefix(fields[0], pins):
		return nil, fmt.Errorf("%q: write an id: only modules under %s, which pin another project, are explained as a whole", line, pins)
	}
	return &explanation{folder: fields[0], id: fields[1], reason: strings.Join(fields[2:], " ")}, nil
}

func (all explanations) find(folder, id string) *explanation {
	i := slices.IndexFunc(all, func(e *explanation) bool { return e.folder == folder && e.id == id })
	if i < 0 {
		return nil
	}
	return all[i]
}

// reason tells why a vulnerability does no harm; the line with its id wins over the one for the whole module.
func (all explanations) reason(folder, id string) (string, bool) {
	for _, which := range []string{id, anything} {
		if e := all.find(folder, which); e != nil {
			e.used = true
			return e.reason, true
		}
	}
	return "", false
}

// unused returns an error for each line that explained nothing.
func (all explanations) unused(modules []report) []error {
	var problems []error
	for _, e := range all {
		switch {
		case e.used:
		case !slices.ContainsFunc(modules, func(m report) bool { return m.folder == e.folder }):
			problems = append(problems, fmt.Errorf("explanations, line %d: there is no module in the folder %s", e.line, e.folder))
		default:
			problems = append(problems, fmt.Errorf("explanations, line %d: %s %s is explained and not found: remove the line", e.line, e.folder, e.id))
		}
	}
	return problems
}
