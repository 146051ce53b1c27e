//go:build e2e && !linux

package cluster

import "syscall"

// processAttributes put the process into a group of its own.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
