package pod

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"istio.io/istio/pkg/security"
	network "istio.io/istio/pkg/util/net"
	"istio.io/istio/security/pkg/nodeagent/cache"
	"istio.io/istio/security/pkg/nodeagent/sds"
	"istio.io/istio/tools/common/config"
	iptables "istio.io/istio/tools/istio-iptables/pkg/cmd"
)

// variable tells a process that it is the agent of a pod, and where its settings are.
const variable = "ISTIO_EGRESS_WIRE_AGENT"

// proxyUser is the user that Istio's Envoy runs as; its connections are not redirected.
const proxyUser = 1337

// agentSettings are what an agent must know.
type agentSettings struct {
	// Folder is the agent's working folder.
	Folder string
	// Etc is mounted at /etc, so that each pod has files of its own.
	Etc string
	// Envoy is the program, and Bootstrap the file that it starts with.
	Envoy, Bootstrap string
	// DualStack redirects connections of both families.
	DualStack bool
	// Redirect is false for gateways, whose traffic is not redirected.
	Redirect bool
	// Nameservers are redirected as well, to an answer with istiod's names, where the proxy captures DNS; else none.
	Nameservers []string
	// Namespace of the pod, and XDS the Unix socket of istiod.
	Namespace, XDS string
}

// IsAgent tells whether this process is the agent of a pod.
func IsAgent() bool { return os.Getenv(variable) != "" }

// RunAgent does what istio-init and istio-agent do in a pod, until standard input ends: it redirects
// connections, serves certificates and runs Envoy.
func RunAgent() error {
	content, err := os.ReadFile(os.Getenv(variable))
	if err != nil {
		return err
	}
	var s agentSettings
	if err := json.Unmarshal(content, &s); err != nil {
		return fmt.Errorf("read the agent's settings: %w", err)
	}
	if os.Getenv(namesVariable) != "" {
		return s.runNames(context.Background())
	}
	// The kernel ends Envoy together with the thread that started it.
	runtime.LockOSThread()
	if s.Redirect {
		if err := s.redirect(); err != nil {
			return fmt.Errorf("redirect connections: %w", err)
		}
	}
	if err := s.mount(); err != nil {
		return fmt.Errorf("mount the pod's /etc: %w", err)
	}
	if err := os.Chdir(s.Folder); err != nil {
		return err
	}
	stop, err := serveCertificates()
	if err != nil {
		return fmt.Errorf("serve certificates: %w", err)
	}
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if len(s.Nameservers) > 0 {
		if err := s.startNames(ctx); err != nil {
			return fmt.Errorf("answer DNS: %w", err)
		}
	}
	return s.runEnvoy()
}

// redirect runs the code of istio-init.
func (s agentSettings) redirect() error {
	rules := config.DefaultConfig()
	rules.ProxyUID, rules.ProxyGID = fmt.Sprint(proxyUser), fmt.Sprint(proxyUser)
	rules.InboundInterceptionMode = "REDIRECT"
	rules.OutboundIPRangesInclude, rules.InboundPortsInclude = "*", "*"
	rules.InboundPortsExclude = "15090,15021,15020"
	rules.DualStack = s.DualStack
	if err := rules.FillConfigFromEnvironment(); err != nil {
		return err
	}
	if len(s.Nameservers) > 0 {
		rules.RedirectDNS = true
		rules.DNSServersV4, rules.DNSServersV6 = network.IPsSplitV4V6(s.Nameservers)
	}
	if err := rules.Validate(); err != nil {
		return err
	}
	return iptables.ProgramIptables(rules)
}

func (s agentSettings) mount() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	return unix.Mount(s.Etc, "/etc", "", unix.MS_BIND, "")
}

// serveCertificates runs istio-agent's SDS server: for the workload's certificate, which is a file
// here instead of one that istiod's CA signs, and for the files that DestinationRules name.
func serveCertificates() (stop func(), err error) {
	options := &security.Options{
		FileMountedCerts:     true,
		CertChainFilePath:    security.DefaultCertChainFilePath,
		KeyFilePath:          security.DefaultKeyFilePath,
		RootCertFilePath:     security.DefaultRootCertFilePath,
		CARootPath:           "/" + systemCA,
		OutputKeyCertToDir:   "output", // the certificates are not read while this is their own folder
		FileDebounceDuration: 100 * time.Millisecond,
		WorkloadNamespace:    "wire",
	}
	secrets, err := cache.NewSecretManagerClient(nil, options)
	if err != nil {
		return nil, err
	}
	server := sds.NewServer(options, secrets, nil)
	secrets.RegisterSecretHandler(server.OnSecretUpdate)
	return func() {
		server.Stop()
		secrets.Close()
	}, nil
}

// runEnvoy runs Envoy until it ends, or standard input does.
func (s agentSettings) runEnvoy() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	log, err := os.Create(filepath.Join(s.Folder, envoyLog))
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.CommandContext(ctx, s.Envoy, "-c", s.Bootstrap, "--disable-hot-restart", "--concurrency", "2",
		"--file-flush-interval-msec", "50", "--log-level", "warning", "--drain-time-s", "1", "--parent-shutdown-time-s", "2")
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: proxyUser, Gid: proxyUser},
		Pdeathsig:  syscall.SIGKILL,
	}
	if err := command.Start(); err != nil {
		return err
	}
	asked := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(asked)
		cancel()
	}()
	err = command.Wait()
	select {
	case <-asked:
		return nil
	default:
		return errors.Join(errors.New("the proxy ended"), err)
	}
}
