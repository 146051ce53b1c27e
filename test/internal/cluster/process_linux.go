//go:build e2e

package cluster

import "syscall"

// processAttributes put the process into a group of its own, which ends with
// this process however that ends.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
