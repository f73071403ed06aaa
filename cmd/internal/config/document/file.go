package document

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// largest is the most bytes that a file named by a document may have.
const largest = 1 << 20

// File is the path of a file that is there, seen from the document's folder.
// Empty where there is none.
func (v Value) File() string {
	v.note(KindFile)
	name, _ := v.read()
	if name == "" || v.document.shapes != nil {
		return ""
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(v.document.folder, name)
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.Wrong("there is no file %s; write its path, from the folder of this file or from /", v.fileName())
	case err != nil:
		v.Wrong("the file %s cannot be read (%s); let this user read it", v.Quoted(), reason(err))
	case !info.Mode().IsRegular():
		v.Wrong("%s is not a file; name one", v.Quoted())
	case info.Size() > largest:
		v.Wrong("the file %s has more than %d bytes; is it the right one?", v.Quoted(), largest)
	default:
		v.document.files = append(v.document.files, NamedFile{Problem: v.Problem(""), Name: name})
		return name
	}
	return ""
}

// NewFile is the path of a file that will be written, seen from the document's folder.
// It need not be there, but its folder must. Empty where there is none.
func (v Value) NewFile() string {
	v.note(KindText)
	name, _ := v.read()
	if name == "" || v.document.shapes != nil {
		return ""
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(v.document.folder, name)
	}
	if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
		v.Wrong("there is no folder for %s; make it, or name a file in another", v.Quoted())
		return ""
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		v.Wrong("%s is not a file; name one", v.Quoted())
		return ""
	}
	return name
}

// NamedFile is a file that a document names, at its place.
type NamedFile struct {
	Problem // without its text

	Name    string // as it can be opened
	Private bool   // a secret is in it
}

// Files are those that were asked for, each once.
func (d *Document) Files() (files []NamedFile) {
	at := map[string]int{}
	for _, f := range d.files {
		i, seen := at[f.Name]
		if !seen {
			at[f.Name] = len(files)
			files = append(files, f)
			continue
		}
		files[i].Private = files[i].Private || f.Private
	}
	return files
}

// fileName quotes the name, unless it looks like what should be in the file.
func (v Value) fileName() string {
	const short = 24 // a secret is longer
	if text, _ := v.read(); len(text) >= short && !strings.HasPrefix(text, "/") && !strings.HasPrefix(text, ".") {
		return "of this name"
	}
	return v.Quoted()
}

// Content is what is in the file that the value names. Not ok: there is none.
func (v Value) Content() (content []byte, ok bool) {
	name := v.File()
	if name == "" {
		return nil, false
	}
	content, err := os.ReadFile(name) //nolint:gosec // G304: the operator's configuration names the file
	if err != nil {
		v.Wrong("the file %s cannot be read (%s); let this user read it", v.Quoted(), reason(err))
		return nil, false
	}
	return content, true
}

// Within reads the document in the file that the value names. What is wrong in it is
// said with its own lines. Nothing in it comes from the environment.
func (v Value) Within(read func(Section)) {
	content, ok := v.Content()
	if !ok {
		return
	}
	within := Parse(v.File(), content, func(string) (string, bool) { return "", false })
	read(within.Root())
	for _, p := range within.Problems() {
		v.document.problems = add(v.document.problems, p)
	}
}

// PrivateFile is File, with a warning where others can read it.
func (v Value) PrivateFile() string {
	name := v.File()
	if name == "" {
		return ""
	}
	v.document.files = append(v.document.files, NamedFile{Problem: v.Problem(""), Name: name, Private: true})
	if mode, shared := Shared(name); shared {
		v.Warn("other users can read the file %s (mode %04o); chmod 600 it", v.Quoted(), mode)
	}
	return name
}

// Shared reports whether others can read a file: everybody, or the group of whoever asks.
// Of another group it is assumed that somebody chose it, for us: a pod's fsGroup, or that of
// the bridge's user on a file of root.
func Shared(name string) (fs.FileMode, bool) {
	info, err := os.Stat(name)
	if err != nil {
		return 0, false
	}
	mode := info.Mode().Perm()
	return mode, mode&0o004 != 0 || mode&0o040 != 0 && isOurs(info)
}

// reason is what the system says, without the path.
func reason(err error) string {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		return of.Err.Error()
	}
	return "it failed"
}
