package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// machine describes where the bench runs: no names, only what decides on speed.
func machine() []string {
	return []string{
		fmt.Sprintf("%s, %d cores", processor(), runtime.NumCPU()),
		runtime.GOOS + "/" + runtime.GOARCH,
		runtime.Version(),
	}
}

func processor() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		name, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}
