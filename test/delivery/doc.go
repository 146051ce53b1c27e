// Package delivery tests the ways in which the chart reaches users: packages
// and registries, upgrades, Flux, Go programs, a parent chart, the documents;
// and, with the build tag e2e, Argo CD.
package delivery
