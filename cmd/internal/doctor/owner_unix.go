//go:build unix

package doctor

import (
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// strangers names the owner of a file, if it is neither root nor the user of this process.
func strangers(info fs.FileInfo) string {
	of, ok := info.Sys().(*syscall.Stat_t)
	if !ok || of.Uid == 0 || int(of.Uid) == os.Geteuid() || os.Geteuid() == 0 { // root looks at everybody's
		return ""
	}
	return "the user " + strconv.Itoa(int(of.Uid))
}
