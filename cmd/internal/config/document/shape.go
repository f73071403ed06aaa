package document

import "slices"

// Kind is what a reader takes a value for.
type Kind string

// The kinds. A value may be of several: one text or a list of them.
const (
	KindText     Kind = "text"
	KindFlag     Kind = "flag"
	KindCount    Kind = "count"
	KindDuration Kind = "duration"
	KindChoice   Kind = "choice"
	KindFile     Kind = "file"   // the name of one
	KindSecret   Kind = "secret" // inline, or in the file that the key with _file names
	KindList     Kind = "list"
	KindSection  Kind = "section"
	KindJSON     Kind = "json" // whatever it is
)

// Shape is what readers have asked of the value at one path.
type Shape struct {
	Kinds       []Kind
	Choices     []string // of KindChoice
	Least, Most int64    // of KindCount
	Required    bool     // its absence is complained of; of a secret: where it is in no file either
}

// Is reports whether the value may be of a kind.
func (s Shape) Is(kind Kind) bool { return slices.Contains(s.Kinds, kind) }

// Record is Parse for whoever wants to know what is asked of a document, and not what
// is wrong with it: no file that it names is looked at, and no variable.
func Record(name string, text []byte) *Document {
	d := Parse(name, text, func(string) (string, bool) { return "", false })
	d.shapes = map[string]*Shape{}
	return d
}

// Shapes are what was asked of a recorded document, by path, with [] for every index.
// A key that was asked for, and nothing of it, is of no kind.
func (d *Document) Shapes() map[string]Shape {
	found := map[string]Shape{}
	for _, path := range d.Known() {
		found[path] = Shape{}
	}
	for path, shape := range d.shapes {
		found[path] = *shape
	}
	return found
}

// note records a kind, and what else is known of the value then.
func (v Value) note(kind Kind, more ...func(*Shape)) {
	if v.document.shapes == nil {
		return
	}
	s := v.document.shape(v.path)
	if !s.Is(kind) {
		s.Kinds = append(s.Kinds, kind)
	}
	for _, add := range more {
		add(s)
	}
}

// shape is the one at a path.
func (d *Document) shape(path string) *Shape {
	path = indices.ReplaceAllString(path, "[]")
	s, ok := d.shapes[path]
	if !ok {
		s = new(Shape)
		d.shapes[path] = s
	}
	return s
}
