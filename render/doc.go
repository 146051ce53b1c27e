// Package render turns values into the manifests of the istio-egress chart, inside a Go program and without the helm
// command.
//
// A chart is loaded once and rendered many times, concurrently if need be:
//
//	chart, err := render.Load() // the embedded chart
//	values, err := render.ReadValues(render.ValuesOptions{Files: []string{"values.yaml"}})
//	result, err := chart.Render(values, render.Options{Namespace: "team-a"})
//	os.Stdout.Write(result.Manifest())
//
// [Result.Manifest] holds the bytes that helm template of Helm 3 prints, [Result.Objects] the typed Kubernetes and
// Istio objects, [Document.Unstructured] one for clients of any kind, and [Result.Notes] the text that helm shows after an installation. Values come from files
// ([ReadValues]), from maps, or from the typed structs ([Values]).
//
// Values that the chart does not accept are a [RefusedError]; its text is Helm's own, and its Findings say all that is wrong
// with the values, one structured [Finding] per problem. [Chart.Findings] tells the chart's warnings too. [Options] that
// cannot be are an [OptionError].
//
// What can take long for thousands of entries has a twin that takes a context, such as [Chart.RenderContext].
//
// Versions are those of the chart. Programs keep compiling within a minor version of 0.x, and from 1.0 on within a major
// one; what a version renders differently is in the changelog.
package render
