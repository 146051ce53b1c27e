package render

import (
	"errors"
	"maps"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/istio-egress/istio-egress/internal/fasttemplate"
)

// executedFile is what a file of the chart printed.
type executedFile struct {
	name      string
	text      string // of a NOTES.txt
	documents []Document
}

// executeAll executes all files. The first leaves in the root context what they have in common; where the engine can
// tell that the others only read, they are executed at the same time. Each has a root context of its own then, as that
// tells the file's name: so nobody may have kept the first one's.
func (f *fastPath) executeAll(engine templateEngine, root map[string]any) ([]executedFile, error) {
	files := make([]executedFile, len(f.files))
	for i, name := range f.files {
		if plain, ok := engine.(plainEngine); ok && plain.guard != nil && i == 1 && !plain.guard.Kept() {
			return files, f.executeReaders(root, files)
		}
		if err := f.executeFile(engine, root, name, &files[i]); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// executeReaders executes all files but the first, on all cores.
func (f *fastPath) executeReaders(root map[string]any, files []executedFile) error {
	engine := plainEngine{f.plain, fasttemplate.ReadOnly()}
	errs := make([]error, len(files))
	// Backwards, as the largest files of this chart come last in Helm's order.
	inParallel(len(files)-1, 1, func(i int) {
		i = len(files) - 1 - i
		errs[i] = f.executeFile(engine, maps.Clone(root), f.files[i], &files[i])
	})
	return errors.Join(errs...)
}

// executeFile executes a file and reads the heads of what it printed.
func (f *fastPath) executeFile(engine templateEngine, root map[string]any, name string, file *executedFile) error {
	file.name = name
	root["Template"] = helmValues{"Name": name, "BasePath": f.basePath}
	text, err := engine.execute(name, root)
	if err != nil {
		return err
	}
	if strings.HasSuffix(name, notesSuffix) {
		file.text = text
		return nil
	}
	file.documents, err = readDocuments(name, text)
	return err
}

// inParallel calls work for 0 to n-1, on all cores, in chunks of a size that pays. It panics with what work panics with.
func inParallel(n, chunk int, work func(int)) {
	var next atomic.Int64
	var panicked atomic.Value
	worker := func() {
		defer func() {
			if r := recover(); r != nil {
				panicked.Store(&r)
			}
		}()
		for {
			end := int(next.Add(int64(chunk)))
			for i := end - chunk; i < min(end, n); i++ {
				work(i)
			}
			if end >= n {
				return
			}
		}
	}
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+chunk-1)/chunk) - 1 {
		workers.Go(worker)
	}
	worker()
	workers.Wait()
	if r := panicked.Load(); r != nil {
		panic(*r.(*any))
	}
}
