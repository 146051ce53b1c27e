package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// report is what govulncheck found in the module of a folder.
type report struct {
	folder string
	level  string
	found  []vulnerability
	// other counts those that are in required modules and do not reach the module's code.
	other int
}

// vulnerability is an entry of the database, with the modules that have it.
type vulnerability struct {
	id, summary string
	in          []string
}

func (v vulnerability) String() string {
	return fmt.Sprintf("%s in %s: %s", v.id, strings.Join(v.in, ", "), v.summary)
}

func (r report) count() string {
	reached := map[string]string{symbols: "code that is called", packages: "packages that are imported"}[r.level]
	return fmt.Sprintf("vulnerabilities in %s: %d; elsewhere in what it requires: %d", reached, len(r.found), r.other)
}

// The scan levels of govulncheck that say more than which modules are required.
const (
	symbols  = "symbol"
	packages = "package"
)

// message is one of the values that govulncheck writes.
type message struct {
	Config *struct {
		Level string `json:"scan_level"`
	} `json:"config"`
	OSV *struct {
		ID      string `json:"id"`
		Summary string `json:"summary"`
	} `json:"osv"`
	Finding *struct {
		OSV   string  `json:"osv"`
		Trace []frame `json:"trace"`
	} `json:"finding"`
}

// frame is where a vulnerability is; a finding has one that names less for each level that is not reached.
type frame struct {
	Module   string `json:"module"`
	Version  string `json:"version"`
	Package  string `json:"package"`
	Function string `json:"function"`
}

func (f frame) reached(level string) bool {
	if level == packages {
		return f.Package != ""
	}
	return f.Function != ""
}

// readReports reads the files govulncheck.json; the folder of each is that of a module.
func readReports(reports fs.FS) ([]report, error) {
	var modules []report
	err := fs.WalkDir(reports, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() != "govulncheck.json" {
			return err
		}
		file, err := reports.Open(name)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		module, err := readReport(file)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		module.folder = path.Dir(name)
		modules = append(modules, module)
		return nil
	})
	if err == nil && len(modules) == 0 {
		err = errors.New("no module has a file govulncheck.json")
	}
	slices.SortFunc(modules, func(a, b report) int { return strings.Compare(a.folder, b.folder) })
	return modules, err
}

// readReport reads the output of govulncheck for one module. A scan of symbols finds a vulnerability when its code is called,
// a scan of packages already when they are imported.
func readReport(in io.Reader) (report, error) {
	var module report
	summaries := map[string]string{}
	places := map[string][]string{} // none for a vulnerability that is not reached
	for decoder := json.NewDecoder(in); ; {
		var m message
		err := decoder.Decode(&m)
		switch {
		case errors.Is(err, io.EOF):
			return module.with(summaries, places)
		case err != nil:
			return report{}, fmt.Errorf("read what govulncheck wrote: %w", err)
		case m.Config != nil:
			module.level = m.Config.Level
		case m.OSV != nil:
			summaries[m.OSV.ID] = m.OSV.Summary
		case m.Finding != nil && len(m.Finding.Trace) > 0:
			id, at := m.Finding.OSV, m.Finding.Trace[0]
			in := places[id]
			if at.reached(module.level) {
				in = append(in, at.Module+"@"+at.Version)
			}
			places[id] = in
		}
	}
}

// with completes a report, once all of it is read.
func (r report) with(summaries map[string]string, places map[string][]string) (report, error) {
	switch r.level {
	case symbols, packages:
	case "":
		return report{}, errors.New("govulncheck wrote nothing: is the vulnerability database in reach?")
	default:
		return report{}, fmt.Errorf("a scan of level %q tells too little: scan %ss or %ss", r.level, packages, symbols)
	}
	for _, id := range slices.Sorted(maps.Keys(places)) {
		in := places[id]
		if len(in) == 0 {
			r.other++
			continue
		}
		slices.Sort(in)
		r.found = append(r.found, vulnerability{id: id, summary: summaries[id], in: slices.Compact(in)})
	}
	return r, nil
}
