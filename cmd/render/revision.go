package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/internal/inputfile"
	"github.com/istio-egress/istio-egress/report"
)

// revision is a state of the files: a commit of git, or the disk.
type revision struct {
	name   string // as it was given
	commit string // empty for the disk
}

func (r revision) String() string {
	if r.commit == "" {
		return "the files on the disk"
	}
	return r.name
}

// parseRevisions reads A..B, A...B (from where B parted from A) or A (against the disk), with git's meaning. An end that is
// left out is HEAD.
func parseRevisions(text string) (from, to revision, err error) {
	a, b, sinceParted := strings.Cut(text, "...")
	isRange := sinceParted
	if !isRange {
		a, b, isRange = strings.Cut(text, "..")
	}
	if from, err = commitOf(a); err != nil || !isRange {
		return from, revision{}, err
	}
	if to, err = commitOf(b); err != nil || !sinceParted {
		return from, to, err
	}
	base, err := git("merge-base", from.commit, to.commit)
	if err != nil {
		return from, to, fmt.Errorf("--rev %s: git finds no commit that both have: fetch the history (git fetch --unshallow), or write two dots", text)
	}
	from.commit = strings.TrimSpace(string(base))
	return from, to, nil
}

func commitOf(name string) (revision, error) {
	if name == "" {
		name = "HEAD"
	}
	commit, err := git("rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	var failed *exec.ExitError
	switch {
	case err == nil:
		return revision{name, strings.TrimSpace(string(commit))}, nil
	case errors.As(err, &failed) && failed.ExitCode() == 1:
		return revision{}, fmt.Errorf("--rev: git knows no commit %q: write a branch, a tag or a hash, such as main..HEAD, and fetch it first", name)
	}
	return revision{}, err
}

// has tells whether the revision has a file.
func (r revision) has(name string) bool {
	_, err := r.read(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// read returns what a file of the revision holds; [fs.ErrNotExist] where it is not there.
func (r revision) read(name string) ([]byte, error) {
	if r.commit == "" {
		if _, err := os.Stat(name); err != nil {
			return nil, err
		}
		return inputfile.Read(name, nil, 0)
	}
	path, err := belowHere(name)
	if err != nil {
		return nil, err
	}
	// The path is in no option's place, and names a file by its folder, so that nothing of it is read as more.
	blob, err := git("rev-parse", "--verify", "--quiet", "--end-of-options", r.commit+":"+path)
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return nil, fmt.Errorf("%s:%s: %w", r.name, name, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	data, err := git("cat-file", "blob", strings.TrimSpace(string(blob)))
	if err != nil {
		return nil, fmt.Errorf("%s:%s: no file there: %w", r.name, name, err)
	}
	return data, nil
}

// belowHere writes a path as git reads one from the working directory.
func belowHere(name string) (string, error) {
	if filepath.IsAbs(name) {
		here, err := os.Getwd()
		if err != nil {
			return "", err
		}
		if name, err = filepath.Rel(here, name); err != nil {
			return "", err
		}
	}
	return "./" + filepath.ToSlash(filepath.Clean(name)), nil
}

// git runs git in the working directory, and returns what it prints.
func git(args ...string) ([]byte, error) {
	command := exec.CommandContext(context.Background(), "git", args...)
	command.Env = append(os.Environ(), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0")
	var out, complaints bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaints
	err := command.Run()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("--rev runs git, which is not installed: install it, or give two files: render diff BEFORE AFTER")
	}
	if err != nil {
		return nil, fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(complaints.String()))
	}
	return out.Bytes(), nil
}

// declareAt asks the chart what each release declares in a revision. Of a release whose files it does not have, nothing is declared.
func (r releaseSet) declareAt(at revision) ([]*report.Declaration, error) {
	releases, err := r.read()
	if err != nil {
		return nil, err
	}
	for i := range releases {
		releases[i].Values.ReadFile = at.read
		files := slices.Clone(releases[i].Values.Files) // both sides start from the same
		releases[i].Values.Files = slices.DeleteFunc(files, func(name string) bool { return !at.has(name) })
		if len(releases[i].Values.Files) == 0 {
			releases[i].Map = map[string]any{}
		}
	}
	declarations, err := r.load(releases)
	for _, d := range declarations {
		d.Revision = at.name
	}
	return declarations, err
}

// somewhere returns an error for a file that none of the revisions has.
func somewhere(set releaseSet, revisions ...revision) error {
	releases, err := set.read()
	if err != nil {
		return err
	}
	for _, release := range releases {
		for _, name := range release.Values.Files {
			if !slices.ContainsFunc(revisions, func(at revision) bool { return at.has(name) }) {
				return fmt.Errorf("%s: it is neither in %s nor in %s", name, revisions[0], revisions[len(revisions)-1])
			}
		}
	}
	return nil
}
