package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/internal/inputfile"
	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// refusalError is what the chart refused: in sentences that say what to write instead, with the lines of files and flags, and then
// what Helm says of it. Helm stops at the schema; the sentences are of all that is wrong.
type refusalError struct {
	*render.RefusedError
	sentences []string
}

func (r *refusalError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "the chart refuses these values (%s):\n", words.Count(len(r.sentences), "problem"))
	for _, sentence := range r.sentences {
		fmt.Fprintf(&text, "- %s\n", sentence)
	}
	if r.Step == render.StepSchema {
		fmt.Fprintf(&text, "\nIn helm's words:\n%s\n", words.Shown(strings.TrimSpace(r.RefusedError.Error())))
	}
	return text.String()
}

func (r *refusalError) Unwrap() error { return r.RefusedError }

// explainRefusal says a refusal in sentences, for charts that have some.
func explainRefusal(err error, options render.ValuesOptions) error {
	var refused *render.RefusedError
	if !errors.As(err, &refused) {
		return err
	}
	if len(refused.Findings) == 0 {
		return err
	}
	return &refusalError{RefusedError: refused, sentences: sentencesOf(slices.Clone(refused.Findings), layersOf(options), refused.Step)}
}

// sentencesOf are in the order of the files where the schema refuses, which has none of its own, and else in the chart's.
func sentencesOf(findings []render.Finding, layers *position.Layers, step render.Step) []string {
	if layers != nil && step == render.StepSchema {
		slices.SortStableFunc(findings, func(a, b render.Finding) int { return placeOf(layers, a).Compare(placeOf(layers, b)) })
	}
	var sentences []string
	for _, f := range findings {
		sentence := fmt.Sprintf("%s: %s [%s]", f.Path, f.Message, f.ID)
		if place := placeOf(layers, f).String(); place != "" {
			sentence = place + ": " + sentence
		}
		sentences = append(sentences, sentence)
	}
	return sentences
}

// layersOf reads the places of values; nil for those that cannot be read a second time.
func layersOf(options render.ValuesOptions) *position.Layers {
	var files []*position.File
	for _, name := range options.Files {
		if inputfile.IsStdin(name) {
			return nil
		}
		data, err := inputfile.Read(name, nil, position.MaxBytes)
		if err != nil {
			return nil
		}
		file, _ := position.Parse(name, data)
		files = append(files, file)
	}
	return position.Merge(files, options.Assignments())
}

func placeOf(layers *position.Layers, f render.Finding) position.Position {
	path, err := position.ParsePath(f.Path)
	if layers == nil || err != nil {
		return position.Position{}
	}
	place := layers.Find(path)
	if f.About == render.AboutKey || !place.Exists {
		return place.Key
	}
	return place.Value
}
