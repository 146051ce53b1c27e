package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/report"
)

// Very many names are counted, the worst first, and none is lost.
func TestFolding(t *testing.T) {
	var rows []report.Row
	for i := range 400 {
		grade := egress.Grades()[i%6]
		rows = append(rows, report.Row{
			Destination: fmt.Sprintf("host-%d.example.com", i), Port: 443, Grade: grade, Namespaces: []string{fmt.Sprintf("team-%d", i%40)},
			Names: []string{fmt.Sprintf("name-%d.team-%d:80", i, i%40)},
		})
		service := &egress.Service{Name: fmt.Sprintf("name-%d", i), Namespace: fmt.Sprintf("team-%d", i%40)}
		rows[i].Ways = []egress.Way{{Port: &egress.Port{Service: service, Number: 80}, To: &egress.DestinationPort{}}}
	}
	page := write(t, "html", rows, report.Options{})
	if !strings.Contains(page, "400 names are more than a picture can show") {
		t.Error("the page does not tell that it counts")
	}
	if boxes := strings.Count(page, "<rect "); boxes > 3*70 {
		t.Errorf("%d boxes", boxes)
	}
	diagram := write(t, "mermaid", rows, report.Options{})
	total := 0
	for line := range strings.Lines(diagram) {
		var namespace string
		var names int
		if _, err := fmt.Sscanf(strings.TrimSpace(line[strings.Index(line, "\"")+1:]), "%s %d name", &namespace, &names); err == nil {
			total += names
		}
	}
	if other := strings.Count(diagram, "other namespaces, "); other == 0 || total == 0 {
		t.Errorf("nothing is counted in\n%s", diagram)
	}
	if first, last := strings.Index(diagram, `"plaintext"`), strings.Index(diagram, `"TLS, verified"`); first > last && last >= 0 {
		t.Error("the worst does not come first")
	}
}
