// Package envoy reads a proxy's configuration as the proxy does: which listener, filter chain and route a call takes.
package envoy
