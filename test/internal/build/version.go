package build

import (
	"bytes"
	"context"
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
