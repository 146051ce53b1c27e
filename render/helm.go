package render

// All that this module asks of the Helm SDK is in this file, and all that differs between Helm's release lines, so that
// another one is a change of this file alone. Of the SDK only the parts that helm template works with are used; pkg/action
// and pkg/cli would double what an importing program has to build.

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/ignore"
	"helm.sh/helm/v3/pkg/releaseutil"
	"helm.sh/helm/v3/pkg/strvals"
)

// HelmVersion is the Helm release that this package renders as.
const HelmVersion = "v3.22.0"

// helmKubeVersion is what that release's helm template takes as the cluster's version. Both are set when the helm
// command is linked, so the SDK does not know them.
const helmKubeVersion = "v1.37.0"

// chartFile is one file of a chart, named relative to Chart.yaml.
type chartFile = loader.BufferedFile

// helmChart is a chart as Helm loads it.
type helmChart struct {
	files []*chartFile
	chart *helmchart.Chart
}

// readChartPath loads a directory or an archive, as helm does, symbolic links and .helmignore included.
func readChartPath(path string) ([]*chartFile, error) {
	loaded, err := loader.Load(path)
	if err != nil {
		return nil, err
	}
	files := make([]*chartFile, 0, len(loaded.Raw))
	for _, f := range loaded.Raw {
		files = append(files, &chartFile{Name: f.Name, Data: f.Data})
	}
	return files, nil
}

func readChartFS(fsys fs.FS) ([]*chartFile, error) {
	rules, err := ignoreRules(fsys)
	if err != nil {
		return nil, err
	}
	var files []*chartFile
	err = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		ignored := rules.Ignore(name, info)
		switch {
		case ignored && entry.IsDir():
			return fs.SkipDir
		case ignored, entry.IsDir():
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		files = append(files, &chartFile{Name: name, Data: bytes.TrimPrefix(data, []byte("\ufeff"))})
		return nil
	})
	return files, err
}

func ignoreRules(fsys fs.FS) (*ignore.Rules, error) {
	rules := ignore.Empty()
	file, err := fsys.Open(ignore.HelmIgnore)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		defer func() { _ = file.Close() }() // was read
		if rules, err = ignore.Parse(file); err != nil {
			return nil, fmt.Errorf("%s: %w", ignore.HelmIgnore, err)
		}
	}
	rules.AddDefaults()
	return rules, nil
}

func loadHelmChart(files []*chartFile) (helmChart, error) {
	loaded, err := loader.LoadFiles(files)
	if err != nil {
		return helmChart{}, err
	}
	if t := loaded.Metadata.Type; t != "" && t != "application" {
		return helmChart{}, fmt.Errorf("%s charts are not installable", t)
	}
	if err := checkDependencies(loaded); err != nil {
		return helmChart{}, err
	}
	return helmChart{files: files, chart: loaded}, nil
}

// checkDependencies refuses a chart whose dependencies are listed but not there, as helm does before it renders.
func checkDependencies(c *helmchart.Chart) error {
	present := map[string]bool{}
	for _, d := range c.Dependencies() {
		present[d.Name()] = true
	}
	var missing []string
	for _, d := range c.Metadata.Dependencies {
		if !present[d.Name] {
			missing = append(missing, d.Name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("found in Chart.yaml, but missing in charts/ directory: %s", strings.Join(missing, ", "))
	}
	return nil
}

func (h helmChart) name() string    { return h.chart.Name() }
func (h helmChart) version() string { return h.chart.Metadata.Version }
func (h helmChart) schema() []byte  { return h.chart.Schema }

// defaults returns the chart's values.yaml, which must not be changed.
func (h helmChart) defaults() map[string]any { return h.chart.Values }

// hasDependencies is true for a chart with subcharts. Which of them take part is decided by the values, in the chart
// itself, so such a chart is loaded anew for every render.
func (h helmChart) hasDependencies() bool {
	return len(h.chart.Dependencies()) > 0 || len(h.chart.Metadata.Dependencies) > 0
}

// own returns a chart that a render may change. Templates can change no more of one without subcharts than its lists,
// by sorting them.
func (h helmChart) own() (*helmchart.Chart, error) {
	if !h.hasDependencies() {
		chart, metadata := *h.chart, *h.chart.Metadata
		metadata.Keywords, metadata.Sources = slices.Clone(metadata.Keywords), slices.Clone(metadata.Sources)
		chart.Metadata = &metadata
		return &chart, nil
	}
	return loader.LoadFiles(h.files)
}

// helmRelease is what a chart is rendered for, in Helm's terms.
type helmRelease struct {
	options      chartutil.ReleaseOptions
	capabilities *chartutil.Capabilities
	skipSchema   bool
}

func newHelmRelease(o Options) (helmRelease, error) {
	o = o.WithDefaults()
	if err := o.check(); err != nil {
		return helmRelease{}, err
	}
	capabilities := chartutil.DefaultCapabilities.Copy()
	version := o.KubeVersion
	if version == "" {
		version = helmKubeVersion
	}
	parsed, err := chartutil.ParseKubeVersion(version)
	if err != nil {
		return helmRelease{}, &OptionError{"KubeVersion", version, fmt.Errorf("%w: write one such as 1.33", err)}
	}
	capabilities.KubeVersion = *parsed
	capabilities.HelmVersion.Version = HelmVersion
	capabilities.APIVersions = append(capabilities.APIVersions[:len(capabilities.APIVersions):len(capabilities.APIVersions)], o.APIVersions...)
	return helmRelease{
		options: chartutil.ReleaseOptions{
			Name: o.ReleaseName, Namespace: o.Namespace, Revision: 1, IsInstall: !o.IsUpgrade, IsUpgrade: o.IsUpgrade,
		},
		capabilities: capabilities,
		skipSchema:   o.SkipSchemaValidation,
	}, nil
}

// renderWithHelm is helm template: every step is Helm's own.
func (h helmChart) renderWithHelm(values map[string]any, release helmRelease) (*Result, error) {
	chart, err := h.own()
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependenciesWithMerge(chart, values); err != nil {
		return nil, &RefusedError{Step: StepTemplates, Err: err}
	}
	root, err := chartutil.ToRenderValuesWithSchemaValidation(chart, values, release.options, release.capabilities, release.skipSchema)
	if err != nil {
		return nil, &RefusedError{Step: StepSchema, Err: err}
	}
	if err := h.checkKubeVersion(release); err != nil {
		return nil, err
	}
	files, err := engine.Render(chart, root)
	if err != nil {
		return nil, &RefusedError{Step: StepTemplates, Err: err}
	}
	return h.result(files)
}

func (h helmChart) checkKubeVersion(release helmRelease) error {
	constraint, version := h.chart.Metadata.KubeVersion, release.capabilities.KubeVersion.Version
	if constraint != "" && !chartutil.IsCompatibleRange(constraint, version) {
		return &OptionError{"KubeVersion", version, fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes %s", constraint, version)}
	}
	return nil
}

// helmValues is the type of .Values and of the root context in templates.
type helmValues = chartutil.Values

// templates returns the chart's templates by full name.
func (h helmChart) templates() map[string]string {
	texts := make(map[string]string, len(h.chart.Templates))
	for _, t := range h.chart.Templates {
		texts[path.Join(h.chart.ChartFullPath(), t.Name)] = string(t.Data)
	}
	return texts
}

// root returns the root context of a render, which templates may write to. Helm makes it, as some of its types are Helm's
// own, and a template hands it out.
func (h helmChart) root(values map[string]any, release helmRelease) (helmValues, error) {
	asker, err := h.own()
	if err != nil {
		return nil, err
	}
	asker.Templates = []*helmchart.File{{Name: "templates/ask.txt", Data: []byte("{{ .Capabilities.Take . }}")}}
	var taker contextTaker
	_, err = engine.Render(asker, helmValues{"Values": helmValues(values), "Release": release.values(), "Capabilities": &taker})
	if err != nil {
		return nil, err
	}
	delete(taker.root, "Template")
	taker.root["Capabilities"] = release.capabilities
	return taker.root, nil
}

type contextTaker struct{ root helmValues }

// Take is called by a template.
func (t *contextTaker) Take(root helmValues) string {
	t.root = root
	return ""
}

// templateValues are .Template in a file of the chart.
func (h helmChart) templateValues(file string) map[string]any {
	return map[string]any{"Name": file, "BasePath": path.Join(h.name(), "templates")}
}

// values are .Release in templates.
func (r helmRelease) values() map[string]any {
	return map[string]any{
		"Name":      r.options.Name,
		"Namespace": r.options.Namespace,
		"IsUpgrade": r.options.IsUpgrade,
		"IsInstall": r.options.IsInstall,
		"Revision":  r.options.Revision,
		"Service":   "Helm",
	}
}

// installOrder are the kinds in the order in which Helm installs them; others follow by name.
func installOrder() []string { return releaseutil.InstallOrder }

const notesSuffix = "NOTES.txt"

// isNotes tells whether a file is the chart's own NOTES.txt.
func (h helmChart) isNotes(file string) bool {
	return file == path.Join(h.name(), "templates", notesSuffix)
}

// result takes the notes out of the rendered files and sorts the documents of the others.
func (h helmChart) result(files map[string]string) (*Result, error) {
	result := &Result{}
	for name, text := range files {
		if h.isNotes(name) {
			result.notes = text
		}
		if strings.HasSuffix(name, notesSuffix) {
			delete(files, name)
		}
	}
	var err error
	if result.documents, err = sortWithHelm(files); err != nil {
		return nil, &RefusedError{Step: StepManifests, Err: err}
	}
	return result, nil
}

// splitDocuments splits a file where a line begins with "---", as the regular expression of Helm 3
//
//	(?:^|\s*\n)---\s*
//
// does on the trimmed text, and trims the parts. It returns false for texts whose parts Helm would read differently when it
// gets them alone: with an empty document, or one that begins with a separator.
func splitDocuments(text string) ([]string, bool) {
	const separator = "---"
	text = strings.TrimSpace(text)
	text = strings.TrimPrefix(text, separator)
	parts := make([]string, 0, strings.Count(text, "\n"+separator)+1)
	for text = trimLeft(text); text != ""; text = trimLeft(text) {
		part, rest, found := strings.Cut(text, "\n"+separator)
		content := strings.TrimSpace(part)
		if content == "" && part != "" || strings.HasPrefix(content, separator) {
			return nil, false
		}
		if content != "" {
			parts = append(parts, content)
		}
		if !found {
			break
		}
		text = rest
	}
	return parts, true
}

// trimLeft trims what \s matches.
func trimLeft(s string) string { return strings.TrimLeft(s, "\t\n\f\r ") }

// sortWithHelm splits the rendered files into documents in install order, hooks last, by Helm's own code, which
// decodes every document.
func sortWithHelm(files map[string]string) ([]Document, error) {
	hooks, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return nil, err
	}
	documents := make([]Document, 0, len(manifests)+len(hooks))
	for _, m := range manifests {
		documents = append(documents, newDocument(m.Name, m.Content, false))
	}
	for _, hook := range hooks {
		documents = append(documents, newDocument(hook.Path, hook.Manifest, true))
	}
	return documents, nil
}

// setValues applies the flags that set single values.
func setValues(o ValuesOptions, values map[string]any) error {
	readFile := func(name []rune) (any, error) {
		data, err := o.readFile(string(name))
		return string(data), err
	}
	parse := map[string]func(string, map[string]any) error{
		"--set-json":   strvals.ParseJSON,
		"--set":        strvals.ParseInto,
		"--set-string": strvals.ParseIntoString,
		"--set-file": func(argument string, values map[string]any) error {
			return strvals.ParseIntoFile(argument, values, readFile)
		},
	}
	for _, flag := range o.setFlags() {
		for _, argument := range flag.arguments {
			if err := parse[flag.name](argument, values); err != nil {
				return fmt.Errorf("failed parsing %s data %s: %w", flag.name, argument, err)
			}
		}
	}
	return nil
}
