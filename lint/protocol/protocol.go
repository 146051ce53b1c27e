// Package protocol reads the protocol of a port as Istio does. A test holds it against what the chart makes of the same
// ports.
package protocol

import "strings"

// Of is the protocol of a port: appProtocol's, else that of its name. In lower case; empty when it cannot be told.
func Of(name, appProtocol string) string {
	if appProtocol != "" {
		return Parse(appProtocol)
	}
	return Parse(name)
}

// Parse reads the protocol from what stands before the first "-", in lower case; empty when it is none.
func Parse(declared string) string {
	declared = strings.ToLower(declared)
	switch {
	case strings.HasPrefix(declared, "grpc-web"):
		return "grpc-web"
	case declared == "kubernetes.io/h2c":
		return "http2"
	case declared == "kubernetes.io/ws":
		return "http"
	case declared == "kubernetes.io/wss":
		return "https"
	}
	prefix, _, _ := strings.Cut(declared, "-")
	switch prefix {
	case "http", "http2", "grpc", "https", "tls", "tcp", "mongo", "mysql", "redis":
		return prefix
	}
	return ""
}

// IsHTTP tells whether sidecars read the requests.
func IsHTTP(protocol string) bool {
	switch protocol {
	case "http", "http2", "grpc", "grpc-web":
		return true
	}
	return false
}

// IsTLS tells whether the workload sends TLS itself.
func IsTLS(protocol string) bool { return protocol == "https" || protocol == "tls" }

// IsOpaque tells whether sidecars know connections by address and port alone.
func IsOpaque(protocol string) bool {
	switch protocol {
	case "tcp", "mongo", "mysql", "redis":
		return true
	}
	return false
}
