// Command image makes a container image of the command render without a daemon, and pushes it:
//
//	image BASE TARGET linux/amd64=dist/render-linux-amd64 linux/arm64=dist/render-linux-arm64
//
// BASE is an image that has a shell, which pipelines ask for; the binary is one layer on top of it. Prints TARGET with its digest.
package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// binaryPath is where the image has the command.
const binaryPath = "usr/bin/render"

func main() {
	pushed, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
	fmt.Println(pushed)
}

func run(args []string) (string, error) {
	if len(args) < 3 {
		return "", errors.New("usage: image BASE TARGET PLATFORM=BINARY [PLATFORM=BINARY]")
	}
	base, err := name.ParseReference(args[0])
	if err != nil {
		return "", err
	}
	target, err := name.ParseReference(args[1])
	if err != nil {
		return "", err
	}
	var index v1.ImageIndex = empty.Index
	for _, arg := range args[2:] {
		platform, binary, _ := strings.Cut(arg, "=")
		if index, err = add(index, base, platform, binary); err != nil {
			return "", fmt.Errorf("%s: %w", platform, err)
		}
	}
	if err := remote.WriteIndex(target, index, remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
		return "", err
	}
	digest, err := index.Digest()
	return target.Context().Digest(digest.String()).String(), err
}

// add adds the image of a platform to the index.
func add(index v1.ImageIndex, base name.Reference, platform, binary string) (v1.ImageIndex, error) {
	parsed, err := v1.ParsePlatform(platform)
	if err != nil {
		return nil, err
	}
	below, err := remote.Image(base, remote.WithPlatform(*parsed), remote.WithAuthFromKeychain(authn.DefaultKeychain))
	if err != nil {
		return nil, err
	}
	layer, err := layerOf(binary)
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(below, layer)
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config := file.Config
	config.Entrypoint, config.Cmd, config.User = []string{"/" + binaryPath}, nil, "65532"
	if image, err = mutate.Config(image, config); err != nil {
		return nil, err
	}
	return mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: parsed}}), nil
}

// layerOf is a layer with the binary alone, the same for the same binary.
func layerOf(binary string) (v1.Layer, error) {
	content, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	archive := tar.NewWriter(&packed)
	if err := archive.WriteHeader(&tar.Header{Name: binaryPath, Mode: 0o755, Size: int64(len(content))}); err != nil {
		return nil, err
	}
	if _, err := archive.Write(content); err != nil {
		return nil, err
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed.Bytes())), nil })
}
