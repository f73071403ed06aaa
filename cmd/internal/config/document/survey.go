package document

import (
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// indices are those of a list in a path.
var indices = regexp.MustCompile(`\[\d+\]`)

// survey goes through the whole tree once and refuses what YAML can do and a
// configuration should not: it would hide what is in force.
func (d *Document) survey(n *yaml.Node, path string) {
	if n.Anchor != "" {
		d.wrong(n.Line, path, "has an anchor (a word that begins with &); write values out where they are needed, and quote a value that begins so")
	}
	if n.Style&yaml.TaggedStyle != 0 {
		d.wrong(n.Line, path, "has a tag (a word that begins with !); write the value alone, and quote one that begins so")
	}
	switch n.Kind {
	case yaml.AliasNode:
		d.wrong(n.Line, path, "is an alias (a word that begins with *); write the value out, and quote one that begins so")
	case yaml.SequenceNode:
		for i, item := range n.Content {
			d.survey(item, path+"["+strconv.Itoa(i)+"]")
		}
	case yaml.MappingNode:
		d.surveyKeys(n, path)
	case yaml.ScalarNode, yaml.DocumentNode:
	}
}

func (d *Document) surveyKeys(n *yaml.Node, path string) {
	lines := map[string]int{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			d.wrong(key.Line, path, "holds a key that is not a plain word; write key: value")
			continue
		}
		at := join(path, key.Value)
		if first, ok := lines[key.Value]; ok {
			d.wrong(key.Line, at, "is given twice; keep this or the one on line %d", first)
			continue
		}
		lines[key.Value] = key.Line
		d.survey(value, at)
	}
}

// plain is a key that can stand in a message as it is.
var plain = regexp.MustCompile(`^[A-Za-z0-9_-]{1,60}$`)

// join is the path of a key within a section.
func join(path, key string) string {
	if !plain.MatchString(key) {
		key = strconv.Quote(key[:min(len(key), 60)])
	}
	if path == "" {
		return key
	}
	return path + "." + key
}
