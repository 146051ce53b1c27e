package render

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/fastyaml"
)

const separator = "---\n# Source: "

// Document is one rendered object as YAML.
type Document struct {
	// Template is the template that rendered the object, as in helm's "# Source:" lines:
	// istio-egress/templates/service.yaml.
	Template string
	// APIVersion, Kind, Namespace and Name are the object's; empty where the document does not set them.
	APIVersion, Kind, Namespace, Name string
	// Hook is true for objects with the annotation helm.sh/hook, which are not part of the release's manifest.
	Hook bool
	// Content is the document's YAML without separator and "# Source:" line.
	Content string
}

// newDocument reads the head of a document that Helm has decoded before.
func newDocument(template, content string, hook bool) Document {
	d := Document{Template: template, Content: content, Hook: hook}
	head, ok := fastyaml.ReadHead(content)
	if !ok {
		var object struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
			Metadata   struct {
				Name      string `json:"name"`
				Namespace string `json:"namespace"`
			} `json:"metadata"`
		}
		_ = yaml.Unmarshal([]byte(content), &object) // what cannot be read stays empty
		head = fastyaml.Head{
			APIVersion: object.APIVersion, Kind: object.Kind,
			Namespace: object.Metadata.Namespace, Name: object.Metadata.Name,
		}
	}
	d.APIVersion, d.Kind, d.Namespace, d.Name = head.APIVersion, head.Kind, head.Namespace, head.Name
	return d
}

// ID names the object for messages: Service default/my-httpbin.
func (d Document) ID() string {
	name := d.Name
	if d.Namespace != "" {
		name = d.Namespace + "/" + name
	}
	return strings.TrimSpace(d.Kind + " " + name)
}

// String returns the document as helm template prints it, with separator and "# Source:" line.
func (d Document) String() string {
	return separator + d.Template + "\n" + d.Content + "\n"
}

// Result is a rendered release.
type Result struct {
	documents []Document // manifests in install order, then hooks
	notes     string
}

// Documents returns the rendered objects in the order in which helm template prints them: the release's manifests in
// install order, then the hooks.
func (r *Result) Documents() []Document { return r.documents }

// Notes returns the rendered NOTES.txt.
func (r *Result) Notes() string { return r.notes }

// Manifest returns the bytes that helm template of Helm 3 prints.
func (r *Result) Manifest() []byte {
	var size int
	for _, d := range r.documents {
		size += len(separator) + len(d.Template) + len(d.Content) + 2
	}
	out := bytes.NewBuffer(make([]byte, 0, size+1))
	r.write(out)
	return out.Bytes()
}

// WriteTo writes what [Result.Manifest] returns, without building it in memory first.
func (r *Result) WriteTo(w io.Writer) (int64, error) {
	counted := &countingWriter{w: w}
	buffered := bufio.NewWriterSize(counted, 64<<10)
	r.write(buffered)
	err := buffered.Flush()
	return counted.n, err
}

type stringWriter interface{ WriteString(s string) (int, error) }

// write prints the documents. Helm trims the manifests before it appends the hooks: a release without manifests is an
// empty line, and a last document without content loses its line.
func (r *Result) write(w stringWriter) {
	manifests := slices.IndexFunc(r.documents, func(d Document) bool { return d.Hook })
	if manifests < 0 {
		manifests = len(r.documents)
	}
	if manifests == 0 {
		_, _ = w.WriteString("\n")
	}
	for i, d := range r.documents {
		_, _ = w.WriteString(separator)
		_, _ = w.WriteString(d.Template)
		content := d.Content
		if i == manifests-1 { // helm prints no space at the end of the manifests
			content = strings.TrimSpace(content)
		}
		if i != manifests-1 || content != "" {
			_, _ = w.WriteString("\n")
			_, _ = w.WriteString(content)
		}
		_, _ = w.WriteString("\n")
	}
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// ShowOnly returns the documents of some templates, as helm template --show-only does: a pattern is a path in the chart,
// such as templates/service.yaml, and may be a glob. A pattern that no document comes from is an error.
func (r *Result) ShowOnly(patterns ...string) ([]Document, error) {
	var shown []Document
	for _, pattern := range patterns {
		before := len(shown)
		for _, d := range r.documents {
			_, name, _ := strings.Cut(d.Template, "/")
			if matched, _ := filepath.Match(filepath.ToSlash(pattern), name); matched {
				shown = append(shown, d)
			}
		}
		if len(shown) == before {
			return nil, fmt.Errorf("could not find template %s in chart", pattern)
		}
	}
	return shown, nil
}
