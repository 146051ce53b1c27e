package fastyaml

import "strings"

// Head is what names a Kubernetes object.
type Head struct {
	APIVersion, Kind, Namespace, Name string
}

// ReadHead reads the head of an object whose document helm would decode without complaint: a map with a text for
// apiVersion, kind and metadata.name, and metadata.annotations a map of scalars, each of them optional.
func ReadHead(src string) (head Head, ok bool) {
	var r headReader
	if !parse(src, &r) || r.refused {
		return Head{}, false
	}
	return r.head, true
}

// headReader is a sink that keeps the head alone.
type headReader struct {
	head    Head
	depth   int       // open collections
	path    [3]string // the keys that lead here, down to metadata.annotations.<key>
	seen    [numFields]bool
	refused bool // the document is not as ReadHead wants it
}

// The fields that helm decodes, and the namespace.
const (
	fieldAPIVersion = iota
	fieldKind
	fieldMetadata
	fieldName
	fieldAnnotations
	fieldNamespace
	numFields
)

var (
	rootFields     = map[string]int{"apiversion": fieldAPIVersion, "kind": fieldKind, "metadata": fieldMetadata}
	metadataFields = map[string]int{"name": fieldName, "annotations": fieldAnnotations, "namespace": fieldNamespace}
	fieldNames     = [numFields]string{"apiVersion", "kind", "metadata", "name", "annotations", "namespace"}
)

func (r *headReader) key(key string) {
	if r.depth <= len(r.path) {
		r.path[r.depth-1] = key
	}
	switch {
	case r.depth == 1:
		r.see(rootFields, key)
	case r.depth == 2 && r.path[0] == "metadata":
		r.see(metadataFields, key)
	}
}

// see notes a field. Go's JSON decoder ignores the case of names, and the last of two wins: both are refused.
func (r *headReader) see(fields map[string]int, key string) {
	if len(key) > len("annotations") {
		return
	}
	field, known := fields[strings.ToLower(key)]
	if !known {
		return
	}
	r.refused = r.refused || r.seen[field] || key != fieldNames[field]
	r.seen[field] = true
}

func (r *headReader) beginMap() {
	if r.inside("metadata") || r.inside("metadata", "annotations") || r.depth == 0 {
		r.depth++
		return
	}
	r.beginOther()
}

func (r *headReader) beginList() {
	r.refused = r.refused || r.depth == 0 || r.inside("metadata") || r.inside("metadata", "annotations")
	r.beginOther()
}

// beginOther refuses collections where scalars belong.
func (r *headReader) beginOther() {
	r.refused = r.refused || r.inside("apiVersion") || r.inside("kind") || r.inside("metadata", "name") ||
		r.depth == 3 && r.path[0] == "metadata" && r.path[1] == "annotations"
	r.depth++
}

func (r *headReader) endMap()  { r.depth-- }
func (r *headReader) endList() { r.depth-- }

func (r *headReader) scalar(s scalar) {
	switch {
	case r.inside("apiVersion"):
		r.take(&r.head.APIVersion, s)
	case r.inside("kind"):
		r.take(&r.head.Kind, s)
	case r.inside("metadata", "name"):
		r.take(&r.head.Name, s)
	case r.inside("metadata", "namespace"):
		r.take(&r.head.Namespace, s)
	case r.inside("metadata"), r.inside("metadata", "annotations"):
		r.refused = r.refused || s.kind != null
	}
}

func (r *headReader) take(field *string, s scalar) {
	r.refused = r.refused || s.kind != text
	*field = s.text
}

// inside is true when the next value is that of the path.
func (r *headReader) inside(path ...string) bool {
	if r.depth != len(path) {
		return false
	}
	for i, key := range path {
		if r.path[i] != key {
			return false
		}
	}
	return true
}
