package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
)

// File is a file that lines are added to. It can be moved away and opened anew, as
// logrotate does.
type File struct {
	path string

	next atomic.Pointer[os.File] // where the next line goes; nil: where the one before went

	mu   sync.Mutex // held as long as a write takes: whoever opens anew does not wait for it
	file *os.File
	torn bool // the last line is there in part
}

// errNoFile is why something that is there is not written to.
var errNoFile = errors.New("it is no plain file")

// Open opens a file, or makes it for its owner alone. The error does not name it.
func Open(path string) (*File, error) {
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	return &File{path: path, file: file}, nil
}

// open looks first: to open a pipe would wait for its reader.
func open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return nil, errNoFile
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, reason(err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // G304: the operator names the file
	if err != nil {
		return nil, reason(err)
	}
	return file, nil
}

// reason is what the system says, without the path.
func reason(err error) error {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		return of.Err
	}
	return err
}

// Write adds a line. Where one before it is there in part, since the disk was full, it
// begins on a line of its own.
func (f *File) Write(text []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turn()
	if f.torn {
		if _, err := f.file.WriteString("\n"); err != nil {
			return 0, f.failed(err)
		}
		f.torn = false
	}
	n, err := f.file.Write(text)
	if err != nil {
		f.torn = n > 0
		return n, f.failed(err)
	}
	return n, nil
}

func (f *File) failed(err error) error { return fmt.Errorf("audit: write: %w", reason(err)) }

// Reopen opens the file of that name anew, for the next line. Where that fails, what was
// open stays so. It does not wait for a write that hangs.
func (f *File) Reopen() error {
	file, err := open(f.path)
	if err != nil {
		return err
	}
	if unused := f.next.Swap(file); unused != nil {
		_ = unused.Close() // nothing was written to it
	}
	return nil
}

// turn goes on to the file that was opened anew.
func (f *File) turn() {
	if next := f.next.Swap(nil); next != nil {
		_ = f.file.Close() // each line was written as it came
		f.file, f.torn = next, false
	}
}

// Close closes it.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turn()
	return f.file.Close() //nolint:wrapcheck // nothing was lost
}
