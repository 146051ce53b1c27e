package egress

import (
	"strings"

	networking "istio.io/api/networking/v1"
)

// TLS are the settings by which the mesh originates TLS; nil when it does not.
func (w Way) TLS() *networking.ClientTLSSettings {
	settings := w.Rule.TLS.GetSettings()
	switch {
	case settings == nil, settings.GetMode() == networking.ClientTLSSettings_DISABLE, !w.To.Destination.Declared(), w.credentialIgnored(settings):
		return nil
	}
	return settings
}

// configMap begins a credentialName that every sidecar reads.
const configMap = "configmap://"

// credentialIgnored tells whether sidecars ignore the settings, as they read no Secrets but for the workloads that a
// selector names: calls leave in plaintext then. The chart refuses such values.
func (w Way) credentialIgnored(settings *networking.ClientTLSSettings) bool {
	credential := settings.GetCredentialName()
	return w.To.Path == "" && credential != "" && !strings.HasPrefix(credential, configMap) && len(w.Rule.Selector) == 0 && w.Through() == "" && w.Waypoint() == ""
}

// Grade is how well the way is protected.
func (w Way) Grade() Grade {
	settings := w.TLS()
	protocol := w.To.Protocol
	switch {
	case settings != nil && len(w.Verifies()) == 0:
		return Unverified
	case settings != nil && w.Certificate() != "":
		return Mutual
	case settings != nil:
		return Verified
	case protocol.IsTLS():
		return WorkloadTLS
	case protocol.IsHTTP():
		return Plaintext
	}
	return Opaque
}

// Verifies are the names of which the server's certificate must have one, where the mesh originates TLS. None: whoever
// answers is accepted.
func (w Way) Verifies() []string {
	settings := w.TLS()
	switch {
	case settings == nil, settings.GetInsecureSkipVerify().GetValue():
		return nil
	case len(settings.GetSubjectAltNames()) > 0:
		return settings.GetSubjectAltNames()
	case settings.GetSni() == "" && w.To.Protocol.IsHTTP() && settings.GetMode() != networking.ClientTLSSettings_ISTIO_MUTUAL:
		return []string{w.authority()} // Istio takes the Host header then, for HTTP alone
	}
	return nil
}

// authority is the Host header that the server gets, without a port.
func (w Way) authority() string {
	switch {
	case w.Port == nil:
		return w.To.Destination.Host
	case w.Port.Host != "":
		return w.Port.Host
	}
	return w.Port.Service.Host
}

// The authorities that no file or Secret names.
const (
	PublicCAs = "public CAs"
	MeshCA    = "the mesh's CA"
)

// systemCAs is no file: istiod writes it where no file is given, and proxies take the CAs of their own image.
const systemCAs = "system"

// CA is what the server's certificate must be signed by: a file of the proxy, "Secret name", "ConfigMap namespace/name",
// [PublicCAs] or [MeshCA]. Empty where the mesh looks at no certificate.
func (w Way) CA() string {
	settings := w.TLS()
	switch {
	case settings == nil, settings.GetInsecureSkipVerify().GetValue():
		return ""
	case settings.GetMode() == networking.ClientTLSSettings_ISTIO_MUTUAL:
		return MeshCA
	case settings.GetCredentialName() != "":
		return credentialText(settings.GetCredentialName())
	case settings.GetCaCertificates() != "" && settings.GetCaCertificates() != systemCAs:
		return settings.GetCaCertificates()
	}
	return PublicCAs
}

// Certificate is the client certificate that the mesh shows to the server: a file of the proxy, "Secret name", or "the
// workload's mesh certificate". Empty for none.
func (w Way) Certificate() string {
	settings := w.TLS()
	switch {
	case settings.GetMode() == networking.ClientTLSSettings_ISTIO_MUTUAL:
		return "the workload's mesh certificate"
	case settings.GetMode() != networking.ClientTLSSettings_MUTUAL:
		return ""
	case settings.GetCredentialName() != "":
		return credentialText(settings.GetCredentialName())
	}
	return settings.GetClientCertificate()
}

func credentialText(name string) string {
	if rest, ok := strings.CutPrefix(name, configMap); ok {
		return "ConfigMap " + rest
	}
	return "Secret " + strings.TrimPrefix(name, "kubernetes://")
}
