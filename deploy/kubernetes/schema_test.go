//go:build products

package kubernetes_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
)

const schemaFile = "chart/values.schema.json"

// What Helm checks values by is made of values.head.json and of the schema of the
// bridge's own configuration, less every key that would hold a secret.
// UPDATE=1 makes it anew.
func TestTheSchemaOfTheValuesIsThatOfTheConfiguration(t *testing.T) {
	whole := object(t, read(t, "testdata/values.head.json"))
	text, err := exec.Command(e2e.Binary(t), "config", "schema").Output()
	if err != nil {
		t.Fatal(err)
	}
	of := object(t, text)
	definitions := of["$defs"].(map[string]any)
	delete(definitions, "secret")
	delete(of, "$defs")
	delete(of, "$schema")
	withoutSecrets(of)
	at(of, "properties", "redis")["required"] = []any{"addresses"}
	at(of, "properties", "subjects")["required"] = []any{"fingerprint"}
	of["required"] = []any{"issuer", "trusted_proxies", "listen", "operations", "redis", "master_key", "subjects", "itsme"}
	whole["definitions"] = definitions
	properties := at(whole, "properties")
	properties["config"] = of
	made, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	made = append(bytes.ReplaceAll(made, []byte("#/$defs/"), []byte("#/definitions/")), '\n')
	compare(t, schemaFile, made)
	if bytes.Contains(made, []byte("definitions/secret")) {
		t.Error("a value may hold a secret")
	}
}

// withoutSecrets takes away what would hold a secret, and the choice between it and the file that does.
func withoutSecrets(node any) {
	switch of := node.(type) {
	case []any:
		for _, one := range of {
			withoutSecrets(one)
		}
	case map[string]any:
		properties, _ := of["properties"].(map[string]any)
		for key, value := range properties {
			_, file := properties[key+"_file"]
			_, files := properties[key+"_files"]
			if isSecret(value) || (file || files) && key != "jwks" { // public keys
				delete(properties, key)
			}
		}
		if all, ok := of["allOf"].([]any); ok {
			delete(of, "allOf")
			for _, one := range all {
				for _, either := range one.(map[string]any)["anyOf"].([]any) {
					if key := either.(map[string]any)["required"].([]any)[0].(string); strings.HasSuffix(key, "_file") {
						of["required"] = append(list(of["required"]), key)
					}
				}
			}
		}
		for _, value := range of {
			withoutSecrets(value)
		}
	}
}

// isSecret reports whether a schema is that of a secret. What may come from a file instead is one, too.
func isSecret(node any) bool {
	of, _ := node.(map[string]any)
	return of["$ref"] == "#/$defs/secret"
}

func list(v any) []any {
	all, _ := v.([]any)
	return all
}

// at is a part of an object.
func at(of map[string]any, path ...string) map[string]any {
	for _, key := range path {
		of = of[key].(map[string]any)
	}
	return of
}

func object(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// compare fails the test where a file is not what it is made of; with UPDATE=1 it makes it so.
func compare(t *testing.T, name string, made []byte) {
	t.Helper()
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(name, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if there, err := os.ReadFile(name); err != nil || !bytes.Equal(there, made) {
		t.Errorf("%s is stale; make it with: make chart", name)
	}
}
