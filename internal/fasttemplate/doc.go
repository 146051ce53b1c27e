// Package fasttemplate executes templates of text/template over plain data, maps and lists of any, several times faster
// than text/template does: the parsed templates are compiled to Go functions once, and what text/template does by
// reflection is done by type.
//
// It knows no errors of templates. Whatever is not plain, or would be an error, is answered with [ErrNotPlain], and the
// caller executes the templates with text/template, whose output or error counts. For all else the output is the one of
// text/template with the option missingkey=zero.
package fasttemplate
