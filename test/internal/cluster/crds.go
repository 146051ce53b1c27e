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

// installCRDs installs the CRDs of the manifests, and nothing else of them, and waits until the API server serves them.
func (c *Cluster) installCRDs(ctx context.Context, manifests []string) error {
	crds, err := mesh.Split(manifests...)
	if err != nil {
		return err
	}
	crds = crds.Of("CustomResourceDefinition")
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

// readCRDs reads the CRDs of the versions in use: those of istio.io/api, and the Gateway API's as a cluster has them. With
// Gateways alone, istiod waits for the others and is never ready.
func readCRDs(ctx context.Context) ([]string, error) {
	var manifests []string
	for module, pattern := range map[string]string{
		"istio.io/api":            "kubernetes/customresourcedefinitions.gen.yaml",
		"sigs.k8s.io/gateway-api": "config/crd/standard/gateway.networking.k8s.io_*.yaml",
	} {
		texts, err := readModuleFiles(ctx, module, pattern)
		if err != nil {
			return nil, fmt.Errorf("read the CRDs of %s: %w", module, err)
		}
		manifests = append(manifests, texts...)
	}
	return manifests, nil
}

// readModuleFiles reads the files of a module that match the pattern, of
// which there has to be at least one.
func readModuleFiles(ctx context.Context, module, pattern string) ([]string, error) {
	folder, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return nil, fmt.Errorf("find the module: %w", err)
	}
	paths, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(folder)), filepath.FromSlash(pattern)))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no file matches %s", pattern)
	}
	texts := make([]string, len(paths))
	for i, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		texts[i] = string(text)
	}
	return texts, nil
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
