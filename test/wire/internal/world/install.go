package world

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/istiod"
	"github.com/istio-egress/istio-egress/test/wire/internal/pod"
)

// release is an installed release of the chart.
type release struct {
	cases.Release
	objects []istiod.Object
}

// meshConfig is the mesh config of the variant as YAML.
func (w *World) meshConfig() (string, error) {
	config := map[string]any{
		"accessLogFile":         pod.AccessLog,
		"accessLogFormat":       pod.AccessLogFormat,
		"outboundTrafficPolicy": map[string]any{"mode": w.Variant.Outbound},
	}
	maps.Copy(config, w.file.Surroundings.MeshConfig)
	text, err := yaml.Marshal(config)
	if err != nil {
		return "", fmt.Errorf("write the mesh config: %w", err)
	}
	return string(text), nil
}

const meshWideRule = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: mesh-wide, namespace: istio-system}
spec: {host: %q, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
`

// install puts all objects into the cluster.
func (w *World) install(ctx context.Context) error {
	manifests := w.file.Surroundings.Manifests
	if hosts := w.Variant.MeshWideMutual; hosts != "" {
		manifests = fmt.Sprintf(meshWideRule, hosts) + "---\n" + manifests
	}
	objects, err := istiod.Parse(manifests, "default")
	if err != nil {
		return fmt.Errorf("surroundings.manifests: %w", err)
	}
	for _, secret := range w.file.Surroundings.Secrets {
		object, err := w.secret(secret)
		if err != nil {
			return err
		}
		objects = append(objects, object)
	}
	for _, configMap := range w.file.Surroundings.ConfigMaps {
		object, err := w.configMap(configMap)
		if err != nil {
			return err
		}
		objects = append(objects, object)
	}
	for _, described := range w.file.Releases {
		installed := &release{Release: described}
		if installed.objects, err = w.render(ctx, described); err != nil {
			return fmt.Errorf("render releases[%d]: %w", len(w.releases), err)
		}
		w.releases = append(w.releases, installed)
		objects = append(objects, installed.objects...)
	}
	for _, object := range objects {
		if _, err := w.cluster.Store(object); err != nil {
			return err
		}
	}
	return nil
}

// render returns what the chart makes of the values, without hooks.
func (w *World) render(ctx context.Context, r cases.Release) ([]istiod.Object, error) {
	values := r.Values
	if r.Example != "" {
		content, err := os.ReadFile(filepath.Join(w.tools.Examples, r.Example, "values.yaml"))
		if err != nil {
			return nil, err
		}
		if values, err = render.ParseValues(content); err != nil {
			return nil, err
		}
	}
	result, err := w.tools.Chart.RenderContext(ctx, values, render.Options{ReleaseName: r.Name, Namespace: r.Namespace})
	if err != nil {
		return nil, err
	}
	var objects []istiod.Object
	for _, document := range result.Documents() {
		if document.Hook {
			continue
		}
		parsed, err := istiod.Parse(document.Content, r.Namespace)
		if err != nil {
			return nil, err
		}
		objects = append(objects, parsed...)
	}
	return objects, nil
}

// secret is a Secret with a client certificate, as cert-manager and kubectl make them.
func (w *World) secret(s cases.Secret) (istiod.Object, error) {
	data := map[string][]byte{}
	if s.Certificate != "" {
		pair := w.identities.pair(s.Certificate)
		key, err := pair.KeyPEM()
		if err != nil {
			return istiod.Object{}, err
		}
		data[corev1.TLSCertKey], data[corev1.TLSPrivateKeyKey] = pair.CertificatePEM(), key
	}
	if s.CA != "" {
		data[corev1.ServiceAccountRootCAKey] = w.tools.Authorities.byName[s.CA].PEM()
	}
	return istiod.FromKubernetes("Secret", &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: s.Name, Namespace: cmp.Or(s.Namespace, "default")},
		Type:       corev1.SecretTypeOpaque, Data: data,
	})
}

// configMap is a ConfigMap with a CA, as kubectl makes it of a file.
func (w *World) configMap(c cases.ConfigMap) (istiod.Object, error) {
	return istiod.FromKubernetes("ConfigMap", &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: c.Name, Namespace: cmp.Or(c.Namespace, "default")},
		Data:       map[string]string{corev1.ServiceAccountRootCAKey: string(w.tools.Authorities.byName[c.CA].PEM())},
	})
}
