package report

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/words"
)

// Change is what changes for calls between two declarations, with both places.
type Change struct {
	Class egress.Class `json:"class"`
	// Destination and Port are the server's: those after the change, if there are any. They are empty for guard rails, and
	// for fields that no report tells.
	Destination string `json:"destination"`
	Port        int    `json:"port"`
	// Names are what workloads call, such as my-httpbin.default:80.
	Names []string `json:"names"`
	// Text says what changes, in a few words.
	Text string `json:"text"`
	// Before and After are where that is declared; one is empty for what is new or gone.
	Before Place `json:"before"`
	After  Place `json:"after"`
}

// Changes compares what all releases together declare before and after, as [egress.Diff] does. Of fields of objects that no
// report tells it says that they change.
func Changes(before, after []*Declaration) []Change {
	was, is := joined(before), joined(after)
	var all []Change
	for _, c := range egress.Diff(was.model, is.model) {
		names := append([]string{}, c.Names...)
		all = append(all, Change{c.Class, c.Destination, c.Port, names, c.Text, was.place(c.Before), is.place(c.After)})
	}
	if untold := untoldChanges(before, after); len(untold) > 0 {
		all = append(all, untold...)
		slices.SortStableFunc(all, func(a, b Change) int {
			return slices.Index(egress.Classes(), a.Class) - slices.Index(egress.Classes(), b.Class)
		})
	}
	return all
}

// joinedDeclarations is the model of several releases, and which of them has what.
type joinedDeclarations struct {
	model        *egress.Model
	services     map[*egress.Service]*Declaration
	destinations map[*egress.Destination]*Declaration
	guardRails   map[*egress.GuardRails]*Declaration
}

func joined(declarations []*Declaration) *joinedDeclarations {
	j := &joinedDeclarations{
		&egress.Model{}, map[*egress.Service]*Declaration{}, map[*egress.Destination]*Declaration{}, map[*egress.GuardRails]*Declaration{},
	}
	for _, d := range declarations {
		j.model.Services = append(j.model.Services, d.Model.Services...)
		j.model.Destinations = append(j.model.Destinations, d.Model.Destinations...)
		j.model.Gateways = append(j.model.Gateways, d.Model.Gateways...)
		for _, service := range d.Model.Services {
			j.services[service] = d
		}
		for _, destination := range d.Model.Destinations {
			j.destinations[destination] = d
		}
		for _, rails := range d.Model.GuardRails {
			ofRelease := *rails
			ofRelease.Release = d.Release
			j.model.GuardRails = append(j.model.GuardRails, &ofRelease)
			j.guardRails[&ofRelease] = d
		}
	}
	return j
}

func (j *joinedDeclarations) place(site egress.Site) Place {
	if site.GuardRails != nil {
		return j.guardRails[site.GuardRails].place(site)
	}
	if site.Way == nil {
		return Place{}
	}
	declaration := j.destinations[site.Way.To.Destination]
	if site.Way.Port != nil {
		declaration = j.services[site.Way.Port.Service]
	}
	return declaration.place(site)
}

// ToReview tells whether a reviewer has to look at a change: it opens something.
func (c Change) ToReview() bool { return c.Class == egress.Weaker || c.Class == egress.Wider }

// ChangesAPIVersion is the version of the JSON form of changes. docs/diff.schema.json describes it.
const ChangesAPIVersion = "diff.istio-egress/v1"

var changeFormats = map[string]func(io.Writer, []Change) error{
	"text": writeChangesText, "md": writeChangesMarkdown, "json": writeChangesJSON,
}

// ChangeFormats are the formats of changes, sorted.
func ChangeFormats() []string { return slices.Sorted(maps.Keys(changeFormats)) }

// CheckChangeFormat returns an error for a format of changes that there is not.
func CheckChangeFormat(format string) error {
	if changeFormats[format] == nil {
		return fmt.Errorf("unknown format %q: want one of %s", format, strings.Join(ChangeFormats(), ", "))
	}
	return nil
}

// WriteChanges prints changes in a format, in their order. Where there are none it prints nothing, whatever the format: so
// that a comment is made when there is something to say.
func WriteChanges(format string, w io.Writer, changes []Change) error {
	if err := CheckChangeFormat(format); err != nil || len(changes) == 0 {
		return err
	}
	return changeFormats[format](w, changes)
}

func writeChangesJSON(w io.Writer, changes []Change) error {
	return encode(w, struct {
		APIVersion string   `json:"apiVersion"`
		Changes    []Change `json:"changes"`
	}{ChangesAPIVersion, changes})
}

// writeChangesText prints a line for each change, and one that counts them.
func writeChangesText(w io.Writer, changes []Change) error {
	out := bufio.NewWriter(w)
	for _, c := range changes {
		line := fmt.Sprintf("%s %-8s  %s%s  [%s]", c.sign(), c.Class, c.what(), c.Text, c.places())
		fmt.Fprintln(out, inOneLine(line))
	}
	fmt.Fprintf(out, "%s\n", countChanges(changes))
	return out.Flush()
}

// what is the server, and the names for it where those are others; nothing where there is none.
func (c Change) what() string {
	server, names := c.server(), someOf(c.Names)
	switch server {
	case "":
		return ""
	case names:
		return server + ": "
	}
	return server + " as " + names + ": "
}

// server is the server with its port, as httpbin.org:443; empty where there is none.
func (c Change) server() string {
	if c.Destination == "" {
		return ""
	}
	return net.JoinHostPort(c.Destination, strconv.Itoa(c.Port))
}

// sign is + for what is new, - for what is gone, ~ for what stays and changes.
func (c Change) sign() string {
	switch {
	case c.Before == Place{}:
		return "+"
	case c.After == Place{}:
		return "-"
	}
	return "~"
}

// places are both places, or the one where they are the same.
func (c Change) places() string {
	before, after := c.Before.String(), c.After.String()
	switch {
	case before == "" || before == after:
		return after
	case after == "":
		return before
	}
	return before + " -> " + after
}

const mostNamesOfChange = 3

// someOf writes names, and of many the first.
func someOf(names []string) string {
	if n := len(names); n > mostNamesOfChange {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNamesOfChange], ", "), n-mostNamesOfChange)
	}
	return strings.Join(names, ", ")
}

func countChanges(changes []Change) string {
	review := 0
	for _, c := range changes {
		if c.ToReview() {
			review++
		}
	}
	return fmt.Sprintf("%s, %d to review", words.Count(len(changes), "change"), review)
}

// writeChangesMarkdown prints a table under a heading, for comments on merge requests.
func writeChangesMarkdown(w io.Writer, changes []Change) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "### Egress: %s\n\n", countChanges(changes))
	fmt.Fprint(out, "| | server | called as | change | before | after |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, c := range changes {
		class := string(c.Class)
		if c.ToReview() {
			class = "**" + class + "**"
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %s |\n", class, code(c.server()), codes(c.Names),
			escaped(c.Text), escaped(c.Before.String()), escaped(c.After.String()))
	}
	return out.Flush()
}
