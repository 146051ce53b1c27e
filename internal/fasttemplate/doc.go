// Package fasttemplate executes the templates of the embedded chart several times faster than text/template does: they are
// compiled to Go functions once, and what text/template does by reflection is done by type.
//
// It knows the part of text/template that the chart uses, over the types that values are decoded to. A template beyond it
// does not compile. Data beyond it, and all that would be an error, is answered with [ErrUnsupported], and the caller has
// text/template execute the templates, whose output or error counts. For all else the output is that of text/template with
// the option missingkey=zero.
package fasttemplate
