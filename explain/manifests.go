package explain

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"
	networkingv1alpha3 "istio.io/client-go/pkg/apis/networking/v1alpha3"
	securityv1 "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/istio-egress/istio-egress/position"
)

// Manifests are objects of files, such as kubectl prints them.
type Manifests struct {
	Objects []Object
	// Others counts the objects of kinds that have no part in calls, or that are not read, by kind.
	Others map[string]int
}

// ReadManifests reads objects of YAML or JSON: a file, all .yaml, .yml and .json files below a directory, or - for standard
// input. Lists are taken apart. Fields that a kind does not have are passed over, as a cluster's objects may have newer ones.
// Objects without a namespace are in the given one.
func ReadManifests(paths []string, stdin io.Reader, namespace string) (*Manifests, error) {
	m := &manifestReader{Manifests: Manifests{Others: map[string]int{}}, namespace: namespace}
	for _, path := range paths {
		if err := m.readPath(path, stdin); err != nil {
			return nil, err
		}
	}
	return &m.Manifests, nil
}

type manifestReader struct {
	Manifests
	namespace string
}

func (m *manifestReader) readPath(path string, stdin io.Reader) error {
	if strings.TrimSpace(path) == "-" {
		if stdin == nil {
			stdin = os.Stdin
		}
		data, err := io.ReadAll(stdin)
		if err != nil {
			return err
		}
		return m.readFile(stdinName, data)
	}
	files := 0
	err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != path && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir() || name != path && !isManifest(name):
			return nil
		}
		files++
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return m.readFile(name, data)
	})
	if err == nil && files == 0 {
		err = fmt.Errorf("%s: no .yaml, .yml or .json file in it", path)
	}
	return err
}

func isManifest(name string) bool {
	switch filepath.Ext(name) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

func (m *manifestReader) readFile(name string, data []byte) error {
	documents, faults := position.Documents(name, data)
	for _, fault := range faults {
		switch fault.ID { // other faults do not keep Kubernetes from reading the object
		case position.FaultSyntax, position.FaultTooLarge:
			return fmt.Errorf("%s: %s", fault.Position, fault.Message)
		}
	}
	for _, document := range documents {
		if err := m.readObject(document, document.Root(), nil, typeMeta{}); err != nil {
			return err
		}
	}
	return nil
}

// typeMeta is what an item of a typed list, such as a ServiceList, leaves out.
type typeMeta struct{ apiVersion, kind string }

func (m *manifestReader) readObject(file *position.File, node position.Node, at position.Path, unsaid typeMeta) error {
	is := typeMeta{textOf(node, "apiVersion", unsaid.apiVersion), textOf(node, "kind", unsaid.kind)}
	if items, isList := strings.CutSuffix(is.kind, "List"); isList {
		for i, item := range node.Field("items").Items() {
			here := at.Join(position.Key("items"), position.Index(i))
			if err := m.readObject(file, item, here, typeMeta{is.apiVersion, items}); err != nil {
				return err
			}
		}
		return nil
	}
	if is.kind == "" {
		return nil
	}
	place := file.Find(at).Key
	object := newObject(is)
	if object == nil {
		m.Others[is.kind]++
		return nil
	}
	data, err := json.Marshal(node.Value())
	if err == nil {
		err = json.Unmarshal(data, object)
	}
	if err != nil {
		return fmt.Errorf("%s:%d: %s: %w", place.File, place.Line, is.kind, err)
	}
	m.add(object, place)
	return nil
}

func textOf(node position.Node, field, missing string) string {
	if text, ok := node.Field(field).Text(); ok {
		return text
	}
	return missing
}

func (m *manifestReader) add(object runtime.Object, place position.Position) {
	meta := object.(metav1.Object) // of newObject, which has no others
	if meta.GetAnnotations()[hookAnnotation] != "" {
		return
	}
	if _, isNamespace := object.(*corev1.Namespace); !isNamespace && meta.GetNamespace() == "" {
		meta.SetNamespace(m.namespace)
	}
	m.Objects = append(m.Objects, Object{Value: object, Origin: func(Aspect) Place { return Place{Position: place} }})
}

// hookAnnotation is on what Helm runs and does not install, such as the pods of tests.
const hookAnnotation = "helm.sh/hook"

// newObject returns an empty object of a kind that has a part in calls, nil for others. The versions of Istio's groups have
// the same fields.
func newObject(is typeMeta) runtime.Object {
	group, _, hasGroup := strings.Cut(is.apiVersion, "/")
	if !hasGroup {
		group = ""
	}
	if create := objectKinds[group+"/"+is.kind]; create != nil {
		return create()
	}
	return nil
}

var objectKinds = map[string]func() runtime.Object{
	"/Service":                              func() runtime.Object { return &corev1.Service{} },
	"/Endpoints":                            func() runtime.Object { return &corev1.Endpoints{} }, //nolint:staticcheck // still in use
	"/Namespace":                            func() runtime.Object { return &corev1.Namespace{} },
	"/Pod":                                  func() runtime.Object { return &corev1.Pod{} },
	"discovery.k8s.io/EndpointSlice":        func() runtime.Object { return &discoveryv1.EndpointSlice{} },
	"networking.istio.io/ServiceEntry":      func() runtime.Object { return &networkingv1.ServiceEntry{} },
	"networking.istio.io/DestinationRule":   func() runtime.Object { return &networkingv1.DestinationRule{} },
	"networking.istio.io/VirtualService":    func() runtime.Object { return &networkingv1.VirtualService{} },
	"networking.istio.io/Sidecar":           func() runtime.Object { return &networkingv1.Sidecar{} },
	"networking.istio.io/WorkloadEntry":     func() runtime.Object { return &networkingv1.WorkloadEntry{} },
	"networking.istio.io/Gateway":           func() runtime.Object { return &networkingv1.Gateway{} },
	"gateway.networking.k8s.io/Gateway":     func() runtime.Object { return &gatewayv1.Gateway{} },
	"networking.istio.io/EnvoyFilter":       func() runtime.Object { return &networkingv1alpha3.EnvoyFilter{} },
	"security.istio.io/PeerAuthentication":  func() runtime.Object { return &securityv1.PeerAuthentication{} },
	"security.istio.io/AuthorizationPolicy": func() runtime.Object { return &securityv1.AuthorizationPolicy{} },
}
