//go:build e2e

package cluster

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"k8s.io/client-go/kubernetes"

	"github.com/istio-egress/istio-egress/test/internal/components"
)

func (c *Cluster) startAPIServer(ctx context.Context, store string) error {
	path, err := components.KubeAPIServer.Build(ctx)
	if err != nil {
		return err
	}
	ports, err := freePorts(ctx, 1)
	if err != nil {
		return err
	}
	c.server = "https://" + loopback(ports[0])
	key, err := c.writeServiceAccountKey()
	if err != nil {
		return err
	}
	tokens, err := c.writeTokens()
	if err != nil {
		return err
	}
	certificates := filepath.Join(c.folder, "certificates")
	args := []string{
		"--etcd-servers=" + store,
		"--bind-address=127.0.0.1", "--secure-port=" + strconv.Itoa(ports[0]),
		"--cert-dir=" + certificates,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + key, "--service-account-signing-key-file=" + key,
		"--authorization-mode=RBAC", "--token-auth-file=" + tokens,
		"--service-cluster-ip-range=10.96.0.0/12,fd00:10:96::/112",
		"--endpoint-reconciler-type=none",
		"--disable-admission-plugins=ServiceAccount",
	}
	return c.run(ctx, "kube-apiserver", path, args, nil, func() error {
		certificate, err := os.ReadFile(filepath.Join(certificates, "apiserver.crt"))
		if err != nil {
			return err
		}
		if err := c.writeKubeconfigs(certificate); err != nil {
			return err
		}
		return c.ready(ctx)
	})
}

func (c *Cluster) ready(ctx context.Context) error {
	config, err := c.Config(Admin)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	_, err = client.RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
	return err
}

func (c *Cluster) writeServiceAccountKey() (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", fmt.Errorf("make the key of service accounts: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	path := filepath.Join(c.folder, "service-account.key")
	return path, os.WriteFile(path, text, 0o600)
}
