package render

import (
	"fmt"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// unquoted has the parts of the sentence about a word or number that lacks the quotes of a string.
type unquoted struct {
	want, is string
	also     string // how else the value may be written
	word     bool   // any string will do, so quotes are the repair; else it is one of an enumeration's words
	write    string
}

// withoutQuotes is true where a string belongs and YAML read something else, such as false for n, no, off and OFF.
func withoutQuotes(k *kind.Type, value any) bool {
	switch value.(type) {
	case nil, string, []any, map[string]any:
		return false
	}
	return slices.Contains(k.Want, "string")
}

func (e explainer) unquoted(schema map[string]any, k *kind.Type, value any) *unquoted {
	u := &unquoted{want: typeNames(k.Want), is: describe(value), word: true, write: e.whatToWrite(schema)}
	if yes, ok := value.(bool); ok {
		u.also = map[bool]string{false: " (as n, no and off without quotes are)", true: " (as y, yes and on without quotes are)"}[yes]
	}
	if words, ok := e.doc.resolve(schema)["enum"].([]any); ok {
		u.want, u.word = alternatives(words), false
	}
	return u
}

// message is the sentence without the text of the file, which the values do not have.
func (u *unquoted) message() string {
	repair := ""
	if u.word {
		repair = ", so write it in quotes, or set it by --set-string"
	}
	return fmt.Sprintf("must be %s, not %s%s%s%s", u.want, u.is, u.also, repair, u.write)
}

func (u *unquoted) messageFor(text string) string {
	repair := ""
	if u.word {
		repair = fmt.Sprintf(", so write %q", text)
	}
	return fmt.Sprintf("must be %s, and %s without quotes is %s%s%s", u.want, text, u.is, repair, u.write)
}

// MessageFor returns the message for a value whose text in the values file is known: YAML makes false of n, which is not
// to be found in the file. For other findings it is the [Finding.Message].
func (f Finding) MessageFor(text string) string {
	if f.unquoted == nil || text == "" {
		return f.Message
	}
	return f.unquoted.messageFor(text)
}
