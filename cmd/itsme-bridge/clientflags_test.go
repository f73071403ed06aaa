package main_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/product"
	main "itsme-bridge/cmd/itsme-bridge"
)

// Whatever an entry can say, a flag says; but for what follows from others.
func TestEveryPropertyOfAnEntryHasAFlag(t *testing.T) {
	var help, stderr bytes.Buffer
	if code := main.Run(t.Context(), []string{"client", "new", "--help"}, strings.NewReader(""), &help, &stderr, none); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	entry := reflect.TypeFor[product.Entry]()
	for i := range entry.NumField() {
		key, _, _ := strings.Cut(entry.Field(i).Tag.Get("yaml"), ",")
		if key == "secret_hash" { // made
			continue
		}
		if flag := "--" + main.FlagOf(key) + " "; !strings.Contains(help.String(), flag) {
			t.Errorf("%s has no flag%s", key, flag)
		}
	}
	for _, p := range product.All() {
		for _, q := range p.Asks {
			if !strings.Contains(help.String(), "--"+q.Flag+" ") {
				t.Errorf("%s asks for %s, and no flag answers", p.Name, q.Flag)
			}
		}
	}
}

func none(string) (string, bool) { return "", false }
