//go:build !unix

package document

import "io/fs"

// isOurs reports whether a file belongs to this user: who else it could be for, nobody can tell here.
func isOurs(fs.FileInfo) bool { return true }
