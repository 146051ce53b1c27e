package output_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/output"
)

func TestJSONReadsBack(t *testing.T) {
	var read struct {
		Errors, Warnings int
		Findings         []lint.Finding
	}
	if err := json.Unmarshal([]byte(write(t, "json", findings, output.Options{})), &read); err != nil {
		t.Fatal(err)
	}
	if read.Errors != 3 || read.Warnings != 2 || !reflect.DeepEqual(read.Findings, findings) {
		t.Errorf("got %+v", read)
	}
}
