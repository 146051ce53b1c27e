package pod

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	names "istio.io/istio/pkg/dns/client"
	dnsProto "istio.io/istio/pkg/dns/proto"
	"istio.io/istio/pkg/model"
)

// namesVariable tells an agent that it is the one that answers DNS. It is a process of its own, as the user 1337: the
// workload's questions are redirected to it, and its own are not.
const namesVariable = "ISTIO_EGRESS_WIRE_NAMES"

// namesAddress is where questions are redirected to.
const namesAddress = "localhost:15053"

// startNames starts the process that answers DNS, and waits until it knows istiod's names.
func (s agentSettings) startNames(ctx context.Context) error {
	known, tell, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = known.Close() }()
	command := exec.CommandContext(ctx, "/proc/self/exe")
	command.Env = append(os.Environ(), namesVariable+"=yes")
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.ExtraFiles = []*os.File{tell}
	command.SysProcAttr = &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: proxyUser, Gid: proxyUser},
		Pdeathsig:  syscall.SIGKILL,
	}
	err = command.Start()
	_ = tell.Close()
	if err != nil {
		return err
	}
	if n, err := known.Read(make([]byte, 1)); n == 0 {
		return fmt.Errorf("istiod's names did not come: %w", err)
	}
	return nil
}

// tellKnown tells the process that started this one that it knows istiod's names.
func tellKnown() error {
	const first = 3 // of exec.Cmd.ExtraFiles
	tell := os.NewFile(first, "tell")
	_, err := tell.WriteString("!")
	return errors.Join(err, tell.Close())
}

// runNames answers DNS as istio-agent does where it captures the workload's questions: with the names that istiod sends, and
// for all others with what the cluster's DNS says.
func (s agentSettings) runNames(ctx context.Context) error {
	server, err := names.NewLocalDNSServer(s.Namespace, s.Namespace+".svc.cluster.local", namesAddress)
	if err != nil {
		return err
	}
	server.StartDNS()
	node, err := s.node()
	if err != nil {
		return err
	}
	connection, err := grpc.NewClient("unix://"+s.XDS, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	stream, err := discovery.NewAggregatedDiscoveryServiceClient(connection).StreamAggregatedResources(ctx)
	if err != nil {
		return err
	}
	request := &discovery.DiscoveryRequest{Node: node, TypeUrl: model.NameTableType}
	for tell := sync.OnceValue(tellKnown); ; {
		if err := stream.Send(request); err != nil {
			return err
		}
		response, err := stream.Recv()
		if err != nil {
			return fmt.Errorf("read istiod's names: %w", err)
		}
		if err := update(server, response); err != nil {
			return err
		}
		if err := tell(); err != nil {
			return err
		}
		request.VersionInfo, request.ResponseNonce = response.GetVersionInfo(), response.GetNonce()
	}
}

func update(server *names.LocalDNSServer, response *discovery.DiscoveryResponse) error {
	for _, resource := range response.GetResources() {
		table := &dnsProto.NameTable{}
		if err := resource.UnmarshalTo(table); err != nil {
			return err
		}
		server.UpdateLookupTable(table)
	}
	return nil
}

// node is who Envoy is.
func (s agentSettings) node() (*core.Node, error) {
	content, err := os.ReadFile(s.Bootstrap)
	if err != nil {
		return nil, err
	}
	var bootstrap struct{ Node json.RawMessage }
	if err := json.Unmarshal(content, &bootstrap); err != nil {
		return nil, err
	}
	node := &core.Node{}
	return node, protojson.Unmarshal(bootstrap.Node, node)
}
