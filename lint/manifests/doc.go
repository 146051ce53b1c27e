// Package manifests lints hand-written Services, ServiceEntries and DestinationRules for fields that their kinds do not
// have and what does not do what it says: rules that nothing follows, TLS that verifies nothing, ports that swallow the
// traffic of others. A finding offers the values of the istio-egress chart that would replace the objects, where values can
// say all that the objects do.
//
// Add a check: one file check_<name>.go with a function in the list of checks.go, and its entry in lint/catalogue.
package manifests
