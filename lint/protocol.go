package lint

import "strings"

// protocol is Istio's reading of a port: appProtocol first, else what stands before the first "-" of the name. A test
// holds it against what the chart makes of the same ports. Empty when it cannot be told.
func protocol(name, appProtocol string) string {
	declared := strings.ToLower(appProtocol)
	switch declared {
	case "kubernetes.io/h2c":
		return "http2"
	case "kubernetes.io/ws":
		return "http"
	case "kubernetes.io/wss":
		return "https"
	case "":
		declared = strings.ToLower(name)
	}
	if strings.HasPrefix(declared, "grpc-web") {
		return "grpc-web"
	}
	prefix, _, _ := strings.Cut(declared, "-")
	switch prefix {
	case "http", "http2", "grpc", "https", "tls", "tcp", "mongo", "mysql", "redis":
		return prefix
	}
	return ""
}
