package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/explain/calls"
	"github.com/istio-egress/istio-egress/explain/output"
)

const long = `Tell what a workload's sidecar does with a call, or in ambient mode ztunnel and the waypoint: where it goes, in which
encryption, who is verified, and which objects and lines of the values are responsible. Istiod's own code generates what they
are sent, here and without a cluster.

The scheme of a URL is what the workload sends: http, grpc (HTTP/2), https, tls (another protocol in TLS), or tcp.

What the cluster has besides the release is given with --with, as kubectl prints it:
  kubectl get -A -o yaml service,endpointslice,namespace,serviceentry,destinationrule,virtualservice,sidecar,envoyfilter,peerauthentication,gateway.networking.istio.io,authorizationpolicy,pod
and for ambient mode gateway.gateway.networking.k8s.io and workloadentry too.
Secrets are neither needed nor read. What only DNS knows is assumed, and said so. Istiod's feature flags (PILOT_...) are read
from the environment.

Exit status: 0 when there is an answer, 1 when a call is not as --check expects, 2 when there could be no answer.`

const example = `  egress-explain -f values.yaml --from shop/app=checkout http://risk/score
  egress-explain -f values.yaml -n shop --with cluster.yaml --registry-only tcp://ledger-db:5432
  egress-explain --with manifests/ https://api.example.com
  egress-explain -f values.yaml --from shop --data-plane ambient http://my-httpbin/
  egress-explain -f values.yaml --all
  egress-explain -f values.yaml --all -o expectations > values.calls.yaml
  egress-explain -f values.yaml --check values.calls.yaml`

type options struct {
	input
	from          string
	account       string
	dataPlane     string
	address       string
	serverName    string
	method        string
	headers       []string
	noSidecar     bool
	registryOnly  bool
	meshConfig    string
	proxyMetadata map[string]string
	all           bool
	check         []string
	whyNot        bool
	format        string
	verbose       bool
	urls          []string
}

func newRootCommand(s streams) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:           "egress-explain [-f values.yaml] [--with manifests] URL...",
		Short:         "Tell what becomes of a workload's call",
		Long:          long,
		Example:       example,
		Version:       versionFunc,
		Args:          cobra.ArbitraryArgs, // URLs
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.urls = args
			return o.run(cmd.Context(), s)
		},
	}
	cmd.SetIn(s.in)
	cmd.SetOut(s.out)
	cmd.SetErr(s.err)
	cmd.SetVersionTemplate("{{" + versionFunc + "}}\n")
	o.input.addFlags(cmd.Flags())
	o.addFlags(cmd.Flags())
	cmd.AddCommand(&cobra.Command{
		Use: "version", Short: "Print the version, and that of Istio", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(s.out, version())
			return err
		},
	})
	return cmd
}

func (o *options) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.from, "from", "", "the `caller`: namespace, or namespace/key=value,... with its labels (default: the release's namespace)")
	f.StringVar(&o.account, "service-account", "", "the caller's service account, by `name`, where a gateway or a waypoint looks at who calls (default: default)")
	f.StringVar(&o.dataPlane, "data-plane", "", "how the caller is in the mesh: `sidecar or ambient` (default: as the values say, sidecar where they say both; with --all, both)")
	f.StringVar(&o.address, "address", "", "the IP `address` that the workload dials, in place of what DNS is assumed to answer")
	f.StringVar(&o.serverName, "sni", "", "the server `name` that https and tls ask for (default: the URL's host)")
	f.StringVar(&o.method, "method", "", "the HTTP `method`")
	f.StringArrayVar(&o.headers, "header", nil, "an HTTP `header`, name: value (can be repeated)")
	f.BoolVar(&o.noSidecar, "no-sidecar", false, "tell what a pod without a sidecar gets")
	f.BoolVar(&o.registryOnly, "registry-only", false, "the mesh lets only declared destinations out (outboundTrafficPolicy REGISTRY_ONLY)")
	f.StringVar(&o.meshConfig, "mesh-config", "", "the mesh's configuration in this `file`: itself, or its ConfigMap")
	f.StringToStringVar(&o.proxyMetadata, "proxy-metadata", nil, "what the sidecars' environment has, such as ISTIO_META_DNS_CAPTURE=true (can be repeated; default: that, where the values say dnsCapture)")
	f.BoolVar(&o.all, "all", false, "tell of every name and port of the values, from every namespace that sees it")
	f.StringSliceVar(&o.check, "check", nil, "hold calls against the expectations in this `file` (can be repeated)")
	f.BoolVar(&o.whyNot, "why-not", true, "tell which objects about the call's names have no part in it, and why")
	f.StringVarP(&o.format, "output", "o", "text", "output `format`: text, json; with --all: expectations; with --check: "+strings.Join(output.ReportFormats(), ", "))
	f.BoolVarP(&o.verbose, "verbose", "v", false, "print every step, with Envoy's own names")
}

var (
	errNothingAsked = errors.New("nothing is asked: write the URL that a workload calls, such as http://my-alias/, or --all, or --check FILE (egress-explain --help shows all flags)")
	errAskedTwice   = errors.New("URLs, --all and --check are three questions: ask one at a time")
	errOutside      = errors.New("--no-sidecar is about a pod outside of the mesh, and --data-plane ambient about one in it: give one of them")
	errNoValues     = errors.New("--all is about the names of values: give them with -f or --set")
)

// checkQuestion refuses what cannot be answered before anything is read.
func (o *options) checkQuestion() error {
	questions := 0
	for _, asked := range []bool{len(o.urls) > 0, o.all, len(o.check) > 0} {
		if asked {
			questions++
		}
	}
	switch {
	case questions == 0:
		return errNothingAsked
	case questions > 1:
		return errAskedTwice
	case o.all && !o.values.Given():
		return errNoValues
	case o.noSidecar && o.dataPlane == string(egress.DataPlaneAmbient):
		return errOutside
	}
	if !slices.Contains([]string{"", string(egress.DataPlaneSidecar), string(egress.DataPlaneAmbient)}, o.dataPlane) {
		return fmt.Errorf("--data-plane %q: a pod has a sidecar or is in ambient mode: write sidecar or ambient", o.dataPlane)
	}
	formats := []string{"json", "text"}
	switch {
	case o.all:
		formats = []string{"expectations", "json", "text"}
	case len(o.check) > 0:
		formats = output.ReportFormats()
	}
	if !slices.Contains(formats, o.format) {
		return fmt.Errorf("unknown output format %q: want one of %s", o.format, strings.Join(formats, ", "))
	}
	return nil
}

func (o *options) run(ctx context.Context, s streams) error {
	if err := o.checkQuestion(); err != nil {
		return err
	}
	asked, err := o.calls()
	if err != nil {
		return err
	}
	mesh, err := o.mesh()
	if err != nil {
		return err
	}
	read, err := o.input.read(s.in)
	if err != nil {
		return err
	}
	o.tellOthers(s, read)
	if read.model != nil {
		mesh.ClusterDomain = clusterDomain(read.model)
		mesh.DNSCapture = read.model.DNSCapture
	}
	for i := range asked {
		asked[i].From.DataPlane = o.planeOfCaller(read.model)
	}
	switch {
	case o.all:
		return o.explainAll(ctx, s, read, mesh)
	case len(o.check) > 0:
		return o.checkCalls(ctx, s, read, mesh)
	}
	return o.explain(ctx, s, read, mesh, asked)
}

// planeOfCaller is the data plane of a caller that says none: what the flag says, else the values.
func (o *options) planeOfCaller(model *egress.Model) egress.DataPlane {
	switch {
	case o.dataPlane != "":
		return egress.DataPlane(o.dataPlane)
	case o.noSidecar:
		return egress.DataPlaneSidecar
	}
	return planeOfValues(model)
}

// planeOfValues is what values say of callers, where they are for one data plane alone; else they have sidecars.
func planeOfValues(model *egress.Model) egress.DataPlane {
	if model == nil || model.DataPlane != egress.DataPlaneAmbient {
		return egress.DataPlaneSidecar
	}
	return egress.DataPlaneAmbient
}

// calls reads the URLs of the command line, so that a slip in one is told before the files are read.
func (o *options) calls() ([]explain.Call, error) {
	from := explain.Workload{Namespace: o.release.Namespace}
	if o.from != "" {
		var err error
		if from, err = explain.ParseWorkload(o.from); err != nil {
			return nil, err
		}
	}
	from.ServiceAccount = o.account
	header := http.Header{}
	for _, text := range o.headers {
		name, value, ok := strings.Cut(text, ":")
		if !ok {
			return nil, fmt.Errorf("--header %q: write name: value", text)
		}
		header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	var asked []explain.Call
	for _, url := range o.urls {
		call := explain.Call{
			From: from, URL: url, Address: o.address, ServerName: o.serverName, Method: o.method, Header: header, NoSidecar: o.noSidecar,
		}
		if err := call.Check(); err != nil {
			return nil, err
		}
		asked = append(asked, call)
	}
	return asked, nil
}

func (o *options) mesh() (explain.Options, error) {
	mesh := explain.Options{RegistryOnly: o.registryOnly, ProxyMetadata: o.proxyMetadata}
	if o.meshConfig == "" {
		return mesh, nil
	}
	data, err := os.ReadFile(o.meshConfig)
	if err != nil {
		return mesh, err
	}
	if mesh.MeshConfig, err = explain.ReadMeshConfig(data); err != nil {
		return mesh, fmt.Errorf("%s: %w", o.meshConfig, err)
	}
	return mesh, nil
}

// tellOthers counts the objects of --with that were not read.
func (o *options) tellOthers(s streams, read *material) {
	var counts []string
	for _, kind := range slices.Sorted(maps.Keys(read.others)) {
		counts = append(counts, fmt.Sprintf("%d %s", read.others[kind], kind))
	}
	if len(counts) > 0 {
		fmt.Fprintf(s.err, "Not read, as they have no part in calls or are not known here: %s\n", strings.Join(counts, ", "))
	}
}

func (o *options) explain(ctx context.Context, s streams, read *material, mesh explain.Options, asked []explain.Call) error {
	loaded, err := explain.LoadFor(read.objects, mesh, asked...)
	if err != nil {
		return err
	}
	defer loaded.Close()
	var all []output.Explained
	for _, call := range asked {
		trace, err := loaded.Explain(call)
		if err != nil {
			return err
		}
		e := output.Explained{Trace: trace}
		if o.whyNot {
			if e.Ignored, err = trace.Ignored(ctx); err != nil {
				return err
			}
		}
		all = append(all, e)
	}
	if o.format == "json" {
		return output.JSON(s.out, all)
	}
	return output.Text(s.out, all, o.verbose)
}

func (o *options) explainAll(ctx context.Context, s streams, read *material, mesh explain.Options) error {
	plane := egress.DataPlane(o.dataPlane)
	if o.noSidecar {
		plane = egress.DataPlaneSidecar
	}
	asked := explain.Calls(read.model, read.objects, plane)
	for i := range asked {
		asked[i].NoSidecar = o.noSidecar
	}
	traces := explain.Traces(ctx, read.objects, mesh, asked)
	if o.format == "expectations" {
		return calls.Write(s.out, traces, o.registryOnly, planeOfValues(read.model))
	}
	var all []output.Explained
	for trace, err := range traces {
		if err != nil {
			return err
		}
		if o.format == "json" {
			all = append(all, output.Explained{Trace: trace})
		} else if err := output.Lines(s.out, trace); err != nil {
			return err
		}
	}
	if o.format == "json" {
		return output.JSONList(s.out, all)
	}
	return nil
}

func (o *options) checkCalls(ctx context.Context, s streams, read *material, mesh explain.Options) error {
	var files []*calls.File
	for _, name := range o.check {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		file, err := calls.Read(name, data, explain.Workload{Namespace: o.release.Namespace, DataPlane: o.planeOfCaller(read.model)})
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	report, err := calls.Check(ctx, files, read.objects, mesh, read.model)
	if err != nil {
		return err
	}
	if err := output.Report(o.format, s.out, report, output.ReportOptions{Verbose: o.verbose}); err != nil {
		return err
	}
	if report.Failed() > 0 {
		return errUnlike
	}
	return nil
}
