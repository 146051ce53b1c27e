package build

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
)

// goPackage is what `go list -json` says about a package, as far as it decides
// what is linked.
type goPackage struct {
	ImportPath string
	Name       string
	Dir        string
	Standard   bool
	DepOnly    bool
	Module     *goModule

	GoFiles, CgoFiles, CFiles, HFiles, SFiles, EmbedFiles []string
}

type goModule struct {
	Path    string
	Version string
	Replace *goModule
}

// pinned returns the module's identity, or "" for sources on this disk.
func (m *goModule) pinned() string {
	if m.Replace != nil {
		return m.Replace.pinned()
	}
	if m.Version == "" {
		return ""
	}
	return m.Path + "@" + m.Version
}

// key names a build of the command: its version, and a hash of all that goes
// into the binary.
func (c Command) key(ctx context.Context) (string, error) {
	packages, err := c.packages(ctx)
	if err != nil {
		return "", err
	}
	toolchain, err := c.goCommand(ctx, "env", "GOVERSION", "GOOS", "GOARCH", "CGO_ENABLED", "GOFLAGS")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s%q\n", toolchain, c.LDFlags)
	version := "devel"
	for _, pkg := range packages {
		if pkg.Standard {
			continue // the toolchain's version stands for them
		}
		if err := pkg.hashInto(sum); err != nil {
			return "", err
		}
		if !pkg.DepOnly && pkg.Module != nil && pkg.Module.Version != "" {
			version = pkg.Module.Version
		}
	}
	return version + "-" + hex.EncodeToString(sum.Sum(nil))[:12], nil
}

// packages lists the main package and all that it imports.
func (c Command) packages(ctx context.Context) ([]goPackage, error) {
	out, err := c.goCommand(ctx, "list", "-deps",
		"-json=ImportPath,Name,Dir,Standard,DepOnly,Module,GoFiles,CgoFiles,CFiles,HFiles,SFiles,EmbedFiles", c.Package)
	if err != nil {
		return nil, err
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg goPackage
		err := decoder.Decode(&pkg)
		if errors.Is(err, io.EOF) {
			return packages, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read what go list says: %w", err)
		}
		if !pkg.DepOnly && pkg.Name != "main" {
			return nil, fmt.Errorf("%s is package %s, not a command", pkg.ImportPath, pkg.Name)
		}
		packages = append(packages, pkg)
	}
}

func (p goPackage) hashInto(sum hash.Hash) error {
	if p.Module != nil {
		if pinned := p.Module.pinned(); pinned != "" {
			fmt.Fprintf(sum, "%s %s\n", p.ImportPath, pinned)
			return nil
		}
	}
	for _, files := range [][]string{p.GoFiles, p.CgoFiles, p.CFiles, p.HFiles, p.SFiles, p.EmbedFiles} {
		for _, name := range files {
			content, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				return err
			}
			fmt.Fprintf(sum, "%s/%s %x\n", p.ImportPath, name, sha256.Sum256(content))
		}
	}
	return nil
}
