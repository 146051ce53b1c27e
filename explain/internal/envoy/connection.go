package envoy

import "net/netip"

// Connection is what a proxy sees of a connection before it reads a request.
type Connection struct {
	Address netip.Addr // that the workload dials
	Port    int
	// TLS tells that the workload sends TLS, with the server name and the application protocol of its first message.
	TLS        bool
	ServerName string
	ALPN       string
	// HTTP is the version of HTTP that it sends in plaintext: 1, 2, or 0 for anything else.
	HTTP int
}

// IsHTTP tells whether a proxy can read requests.
func (c Connection) IsHTTP() bool { return c.HTTP > 0 && !c.TLS }
