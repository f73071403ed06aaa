package document

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Section is a mapping, or the place where one could be: then nothing is in it.
type Section struct{ m *mapping }

// mapping is what all Sections of one path share.
type mapping struct {
	document *Document
	path     string
	line     int
	there    bool
	silent   bool // it has been complained of as a whole
	fields   map[string]field
	order    []string // of the keys in the text
	asked    []string
}

type field struct{ key, value *yaml.Node }

// open makes the section of a node; nil: of none.
func (d *Document) open(path string, n *yaml.Node, line int) Section {
	if m, ok := d.byPath[path]; ok {
		return Section{m}
	}
	m := &mapping{document: d, path: path, line: line, fields: map[string]field{}}
	d.byPath[path], d.opened = m, append(d.opened, m)
	if n == nil {
		return Section{m}
	}
	m.there = true
	if n.Kind == yaml.AliasNode { // surveyed
		m.silent = true
		return Section{m}
	}
	if n.Kind != yaml.MappingNode {
		m.silent = true
		d.wrong(line, path, "is %s; write key: value, each on a line of its own", kind(n))
		return Section{m}
	}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if _, twice := m.fields[key.Value]; twice || key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			continue // surveyed
		}
		m.fields[key.Value] = field{key, n.Content[i+1]}
		m.order = append(m.order, key.Value)
	}
	return Section{m}
}

// kind names what stands where something else should.
func kind(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a section"
	case empty(n):
		return "empty"
	default:
		return "a single value"
	}
}

// empty reports whether a node is YAML's null.
func empty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style == 0 && n.Tag == "!!null"
}

// There reports whether the section is in the document.
func (s Section) There() bool { return s.m.there }

// Value is the entry of a key. Asking makes the key known.
func (s Section) Value(key string) Value {
	m := s.m
	if !slices.Contains(m.asked, key) {
		m.asked = append(m.asked, key)
	}
	v := Value{document: m.document, path: join(m.path, key), line: m.line, silent: m.silent}
	if f, ok := m.fields[key]; ok {
		v.line, v.node = f.value.Line, f.value
		if f.value.Kind != yaml.ScalarNode || empty(f.value) {
			v.line = f.key.Line // what is below begins later
		}
	}
	return v
}

// Section is the section under a key.
func (s Section) Section(key string) Section {
	v := s.Value(key)
	v.note(KindSection)
	below := s.m.document.open(v.path, v.node, v.line)
	below.m.silent = below.m.silent || v.silent
	return below
}

// Sections are the sections of the list under a key.
func (s Section) Sections(key string) []Section {
	v := s.Value(key)
	sections := make([]Section, 0)
	for i, item := range v.Parts() {
		item.note(KindSection)
		sections = append(sections, s.m.document.open(v.path+"["+strconv.Itoa(i)+"]", item.node, item.line))
	}
	return sections
}

// Has reports whether a key is there, and makes it known.
func (s Section) Has(key string) bool { return s.Value(key).There() }

// Environment is the first of the variables that is set, to something.
func (s Section) Environment(names ...string) (name string, ok bool) {
	for _, name := range names {
		if text, ok := s.m.document.environment(name); ok && text != "" {
			return name, true
		}
	}
	return "", false
}

// Missing complains that a key is not there, if so, and says what would be right.
func (s Section) Missing(key, right string) {
	s.Value(key).Missing(right)
}

// unknown complains of every key that nobody has asked for.
func (m *mapping) unknown() {
	for _, key := range m.order {
		if slices.Contains(m.asked, key) {
			continue
		}
		m.document.wrong(m.fields[key].key.Line, join(m.path, key), "unknown key; %s", m.hint(key))
	}
}

// hint names the one key that an unknown one was meant to be: here, or else the same
// word in another section.
func (m *mapping) hint(key string) string {
	nearest, sure := Nearest(key, m.asked)
	if sure {
		return "did you mean " + nearest + "?"
	}
	for _, path := range m.document.Known() {
		if at := strings.LastIndexByte(path, '.'); path[at+1:] == spelt(key) {
			return "did you mean " + path + "?"
		}
	}
	if nearest == "" {
		return "nothing is known here"
	}
	return "the nearest that is known here is " + nearest
}
