package explain_test

import (
	"runtime"
	"testing"

	"github.com/istio-egress/istio-egress/explain"
)

// A program that explains all day keeps nothing of the meshes that it closed.
func TestClosedMeshesAreForgotten(t *testing.T) {
	declared, err := declare("externalNameServices: [{name: api, externalName: api.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}]")
	if err != nil {
		t.Fatal(err)
	}
	const meshes = 40
	held := func() uint64 {
		for range meshes {
			follow(t, declared.Objects, explain.Call{URL: "http://api/"})
		}
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		return memory.HeapAlloc
	}
	held() // what is there once
	before := held()
	if after := held(); after > before && (after-before)/meshes > 200<<10 {
		t.Errorf("each closed mesh keeps %d KiB", (after-before)/meshes>>10)
	}
}
