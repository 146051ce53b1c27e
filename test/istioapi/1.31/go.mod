// Module 1.31 pins Istio 1.31's CRDs, which are in the module of its API. It is a module of its own because a module has one
// version of another.
module github.com/istio-egress/istio-egress/test/istioapi/1.31

go 1.26.0

require istio.io/api v1.31.4
