package document

import (
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// JSON is what stands at the value, whatever it is, as JSON. Every single value
// is a text there. Not ok: there is none, or something in it has been complained of.
func (v Value) JSON() (text []byte, ok bool) {
	v.note(KindJSON)
	tree, ok := v.tree()
	if !ok {
		return nil, false
	}
	text, err := json.Marshal(tree)
	return text, err == nil
}

// tree is the value as encoding/json takes it.
func (v Value) tree() (tree any, ok bool) {
	switch {
	case v.isList():
		list, whole := make([]any, 0), true
		for _, item := range v.parts() {
			below, ok := item.tree()
			list, whole = append(list, below), whole && ok
		}
		return list, whole
	case v.node != nil && v.node.Kind == yaml.MappingNode:
		fields, whole := map[string]any{}, true
		for i := 0; i < len(v.node.Content); i += 2 {
			key, value := v.node.Content[i], v.node.Content[i+1]
			if key.Kind != yaml.ScalarNode {
				return nil, false // surveyed
			}
			below, ok := Value{v.document, join(v.path, key.Value), value.Line, value, v.silent, ""}.tree()
			fields[key.Value], whole = below, whole && ok
		}
		return fields, whole
	default:
		return v.read()
	}
}
