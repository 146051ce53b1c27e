// Command wire makes calls through a real Envoy and looks at what arrives. Where the tests under
// test/e2e ask istiod's generator what a sidecar would do, this asks the sidecar.
//
//	ci/wire                          all cases, and five minutes of calls while everything changes
//	ci/wire -run 'mutual-tls/' -v    the cases of a file, with every call
//	ci/wire -soak 1m                 all cases, and one minute
//	ci/wire -cost                    what the sidecar costs, as Markdown; no case; -rounds 1 for a first look
//	ci/wire -chart DIR               another chart than this repository's
//	ci/wire -dump DIR                what istiod sent to each proxy, beside the cases
//
// The cases are data: see the README in cases. It takes root of a Linux machine, Debian's iptables and
// pip; whatever is missing is installed or told, and nothing is skipped. Exit codes: 0 all is as
// expected, 1 not all is, 2 the calls could not be made.
//
// The soak calls by both forms, about two hundred times a second, while entries are added, changed and
// removed, the certificates of servers and clients are renewed, DNS moves servers, and others declare
// rules. Every call that fails, arrives in plaintext or at another server is counted and printed with
// what changed at the time. Five minutes on two busy cores were 49,852 calls and 183 changes of that
// kind; none failed, and none went astray.
//
// # What is real
//
//   - The chart, rendered as in package render.
//   - istiod's registries, push context, generators and ADS server, for the objects of the case.
//   - The redirection of connections: the code of istio-init, with iptables, for IPv4 and IPv6.
//   - istio-agent's SDS server, for the workload's certificate, the system's CAs and files; its DNS
//     server, with the names that istiod sends, for pods whose metadata have DNS_CAPTURE.
//   - Envoy, unpatched, as the user 1337.
//   - The kernel's TCP between network namespaces; DNS with CNAMEs, times to live and changing answers.
//
// # What is stood in for
//
//   - What only Istio's build of Envoy has is taken out of listeners and clusters: the filters
//     istio.alpn and istio.metadata_exchange. The headers that the latter adds to requests are set
//     by header_mutation in its place, with other values, unless it is told to spare external
//     clusters: then it adds none, where Istio's would add them inside the mesh. Without istio.alpn
//     calls inside the mesh carry no Istio protocol names in their ALPN.
//   - Istio's proxies ask istiod for what has changed alone (delta xDS), by way of istio-agent. Here
//     Envoy asks istiod itself, and for all there is of a kind (state of the world), as it did in
//     earlier versions of Istio: the same generators answer.
//   - The API server: objects are in istiod's store, checked by istiod's validation. It gives out
//     cluster IPs, and mirrors Endpoints into EndpointSlices.
//   - istiod's controller that gives ServiceEntries addresses of 240.240.0.0/16: which get one is
//     asked of istiod's code, and their numbers are those of the order in which they come.
//   - The network between pods: connections are passed on by this program, which looks at their first
//     bytes, so the pod that is called sees an address of the network's.
//   - kube-proxy: a connection to a cluster IP that left the pod goes to the first endpoint of the
//     Service, be it a server or the pod of a gateway, and is refused when there is none.
//   - ztunnel, for ambient pods: this program asks istiod's index for ztunnel what an address is, and opens a tunnel to the
//     waypoint as ztunnel does, an HTTP/2 CONNECT in the mesh's mutual TLS with the identity of the pod (HBONE); without a
//     waypoint it connects to the endpoints that istiod tells of, and refuses where there are none. The waypoint is an Envoy,
//     as istiod configures it. Of its listeners, the filters that name callers in metrics are taken out, and values that Istio's
//     build keeps of a tunnel are made by Envoy's own factory for strings. Its Service and the address of its Gateway are those
//     that Istio's controller makes, and the right to read Secrets is not asked for.
//   - istiod's CA: the workload's certificate is a file, and every service account may read the Secrets
//     of its namespace.
//   - The rest of istio-agent: no readiness probe; the bootstrap has what decides on traffic of Istio's.
package main
