package manifests

import "github.com/istio-egress/istio-egress/lint"

// check finds one kind of trap in the manifests. One per file.
type check func(*set) []lint.Finding

var checks = []check{
	checkAliasPorts,
	checkAliasRule,
	checkCIDR,
	checkClientCertificate,
	checkCredentialSelector,
	checkEndpointsKinds,
	checkExternalName,
	checkExternalNameIP,
	checkHostTwice,
	checkHTTPOn443,
	checkInsecure,
	checkMeshMutual,
	checkNames,
	checkPlaintext,
	checkPortLevel,
	checkSelectorAlone,
	checkSelectorVisibility,
	checkSlicePorts,
	checkTCPAddresses,
	checkTLSTwice,
	checkUnknownPort,
	checkWildcardDNS,
}
