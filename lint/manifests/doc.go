// Package manifests lints hand-written Services, ServiceEntries and DestinationRules for what Kubernetes and Istio accept
// and what does not do what it says: rules that nothing follows, TLS that verifies nothing, ports that swallow the
// traffic of others. Each finding offers the values entry of the istio-egress chart that would replace the objects.
//
// Add a check: one file check_<name>.go with a function in the list of checks.go, and its entry in lint/catalogue.
package manifests
