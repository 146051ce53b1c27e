package egress

import "strings"

// Protocol is what a port speaks, by Istio's names: HTTP, HTTP2, GRPC, GRPC-Web, HTTPS, TLS, TCP, Mongo, MySQL, Redis.
type Protocol string

// IsHTTP tells whether proxies read the requests.
func (p Protocol) IsHTTP() bool {
	switch p {
	case "HTTP", "HTTP2", "GRPC", "GRPC-Web":
		return true
	}
	return false
}

// IsTLS tells whether the workload sends TLS itself.
func (p Protocol) IsTLS() bool { return p == "HTTPS" || p == "TLS" }

// IsTCP tells whether proxies know connections by address and port alone.
func (p Protocol) IsTCP() bool {
	switch p {
	case "TCP", "Mongo", "MySQL", "Redis":
		return true
	}
	return false
}

// protocols are Istio's, by their names in lower case, and by Kubernetes' application protocols
// (istio.io/istio, pkg/config/kube/conversion.go).
var protocols = map[string]Protocol{
	"http": "HTTP", "http2": "HTTP2", "grpc": "GRPC", "grpc-web": "GRPC-Web", "https": "HTTPS", "tls": "TLS",
	"tcp": "TCP", "mongo": "Mongo", "mysql": "MySQL", "redis": "Redis",
	"kubernetes.io/h2c": "HTTP2", "kubernetes.io/ws": "HTTP", "kubernetes.io/wss": "HTTPS",
}

// ProtocolNamed reads the protocol of a name by Istio's rule: what stands before the first "-". Empty when it is none.
func ProtocolNamed(name string) Protocol {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, "grpc-web") {
		return "GRPC-Web"
	}
	if protocol, ok := protocols[name]; ok {
		return protocol
	}
	prefix, _, _ := strings.Cut(name, "-")
	return protocols[prefix]
}

// wellKnown are the ports that Istio takes for TCP where the name says nothing: their servers speak first.
var wellKnown = map[int]bool{25: true, 53: true, 3306: true, 27017: true}

// ServiceProtocol is the protocol of a Service's port: appProtocol's, else that of its name, else that of its number. Empty
// when it cannot be told.
func ServiceProtocol(name, appProtocol string, number int) Protocol {
	declared := name
	if appProtocol != "" {
		declared = appProtocol
	}
	prefix, _, _ := strings.Cut(strings.ToLower(declared), "-")
	protocol := ProtocolNamed(declared)
	if protocol == "" && wellKnown[number] && prefix != "udp" && prefix != "http_proxy" {
		return "TCP"
	}
	return protocol
}

// startTLS are the servers that begin in plaintext and start TLS inside their protocol, by their usual ports.
var startTLS = map[int]string{
	21: "FTP", 25: "SMTP", 110: "POP3", 119: "NNTP", 143: "IMAP", 389: "LDAP", 587: "SMTP",
	1433: "SQL Server", 3306: "MySQL", 5222: "XMPP", 5432: "PostgreSQL", 6432: "PostgreSQL",
}

// StartsTLS names the server that a port's protocol, or the number of a TCP port, tells of, if it is one that starts TLS inside
// its protocol: it does not understand TLS from the first byte. Empty for others.
func StartsTLS(protocol Protocol, number int) string {
	switch {
	case !protocol.IsTCP():
		return ""
	case startTLS[number] == "" && protocol == "MySQL":
		return "MySQL"
	}
	return startTLS[number]
}
