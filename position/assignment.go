package position

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// Assignment is one path that a flag sets, such as "--set externalNameServices[0].name=api".
type Assignment struct {
	Path Path
	Text string // the flag with what it sets, for people
}

func (a Assignment) place(exists bool) Place {
	at := Position{Flag: a.Text}
	return Place{Key: at, Value: at, Exists: exists}
}

const maxText = 80 // characters of a flag that a finding repeats

// Assignments reads the paths of a --set, --set-string, --set-file or --set-json flag. It is as lenient as it can be:
// Helm itself refuses what is malformed.
func Assignments(flag, argument string) []Assignment {
	if flag == "--set-json" && strings.HasPrefix(strings.TrimSpace(argument), "{") {
		return jsonObject(flag, argument)
	}
	var found []Assignment
	rest := argument
	for rest != "" {
		path, value := setKey(rest)
		size := len(rest) - len(value) + valueLength(flag, value)
		found = append(found, Assignment{Path: path, Text: shorten(flag + " " + rest[:size])})
		rest = strings.TrimPrefix(rest[size:], ",")
	}
	return found
}

func jsonObject(flag, argument string) []Assignment {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(argument), &object) != nil {
		return nil
	}
	var found []Assignment
	for key := range object {
		found = append(found, Assignment{Path: Path{Key(key)}, Text: shorten(flag + " " + argument)})
	}
	return found
}

// setKey reads the path up to "=": a.b[0].c\.d
func setKey(text string) (Path, string) {
	var path Path
	var key strings.Builder
	named := false
	end := func() {
		if key.Len() > 0 || named {
			path = append(path, Key(key.String()))
		}
		key.Reset()
		named = false
	}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			if i++; i < len(text) {
				key.WriteByte(text[i])
				named = true
			}
		case '.':
			end()
		case '[':
			end()
			number, _, _ := strings.Cut(text[i+1:], "]")
			index, err := strconv.Atoi(number)
			if err != nil || index < 0 {
				return path, ""
			}
			path = append(path, Index(index))
			i += len(number) + 1
		case '=':
			end()
			return path, text[i+1:]
		case ',': // a key without a value
			end()
			return path, text[i:]
		default:
			key.WriteByte(text[i])
			named = true
		}
	}
	end()
	return path, ""
}

// valueLength counts the bytes of the value up to the comma that ends it.
func valueLength(flag, text string) int {
	if flag == "--set-json" {
		decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return len(text)
		}
		return int(decoder.InputOffset())
	}
	braces := strings.HasPrefix(text, "{")
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == '}':
			braces = false
		case text[i] == ',' && !braces:
			return i
		}
	}
	return len(text)
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > maxText {
		return string(runes[:maxText-1]) + "…"
	}
	return text
}
