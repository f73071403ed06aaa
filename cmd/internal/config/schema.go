package config

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/cmd/internal/config/reference"
)

// Schema is the JSON Schema (2020-12) of a configuration. Nobody writes it: the readers
// read the reference, once as it stands and twice with every setting in use, and what
// they ask for is what there is. Descriptions are the first sentences of its comments.
// What the readers alone can tell, such as settings that exclude each other, is not in it.
func Schema() ([]byte, error) {
	everything := reference.Everything()
	asked := readings{
		shapes:    shapes(reference.Text(), everything, strings.Replace(everything, "source: redis", "source: pem", 1)),
		sentences: map[string]string{},
	}
	for _, e := range reference.Entries() {
		if _, ok := asked.sentences[e.Path]; !ok { // the second client says it otherwise
			asked.sentences[e.Path] = e.Sentence()
		}
	}
	text := func(title string) schema { // what YAML takes for a number or a word is a text here
		return schema{"type": []string{"string", "number", "boolean"}, "title": title}
	}
	root := asked.section("")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "The configuration of itsme-bridge"
	root["$defs"] = schema{
		"environment":               schema{"type": "string", "pattern": `^\$\{[A-Za-z_][A-Za-z0-9_]*\}$`, "title": "${NAME}, a value from the environment"},
		string(document.KindText):   text("a text, or ${NAME} from the environment"),
		string(document.KindSecret): text("a secret, or ${NAME} from the environment; the key with _file names a file instead"),
		string(document.KindFile):   text("a file, from the folder of this one"),
		string(document.KindDuration): schema{"title": "30s, 5m, 2h or 30d", "anyOf": []schema{
			{"type": "string", "minLength": 1, "pattern": `^([0-9]+d)?([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))*$`}, {"enum": []any{0, "0"}},
		}},
	}
	return json.MarshalIndent(root, "", "  ")
}

// readings are what the readers have asked for, and what the reference says of it.
type readings struct {
	shapes    map[string]document.Shape
	sentences map[string]string
}

// schema is one, or a part of one.
type schema = map[string]any

// shapes are what the readers ask of these texts together. Required is what they want in all.
func shapes(texts ...string) map[string]document.Shape {
	together := map[string]document.Shape{}
	for i, text := range texts {
		d := document.Record("config.yaml", []byte(text))
		_, _ = read(d) // what is wrong with it is of no interest
		for path, shape := range d.Shapes() {
			all := together[path]
			for _, kind := range shape.Kinds {
				if !all.Is(kind) {
					all.Kinds = append(all.Kinds, kind)
				}
			}
			for _, word := range shape.Choices {
				if !slices.Contains(all.Choices, word) {
					all.Choices = append(all.Choices, word)
				}
			}
			if shape.Is(document.KindCount) {
				all.Least, all.Most = shape.Least, shape.Most
			}
			all.Required = shape.Required && (i == 0 || all.Required)
			together[path] = all
		}
	}
	return together
}

// section is the schema of the mapping whose keys begin with a prefix; empty: of the whole.
func (asked readings) section(prefix string) schema {
	properties, required, either := schema{}, []string{}, []schema{}
	for _, path := range slices.Sorted(maps.Keys(asked.shapes)) {
		shape := asked.shapes[path]
		key, ok := strings.CutPrefix(path, prefix)
		if !ok || strings.ContainsAny(key, ".[") {
			continue
		}
		below := asked.value(path, shape)
		if sentence := asked.sentences[path]; sentence != "" {
			below["description"] = sentence
		}
		properties[key] = below
		switch {
		case shape.Required && shape.Is(document.KindSecret):
			either = append(either, schema{"anyOf": []schema{{"required": []string{key}}, {"required": []string{key + "_file"}}}})
		case shape.Required || shape.Is(document.KindSection) && wants(below):
			required = append(required, key)
		}
	}
	s := schema{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	if len(either) > 0 {
		s["allOf"] = either
	}
	return s
}

// wants reports whether something must be in a section, so that it cannot be left out.
func wants(s schema) bool { return s["required"] != nil || s["allOf"] != nil }

// value is the schema of a value: of one of its kinds.
func (asked readings) value(path string, shape document.Shape) schema {
	var kinds []schema
	if single := single(shape); single != nil {
		kinds = append(kinds, single)
	}
	if shape.Is(document.KindFlag) || shape.Is(document.KindCount) || shape.Is(document.KindDuration) || shape.Is(document.KindChoice) {
		kinds = append(kinds, schema{"$ref": "#/$defs/environment"}) // which a text can be anyway
	}
	switch {
	case shape.Is(document.KindList):
		item, ok := asked.shapes[path+"[]"]
		if !ok { // the reader has met none
			item.Kinds = []document.Kind{document.KindText}
		}
		kinds = append(kinds, schema{"type": "array", "items": asked.value(path+"[]", item)})
	case shape.Is(document.KindSection):
		kinds = append(kinds, asked.section(path+"."))
	}
	switch len(kinds) {
	case 0: // document.KindJSON
		return schema{}
	case 1:
		return kinds[0]
	}
	return schema{"anyOf": kinds}
}

// single is the schema of a single value. A more special kind counts before a text,
// since whoever reads a choice may also read it as it is written.
func single(shape document.Shape) schema {
	switch {
	case shape.Is(document.KindFlag):
		return schema{"type": "boolean"}
	case shape.Is(document.KindCount):
		return schema{"type": "integer", "minimum": shape.Least, "maximum": shape.Most}
	case shape.Is(document.KindChoice):
		return schema{"enum": shape.Choices}
	}
	for _, kind := range []document.Kind{document.KindDuration, document.KindFile, document.KindSecret, document.KindText} {
		if shape.Is(kind) {
			return schema{"$ref": "#/$defs/" + string(kind)}
		}
	}
	return nil
}
