package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // of the page
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/words"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

// page is one file, without scripts and without anything from elsewhere: its policy lets a browser load nothing, and apply
// this style alone.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"accepted":     Row.accepted,
		"verification": func(r Row) bool { return len(r.Verifies) > 0 || r.accepted() != "" },
		"add":          func(a, b int) int { return a + b },
		"breakable":    breakable,
		"allowed":      func(r Row) string { return strings.Join(r.callers(), ", ") },
		"count":        words.Count,
		"from":         Row.from,
		"how":          egress.Grade.Words,
		"join":         func(texts []string) string { return strings.Join(texts, ", ") },
		"meaning":      gradeMeaning,
		"others":       Row.otherAddresses,
		"otherSNI":     Row.otherSNI,
		"word":         gradeWord,
		"workloads":    Row.workloads,
	}).Parse(pageText))
})

// breakable escapes a path, and lets lines break behind the signs that part its names.
func breakable(path string) template.HTML {
	const breaks = "<wbr>"
	text := template.HTMLEscapeString(path)
	for _, sign := range []string{"/", "."} {
		text = strings.ReplaceAll(text, sign, sign+breaks)
	}
	return template.HTML(text) //nolint:gosec // escaped
}

type pageData struct {
	Title, Scope, Version string
	Style                 template.CSS
	StyleHash             string
	Sources, Unsaid       []string
	Rows                  []Row
	Tiles                 []tile
	Folded                string // says so
	Picture               picture
	Links                 []pageLink
	Sections              []section
}

// tile counts the rows of a grade.
type tile struct {
	Grade egress.Grade
	Count int
}

// section is the rows of a grade.
type section struct {
	Grade egress.Grade
	Rows  []Row
}

// pageLink is a link for screens that are too narrow for the picture.
type pageLink struct {
	From, Name, NameNote, Server, ServerNote, Label string
	Grade                                           egress.Grade
}

func writeHTML(w io.Writer, rows []Row, o Options) error {
	hash := sha256.Sum256([]byte(pageStyle))
	links := linksOf(rows)
	data := pageData{
		Title: inOneLine(o.title()), Scope: scope, Version: o.Version, Sources: o.Sources, Unsaid: o.Unsaid, Rows: rows,
		Style: template.CSS(pageStyle), StyleHash: "sha256-" + base64.StdEncoding.EncodeToString(hash[:]), //nolint:gosec // it is this package's own
		Picture: draw(links), Links: pageLinks(links),
	}
	count := counts(rows)
	for _, grade := range egress.Grades() {
		data.Tiles = append(data.Tiles, tile{grade, count[grade]})
		if count[grade] > 0 {
			ofGrade := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Grade != grade })
			data.Sections = append(data.Sections, section{grade, ofGrade})
		}
	}
	if names := countNames(rows); names > mostNames {
		data.Folded = fmt.Sprintf("%s are more than a picture can show: they are counted by namespace and grade, the worst first.", words.Count(names, "name"))
	}
	out := bufio.NewWriter(w)
	if err := page().Execute(out, data); err != nil {
		return err
	}
	return out.Flush()
}

func countNames(rows []Row) int {
	names := map[string]bool{}
	for _, row := range rows {
		for _, name := range row.Names {
			names[name] = true
		}
	}
	return len(names)
}

func pageLinks(links []link) []pageLink {
	all := make([]pageLink, len(links))
	for i, l := range links {
		callers := make([]string, len(l.callers))
		for j, namespace := range l.callers {
			callers[j] = callerText(namespace)
		}
		all[i] = pageLink{
			From: strings.Join(callers, ", "), Name: l.name, NameNote: l.nameNote, Server: l.server, ServerNote: l.serverNote,
			Label: l.label, Grade: l.grade,
		}
	}
	return all
}
