module github.com/istio-egress/istio-egress

go 1.26.0
