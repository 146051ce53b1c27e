package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/internal/inputfile"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/position"
)

// collectionLine is a line of a values file that only this chart's values have.
var collectionLine = regexp.MustCompile(`(?m)^[ \t{,"']*(externalNameServices|endpointServices|externalHosts)["']?[ \t]*:`)

// valuesFiles replaces each folder by the values files below it; others stay. A folder without one is an error.
func valuesFiles(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if inputfile.IsStdin(path) || err != nil || !info.IsDir() {
			files = append(files, path)
			continue
		}
		below, err := inputfile.Tree([]string{path}, ".yaml", ".yml")
		if err != nil {
			return nil, err
		}
		values, err := keepValues(below)
		if err != nil {
			return nil, err
		}
		if len(values) == 0 {
			return nil, fmt.Errorf("%s: no file in it has externalNameServices, endpointServices or externalHosts; Kubernetes objects are linted by --manifests %s", path, path)
		}
		files = append(files, values...)
	}
	return files, nil
}

// keepValues leaves out files that are no values of this chart, such as manifests and other charts' values.
func keepValues(files []string) ([]string, error) {
	var values []string
	for _, file := range files {
		data, err := inputfile.Read(file, nil, position.MaxBytes)
		if err != nil {
			return nil, err
		}
		if collectionLine.Match(data) {
			values = append(values, file)
		}
	}
	return values, nil
}

// releasePattern names the files of releases: egress/*/{namespace}/values.yaml. Between slashes, * stands for anything, ** for
// any number of folders, and {namespace} and {release} for the names of the release.
type releasePattern struct {
	text    string
	pattern *regexp.Regexp
}

var patternPart = regexp.MustCompile(`\*\*/|\*|\{[^}]*\}|[^*{]+`)

func parseReleasePattern(text string) (releasePattern, error) {
	var expression strings.Builder
	taken := map[string]bool{}
	for _, part := range patternPart.FindAllString(filepath.ToSlash(filepath.Clean(text)), -1) {
		switch {
		case part == "**/":
			expression.WriteString(`(?:.*/)?`)
		case part == "*":
			expression.WriteString(`[^/]*`)
		case part == "{namespace}" || part == "{release}":
			if taken[part] {
				return releasePattern{}, fmt.Errorf("--release-pattern %s: %s stands there twice", text, part)
			}
			taken[part] = true
			fmt.Fprintf(&expression, `(?P<%s>[^/]+)`, strings.Trim(part, "{}"))
		case strings.HasPrefix(part, "{"):
			return releasePattern{}, fmt.Errorf("--release-pattern %s: %s is not known: write {namespace}, {release}, * or **", text, part)
		default:
			expression.WriteString(regexp.QuoteMeta(part))
		}
	}
	pattern, err := regexp.Compile("^" + expression.String() + "$")
	return releasePattern{text, pattern}, err
}

// root is the folder to search: what stands before the first part that is not fixed.
func (p releasePattern) root() string {
	fixed := filepath.ToSlash(filepath.Clean(p.text))
	if i := strings.IndexAny(fixed, "*{"); i >= 0 {
		fixed = fixed[:i]
	}
	if i := strings.LastIndex(fixed, "/"); i > 0 {
		return fixed[:i]
	} else if i == 0 {
		return "/"
	}
	return "."
}

// find returns the releases of the files that match: of one file each or, where the pattern has {release}, of all files with
// the same names, of which later ones win.
func (p releasePattern) find(common lint.Release) ([]lint.Release, error) {
	files, err := inputfile.Tree([]string{p.root()}, ".yaml", ".yml")
	if err != nil {
		return nil, fmt.Errorf("--release-pattern %s: %w", p.text, err)
	}
	var releases []lint.Release
	index := map[string]int{}
	for _, file := range files {
		names := p.pattern.FindStringSubmatch(filepath.ToSlash(filepath.Clean(file)))
		if names == nil {
			continue
		}
		release := p.release(common, file, names)
		if i, known := index[release.Label]; known {
			releases[i].Values.Files = append(releases[i].Values.Files, file)
			continue
		}
		index[release.Label] = len(releases)
		release.Values.Files = append(slices.Clone(common.Values.Files), file)
		releases = append(releases, release)
	}
	if len(releases) == 0 {
		return nil, fmt.Errorf("--release-pattern %s: no file matches; it is held against the paths of files below %s", p.text, p.root())
	}
	return releases, nil
}

func (p releasePattern) release(common lint.Release, file string, names []string) lint.Release {
	release := common
	release.Label = file
	if i := p.pattern.SubexpIndex("namespace"); i >= 0 {
		release.Namespace = names[i]
	}
	if i := p.pattern.SubexpIndex("release"); i >= 0 {
		release.ReleaseName = names[i]
		release.Label = release.WithDefaults().Namespace + "/" + names[i]
	}
	return release
}

// belowKeys has each release once for each key.
func belowKeys(releases []lint.Release, keys []string) ([]lint.Release, error) {
	if len(keys) == 0 {
		return releases, nil
	}
	var all []lint.Release
	for _, text := range keys {
		key, err := position.ParsePath(text)
		if err != nil || len(key) == 0 {
			return nil, fmt.Errorf("--key %s: write the name of the dependency, such as payments, or a path, such as spec.values", text)
		}
		for _, release := range releases {
			release.Key = key
			if release.Label == "" && len(keys) > 1 {
				release.Label = text
			} else if len(keys) > 1 {
				release.Label += ":" + text
			}
			all = append(all, release)
		}
	}
	return all, nil
}
