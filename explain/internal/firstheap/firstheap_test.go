package firstheap

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// After the first collection garbage is collected as often as before.
func TestWaitOnce(t *testing.T) {
	if os.Getenv("GOGC") == "" && !becomes(100) {
		t.Fatalf("after collections the percentage is %d, which importing the package set", current())
	}
	const usual, more = 150, 700
	defer debug.SetGCPercent(debug.SetGCPercent(usual))
	waitOnce(more)
	if now := current(); now != more {
		t.Errorf("before the first collection the percentage is %d, want %d", now, more)
	}
	if !becomes(usual) {
		t.Errorf("after collections the percentage is %d, want %d", current(), usual)
	}
}

// becomes collects garbage until the percentage is the one.
func becomes(percent uint64) bool {
	for range 1000 {
		runtime.GC()
		if current() == percent {
			return true
		}
		time.Sleep(time.Millisecond) // cleanups run beside
	}
	return false
}

func current() uint64 {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
