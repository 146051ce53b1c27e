// Package markdown reads the code blocks of the documents. The word after the
// fence says how the tests treat a block, the words after it refine that:
//
//	console            commands, one per line, run at the root of the repository
//	console            with "$ " before each command: what follows is compared with what it prints, "..." stands for any lines
//	console exit=1     the commands end with this status
//	console released   commands that need a published release: only their flags are checked
//	yaml               values, rendered by the chart
//	yaml manifest      objects, decoded strictly
//	yaml settings      what other tools read: well-formed YAML without repeated keys
//	yaml prometheus    rules, parsed as Prometheus does
//	sh                 a script: its grammar, and a test of its own runs it where that is possible
//	go                 statements that compile where the package render is imported
//	mermaid            a diagram, parsed by ci/check-diagrams
//
// "file=NAME" also writes the block to a file for the commands after it.
package markdown

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Block is a fenced block of a document.
type Block struct {
	// Place is the document and the line of the fence, for messages.
	Place string
	// Language is the first word after the fence, Attributes are the others.
	Language   string
	Attributes map[string]string
	Text       string
}

// Is tells whether the block has the attribute.
func (b Block) Is(attribute string) bool {
	_, ok := b.Attributes[attribute]
	return ok
}

// Read returns the fenced blocks of a Markdown file.
func Read(path string) ([]Block, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var blocks []Block
	var open *Block
	number := 0
	for line := range strings.Lines(string(content)) {
		number++
		fence, info, isFence := strings.Cut(strings.TrimRight(line, "\n"), "```")
		switch {
		case isFence && strings.TrimSpace(fence) != "":
			return nil, fmt.Errorf("%s:%d: text before a fence", path, number)
		case isFence && open == nil:
			open = newBlock(fmt.Sprintf("%s:%d", filepath.Base(path), number), info)
		case isFence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.Text += line
		}
	}
	if open != nil {
		return nil, fmt.Errorf("%s: the block has no end", open.Place)
	}
	return blocks, nil
}

func newBlock(place, info string) *Block {
	words := strings.Fields(info)
	b := &Block{Place: place, Attributes: map[string]string{}}
	if len(words) == 0 {
		return b
	}
	b.Language = words[0]
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		b.Attributes[name] = value
	}
	return b
}

// Command is a command of a console block, and what the document shows of its output.
type Command struct {
	Line   string
	Output string
	// Shown is true where the document shows output.
	Shown bool
}

// Commands returns the commands of a console block.
func (b Block) Commands() []Command {
	shown := strings.HasPrefix(b.Text, "$ ")
	var commands []Command
	for line := range strings.Lines(b.Text) {
		text, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case isCommand || !shown:
			if text, _, _ = strings.Cut(text, " # "); strings.TrimSpace(text) != "" {
				commands = append(commands, Command{Line: strings.TrimSpace(text), Shown: shown})
			}
		default:
			commands[len(commands)-1].Output += line
		}
	}
	return commands
}

// Matches tells whether what was printed is what is shown: "..." on a line
// stands for any number of lines.
func Matches(shown, printed string) bool {
	for i, part := range strings.Split(shown, "...\n") {
		at := strings.Index(printed, part)
		if at < 0 || i == 0 && at > 0 {
			return false
		}
		printed = printed[at+len(part):]
	}
	return printed == "" || strings.HasSuffix(shown, "...\n")
}
