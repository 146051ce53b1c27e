// Package pod makes pods: a network namespace for a workload, and beside it what Istio injects.
//
// The agent of a pod is this program itself, run again in the pod's network and with an /etc of the
// pod's own. It redirects connections with the code of istio-init, serves certificates with that of
// istio-agent, and runs Envoy as the user 1337.
package pod

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/istio-egress/istio-egress/test/wire/internal/envoy"
	"github.com/istio-egress/istio-egress/test/wire/internal/network"
	"github.com/istio-egress/istio-egress/test/wire/internal/pki"
)

// The files of a pod, in its folder.
const (
	envoyLog  = "envoy.log"
	agentLog  = "agent.log"
	accessLog = "access.log"
	etc       = "etc"
	systemCA  = "etc/ssl/certs/ca-certificates.crt"
	sdsSocket = "var/run/secrets/workload-spiffe-uds/socket"
)

// AccessLog is the file that Envoy logs to, for the mesh config. It is relative to the working
// folder, which is another in each pod.
const AccessLog = accessLog

// AccessLogFormat is the format of docs/troubleshooting.md. All pods have it, as istiod keeps the
// first format that it is asked for, for as long as its process lives.
const AccessLogFormat = `[%START_TIME%] %UPSTREAM_CLUSTER_RAW% %UPSTREAM_HOST% tls=%UPSTREAM_TLS_VERSION% ` +
	`server=%UPSTREAM_PEER_DNS_SAN% sni=%REQUESTED_SERVER_NAME% flags=%RESPONSE_FLAGS% ` +
	`why="%UPSTREAM_TRANSPORT_FAILURE_REASON%"` + "\n"

// Spec is what a pod with a sidecar or gateway is to be.
type Spec struct {
	// Folder is an empty folder for the pod, which every user may enter.
	Folder string
	// Envoy is the path of the program.
	Envoy string
	Node  envoy.Node
	// XDS is the Unix socket of istiod.
	XDS string
	// Nameservers of the pod.
	Nameservers []netip.Addr
	// SystemCA plays the public CAs.
	SystemCA []byte
	// Workload is the certificate that the mesh gives the pod, and MeshCA who signed it.
	Workload *pki.Pair
	MeshCA   []byte
	// Files of the proxy's container, by path; all are below /etc.
	Files map[string][]byte
	// Redirect is whether the workload's connections go through Envoy.
	Redirect bool
	// DualStack redirects those of both families, where otherwise that of the first address counts.
	DualStack bool
}

// Pod is a running pod.
type Pod struct {
	Namespace *network.Namespace
	Addresses []netip.Addr
	// Admin is Envoy's admin interface; nil for a pod without.
	Admin *envoy.Admin

	folder string
	agent  *exec.Cmd
	stdin  io.Closer
	// running ends with the agent.
	running context.Context
	ended   context.CancelFunc
}

// New makes a pod without a sidecar, and joins it to the outside.
func New(outside *network.Outside, addresses []netip.Addr) (*Pod, error) {
	namespace, err := network.NewNamespace()
	if err != nil {
		return nil, err
	}
	if err := outside.Join(namespace, addresses); err != nil {
		namespace.Close()
		return nil, err
	}
	return &Pod{Namespace: namespace, Addresses: addresses}, nil
}

// Inject starts the sidecar.
func (p *Pod) Inject(s Spec) error {
	p.folder = s.Folder
	if err := p.write(s); err != nil {
		return fmt.Errorf("write the files of pod %s: %w", s.Node.Name, err)
	}
	sockets := envoy.Sockets{XDS: s.XDS, SDS: filepath.Join(p.folder, sdsSocket), Admin: filepath.Join(p.folder, "admin.sock")}
	bootstrap, err := envoy.Bootstrap(s.Node, sockets)
	if err != nil {
		return err
	}
	settings := agentSettings{
		Folder: p.folder, Etc: filepath.Join(p.folder, etc), Envoy: s.Envoy, Bootstrap: filepath.Join(p.folder, "bootstrap.json"),
		DualStack: s.DualStack, Redirect: s.Redirect, Namespace: s.Node.Namespace, XDS: s.XDS,
	}
	if s.Node.Metadata["DNS_CAPTURE"] == "true" {
		for _, server := range s.Nameservers {
			settings.Nameservers = append(settings.Nameservers, server.String())
		}
	}
	content, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	if err := os.WriteFile(settings.Bootstrap, bootstrap, 0o644); err != nil {
		return err
	}
	path := filepath.Join(p.folder, "agent.json")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return err
	}
	if err := p.start(path); err != nil {
		return fmt.Errorf("start the agent of pod %s: %w", s.Node.Name, err)
	}
	p.Admin = envoy.NewAdmin(sockets.Admin)
	return nil
}

func (p *Pod) start(settings string) error {
	log, err := os.Create(filepath.Join(p.folder, agentLog))
	if err != nil {
		return err
	}
	defer log.Close()
	p.agent = exec.Command("/proc/self/exe") //nolint:noctx // ends with its standard input
	p.agent.Env = append(os.Environ(), variable+"="+settings)
	p.agent.Stdout, p.agent.Stderr = log, log
	p.agent.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if p.stdin, err = p.agent.StdinPipe(); err != nil {
		return err
	}
	if err := p.Namespace.Start(p.agent); err != nil {
		return err
	}
	p.running, p.ended = context.WithCancel(context.Background())
	go func() {
		_ = p.agent.Wait()
		p.ended()
	}()
	return nil
}

// write writes the files that a container image and the kubelet bring into a container.
func (p *Pod) write(s Spec) error {
	key, err := s.Workload.KeyPEM()
	if err != nil {
		return err
	}
	var resolv strings.Builder
	for _, server := range s.Nameservers {
		fmt.Fprintf(&resolv, "nameserver %s\n", server)
	}
	fmt.Fprintf(&resolv, "search %s.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n", s.Node.Namespace)
	files := map[string][]byte{
		"etc/resolv.conf":          []byte(resolv.String()),
		"etc/hosts":                []byte("127.0.0.1 localhost\n::1 localhost\n"),
		"etc/nsswitch.conf":        []byte("hosts: files dns\n"),
		"etc/passwd":               []byte("root:x:0:0::/:/bin/false\nistio-proxy:x:1337:1337::/:/bin/false\n"),
		"etc/group":                []byte("root:x:0:\nistio-proxy:x:1337:\n"),
		systemCA:                   s.SystemCA,
		"etc/certs/cert-chain.pem": s.Workload.CertificatePEM(),
		"etc/certs/key.pem":        key,
		"etc/certs/root-cert.pem":  s.MeshCA,
		accessLog:                  nil,
	}
	for path, content := range files {
		if err := p.writeFile(path, content); err != nil {
			return err
		}
	}
	for path, content := range s.Files {
		if err := p.WriteFile(path, content); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Join(p.folder, sdsSocket)), 0o755); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(p.folder, "output"), 0o755); err != nil {
		return err
	}
	// Envoy makes its admin socket there.
	if err := os.Chown(p.folder, proxyUser, proxyUser); err != nil {
		return err
	}
	return os.Chmod(filepath.Join(p.folder, accessLog), 0o666)
}

// WriteFile writes a file that the pod's containers see, or removes it when the content is nil.
func (p *Pod) WriteFile(path string, content []byte) error {
	if !strings.HasPrefix(filepath.Clean(path), "/etc/") {
		return fmt.Errorf("write %s in a pod: only files below /etc are a pod's own", path)
	}
	if content == nil {
		return os.Remove(filepath.Join(p.folder, path))
	}
	return p.writeFile(path, content)
}

func (p *Pod) writeFile(path string, content []byte) error {
	path = filepath.Join(p.folder, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

// Ready waits until Envoy takes connections.
func (p *Pod) Ready(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.running, cancel)() //nolint:contextcheck // the end of the process, whoever waits
	err := p.Admin.Warm(ctx)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, p.Logs())
	}
	return nil
}

// Running is a context that ends with the proxy.
func (p *Pod) Running() context.Context { return p.running }

// Logs are the ends of what agent and Envoy said.
func (p *Pod) Logs() string {
	var all strings.Builder
	for _, name := range []string{agentLog, envoyLog} {
		content, _ := os.ReadFile(filepath.Join(p.folder, name))
		lines := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
		if len(lines) > 20 {
			lines = lines[len(lines)-20:]
		}
		fmt.Fprintf(&all, "%s:\n%s\n", name, bytes.Join(lines, []byte("\n")))
	}
	return all.String()
}

// logTime is how long Envoy may keep a line of its access log.
const logTime = 300 * time.Millisecond

// logLines are kept of what Envoy logged.
const logLines = 5

// AccessLogSince returns the last lines of Envoy's access log, for calls that began after the time. It
// waits a moment for the first.
func (p *Pod) AccessLogSince(ctx context.Context, start time.Time) []string {
	if p.Admin == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, logTime)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		if lines := p.linesSince(start); len(lines) > 0 {
			return lines
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (p *Pod) linesSince(start time.Time) []string {
	content, err := os.ReadFile(filepath.Join(p.folder, accessLog))
	if err != nil {
		return nil
	}
	var lines []string
	for line := range strings.Lines(string(content)) {
		stamp, _, _ := strings.Cut(strings.TrimPrefix(line, "["), "]")
		logged, err := time.Parse(time.RFC3339, stamp)
		if err == nil && !logged.Before(start.Truncate(time.Millisecond)) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines[max(0, len(lines)-logLines):]
}

// Close ends the pod.
func (p *Pod) Close() error {
	defer p.Namespace.Close()
	if p.agent == nil {
		return nil
	}
	p.Admin.Close()
	_ = p.stdin.Close()
	select {
	case <-p.running.Done():
		return nil
	case <-time.After(10 * time.Second):
		return errors.Join(errors.New("an agent does not end"), p.agent.Process.Kill())
	}
}
