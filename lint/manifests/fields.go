package manifests

import (
	"maps"
	"slices"
	"strings"
)

// Fields of objects, read leniently: a missing field and one of another type are both the zero value.

func text(fields map[string]any, name string) string {
	value, _ := fields[name].(string)
	return value
}

func child(fields map[string]any, name string) map[string]any {
	value, _ := fields[name].(map[string]any)
	return value
}

func children(fields map[string]any, name string) []map[string]any {
	items, _ := fields[name].([]any)
	found := make([]map[string]any, len(items))
	for i, item := range items {
		found[i], _ = item.(map[string]any)
	}
	return found
}

func texts(fields map[string]any, name string) []string {
	items, _ := fields[name].([]any)
	var found []string
	for _, item := range items {
		if value, ok := item.(string); ok {
			found = append(found, value)
		}
	}
	return found
}

func number(fields map[string]any, name string) int {
	switch value := fields[name].(type) {
	case int:
		return value
	case int64:
		return int(value)
	case uint64:
		return int(value)
	case float64:
		return int(value)
	}
	return 0
}

func has(fields map[string]any, name string) bool { return fields[name] != nil }

// protocolOf is Istio's reading of a protocol name or of what stands before the first "-" of a port's name.
func protocolOf(name string) string {
	name = strings.ToLower(name)
	switch {
	case strings.HasPrefix(name, "grpc-web"):
		return "grpc-web"
	case name == "kubernetes.io/h2c":
		return "http2"
	case name == "kubernetes.io/ws":
		return "http"
	case name == "kubernetes.io/wss":
		return "https"
	}
	prefix, _, _ := strings.Cut(name, "-")
	switch prefix {
	case "http", "http2", "grpc", "https", "tls", "tcp", "mongo", "mysql", "redis":
		return prefix
	}
	return ""
}

func isHTTP(protocol string) bool {
	switch protocol {
	case "http", "http2", "grpc", "grpc-web":
		return true
	}
	return false
}

func isTLS(protocol string) bool { return protocol == "https" || protocol == "tls" }

func isOpaque(protocol string) bool {
	switch protocol {
	case "tcp", "mongo", "mysql", "redis":
		return true
	}
	return false
}

func sortedKeys(fields map[string]any) []string { return slices.Sorted(maps.Keys(fields)) }

// unique leaves out what occurred before.
func unique(values []string) []string {
	var found []string
	seen := map[string]bool{}
	for _, value := range values {
		if !seen[value] {
			seen[value] = true
			found = append(found, value)
		}
	}
	return found
}
