package report

import (
	"encoding/json"
	"io"
)

// APIVersion is the version of the JSON form of a report. docs/report.schema.json describes it.
const APIVersion = "report.istio-egress/v1"

func writeJSON(w io.Writer, rows []Row, _ Options) error {
	if rows == nil {
		rows = []Row{}
	}
	return encode(w, struct {
		APIVersion string `json:"apiVersion"`
		Rows       []Row  `json:"rows"`
	}{APIVersion, rows})
}

func encode(w io.Writer, document any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}
