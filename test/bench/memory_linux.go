package main

import (
	"os"
	"syscall"
)

// peakMemory is the largest resident memory of a finished process, in bytes.
// Linux counts that of the parent at the start too, so this process stays small.
func peakMemory(state *os.ProcessState) int64 {
	return state.SysUsage().(*syscall.Rusage).Maxrss << 10
}
