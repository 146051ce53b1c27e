package manifests

// check finds one kind of trap in the manifests. One per file.
type check func(*set) []finding

var checks = []check{
	checkAliasDNSCapture,
	checkAliasPorts,
	checkAliasRule,
	checkCIDR,
	checkClientCertificate,
	checkCredentialSelector,
	checkDecoded,
	checkEndpointsKinds,
	checkEntryForService,
	checkExternalName,
	checkExternalNameIP,
	checkGatewayPlaintext,
	checkHostNamespaces,
	checkHostTwice,
	checkHTTPOn443,
	checkInsecure,
	checkMeshMutual,
	checkNames,
	checkPlaintext,
	checkPortLevel,
	checkRouteProtocol,
	checkRouteUndeclared,
	checkSelectorAlone,
	checkSelectorVisibility,
	checkSlicePorts,
	checkStartTLS,
	checkTCPAddresses,
	checkTCPNames,
	checkTLSToPlaintextPort,
	checkTLSTwice,
	checkUnknownPort,
	checkWildcardDNS,
}
