//go:build e2e

package agreement

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/cluster"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

var (
	count = flag.Int("values", 600, "how many random values to try; half of them are right, half are tampered with")
	seed  = flag.Uint64("seed", 1, "the first of the random values")
)

func TestAgreement(t *testing.T) {
	chart, err := render.Load()
	require.NoError(t, err)
	admission := newAdmission(t)
	accepted, refused, objects := 0, 0, 0
	for i := range *count {
		values := valuesNumber(*seed+uint64(i), i%2 == 1)
		result, err := chart.Render(values, render.Options{})
		if refusal := new(render.RefusedError); errors.As(err, &refusal) {
			refused++
			if i%2 == 0 {
				t.Errorf("seed %d: the chart refuses values that are right: %v", *seed+uint64(i), err)
			}
			continue
		}
		require.NoError(t, err, "seed %d", *seed+uint64(i))
		accepted++
		rendered, err := mesh.Split(string(result.Manifest()))
		require.NoError(t, err)
		objects += len(rendered)
		for _, problem := range admission.problems(t.Context(), rendered) {
			t.Errorf("seed %d: %v\n%s", *seed+uint64(i), problem, text(values))
		}
	}
	t.Logf("%d values: the chart accepts %d (%d objects, all of them checked) and refuses %d", *count, accepted, objects, refused)
}

func valuesNumber(seed uint64, tampered bool) map[string]any {
	random := rand.New(rand.NewPCG(seed, 7))
	values := valuesgen.Random(random, 1+random.IntN(6))
	if tampered {
		mutate(random, values)
	}
	return values
}

func text(values map[string]any) string {
	out, err := yaml.Marshal(values)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// admission is what decides on an object in a cluster: the API server, with
// the CRDs, and Istio's webhook.
type admission struct {
	client     *cluster.Client
	namespaces map[string]error
}

func newAdmission(t *testing.T) *admission {
	t.Helper()
	client, err := control.Client(cluster.Admin)
	require.NoError(t, err)
	return &admission{client: client, namespaces: map[string]error{}}
}

// problems says what the API server and Istio have against the objects.
func (a *admission) problems(ctx context.Context, objects mesh.Objects) []error {
	var problems []error
	seen := map[string]bool{}
	for _, object := range objects {
		if seen[object.String()] {
			problems = append(problems, fmt.Errorf("%s is rendered twice", object))
		}
		seen[object.String()] = true
		if err := a.admits(ctx, object); err != nil {
			problems = append(problems, fmt.Errorf("the API server refuses %s: %w", object, err))
		}
		if !object.IsIstio() {
			continue
		}
		if _, err := mesh.Validate(object); err != nil {
			problems = append(problems, fmt.Errorf("istio refuses %w", err))
		}
	}
	return problems
}

func (a *admission) admits(ctx context.Context, object mesh.Object) error {
	if err := a.namespace(ctx, object.GetNamespace()); err != nil {
		return err
	}
	return a.client.Create(ctx, object.Unstructured, metav1.DryRunAll)
}

func (a *admission) namespace(ctx context.Context, name string) error {
	err, known := a.namespaces[name]
	if !known {
		err = control.CreateNamespace(ctx, name)
		if apierrors.IsAlreadyExists(err) {
			err = nil
		}
		a.namespaces[name] = err
	}
	return err
}

// The check has to see what a chart without checks would render.
func TestProblemsAreSeen(t *testing.T) {
	admission := newAdmission(t)
	for name, manifest := range map[string]string{
		"API server": `
apiVersion: v1
kind: Service
metadata: {name: Upper, namespace: default}
spec: {type: ExternalName, externalName: example.com, ports: [{name: http, port: 80}]}
`,
		"CRD": `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: cidr, namespace: default}
spec: {hosts: [example.com], resolution: DNS, addresses: [192.0.2.0/24], ports: [{name: tcp, number: 1, protocol: TCP}]}
`,
		"Istio": `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: mutual, namespace: default}
spec: {host: example.com, trafficPolicy: {tls: {mode: MUTUAL}}}
`,
	} {
		t.Run(name, func(t *testing.T) {
			objects, err := mesh.Split(manifest)
			require.NoError(t, err)
			require.NotEmpty(t, admission.problems(t.Context(), objects))
		})
	}
}
