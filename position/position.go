// Package position finds the place in the user's files of a path in the merged values: files lie over each other as
// Helm merges them, and --set flags over the files.
package position

import "fmt"

// Position is a place in a file, or a flag of the command line. Line and Column count from 1; Column counts
// characters, as editors do. The zero Position is unknown.
type Position struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Flag   string `json:"flag,omitempty"` // such as "--set a.b=c"; File is then empty
}

// String returns file:line:column, or the flag.
func (p Position) String() string {
	switch {
	case p.Flag != "":
		return p.Flag
	case p.Line == 0:
		return p.File
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
}

// Compare orders by file, line and column; flags come after files.
func (p Position) Compare(other Position) int {
	for _, order := range []int{
		compare(p.Flag, other.Flag), compare(p.File, other.File), compare(p.Line, other.Line), compare(p.Column, other.Column),
	} {
		if order != 0 {
			return order
		}
	}
	return 0
}

func compare[T int | string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}
