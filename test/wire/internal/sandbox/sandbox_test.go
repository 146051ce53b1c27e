package sandbox

import (
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSaysWhatIsMissing(t *testing.T) {
	for _, err := range []error{syscall.EPERM, syscall.ENOSYS, syscall.EINVAL} {
		said := explain(&os.PathError{Op: "fork/exec", Path: "/proc/self/exe", Err: err})
		assert.ErrorIs(t, said, err)
		assert.ErrorContains(t, said, "run it as root of a machine, or in a container with --privileged")
	}
	assert.NotContains(t, explain(syscall.ENOMEM).Error(), "--privileged", "that is something else")
}

// What a run leaves that was killed is its folder, which the next one removes; not that of a run that is under way.
func TestRemovesWhatKilledRunsLeave(t *testing.T) {
	left, own := t.TempDir()+"/run-", os.Getpid()
	const nobody = 1 << 30 // more than processes can have as their number
	for _, process := range []int{own, nobody} {
		require.NoError(t, os.Mkdir(folderOf(left, process), 0o755))
	}
	removeLeftovers(left)
	assert.NoDirExists(t, folderOf(left, nobody))
	assert.DirExists(t, folderOf(left, own))
}
