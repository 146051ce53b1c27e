package explain

import (
	"fmt"
	"net"
	"strconv"
)

// withoutSidecar tells what a pod without a sidecar gets: DNS and kube-proxy. Of an alias, target ports have no effect.
func (w *walk) withoutSidecar() {
	verdict := SentPlaintext
	text := "none: plaintext"
	switch {
	case w.request.sendsTLS():
		verdict, text = SentAsIs, "the workload's own TLS; the workload verifies the server"
	case !w.request.isHTTP():
		text = "none: the bytes go as the workload sends them"
	}
	if w.request.isHTTP() {
		w.Host = w.request.Authority
	}
	if w.dialled.service == nil || w.dialled.given {
		w.leave(verdict, []string{w.dialled.String()}, "no sidecar: it leaves for the address that the workload dialled", "")
	} else {
		w.behindService(verdict)
	}
	if w.Verdict != NoUpstream {
		w.step(StageEncryption, text, "")
		if verdict == SentPlaintext && w.request.port == 443 {
			w.warn("plaintext-to-tls-port", "plaintext to port 443, where servers expect TLS")
		}
	}
}

func (w *walk) behindService(verdict Verdict) {
	it := w.dialled.service
	b := backendsOf(w.index, it, w.dialled.port)
	switch {
	case isHeadless(it):
		w.behindHeadless(verdict, "no sidecar: it leaves untouched", b)
	case len(b.servers) > 0:
		w.leave(verdict, b.servers, fmt.Sprintf("no sidecar: kube-proxy leads the cluster IP of %s to its endpoints", it), "", b.by...)
	case b.selector:
		w.leave(verdict, []string{net.JoinHostPort(it.hosts[0], strconv.Itoa(w.dialled.port))},
			fmt.Sprintf("no sidecar: kube-proxy leads the cluster IP of %s to its pods", it), "")
	default:
		w.Host = ""
		w.leave(NoUpstream, nil, fmt.Sprintf("no sidecar: nothing is behind the cluster IP of %s, so that the connection is refused", it), "")
	}
}
