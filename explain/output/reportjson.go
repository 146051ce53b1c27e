package output

import (
	"io"

	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/explain/calls"
)

type reportDocument struct {
	APIVersion string         `json:"apiVersion"`
	Istio      string         `json:"istio"`
	Failed     int            `json:"failed"`
	Calls      []checkedCall  `json:"calls"`
	Entries    int            `json:"entries"`
	Uncovered  []placeOfEntry `json:"uncovered"`
}

type checkedCall struct {
	File        string   `json:"file"`
	Line        int      `json:"line"`
	Name        string   `json:"name"`
	Passed      bool     `json:"passed"`
	Differences []string `json:"differences"`
	Trace       document `json:"trace"`
}

type placeOfEntry struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Flag string `json:"flag,omitempty"`
	Path string `json:"path"`
}

func reportJSON(w io.Writer, r *calls.Report, _ ReportOptions) error {
	d := reportDocument{
		APIVersion: APIVersion, Istio: explain.IstioVersion, Failed: r.Failed(), Entries: r.Entries,
		Calls: []checkedCall{}, Uncovered: []placeOfEntry{},
	}
	for _, result := range r.Results {
		d.Calls = append(d.Calls, checkedCall{
			File: result.File, Line: result.Position.Line, Name: result.Name(), Passed: result.Passed(),
			Differences: notNil(result.Differences), Trace: newDocument(Explained{result.Trace, result.Ignored}),
		})
	}
	for _, p := range r.Uncovered {
		d.Uncovered = append(d.Uncovered, placeOfEntry{p.File, p.Line, p.Flag, p.Path})
	}
	return encode(w, d)
}
