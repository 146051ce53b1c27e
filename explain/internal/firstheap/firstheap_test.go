package firstheap

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// After the first collection garbage is collected as often as before.
func TestWaitOnce(t *testing.T) {
	const usual, more = 150, 700
	defer debug.SetGCPercent(debug.SetGCPercent(usual))
	waitOnce(more)
	if now := current(); now != more {
		t.Errorf("before the first collection the percentage is %d, want %d", now, more)
	}
	for range 1000 {
		runtime.GC()
		if current() == usual {
			return
		}
		time.Sleep(time.Millisecond) // cleanups run beside
	}
	t.Errorf("after collections the percentage is %d, want %d", current(), usual)
}

func current() int {
	percent := debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	return percent
}
