//go:build unix

package document

import (
	"io/fs"
	"os"
	"syscall"
)

// isOurs reports whether a file belongs to this user and to their own group.
func isOurs(info fs.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(owner.Uid) == os.Geteuid() && int(owner.Gid) == os.Getegid()
}
