package outputdir

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Owner is a release of a chart.
type Owner struct {
	Chart, Namespace, Release string
}

func (o Owner) String() string {
	return fmt.Sprintf("release %s of %s in namespace %s", o.Release, o.Chart, o.Namespace)
}

// file is the name of the owner's record. Neither a namespace nor the name of a release has an underscore.
func (o Owner) file() string { return path.Join(recordsDir, o.Namespace+"_"+o.Release+"_"+o.Chart) }

// readOwner reads the name of a record; false for other files.
func readOwner(name string) (Owner, bool) {
	parts := strings.SplitN(name, "_", 3)
	if len(parts) != 3 || slices.Contains(parts, "") {
		return Owner{}, false
	}
	return Owner{Namespace: parts[0], Release: parts[1], Chart: parts[2]}, true
}

// record has the names of an owner's files, in order.
type record struct {
	owner Owner
	files []string
}

const recordHead = "# Files of %s, by render --output-dir. The next one replaces them.\n"

// text is what the record's file holds.
func (r record) text() string {
	return fmt.Sprintf(recordHead, r.owner) + strings.Join(r.files, "\n") + "\n"
}

// readRecords reads the records of the owner and of all others.
func (f *folder) readRecords() error {
	f.own.owner = f.owner
	entries, err := fs.ReadDir(f.root.FS(), recordsDir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		owner, ok := readOwner(entry.Name())
		if !ok || !entry.Type().IsRegular() {
			continue
		}
		files, err := f.readRecord(owner)
		if err != nil {
			return err
		}
		if owner == f.owner {
			f.own.files = files
		} else {
			f.others = append(f.others, record{owner, files})
		}
	}
	return nil
}

// readRecord returns the names of files in a record. Names that lead elsewhere are none of render's.
func (f *folder) readRecord(owner Owner) ([]string, error) {
	data, err := f.root.ReadFile(owner.file())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var files []string
	for line := range strings.Lines(string(data)) {
		name := strings.TrimSpace(line)
		if name != "" && name[0] != '#' && filepath.IsLocal(name) && !strings.HasPrefix(name, recordsDir+"/") {
			files = append(files, name)
		}
	}
	return files, nil
}

// withFiles is the record with other files beside its own.
func (r record) withFiles(files []File) record {
	both := slices.Clone(r.files)
	for _, file := range files {
		both = append(both, file.Name)
	}
	slices.Sort(both)
	return record{r.owner, slices.Compact(both)}
}
