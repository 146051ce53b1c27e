package egress

import "slices"

// Grade is how well a way out of the mesh is protected, as far as the mesh can tell.
type Grade string

// The grades, worst first. They are stable: reports and expectations name them.
const (
	// Plaintext is HTTP that leaves unencrypted.
	Plaintext Grade = "plaintext"
	// Opaque is TCP that leaves as the workload sends it: the mesh neither encrypts nor knows whether the workload does.
	Opaque Grade = "opaque"
	// Unverified is TLS of the mesh to whoever answers: no name of the server is verified, or nothing is.
	Unverified Grade = "unverified"
	// WorkloadTLS is TLS of the workload's own, which the mesh passes on; the workload verifies the server, or not.
	WorkloadTLS Grade = "workload-tls"
	// Verified is TLS of the mesh, with the server's name verified.
	Verified Grade = "verified"
	// Mutual is the same with a client certificate.
	Mutual Grade = "mutual"
)

// Grades are all grades, worst first.
func Grades() []Grade { return []Grade{Plaintext, Opaque, Unverified, WorkloadTLS, Verified, Mutual} }

// Rank counts from 0 for the worst grade; -1 for what is none.
func (g Grade) Rank() int { return slices.Index(Grades(), g) }

// Words says what happens, in a few words.
func (g Grade) Words() string {
	switch g {
	case Plaintext:
		return "plaintext"
	case Opaque:
		return "bytes as the workload sends them"
	case Unverified:
		return "TLS, server not verified"
	case WorkloadTLS:
		return "the workload's own TLS"
	case Verified:
		return "TLS, verified"
	case Mutual:
		return "TLS with a client certificate, verified"
	}
	return "unknown"
}
