package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"syscall"
)

// peakMemory is the largest resident memory of a finished process, in bytes.
// Linux counts the peak of its parent until the start too: see [forgetPeak].
func peakMemory(state *os.ProcessState) int64 {
	return state.SysUsage().(*syscall.Rusage).Maxrss << 10
}

// forgetPeak makes this process small before it starts one that is measured: it gives back what it does not use, and its
// peak is what is left. proc_pid_clear_refs(5) says what is written.
func forgetPeak() error {
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		return fmt.Errorf("memory could not be measured: %w", err)
	}
	return nil
}
