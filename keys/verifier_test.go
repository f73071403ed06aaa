package keys_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/keys"
)

const claims = `{"sub":"somebody-private","exp":1}`

func TestVerify(t *testing.T) {
	signers := map[string]interface {
		typedSigner
		Verify(compact string) (payload []byte, typ string, err error)
	}{"ring": allAlgorithms(t), "static": newOurs(t)}
	for name, signer := range signers {
		for _, a := range keys.Algorithms() {
			for _, typ := range []string{keys.JWT, keys.LogoutJWT} {
				token := must(signer.SignTyped(t.Context(), a, typ, []byte(claims)))(t)
				payload, got, err := signer.Verify(token)
				if err != nil || string(payload) != claims || got != typ {
					t.Errorf("%s, %s: %s, %s, %v", name, a, payload, got, err)
				}
			}
		}
	}
}

// refuses fails the test if a token passes, or if the error is another than ErrToken or quotes the token.
func refuses(t *testing.T, name string, verify func(string) ([]byte, string, error), token string) (reason string) {
	t.Helper()
	payload, typ, err := verify(token)
	if !errors.Is(err, keys.ErrToken) || payload != nil || typ != "" {
		t.Errorf("%s: %s, %q, %v", name, payload, typ, err)
		return ""
	}
	for part := range strings.FieldsFuncSeq(token, func(r rune) bool { return strings.ContainsRune(`.{}":, `, r) }) {
		if len(part) > 7 && strings.Contains(err.Error(), part) {
			t.Errorf("%s: the error quotes the token: %v", name, err)
		}
	}
	return err.Error()
}

// Whoever has no key of ours makes no token, whatever it says of itself.
func TestVerifyRefusesStrangers(t *testing.T) {
	o := newOurs(t)
	for _, a := range keys.Algorithms() {
		foreign := stranger(t, a)
		kid := o.kid(t, a)
		good := forge(t, a, o.private[a], fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":"JWT"}`, a, kid))
		if _, _, err := o.Verify(good); err != nil {
			t.Fatalf("%s: %v: this test would show nothing", a, err)
		}
		parts := strings.Split(good, ".")
		first, last := parts[0], parts[2]
		jwk := string(must(jose.JSONWebKey{Key: foreign.Public(), Algorithm: string(a)}.MarshalJSON())(t))
		for _, row := range []struct{ name, token string }{
			{"another's key under our kid", forge(t, a, foreign, fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":"JWT"}`, a, kid))},
			{"another's key in the header", forge(t, a, foreign, fmt.Sprintf(`{"alg":%q,"jwk":%s,"typ":"JWT"}`, a, jwk))},
			{"another's key beside our kid", forge(t, a, foreign, fmt.Sprintf(`{"alg":%q,"jwk":%s,"kid":%q,"typ":"JWT"}`, a, jwk, kid))},
			{"another's key by its URL", forge(t, a, foreign, fmt.Sprintf(`{"alg":%q,"jku":"https://stranger.example/keys","kid":%q,"typ":"JWT"}`, a, kid))},
			{"another payload", first + "." + encoded(`{"sub":"somebody-else"}`) + "." + last},
			{"no payload", first + ".." + last},
			{"another signature", good[:len(good)-8] + "AAAAAAAA"},
			{"half a signature", good[:len(good)-len(last)/2]},
			{"no signature", first + "." + parts[1] + "."},
			{"none", forge(t, "none", foreign, fmt.Sprintf(`{"alg":"none","kid":%q,"typ":"JWT"}`, kid))},
			{"none, called ours", forge(t, "none", foreign, fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":"JWT"}`, a, kid))},
			{"our public half as a secret", forge(t, "HS256", o.private[a], fmt.Sprintf(`{"alg":"HS256","kid":%q,"typ":"JWT"}`, kid))},
			{"our public half as a secret, called ours", forge(t, "HS256", o.private[a], fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":"JWT"}`, a, kid))},
		} {
			refuses(t, string(a)+", "+row.name, o.Verify, row.token)
		}
	}
}

// Nor is everything a token that our keys have signed: only what is written as we write.
func TestVerifyRefusesOtherWriting(t *testing.T) {
	o := newOurs(t)
	for _, a := range keys.Algorithms() {
		for _, row := range []struct{ name, header string }{
			{"no kid", `{"alg":"ALG","typ":"JWT"}`},
			{"an unknown kid", `{"alg":"ALG","kid":"unknown-key","typ":"JWT"}`},
			{"no typ", `{"alg":"ALG","kid":"KID"}`},
			{"another typ", `{"alg":"ALG","kid":"KID","typ":"at+jwt"}`},
			{"no alg", `{"kid":"KID","typ":"JWT"}`},
			{"something critical", `{"alg":"ALG","crit":["exp"],"exp":1,"kid":"KID","typ":"JWT"}`},
			{"something critical that the library knows", `{"alg":"ALG","b64":true,"crit":["b64"],"kid":"KID","typ":"JWT"}`},
			{"a payload that is not encoded", `{"alg":"ALG","b64":false,"crit":["b64"],"kid":"KID","typ":"JWT"}`},
			{"a certificate", `{"alg":"ALG","kid":"KID","typ":"JWT","x5c":[]}`},
			{"more", `{"alg":"ALG","kid":"KID","nonce":"n","typ":"JWT"}`},
			{"alg twice", `{"alg":"none","alg":"ALG","kid":"KID","typ":"JWT"}`},
			{"alg in capitals", `{"ALG":"none","alg":"ALG","kid":"KID","typ":"JWT"}`},
			{"another order", `{"kid":"KID","alg":"ALG","typ":"JWT"}`},
			{"space", `{"alg": "ALG","kid":"KID","typ":"JWT"}`},
			{"no object", `"ALG"`},
			{"nothing", ``},
		} {
			header := strings.NewReplacer("ALG", string(a), "KID", o.kid(t, a)).Replace(row.header)
			if reason := refuses(t, string(a)+", "+row.name, o.Verify, forge(t, a, o.private[a], header)); !strings.Contains(reason, "header") {
				t.Errorf("%s, %s: looked further than at the header: %s", a, row.name, reason)
			}
		}
	}
}

// A key signs with one algorithm, although RSA could do two.
func TestVerifyRefusesSwappedAlgorithms(t *testing.T) {
	o := newOurs(t)
	for _, row := range []struct{ key, way, called keys.Algorithm }{
		{keys.RS256, keys.PS256, keys.PS256},
		{keys.RS256, keys.PS256, keys.RS256},
		{keys.PS256, keys.RS256, keys.RS256},
		{keys.PS256, keys.RS256, keys.PS256},
		{keys.RS256, keys.RS256, "RS384"},
		{keys.ES256, keys.ES256, "ES384"},
		{keys.ES256, keys.ES256, keys.EdDSA},
		{keys.EdDSA, keys.EdDSA, "Ed25519"},
	} {
		header := fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":"JWT"}`, row.called, o.kid(t, row.key))
		refuses(t, fmt.Sprintf("the key of %s signs %s and says %s", row.key, row.way, row.called), o.Verify,
			forge(t, row.way, o.private[row.key], header))
	}
}

// A token has one spelling, so that whoever remembers one by its text knows it again.
func TestVerifyRefusesOtherSpelling(t *testing.T) {
	o := newOurs(t)
	good := must(o.Sign(t.Context(), keys.EdDSA, []byte(claims)))(t)
	parts := strings.Split(good, ".")
	stray := func(part string) string { // the last character has bits that stand for nothing: four, of 34 or 64 bytes
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		at := strings.IndexByte(alphabet, part[len(part)-1])
		return part[:len(part)-1] + string(alphabet[at+1])
	}
	for _, row := range []struct{ name, token string }{
		{"nothing", ""},
		{"no dot", parts[0]},
		{"two parts", parts[0] + "." + parts[1]},
		{"four parts", good + "."},
		{"space before", " " + good},
		{"a line break after", good + "\n"},
		{"a line break in the header", parts[0][:9] + "\n" + parts[0][9:] + "." + parts[1] + "." + parts[2]},
		{"a line break in the payload", parts[0] + "." + parts[1][:9] + "\r\n" + parts[1][9:] + "." + parts[2]},
		{"stray bits in the payload", parts[0] + "." + stray(parts[1]) + "." + parts[2]},
		{"stray bits in the signature", parts[0] + "." + parts[1] + "." + stray(parts[2])},
		{"padded", parts[0] + "." + parts[1] + "." + parts[2] + "=="},
		{"as JSON", `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`},
		{"as JSON with signatures", `{"payload":"` + parts[1] + `","signatures":[{"protected":"` + parts[0] + `","signature":"` + parts[2] + `"}]}`},
		{"as JSON after our header", parts[0] + `.{"payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`},
	} {
		refuses(t, row.name, o.Verify, row.token)
	}
}

// Ours is what a published key has signed, whether its time is over or has come early.
func TestVerifyThroughARotation(t *testing.T) {
	w := newWorld()
	ring, _ := w.replica()
	if _, _, err := ring.Verify("a.b.c"); !errors.Is(err, keys.ErrNotLoaded) {
		t.Errorf("before the first load: %v", err)
	}
	refresh(t, ring)
	first := must(ring.Sign(t.Context(), keys.ES256, []byte(claims)))(t)
	if err := ring.Rotate(t.Context(), keys.ES256); err != nil {
		t.Fatal(err)
	}
	early := keys.NewRing(&w.memory, []keys.Algorithm{keys.ES256}, w.policy, func() time.Time { return w.Now().Add(w.policy.Ahead) })
	refresh(t, early)
	second := must(early.Sign(t.Context(), keys.ES256, []byte(claims)))(t)

	for _, row := range []struct {
		what          string
		after         time.Duration
		first, second bool
	}{
		{"the second waits", 0, true, true},
		{"the first has retired", w.policy.Ahead, true, true},
		{"its private half is gone", w.policy.Keep - time.Second, true, true},
		{"it is gone itself", time.Second, false, true},
	} {
		w.Advance(row.after)
		refresh(t, ring)
		for token, want := range map[string]bool{first: row.first, second: row.second} {
			if want {
				if payload, _, err := ring.Verify(token); err != nil || string(payload) != claims {
					t.Errorf("%s: %s, %v", row.what, payload, err)
				}
				continue
			}
			refuses(t, row.what, ring.Verify, token)
		}
	}
}

func TestVerifyRefusesRevokedKeys(t *testing.T) {
	w := newWorld()
	one, _ := w.replica()
	two, _ := w.replica()
	refresh(t, one, two)
	token := must(one.Sign(t.Context(), keys.ES256, []byte(claims)))(t)
	if err := one.Revoke(t.Context(), signs(t, one)); err != nil {
		t.Fatal(err)
	}
	refuses(t, "revoked here", one.Verify, token)
	refresh(t, two)
	refuses(t, "revoked there", two.Verify, token)
}

// What the ring does not sign with itself it checks all the same: the algorithms may have been more.
func TestVerifyKnowsAllPublishedAlgorithms(t *testing.T) {
	w := newWorld()
	more := keys.NewRing(&w.memory, []keys.Algorithm{keys.ES256, keys.EdDSA}, w.policy, w.Now)
	ring, _ := w.replica()
	refresh(t, more, ring)
	token := must(more.Sign(t.Context(), keys.EdDSA, []byte(claims)))(t)
	if _, _, err := ring.Verify(token); err != nil {
		t.Error(err)
	}
}

// A key that this version cannot check with is in nobody's way.
func TestVerifyBesideANewerVersion(t *testing.T) {
	w := newWorld()
	newer, _ := keys.Set{}.Next(start, w.policy, []keys.Algorithm{"ML-DSA-44"}, numbered())
	w.restore(must(newer.Encode())(t))
	ring, _ := w.replica()
	refresh(t, ring)
	if _, _, err := ring.Verify(must(ring.Sign(t.Context(), keys.ES256, []byte(claims)))(t)); err != nil || len(ring.List()) != 2 {
		t.Errorf("%v, %v", ring.List(), err)
	}
}

// A stored key that is not what it is called would check what nobody of ours has signed.
func TestPublicHalvesThatDoNotMatchAreRefused(t *testing.T) {
	w := newWorld()
	ring, _ := w.replica()
	refresh(t, ring)
	kid := signs(t, ring)
	sound := w.content()
	other := newWorld()
	strangers, _ := other.replica()
	refresh(t, strangers)
	theirs := signs(t, strangers)

	long := must(keys.Thumbprint(sharedRSA(t).Public()))(t)
	jwk := string(must(jose.JSONWebKey{Key: sharedRSA(t).Public(), KeyID: long, Algorithm: "ES256"}.MarshalJSON())(t))

	for name, content := range map[string][]byte{
		"another's":         bytes.Replace(sound, publicOf(t, sound), bytes.Replace(publicOf(t, other.content()), []byte(theirs), []byte(kid), 1), 1),
		"of another name":   bytes.Replace(sound, publicOf(t, sound), bytes.Replace(publicOf(t, sound), []byte(kid), []byte(theirs), 1), 1),
		"another algorithm": bytes.Replace(sound, publicOf(t, sound), bytes.Replace(publicOf(t, sound), []byte("ES256"), []byte("EdDSA"), 1), 1),
		"no JWK":            bytes.Replace(sound, publicOf(t, sound), []byte(`{"kty":"private-private"}`), 1),
		"EC for PS256":      bytes.ReplaceAll(withoutPrivate(t, sound), []byte("ES256"), []byte("PS256")),
		"RSA for ES256":     []byte(strings.ReplaceAll(`{"format":1,"keys":[{"kid":"KID","alg":"ES256","public":`, "KID", long) + jwk + `}]}`),
		"another kind":      bytes.ReplaceAll(withoutPrivate(t, sound), []byte("ES256"), []byte("EdDSA")),
	} {
		w.restore(content)
		late, _ := w.replica()
		err := late.Refresh(t.Context())
		if err == nil || !strings.Contains(err.Error(), kid) && !strings.Contains(err.Error(), long) || strings.Contains(err.Error(), "private-") || late.Ready() == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// publicOf is the public half of the only stored key.
func publicOf(t *testing.T, content []byte) []byte {
	t.Helper()
	var stored struct {
		Keys []struct {
			Public json.RawMessage `json:"public"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(content, &stored); err != nil || len(stored.Keys) != 1 {
		t.Fatal("one stored key is wanted", err)
	}
	return stored.Keys[0].Public
}

// withoutPrivate is a stored set of one key without its private half.
func withoutPrivate(t *testing.T, content []byte) []byte {
	t.Helper()
	before, _, found := bytes.Cut(content, []byte(`,"pkcs8":`))
	if !found {
		t.Fatal("no private half is stored")
	}
	return append(bytes.Clone(before), `}]}`...)
}
