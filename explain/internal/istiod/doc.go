// Package istiod has istiod's own registries and generator answer, in this process and without a cluster: what a proxy would
// be sent for a set of objects. It is the only package that calls the control plane's code.
package istiod
