package report

import (
	"fmt"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/position"
)

// Place is where something is declared.
type Place struct {
	// Path is the path of the values, such as externalNameServices[1].tls; of manifests the object, such as
	// "DestinationRule shop/httpbin.org".
	Path string `json:"path,omitempty"`
	// File is empty for values that are in no file.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Flag is what set the value, such as "--set a.b=c"; File is empty then.
	Flag string `json:"flag,omitempty"`
	// Revision is git's, when the file was read from it.
	Revision string `json:"revision,omitempty"`
}

// String is file:line, with the revision as git writes it: main:values.yaml:12. Without a file it is the flag, or the path.
func (p Place) String() string {
	switch {
	case p.Flag != "":
		return p.Flag
	case p.File == "":
		return p.Path
	}
	text := p.File
	if p.Revision != "" {
		text = p.Revision + ":" + text
	}
	if p.Line > 0 {
		text = fmt.Sprintf("%s:%d", text, p.Line)
	}
	return text
}

// placer finds places.
type placer interface {
	place(egress.Site) Place
}

// placed makes a place of a position.
func placed(path string, at position.Position) Place {
	return Place{Path: path, File: at.File, Line: at.Line, Flag: at.Flag}
}
