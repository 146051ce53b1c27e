package explain

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// Release is a release of the chart, by its values.
type Release struct {
	Chart   *render.Chart // nil is the embedded one
	Values  render.ValuesOptions
	Options render.Options
}

// Declared is what a release's values declare.
type Declared struct {
	// Objects are what the release consists of, each with its place in the values.
	Objects []Object
	Model   *egress.Model
}

// RefusedError is for values that the chart refuses.
type RefusedError struct {
	Findings []render.Finding // errors alone
	places   *position.Layers
}

// Error is a line for each finding: its place, its path, what is wrong and its id.
func (e *RefusedError) Error() string {
	lines := []string{"the chart refuses the values:"}
	for _, f := range e.Findings {
		place := Place{Path: f.Path}
		if path, err := position.ParsePath(f.Path); err == nil {
			place.Position = e.places.Find(path).Key
		}
		lines = append(lines, fmt.Sprintf("- %s: %s [%s]", place, f.Message, f.ID))
	}
	return strings.Join(lines, "\n")
}

// Declare renders the release. The error is a [*RefusedError] when the chart refuses the values.
func (r Release) Declare() (*Declared, error) {
	layers, err := r.readPlaces()
	if err != nil {
		return nil, err
	}
	values, err := render.ReadValues(r.Values)
	if err != nil {
		return nil, err
	}
	chart := r.Chart
	if chart == nil {
		if chart, err = render.Load(); err != nil {
			return nil, err
		}
	}
	model, findings, err := chart.Declare(values, r.Options)
	if err != nil {
		return nil, err
	}
	if refused := errorsAmong(findings); len(refused) > 0 {
		return nil, &RefusedError{Findings: refused, places: layers}
	}
	if model == nil {
		return nil, errNoModel
	}
	result, err := chart.Render(values, r.Options)
	if err != nil {
		return nil, err
	}
	objects, err := result.Objects()
	if err != nil {
		return nil, err
	}
	origins := newOrigins(model, layers)
	declared := &Declared{Model: model, Objects: make([]Object, 0, len(objects))}
	for _, o := range objects {
		if value := typed(o.Value); !o.Document.Hook && kindOf(value) != "" {
			declared.Objects = append(declared.Objects, Object{Value: value, Origin: origins.of(value)})
		}
	}
	declared.Objects = append(declared.Objects, assumedWaypoints(model, declared.Objects, origins)...)
	for i, gateway := range model.Gateways {
		declared.Objects = append(declared.Objects, assumedGateway(gateway, i, origins)...)
	}
	return declared, nil
}

// typed returns a Gateway of the Gateway API, for which render has no type, as such; other objects as they are.
func typed(object runtime.Object) runtime.Object {
	generic, ok := object.(*unstructured.Unstructured)
	if !ok || generic.GroupVersionKind().GroupKind() != gatewayKind {
		return object
	}
	gateway := &gatewayv1.Gateway{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(generic.Object, gateway); err != nil {
		return object
	}
	return gateway
}

var gatewayKind = schema.GroupKind{Group: gatewayv1.GroupName, Kind: kindGateway}

var errNoModel = errors.New("the chart has no model of what its values declare: only istio-egress itself can be explained by its values; render others, and give their manifests with --with")

func errorsAmong(findings []render.Finding) []render.Finding {
	var refused []render.Finding
	for _, f := range findings {
		if f.Severity == render.SeverityError {
			refused = append(refused, f)
		}
	}
	return refused
}

// readPlaces reads the files for their places. Standard input is kept for the chart to read it too.
func (r *Release) readPlaces() (*position.Layers, error) {
	files := make([]*position.File, len(r.Values.Files))
	for i, name := range r.Values.Files {
		data, err := r.readFile(&name)
		if err != nil {
			return nil, err
		}
		file, faults := position.Parse(name, data)
		for _, fault := range faults {
			if file == nil || fault.ID == position.FaultTooLarge {
				return nil, fmt.Errorf("%s: %s", fault.Position, fault.Message)
			}
		}
		files[i] = file
	}
	return position.Merge(files, r.Values.Assignments()), nil
}

// readFile reads a values file, and gives standard input its name for people.
func (r *Release) readFile(name *string) ([]byte, error) {
	if strings.TrimSpace(*name) != "-" {
		return os.ReadFile(*name)
	}
	*name = stdinName
	in := r.Values.Stdin
	if in == nil {
		in = os.Stdin
	}
	data, err := io.ReadAll(in)
	r.Values.Stdin = bytes.NewReader(data)
	return data, err
}

const stdinName = "<stdin>"
