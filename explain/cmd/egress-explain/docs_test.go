package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint/manifests"
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

var (
	// objectsOfMigration matches the objects that docs/migrate.md imports.
	objectsOfMigration = regexp.MustCompile("(?s)```yaml manifest file=objects.yaml\n(.*?)```")
	// checkOfMigration matches the commands of its last step, with what they print.
	checkOfMigration = regexp.MustCompile("(?s)```console explain\n(.*?)```")
)

// The last step of a migration is run as docs/migrate.md shows it, on what import makes of the document's objects.
func TestMigration(t *testing.T) {
	document := read(t, "../../../docs/migrate.md")
	t.Chdir(t.TempDir())
	keep(t, "objects.yaml", objectsOfMigration.FindStringSubmatch(document)[1])
	keep(t, "imported.yaml", imported(t, "objects.yaml"))

	commands := strings.Split(checkOfMigration.FindStringSubmatch(document)[1], "$ egress-explain ")[1:]
	if len(commands) != 3 {
		t.Fatalf("%d commands", len(commands))
	}
	for _, command := range commands {
		line, want, _ := strings.Cut(command, "\n")
		line, file, _ := strings.Cut(line, " | tee ")
		got := answer(t, strings.Fields(line)...)
		if got != want {
			t.Errorf("egress-explain %s prints\n%s", line, got)
		}
		if file != "" {
			keep(t, file, got)
		}
	}

	// Objects that do something else are told by the same step.
	keep(t, "objects.yaml", strings.Replace(read(t, "objects.yaml"), "mode: SIMPLE", "mode: DISABLE", 1))
	status, stdout, _ := execute(t, "", "--with", "objects.yaml", "--check", "calls.yaml")
	if status != exitUnlike {
		t.Errorf("plaintext objects: status %d: %s", status, stdout)
	}
}

// imported returns the values of objects, as render import prints them.
func imported(t *testing.T, path string) string {
	t.Helper()
	result, err := manifests.Import([]string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var values strings.Builder
	if err := result.WriteValues(&values); err != nil {
		t.Fatal(err)
	}
	return values.String()
}

// keep writes a file of the current folder.
func keep(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
