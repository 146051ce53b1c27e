// Package output prints traces of calls, and what became of expectations: one format per file.
package output
