package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// shown matches a block of the document: a command, and what it prints.
var shown = regexp.MustCompile("(?s)```console explain\n\\$ egress-explain ([^\n]*)\n(.*?)```")

// What the document shows is what the command prints.
func TestDocument(t *testing.T) {
	path, err := filepath.Abs("../../../docs/explain.md")
	if err != nil {
		t.Fatal(err)
	}
	document := read(t, path)
	t.Chdir("../../..")
	blocks := shown.FindAllStringSubmatch(document, -1)
	if len(blocks) < 3 {
		t.Fatalf("%d blocks", len(blocks))
	}
	updated := document
	for _, block := range blocks {
		got := answer(t, strings.Fields(block[1])...)
		if got != block[2] {
			updated = strings.Replace(updated, block[0], "```console explain\n$ egress-explain "+block[1]+"\n"+got+"```", 1)
			t.Logf("egress-explain %s prints\n%s", block[1], got)
		}
	}
	if updated == document {
		return
	}
	if flag.Lookup("update").Value.String() != "true" {
		t.Fatal("docs/explain.md shows something else (accept with -update)")
	}
	if err := os.WriteFile(path, []byte(updated), 0o600); err != nil {
		t.Fatal(err)
	}
}
