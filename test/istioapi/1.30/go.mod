// Module 1.30 pins Istio 1.30's CRDs, which are in the module of its API. It is a module of its own because a module has one
// version of another.
module github.com/istio-egress/istio-egress/test/istioapi/1.30

go 1.26.0

require istio.io/api v1.30.8
