package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
)

// mermaidArrows are the lines of the grades, as their colours, dashes and words tell them.
var mermaidArrows = map[egress.Grade]string{
	egress.Plaintext: "-.->", egress.Opaque: "-.->", egress.Unverified: "-.->", egress.WorkloadTLS: "-->", egress.Verified: "-->", egress.Mutual: "==>",
}

var mermaidColours = map[egress.Grade]string{
	egress.Plaintext: "#c0262d", egress.Opaque: "#a21caf", egress.Unverified: "#b45309", egress.WorkloadTLS: "#64748b", egress.Verified: "#15803d", egress.Mutual: "#1d4ed8",
}

// writeMermaid prints the picture as a Mermaid flowchart, for Markdown that draws it.
func writeMermaid(w io.Writer, rows []Row, _ Options) error {
	out := &mermaid{Writer: bufio.NewWriter(w), ids: map[string]string{}}
	fmt.Fprint(out, "flowchart LR\n")
	for _, l := range linksOf(rows) {
		name := out.node(l.name+" "+l.nameNote, "[", l.name+", "+l.nameNote, "]")
		server := out.node("server "+l.server+" "+l.serverNote, "([", withNote(l.server, l.serverNote), "])")
		for _, namespace := range l.callers {
			caller := out.node("caller "+namespace, "(", callerText(namespace), ")")
			out.line(caller+" --- "+name, "")
		}
		label := gradeWord(l.grade)
		if l.label != "" {
			label = l.label + ": " + label
		}
		out.line(fmt.Sprintf("%s %s|%s| %s", name, mermaidArrows[l.grade], mermaidText(label), server), mermaidColours[l.grade])
	}
	for i, colour := range out.colours {
		if colour != "" {
			fmt.Fprintf(out, "  linkStyle %d stroke:%s,color:%s\n", i, colour, colour)
		}
	}
	return out.Flush()
}

func withNote(text, note string) string {
	if note == "" {
		return text
	}
	return text + ", " + note
}

type mermaid struct {
	*bufio.Writer
	ids     map[string]string // of nodes, and of lines that are there
	colours []string          // by line
}

func (m *mermaid) node(key, open, text, end string) string {
	id, known := m.ids[key]
	if !known {
		id = fmt.Sprintf("n%d", len(m.ids))
		m.ids[key] = id
		fmt.Fprintf(m, "  %s%s%s%s\n", id, open, mermaidText(text), end)
	}
	return id
}

// line prints a line once.
func (m *mermaid) line(text, colour string) {
	if _, known := m.ids[text]; known {
		return
	}
	m.ids[text] = text
	fmt.Fprintf(m, "  %s\n", text)
	m.colours = append(m.colours, colour)
}

// mermaidText quotes a text: Mermaid reads characters that may be more than text by their numbers.
func mermaidText(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, char := range inOneLine(text) {
		switch {
		case char >= 'a' && char <= 'z', char >= 'A' && char <= 'Z', char >= '0' && char <= '9', strings.ContainsRune(" .,:-_/=+'", char):
			out.WriteRune(char)
		default:
			fmt.Fprintf(&out, "#%d;", char)
		}
	}
	out.WriteByte('"')
	return out.String()
}
