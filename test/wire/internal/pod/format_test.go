package pod

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestAccessLogFormatIsTheDocuments(t *testing.T) {
	text, err := os.ReadFile("../../../../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := "accessLogFormat: " + strconv.Quote(AccessLogFormat) + "\n"; !strings.Contains(string(text), want) {
		t.Errorf("docs/troubleshooting.md has no line %s", want)
	}
}
