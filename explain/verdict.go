package explain

import "slices"

// Verdict is what becomes of a call. The words are stable.
type Verdict string

// The verdicts.
const (
	// SentTLS is TLS that the sidecar originates.
	SentTLS Verdict = "SENT_TLS"
	// SentMutual is TLS that the sidecar originates, with a client certificate.
	SentMutual Verdict = "SENT_MUTUAL"
	// SentMeshMTLS is the mesh's own mutual TLS.
	SentMeshMTLS Verdict = "SENT_MESH_MTLS"
	// SentPlaintext is for calls that nobody encrypts: neither the workload, nor the sidecar.
	SentPlaintext Verdict = "SENT_PLAINTEXT"
	// SentAsIs is the workload's own TLS, unchanged.
	SentAsIs Verdict = "SENT_AS_IS"
	// Passthrough is for calls that leave for the address that the workload dialled, as nothing declares it.
	Passthrough Verdict = "PASSTHROUGH"
	// Blocked is for calls that the mesh does not let out, as nothing declares where they go.
	Blocked Verdict = "BLOCKED"
	// NoUpstream is for calls that lead nowhere: to a name without a server.
	NoUpstream Verdict = "NO_UPSTREAM"
	// Denied is for calls that an egress gateway or a waypoint turns away: the caller is not one of those who may call.
	Denied Verdict = "DENIED"
	// Failed is for calls that end in the sidecar: it cannot read them, has no route, or answers itself.
	Failed Verdict = "FAILED"
)

// verdicts are all, from the one that lets most out unprotected: of a call that is split, it is the first.
var verdicts = []Verdict{
	Passthrough, SentPlaintext, SentAsIs, SentTLS, SentMutual, SentMeshMTLS, NoUpstream, Failed, Denied, Blocked,
}

// Verdicts returns all verdicts.
func Verdicts() []Verdict { return slices.Clone(verdicts) }

// worst returns the verdict of a call that may have either.
func worst(a, b Verdict) Verdict {
	if a == "" || slices.Index(verdicts, b) < slices.Index(verdicts, a) {
		return b
	}
	return a
}

// Says is the verdict in words, between the call and the server.
func (v Verdict) Says() string {
	switch v {
	case SentTLS:
		return "leaves in TLS"
	case SentMutual:
		return "leaves in TLS with a client certificate"
	case SentMeshMTLS:
		return "leaves in the mesh's mutual TLS"
	case SentPlaintext:
		return "leaves in PLAINTEXT"
	case SentAsIs:
		return "leaves in the workload's own TLS"
	case Passthrough:
		return "leaves the mesh as UNKNOWN traffic"
	case Blocked:
		return "is BLOCKED"
	case Denied:
		return "is DENIED"
	case NoUpstream:
		return "reaches NOTHING: no upstream"
	}
	return "FAILS"
}
