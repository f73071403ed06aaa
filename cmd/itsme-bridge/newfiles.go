package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// newFile is one that is written.
type newFile struct{ name, what, text string }

// writeAll writes files that are not there yet: all of them, or none. The flag is the
// one that names the folder.
func writeAll(folder, flag string, files []newFile) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for i, f := range files {
		err := writeNew(filepath.Join(folder, f.name), f.text)
		if err == nil {
			continue
		}
		for _, written := range files[:i] {
			_ = os.Remove(filepath.Join(folder, written.name)) // it is ours, and of no use alone
		}
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s already holds %s, so nothing was written; name another folder with %s, or move that away", folder, f.name, flag)
		}
		return err
	}
	return nil
}

// writeNew writes a file that was not there, for its owner alone.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // G304: the operator names the folder
	if err != nil {
		return err
	}
	_, err = io.Copy(f, bytes.NewBufferString(text))
	if err = errors.Join(err, f.Close()); err != nil && !errors.Is(err, fs.ErrExist) {
		_ = os.Remove(path) // half of it
	}
	return err
}
