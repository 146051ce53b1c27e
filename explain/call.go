package explain

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/explain/internal/envoy"
)

// Call is a call of a workload.
type Call struct {
	From Workload
	// URL is what the workload calls. The scheme says what it sends: http, grpc (HTTP/2 in plaintext), https, tls (another
	// protocol inside TLS), or tcp (bytes that are no TLS).
	URL string
	// Address is the IP address that the workload dials; empty for what the names say.
	Address string
	// ServerName is the SNI of https and tls; empty for the host of the URL.
	ServerName string
	// Method is of http and grpc: GET, and POST, when empty.
	Method string
	// Header are the request's headers of http and grpc. Host, when given, is sent in place of the URL's.
	Header http.Header
	// NoSidecar asks for what a pod without a sidecar gets: DNS and kube-proxy alone.
	NoSidecar bool
}

// request is a call that was read.
type request struct {
	scheme  string
	host    string // of the URL, in lower case
	port    int
	address netip.Addr // given with the call
	envoy.Request
	serverName string
}

const schemes = "http://, grpc://, https://, tls:// or tcp://"

var defaultPorts = map[string]int{"http": 80, "grpc": 80, "https": 443, "tls": 443, "tcp": 0}

func (c Call) parse() (*request, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Hostname() == "":
		return nil, fmt.Errorf("%q is no URL: write %s, the host, a port and a path, such as http://my-alias/path or tcp://my-database:5432", withoutSecrets(c.URL), schemes)
	case u.User != nil:
		return nil, fmt.Errorf("%q: leave out the user and the password: they do not matter for the way of a call", withoutSecrets(c.URL))
	}
	port, known := defaultPorts[u.Scheme]
	if !known {
		return nil, fmt.Errorf("%q: a workload sends %s, not %s://", c.URL, schemes, u.Scheme)
	}
	if u.Port() != "" {
		port, err = strconv.Atoi(u.Port())
	}
	if err != nil || port < 1 || port > 65535 {
		return nil, fmt.Errorf("%q: write a port from 1 to 65535, such as %s://%s:5432", c.URL, u.Scheme, u.Hostname())
	}
	switch plane := c.From.DataPlane; {
	case plane != "" && plane != egress.DataPlaneSidecar && plane != egress.DataPlaneAmbient:
		return nil, fmt.Errorf("data plane %q: a pod has a sidecar or is in ambient mode: write sidecar or ambient", plane)
	case c.From.isAmbient() && c.NoSidecar:
		return nil, fmt.Errorf("%q: a pod in ambient mode has no sidecar anyway: leave out one of both", c.URL)
	}
	r := &request{scheme: u.Scheme, host: strings.ToLower(u.Hostname()), port: port}
	if err := r.readConnection(c); err != nil {
		return nil, err
	}
	if r.isHTTP() {
		r.readRequest(c, u)
		return r, nil
	}
	if c.Method != "" || len(c.Header) > 0 {
		return nil, fmt.Errorf("%q: no proxy on the way can read the method and headers of %s: they are for http:// and grpc://", c.URL, u.Scheme)
	}
	return r, nil
}

// withoutSecrets leaves out what may be a password.
func withoutSecrets(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		rest = rest[at+1:]
	}
	return scheme + "://" + rest
}

func (r *request) readConnection(c Call) error {
	if c.Address != "" {
		address, err := netip.ParseAddr(c.Address)
		if err != nil {
			return fmt.Errorf("address %q: write the IP address that the workload dials, such as 203.0.113.7", c.Address)
		}
		r.address = address.Unmap()
	}
	switch {
	case r.sendsTLS():
		r.serverName = strings.ToLower(c.ServerName)
		if r.serverName == "" && !isAddress(r.host) { // an IP address is sent in no SNI, and a last dot neither (RFC 6066)
			r.serverName = strings.TrimSuffix(r.host, ".")
		}
	case c.ServerName != "":
		return fmt.Errorf("%q: only https:// and tls:// send a server name", c.URL)
	}
	return nil
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

func (r *request) readRequest(c Call, u *url.URL) {
	r.Authority = r.host
	if strings.Contains(r.host, ":") {
		r.Authority = "[" + r.host + "]"
	}
	if r.port != defaultPorts[r.scheme] {
		r.Authority = net.JoinHostPort(r.host, strconv.Itoa(r.port))
	}
	r.Headers = c.Header
	if host := c.Header.Get("Host"); host != "" {
		r.Authority = host
	}
	r.Method = c.Method
	if r.Method == "" {
		r.Method = map[string]string{"http": http.MethodGet, "grpc": http.MethodPost}[r.scheme]
	}
	r.Path = u.RequestURI()
}

func (r *request) isHTTP() bool { return r.scheme == "http" || r.scheme == "grpc" }

func (r *request) sendsTLS() bool { return r.scheme == "https" || r.scheme == "tls" }

// connection is what the sidecar sees first, once the address is known.
func (r *request) connection(address netip.Addr) envoy.Connection {
	c := envoy.Connection{Address: address, Port: r.port, TLS: r.sendsTLS(), ServerName: r.serverName}
	switch r.scheme {
	case "http":
		c.HTTP = 1
	case "grpc":
		c.HTTP = 2
	case "https":
		c.ALPN = "h2"
	}
	return c
}

// names are those that the call itself has: what it dials, its Host, its SNI.
func (r *request) names() []string {
	names := []string{r.host}
	if r.Authority != "" {
		host, _, err := net.SplitHostPort(r.Authority)
		if err != nil {
			host = r.Authority
		}
		names = append(names, strings.ToLower(host))
	}
	if r.serverName != "" {
		names = append(names, r.serverName)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// dialledPort is the port of the call.
func (t *Trace) dialledPort() int {
	r, err := t.Call.parse()
	if err != nil {
		return 0
	}
	return r.port
}

// Check returns what is wrong with the call itself; nil when it can be followed.
func (c Call) Check() error {
	_, err := c.parse()
	return err
}
