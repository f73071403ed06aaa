package config_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/cmd/internal/config/reference"
)

// compiled is the schema, as an editor has it.
func compiled(t *testing.T) (schema *jsonschema.Schema, text []byte) {
	t.Helper()
	text, err := config.Schema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("config.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err = compiler.Compile("config.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if schema.DraftVersion != 2020 {
		t.Errorf("it is of draft %d", schema.DraftVersion)
	}
	return schema, text
}

// instance is a configuration as JSON has it.
func instance(t *testing.T, text string) any {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	encoded, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestTheSchemaTakesWhatTheReaderTakes(t *testing.T) {
	schema, _ := compiled(t)
	for _, row := range []struct{ name, text string }{
		{"the reference", reference.Text()},
		{"the reference with everything in use", reference.Everything()},
		{"the base of the tests", base},
		{"a number for a text", Change(t, base, "  - id: app\n", "  - id: 12345\n")},
		{"a secret in a file", Change(t, base, "  current: ${MASTER_KEY}\n", "  current_file: key\n")},
		{"operations: off", base + "operations: {listen: off}\n"},
		{"times", base + "timeouts: {drain_delay: 0, idle: 1h30m, read: 1.5m}\nkeys: {rotate_every: 30d, keep: 1d12h}\n"},
		{"several hashes", Change(t, base, secretLine, "    secret_hash: [\"sha256:0\", \"sha256:1\"]\n")},
		{"response types in any order", Change(t, base, scopesLine, scopesLine+"    response_types: [id_token code]\n")},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := schema.Validate(instance(t, row.text)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheSchemaRefusesWhatTheReaderRefuses(t *testing.T) {
	schema, _ := compiled(t)
	for _, row := range []struct{ name, find, put string }{
		{"an unknown key", "", base + "listne: a\n"},
		{"an unknown key of a section", "", base + "log: {leve: info}\n"},
		{"an unknown key of a client", scopesLine, scopesLine + "    redirect_url: https://app.example/\n"},
		{"a list for a text", "  - id: app\n", "  - id: [app]\n"},
		{"a text for a list", scopesLine, "    scopes: email\n"},
		{"a text for a section", "", base + "log: info\n"},
		{"a section for a text", "  - id: app\n", "  - id: {name: app}\n"},
		{"a word for a flag", scopesLine, scopesLine + "    introspect: perhaps\n"},
		{"a word for a number", "", base + "max_attempts: three\n"},
		{"too small a number", "", base + "max_attempts: 0\n"},
		{"too large a number", "", base + "max_attempts: 11\n"},
		{"half a number", "", base + "max_attempts: 1.5\n"},
		{"no time", "", base + "lifetimes: {code: 5 minutes}\n"},
		{"a number for a time", "", base + "lifetimes: {code: 30}\n"},
		{"an empty time", "", base + "lifetimes: {code: \"\"}\n"},
		{"another choice", "", base + "log: {level: loud}\n"},
		{"another choice of a client", scopesLine, scopesLine + "    subject: personal\n"},
		{"another scope", scopesLine, "    scopes: [everything]\n"},
		{"another response type", scopesLine, scopesLine + "    response_types: [token]\n"},
		{"nothing for a value", "  - id: app\n", "  - id:\n"},
		{"no variable, though it looks like one", "", base + "max_attempts: ${1}\n"},
		{"no issuer", "issuer: https://login.example.be\n", ""},
		{"no master key", "  current: ${MASTER_KEY}\n", "  accept: []\n"},
		{"no name of a client", "    name: The app\n", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := row.put
			if row.find != "" {
				text = Change(t, base, row.find, row.put)
			}
			if err := schema.Validate(instance(t, text)); err == nil {
				t.Errorf("it takes\n%s", text)
			}
			if _, err := config.Parse("a.yaml", []byte(text), Environment); err == nil {
				t.Errorf("the reader takes\n%s", text)
			}
		})
	}
}

// Any single value may come from the environment.
func TestTheSchemaTakesAnyValueFromTheEnvironment(t *testing.T) {
	schema, _ := compiled(t)
	var tree yaml.Node
	if err := yaml.Unmarshal([]byte(reference.Everything()), &tree); err != nil {
		t.Fatal(err)
	}
	values := 0
	var replace func(n *yaml.Node)
	replace = func(n *yaml.Node) {
		for i, below := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 0 {
				continue // a key
			}
			if below.Kind == yaml.ScalarNode {
				values++
				below.SetString("${NAME}")
			}
			replace(below)
		}
	}
	replace(&tree)
	text, err := yaml.Marshal(&tree)
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(instance(t, string(text))); err != nil || values < 100 {
		t.Errorf("%d values: %v", values, err)
	}
}

// Every key that the reader knows stands in it, of some kind, and no other; and says
// what the reference says.
func TestTheSchemaHasEveryKey(t *testing.T) {
	_, text := compiled(t)
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]any{}
	collect(root, "", found)
	known, _ := config.Known("config.yaml", []byte(reference.Everything()), Environment)
	for _, path := range known {
		if found[path] == nil {
			t.Errorf("it has no %s", path)
		}
		if rest := found[path]; rest["$ref"] == nil && rest["type"] == nil && rest["anyOf"] == nil {
			t.Errorf("%s may be anything: %v", path, rest)
		}
	}
	for path, schema := range found {
		if !slices.Contains(known, path) {
			t.Errorf("the reader does not know %s", path)
		}
		e, _ := reference.Find(path)
		if said, _ := schema["description"].(string); said != e.Sentence() {
			t.Errorf("%s: it says %q, and the reference %q", path, said, e.Sentence())
		}
	}
	if n := strings.Count(string(text), `"description"`); n < 70 {
		t.Errorf("only %d descriptions", n)
	}
}

// collect finds the schemas of all keys.
func collect(s map[string]any, prefix string, found map[string]map[string]any) {
	properties, _ := s["properties"].(map[string]any)
	for key, below := range properties {
		schema := below.(map[string]any) //nolint:forcetypeassert // the schema would not have been compiled
		found[prefix+key] = schema
		collect(schema, prefix+key+".", found)
		if items, ok := schema["items"].(map[string]any); ok {
			collect(items, prefix+key+"[].", found)
		}
	}
}
