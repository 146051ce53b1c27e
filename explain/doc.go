// Package explain answers what a workload's sidecar does with a call, or in ambient mode ztunnel and the waypoint: where it goes,
// in which encryption, who is verified, and which objects and values are responsible. Istiod's own code generates what they are
// sent, in this process and without a cluster, and the call is followed through it as Envoy would. What ztunnel itself does with
// what it is told is written here: a service by the address, its waypoint, else its endpoints, and unknown addresses as they are.
//
//	release := explain.Release{Values: render.ValuesOptions{Files: []string{"values.yaml"}}}
//	declared, err := release.Declare()
//	...
//	mesh, err := explain.Load(declared.Objects, explain.Options{})
//	...
//	defer mesh.Close()
//	trace, err := mesh.Explain(explain.Call{From: explain.Workload{Namespace: "shop"}, URL: "http://my-httpbin/headers"})
//
// Objects of a cluster that are not part of a release are read by [ReadManifests], and put under it by [Join].
//
// What istiod does not know is assumed, and said so in the trace: what DNS answers for names outside of the cluster. Feature
// flags of istiod (PILOT_...) are read from the environment, once, as istiod itself reads them: a mesh that sets some needs
// the same here.
package explain
