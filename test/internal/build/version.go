package build

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// ModuleVersion returns the version of the module with the given path that the
// go.mod in folder selects, such as "v3.22.0".
func ModuleVersion(ctx context.Context, folder, path string) (string, error) {
	out, err := Command{Module: folder}.goCommand(ctx, "list", "-m", "-f", "{{.Version}}", path)
	if err != nil {
		return "", fmt.Errorf("find the version of %s: %w", path, err)
	}
	return string(bytes.TrimSpace(out)), nil
}

// ModuleFolder returns the folder that holds the files of the module with the
// given path, in the version that the go.mod in folder selects. The module is
// downloaded first where needed.
func ModuleFolder(ctx context.Context, folder, path string) (string, error) {
	out, err := Command{Module: folder}.goCommand(ctx, "mod", "download", "-json", path)
	if err != nil {
		return "", fmt.Errorf("find the files of %s: %w", path, err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return "", fmt.Errorf("find the files of %s: %w", path, err)
	}
	return module.Dir, nil
}
