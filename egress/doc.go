// Package egress is the model of what is declared for the way out of a mesh: local names, the servers that they lead to,
// how their TLS is set, and who sees it. Linter, report and diff read it, and none of them reads values again.
//
// A model comes from the chart, as what values mean is computed there and nowhere else (Chart.Declare of package render),
// or from the Kubernetes and Istio objects that a cluster has ([FromObjects]). Both say the same of the same: what the
// chart renders for values gives their model again.
//
// The package knows neither Helm nor Istio's runtime.
package egress
