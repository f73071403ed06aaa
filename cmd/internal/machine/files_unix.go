//go:build unix

package machine

import (
	"math"
	"syscall"
)

// files is how many this process may have open. Go raises the soft limit to the hard
// one when it starts.
func files() int64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || uint64(limit.Cur) > math.MaxInt64 { //nolint:unconvert // it is signed on some systems
		return 0
	}
	return int64(limit.Cur)
}
