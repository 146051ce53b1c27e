package inputfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Tree returns the names of files: those of the paths themselves, and for a directory those of all files below it that
// have one of the extensions, in the order of their names. Hidden directories are left out; one without such a file is an error.
func Tree(paths []string, extensions ...string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if IsStdin(path) || err != nil || !info.IsDir() { // reading it says what is wrong
			files = append(files, path)
			continue
		}
		below, err := filesBelow(path, extensions)
		if err != nil {
			return nil, err
		}
		files = append(files, below...)
	}
	return files, nil
}

func filesBelow(directory string, extensions []string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(directory, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != directory && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case !entry.IsDir() && slices.Contains(extensions, filepath.Ext(name)):
			files = append(files, name)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		last := len(extensions) - 1
		err = fmt.Errorf("%s: no %s or %s file in it", directory, strings.Join(extensions[:last], ", "), extensions[last])
	}
	return files, err
}
