package reference

import (
	"fmt"
	"strings"
)

// Setting is one of a first configuration: a value as YAML, or, where it is empty, the
// entry as it stands in the reference, in use or not.
type Setting struct{ Path, Value string }

// First is the text of a configuration with these settings, in this order, and with
// the reference's comments. A setting that the reference does not have is an error.
func First(settings ...Setting) (string, error) {
	entries := map[string]Entry{}
	for _, e := range Entries() {
		if _, ok := entries[e.Path]; !ok {
			entries[e.Path] = e
		}
	}
	var b strings.Builder
	section := ""
	for _, s := range settings {
		e, ok := entries[s.Path]
		if !ok {
			return "", fmt.Errorf("reference: there is no setting %s", s.Path)
		}
		name, key, below := strings.Cut(s.Path, ".")
		if !below {
			b.WriteString("\n")
			e.write(&b, "", name, s.Value)
			section = ""
			continue
		}
		if name != section {
			b.WriteString("\n")
			entries[name].write(&b, "", name, "")
			section = name
		}
		e.write(&b, "  ", key, s.Value)
	}
	return strings.TrimPrefix(b.String(), "\n"), nil
}

// write writes an entry with its comments.
func (e Entry) write(b *strings.Builder, indent, key, value string) {
	for _, line := range e.Above {
		fmt.Fprintf(b, "%s# %s\n", indent, line)
	}
	mark := ""
	if value == "" {
		value = e.Value
		if e.Unused {
			mark = "#"
		}
	}
	line := strings.TrimSpace(key + ": " + value)
	if beside, _, _ := strings.Cut(e.Beside, "EXAMPLE"); beside != "" { // that is of the reference's value
		line += " # " + strings.TrimSuffix(strings.TrimSpace(beside), ".")
	}
	fmt.Fprintf(b, "%s%s%s\n", indent, mark, line)
}
