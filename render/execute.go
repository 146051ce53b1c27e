package render

import (
	"context"
	"errors"
	"maps"
	"strings"
)

// executedFile is what a file of the chart printed.
type executedFile struct {
	name      string
	text      string // of a NOTES.txt
	documents []Document
}

// executeAll executes all files. The first leaves in the root context what they have in common, which the others only read:
// they are executed at the same time, each with a root context of its own, as that tells the file's name.
func (e *compiledEngine) executeAll(ctx context.Context, root map[string]any) ([]executedFile, error) {
	files := make([]executedFile, len(e.files))
	if err := e.executeFile(ctx, root, e.files[0], &files[0]); err != nil {
		return nil, err
	}
	errs := make([]error, len(files))
	// Backwards, as the largest files of this chart come last in Helm's order.
	inParallel(len(files)-1, 1, func(i int) {
		i = len(files) - 1 - i
		errs[i] = e.executeFile(ctx, maps.Clone(root), e.files[i], &files[i])
	})
	return files, errors.Join(errs...)
}

// executeFile executes a file and reads the heads of what it printed.
func (e *compiledEngine) executeFile(ctx context.Context, root map[string]any, name string, file *executedFile) error {
	file.name = name
	root["Template"] = e.helm.templateValues(name)
	text, err := e.execute(ctx, name, root)
	if err != nil {
		return err
	}
	if strings.HasSuffix(name, notesSuffix) {
		file.text = text
		return nil
	}
	file.documents, err = readDocuments(name, text)
	return err
}

// execute prints a template.
func (e *compiledEngine) execute(ctx context.Context, name string, root map[string]any) (string, error) {
	text, err := e.set.Execute(ctx, name, root)
	return withoutNoValue(text), err
}
