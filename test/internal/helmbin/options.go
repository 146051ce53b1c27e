package helmbin

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gruntwork-io/terratest/modules/helm"
	"github.com/gruntwork-io/terratest/modules/logger"
	"github.com/stretchr/testify/require"
)

// binaryVariable names, for the helm on the PATH, the helm that is meant.
const binaryVariable = "ISTIO_EGRESS_TEST_HELM"

// Options returns terratest options that run this helm, without a trace of the
// user's own helm configuration and cluster. Tests set values and namespace on them.
func (h *Helm) Options(t *testing.T) *helm.Options {
	t.Helper()
	require.NoError(t, dispatch())
	home := t.TempDir()
	return &helm.Options{
		Logger: logger.Discard,
		EnvVars: map[string]string{
			binaryVariable:     h.Path(t),
			"HELM_CACHE_HOME":  filepath.Join(home, "cache"),
			"HELM_CONFIG_HOME": filepath.Join(home, "config"),
			"HELM_DATA_HOME":   filepath.Join(home, "data"),
			"HELM_NAMESPACE":   "",
			"KUBECONFIG":       filepath.Join(home, "no-cluster"),
		},
	}
}

// dispatch puts a helm on the PATH that runs the one which Options names:
// terratest always runs "helm", and one process tests two of them at once.
var dispatch = sync.OnceValue(func() error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	folder := filepath.Join(cache, "istio-egress", "bin", "helm")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(folder, "helm-*")
	if err != nil {
		return err
	}
	script := "#!/bin/sh\nexec \"${" + binaryVariable + ":?is not set: run helm with the options of package helmbin}\" \"$@\"\n"
	_, err = temp.WriteString(script)
	err = errors.Join(err, temp.Chmod(0o755), temp.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), filepath.Join(folder, "helm")); err != nil {
		return err
	}
	return os.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH"))
})

// Output runs helm as terratest would and returns the exact bytes of its
// standard output; terratest drops the last newline. On failure the error's
// text is what helm wrote to standard error.
func Output(ctx context.Context, options *helm.Options, command string, args ...string) ([]byte, error) {
	prepared := helm.PrepareHelmCommand(options, command, args...)
	cmd := exec.CommandContext(ctx, prepared.Command, prepared.Args...)
	cmd.Env = os.Environ()
	for name, value := range prepared.Env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && stderr.Len() > 0 {
		err = errors.New(strings.TrimSpace(stderr.String()))
	}
	return out, err
}
