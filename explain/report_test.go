package explain_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/report"
)

// What the report says of a row, istiod's own code does with each call of it: by every name, from every namespace and
// workload that it names.
func TestReportSaysWhatSidecarsDo(t *testing.T) {
	calls := map[egress.Grade]int{}
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		declared, options := inMesh(t, random)
		mesh, err := explain.Load(declared.Objects, options)
		if err != nil {
			t.Fatal(err)
		}
		defer mesh.Close()
		for _, row := range report.Rows(&report.Declaration{Model: declared.Model}) {
			for _, way := range row.Ways {
				for _, namespace := range callersOf(row, way) {
					calls[row.Grade]++
					checkRow(t, mesh, row, way, namespace)
				}
			}
		}
	})
	t.Logf("calls by grade: %v", calls)
	for _, grade := range egress.Grades() {
		if calls[grade] == 0 {
			t.Errorf("no call is %s", grade)
		}
	}
}

// inMesh are random values, and the mesh that they are for.
func inMesh(t *testing.T, random *rand.Rand) (*explain.Declared, explain.Options) {
	t.Helper()
	values := valuesgen.Random(random, 1+random.IntN(5))
	text, err := yaml.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	declared, err := declare(string(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var options explain.Options
	if values["dnsCapture"] == true {
		options.ProxyMetadata = map[string]string{"ISTIO_META_DNS_CAPTURE": "true"}
	}
	return declared, options
}

// callersOf are the namespaces of a row; of those that are for all, the name's own and another.
func callersOf(row report.Row, way egress.Way) []string {
	if slices.Equal(row.Namespaces, []string{"*"}) {
		return []string{way.To.Destination.Namespace, "elsewhere"}
	}
	return row.Namespaces
}

func checkRow(t *testing.T, mesh *explain.Mesh, row report.Row, way egress.Way, namespace string) {
	t.Helper()
	from := explain.Workload{Namespace: namespace, Labels: way.Rule.Selector, IPs: bothFamilies}
	call := explain.Call{From: from, URL: scheme(way) + "://" + way.Name()}
	if way.Port != nil && way.To.Protocol.IsTLS() {
		call.ServerName = way.Port.Service.ServerName
	}
	call.From.ServiceAccount = mayCall(row, namespace)
	trace, err := mesh.Explain(call)
	if err != nil {
		t.Fatal(err)
	}
	if trace.Through != row.Through {
		t.Errorf("%s by %s goes through %q, and the report says %q", call.URL, call.From, trace.Through, row.Through)
	}
	if call.From.ServiceAccount == outsider {
		if trace.Verdict != explain.Denied {
			t.Errorf("%s by %s: the report says who may call (%+v), and the gateway lets it in\n%s", call.URL, call.From, row.AllowFrom, says(trace))
		}
		return
	}
	_, called, _ := strings.Cut(call.URL, "://")
	if want, got := reported(row, strings.TrimSuffix(called, ":80")), followed(trace); want != got {
		t.Errorf("%s by %s: the report says\n%+v\nand the sidecar does\n%+v\n%s", call.URL, call.From, want, got, says(trace))
	}
}

// outsider is a service account that nobody lets in.
const outsider = "outsider"

// mayCall is a service account of a namespace that may call; the outsider where none may.
func mayCall(row report.Row, namespace string) string {
	if row.AllowFrom == nil || slices.Contains(row.AllowFrom.Namespaces, namespace) {
		return ""
	}
	for _, account := range row.AllowFrom.ServiceAccounts {
		if name, is := strings.CutPrefix(account, namespace+"/"); is {
			return name
		}
	}
	return outsider
}

// bothFamilies are of a pod that reaches any declared address.
var bothFamilies = []string{"10.244.0.9", "2001:db8:244::9"}

func scheme(way egress.Way) string {
	switch protocol := way.To.Protocol; {
	case protocol == "GRPC" || protocol == "HTTP2":
		return "grpc"
	case protocol.IsHTTP():
		return "http"
	case protocol.IsTLS():
		return "tls"
	}
	return "tcp"
}

// said is what both say of a call.
type said struct {
	grade                      egress.Grade
	servers, verifies          string
	sni, ca, certificate, host string
}

func reported(row report.Row, called string) said {
	destination := row.Ways[0].To.Destination
	hosts := destination.Addresses
	if destination.Server != "" {
		hosts = []string{row.Destination}
	}
	var servers []string
	for _, host := range hosts {
		servers = append(servers, net.JoinHostPort(host, strconv.Itoa(row.Port)))
	}
	slices.Sort(servers)
	s := said{
		grade: row.Grade, servers: fmt.Sprint(servers), sni: row.SNI, verifies: fmt.Sprint(row.Verifies), ca: row.CA, certificate: row.Certificate,
	}
	if row.Ways[0].To.Protocol.IsHTTP() {
		s.host = cmp.Or(row.Host, called)
	}
	return s
}

// followed is a trace in the words of the report.
func followed(trace *explain.Trace) said {
	s := said{grade: gradeOf(trace), servers: fmt.Sprint(trace.Upstream), verifies: "[]", host: trace.Host}
	if tls := trace.TLS; tls != nil {
		s.sni, s.verifies, s.ca, s.certificate = tls.SNI, fmt.Sprint(tls.Verifies), credential(tls.CA), credential(tls.Certificate)
	}
	return s
}

// credential has Envoy's name of a credential in the report's words.
func credential(name string) string {
	if name == "system" {
		return egress.PublicCAs
	}
	for prefix, kind := range map[string]string{"kubernetes://": "Secret ", "configmap://": "ConfigMap "} {
		if rest, is := strings.CutPrefix(name, prefix); is {
			return kind + strings.TrimSuffix(rest, "-cacert")
		}
	}
	return name
}

func gradeOf(trace *explain.Trace) egress.Grade {
	opaque := strings.HasPrefix(trace.Call.URL, "tcp://")
	switch tls := trace.TLS; {
	case trace.Verdict == explain.SentPlaintext && opaque:
		return egress.Opaque
	case trace.Verdict == explain.SentPlaintext:
		return egress.Plaintext
	case trace.Verdict == explain.SentAsIs:
		return egress.WorkloadTLS
	case trace.Verdict != explain.SentTLS && trace.Verdict != explain.SentMutual:
		return egress.Grade(trace.Verdict)
	case tls.CA == "" || len(tls.Verifies) == 0:
		return egress.Unverified
	case trace.Verdict == explain.SentMutual:
		return egress.Mutual
	}
	return egress.Verified
}
