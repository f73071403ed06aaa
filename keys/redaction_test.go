package keys_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"itsme-bridge/keys"
)

func TestPrivateHalvesPrintNothing(t *testing.T) {
	w := newWorld()
	ring, _ := w.replica()
	refresh(t, ring)
	set, err := keys.Decode(w.content())
	if err != nil {
		t.Fatal(err)
	}
	key, ok := set.Signer(keys.ES256, start)
	if !ok {
		t.Fatal("no key")
	}
	pkcs8, secret := secretOf(t, w.content())
	static := fromPEM(t, writePEM(t, &pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))

	type holder struct{ hidden any }
	type deep struct {
		hidden keys.Key
		list   []keys.Key
		set    keys.Set
	}
	for name, value := range map[string]any{
		"Key": key, "*Key": &key, "[]Key": set.Published(), "Set": set, "*Set": &set, "Ring": ring, "Static": static,
		"map": map[string]keys.Key{"a": key}, "hidden": holder{key}, "hidden ring": holder{ring}, "hidden static": holder{static},
		"deep": deep{key, set.Published(), set}, "*deep": &deep{key, set.Published(), set}, "Info": ring.List(),
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%c", "%U", "%b", "%t", "%e", "%p", "%T"} {
			if shows(fmt.Sprintf(verb, value), secret) {
				t.Errorf("%s under %s shows its private half", name, verb)
			}
		}
		var out bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			log := slog.New(handler)
			log.Info("as attribute", slog.Any("value", value))
			log.Info("in a group", slog.Group("group", slog.Any("value", value)))
		}
		if encoded, err := json.Marshal(value); err == nil {
			out.Write(encoded)
		}
		if shows(out.String(), secret) {
			t.Errorf("%s shows its private half to slog or encoding/json", name)
		}
	}
}

func TestWhatIsPrintedInstead(t *testing.T) {
	w := newWorld()
	ring, _ := w.replica()
	refresh(t, ring)
	set, err := keys.Decode(w.content())
	if err != nil {
		t.Fatal(err)
	}
	key := set.Published()[0]
	name := "ES256 key " + signs(t, ring)
	for _, row := range []struct {
		value any
		want  string
	}{
		{key, name},
		{&key, name},
		{set, "[" + name + "]"},
		{ring, "keys.Ring"},
		{fromPEM(t, ecFile(t)), "keys.Static"},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, row.value); got != row.want {
				t.Errorf("%s of %T: %s, want %s", verb, row.value, got, row.want)
			}
		}
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("made", slog.Any("key", key))
	if want := "key.kid=" + key.ID() + " key.alg=ES256"; !strings.Contains(out.String(), want) {
		t.Errorf("logged %s, want %s", out.String(), want)
	}
}

// secretOf is the private half of the only stored key, and what of it is secret.
func secretOf(t *testing.T, content []byte) (pkcs8, secret []byte) {
	t.Helper()
	var stored struct {
		Keys []struct {
			Private []byte `json:"pkcs8"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(content, &stored); err != nil || len(stored.Keys) != 1 {
		t.Fatal("one stored key is wanted", err)
	}
	// PKCS#8 of P-256 is 138 bytes, of which 36 to 68 are the secret number.
	pkcs8 = stored.Keys[0].Private
	return pkcs8, pkcs8[36:68]
}

// shows tells whether bytes stand in a text in any of the forms that fmt and the encoders have.
func shows(text string, secret []byte) bool {
	list := func(format, separator string) string {
		parts := make([]string, 0, 8)
		for _, b := range secret[:8] {
			parts = append(parts, fmt.Sprintf(format, b))
		}
		return strings.Join(parts, separator)
	}
	for _, form := range []string{
		string(secret[:8]), fmt.Sprintf("%q", secret), hex.EncodeToString(secret[:8]), strings.ToUpper(hex.EncodeToString(secret[:8])),
		base64.StdEncoding.EncodeToString(secret[:9]), base64.StdEncoding.EncodeToString(secret[1:10]), base64.StdEncoding.EncodeToString(secret[2:11]),
		base64.URLEncoding.EncodeToString(secret[:9]), list("%d", " "), list("0x%x", ", "), list("%o", " "), list("%U", " "), list("%b", " "),
	} {
		if strings.Contains(text, form) {
			return true
		}
	}
	return false
}

// The test above would find a private half that is shown.
func TestWhatIsShownIsFound(t *testing.T) {
	set, err := keys.Set{}.Next(start, keys.DefaultPolicy(time.Hour), []keys.Algorithm{keys.ES256}, keys.Generate)
	if err != nil {
		t.Fatal(err)
	}
	content, err := set.Encode()
	if err != nil {
		t.Fatal(err)
	}
	_, secret := secretOf(t, content)
	open := struct{ hidden []byte }{secret}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%U", "%b"} {
		if !shows(fmt.Sprintf(verb, open), secret) {
			t.Errorf("not found under %s", verb)
		}
	}
	if !shows(string(content), secret) {
		t.Error("not found as base64")
	}
}
