//go:build e2e

package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// installCRDs installs Istio's CRDs and waits until the API server serves them.
func (c *Cluster) installCRDs(ctx context.Context) error {
	manifest, err := istioCRDs(ctx)
	if err != nil {
		return err
	}
	crds, err := mesh.Split(manifest)
	if err != nil {
		return err
	}
	client, err := c.Client(Admin)
	if err != nil {
		return err
	}
	for _, crd := range crds {
		if err := client.Create(ctx, crd.Unstructured); err != nil {
			return fmt.Errorf("install %s: %w", crd.GetName(), err)
		}
	}
	for _, crd := range crds {
		if err := client.waitEstablished(ctx, crd.Unstructured); err != nil {
			return err
		}
	}
	return nil
}

// istioCRDs reads the CRDs of the version of istio.io/api in use.
func istioCRDs(ctx context.Context) (string, error) {
	folder, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "istio.io/api").Output()
	if err != nil {
		return "", fmt.Errorf("find the module istio.io/api: %w", err)
	}
	path := filepath.Join(strings.TrimSpace(string(folder)), "kubernetes", "customresourcedefinitions.gen.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read Istio's CRDs: %w", err)
	}
	return string(text), nil
}

func (c *Client) waitEstablished(ctx context.Context, crd *unstructured.Unstructured) error {
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, readyLimit, true, func(ctx context.Context) (bool, error) {
		current, err := c.Get(ctx, crd)
		if err != nil {
			return false, err
		}
		conditions, _, _ := unstructured.NestedSlice(current.Object, "status", "conditions")
		for _, condition := range conditions {
			fields, _ := condition.(map[string]any)
			if fields["type"] == "Established" && fields["status"] == "True" {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("wait for the API server to serve %s: %w", crd.GetName(), err)
	}
	return nil
}
