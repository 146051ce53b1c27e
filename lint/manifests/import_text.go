package manifests

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/render"
)

// WriteValues prints the values file: each entry under comments that say where it comes from, and at the end what is not in it.
func (i *Imported) WriteValues(w io.Writer) error {
	var out strings.Builder
	if err := i.writeTopLevel(&out); err != nil {
		return err
	}
	if slices.ContainsFunc(i.Entries, func(entry Entry) bool { return entry.Values.DNSCapture }) {
		out.WriteString("dnsCapture: true\n")
	}
	for _, collection := range []string{"externalNameServices", "endpointServices", "externalHosts"} {
		if err := i.writeCollection(&out, collection); err != nil {
			return err
		}
	}
	if len(i.Entries) == 0 { // comments alone are no values
		out.WriteString("{}\n")
	}
	if len(i.Unsaid) > 0 {
		comment(&out, "", "Not in these values:")
		for _, unsaid := range i.Unsaid {
			comment(&out, "", "- "+unsaid.String())
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (i *Imported) writeTopLevel(out *strings.Builder) error {
	text, err := topLevel(i.Entries).YAML()
	if err == nil && string(text) != "{}\n" {
		out.Write(text)
	}
	return err
}

func (i *Imported) writeCollection(out *strings.Builder, collection string) error {
	header := collection + ":\n"
	written := false
	for _, entry := range i.Entries {
		text, err := render.Values{ExternalNameServices: entry.Values.ExternalNameServices, EndpointServices: entry.Values.EndpointServices, ExternalHosts: entry.Values.ExternalHosts}.YAML()
		if err != nil {
			return err
		}
		lines, ofCollection := strings.CutPrefix(string(text), header)
		if !ofCollection {
			continue
		}
		if !written {
			out.WriteString(header)
			written = true
		}
		entry.comment(out)
		out.WriteString(lines)
	}
	return nil
}

// comment says where an entry comes from, and what it or its closed form would change.
func (e *Entry) comment(out *strings.Builder) {
	const indent = "  "
	for _, from := range e.From {
		comment(out, indent, "From "+from.String())
	}
	for _, changed := range e.Changed {
		comment(out, indent, "Other than the objects: "+changed)
	}
	if e.Closed != "" {
		comment(out, indent, "Closing it ("+e.Closed+") changes: "+strings.Join(e.Closing, "; "))
	}
}

// comment writes a line that stays one, whatever names hold.
func comment(out *strings.Builder, indent, text string) {
	fmt.Fprintf(out, "%s# %s\n", indent, onLine(text))
}

// onLine takes out what would end a line, in YAML or on a terminal.
func onLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, text)
}

// String names the object, and its file and line.
func (s Source) String() string {
	if s.Position.Line == 0 {
		return s.Object
	}
	return fmt.Sprintf("%s (%s:%d)", s.Object, s.Position.File, s.Position.Line)
}

// String says what is not in the values, and why.
func (u Unsaid) String() string {
	text := u.Source.String()
	if u.Object == "" {
		text = u.Position.String()
	}
	if u.Path != "" {
		text += ": " + u.Path
	}
	return text + ": " + u.Reason
}

// WriteRemarks prints what the values do not say, what they say otherwise, and a summary, a line for each.
func (i *Imported) WriteRemarks(w io.Writer) error {
	var out strings.Builder
	for _, unsaid := range i.Unsaid {
		fmt.Fprintln(&out, onLine("not in the values: "+unsaid.String()))
	}
	for _, entry := range i.Entries {
		for _, changed := range entry.Changed {
			fmt.Fprintln(&out, onLine(fmt.Sprintf("other than the objects: %s: %s", entry.From[0], changed)))
		}
	}
	number := fmt.Sprintf("%d entries", len(i.Entries))
	if len(i.Entries) == 1 {
		number = "1 entry"
	}
	fmt.Fprintf(&out, "%s from %s", number, i.Read)
	if i.Read.Others > 0 {
		fmt.Fprintf(&out, "; %s no way out of the mesh", words.Count(i.Read.Others, "object")+map[bool]string{true: " is", false: " are"}[i.Read.Others == 1])
	}
	fmt.Fprintln(&out)
	_, err := io.WriteString(w, out.String())
	return err
}

// Exact tells whether the values say all that the objects do, and nothing else.
func (i *Imported) Exact() bool {
	for _, entry := range i.Entries {
		if len(entry.Changed) > 0 {
			return false
		}
	}
	return len(i.Unsaid) == 0
}
