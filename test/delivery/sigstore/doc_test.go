//go:build e2e

// Package sigstore signs a release by the lines of its workflow, and verifies it by those of docs/install.md, with the real
// cosign. Sigstore's own services need GitHub's identity and the network: stand-ins on the loopback address keep their formats,
// down to the certificate's timestamp of a log and the entry's place in another, and cosign checks what they hand out.
package sigstore
