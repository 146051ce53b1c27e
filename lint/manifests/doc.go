// Package manifests lints hand-written Services, endpoints, ServiceEntries, DestinationRules and VirtualServices for fields that
// their kinds do not have and for what does not do what it says: rules that nothing follows, TLS that verifies nothing, ports
// that take the traffic of others, routes that lead nowhere. A finding offers the values of the istio-egress chart that would
// replace the objects, where these render to the same calls.
//
// Objects are typed, and egress.Objects knows how they belong together. Those of which something is not known, as Kubernetes
// would refuse it or another tool fills it in, are not judged, and neither is what belongs to them.
//
// [Import] writes values for objects as they are, and not as they were meant: what they do, with the faults that Istio forgives.
//
// Add a check: a file check_<name>.go with a function in the list of checks.go, its entry in lint/catalogue, and in
// advice_test.go what its message says to write.
package manifests
