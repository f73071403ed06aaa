package keys_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"

	"itsme-bridge/keys"
)

// complete is a ring of all algorithms, made once: RSA keys take their time.
var complete = sync.OnceValues(func() (*keys.Ring, error) {
	w := newWorld()
	ring := keys.NewRing(&w.memory, keys.Algorithms(), w.policy, w.Now)
	return ring, ring.Refresh(context.Background())
})

func TestSign(t *testing.T) {
	ring := allAlgorithms(t)
	const claims = `{"sub":"José","nonce":"a<b>&c"}`
	for _, a := range keys.Algorithms() {
		token, err := ring.Sign(t.Context(), a, []byte(claims))
		if err != nil {
			t.Fatal(err)
		}
		kid, got, err := check(token, ring.JWKS().Body)
		if err != nil || string(got) != claims {
			t.Errorf("%s: %s, %v", a, got, err)
		}
		if got, want := header(t, token), `{"alg":"`+string(a)+`","kid":"`+kid+`","typ":"JWT"}`; got != want {
			t.Errorf("header %s, want %s", got, want)
		}
	}
}

// header is the first part of a token.
func header(t *testing.T, token string) string {
	t.Helper()
	first, _, _ := strings.Cut(token, ".")
	return string(must(base64.RawURLEncoding.DecodeString(first))(t))
}

func TestSignTyped(t *testing.T) {
	w := newWorld()
	ring, _ := w.replica()
	if _, err := ring.SignTyped(t.Context(), keys.ES256, keys.LogoutJWT, []byte(`{}`)); !errors.Is(err, keys.ErrNotLoaded) {
		t.Errorf("before the first load: %v", err)
	}
	refresh(t, ring)
	for name, signer := range map[string]typedSigner{"ring": ring, "static": fromPEM(t, ecFile(t))} {
		for _, row := range []struct {
			typ  string
			want error
		}{
			{keys.JWT, nil},
			{keys.LogoutJWT, nil},
			{"at+jwt", keys.ErrType},
			{"jwt", keys.ErrType},
			{"", keys.ErrType},
		} {
			token, err := signer.SignTyped(t.Context(), keys.ES256, row.typ, []byte(`{}`))
			if !errors.Is(err, row.want) {
				t.Errorf("%s, %q: %v", name, row.typ, err)
			}
			if err == nil && !strings.HasSuffix(header(t, token), `,"typ":"`+row.typ+`"}`) {
				t.Errorf("%s, %q: header %s", name, row.typ, header(t, token))
			}
		}
	}
}

type typedSigner interface {
	SignTyped(ctx context.Context, a keys.Algorithm, typ string, claims []byte) (string, error)
}

// RFC 7518 section 3.5: the salt is as long as the hash. Many libraries insist.
func TestSaltOfPSS(t *testing.T) {
	static := fromFiles(t, keys.Files{PS256: []string{writePEM(t, pkcs8(t, otherRSA(t)))}})
	token := must(static.Sign(t.Context(), keys.PS256, []byte(`{}`)))(t)
	end := strings.LastIndex(token, ".")
	signature := must(base64.RawURLEncoding.DecodeString(token[end+1:]))(t)
	digest := sha256.Sum256([]byte(token[:end]))
	if err := rsa.VerifyPSS(&otherRSA(t).PublicKey, crypto.SHA256, digest[:], signature, &rsa.PSSOptions{SaltLength: sha256.Size}); err != nil {
		t.Error(err)
	}
}

func TestSignTogether(t *testing.T) {
	ring := allAlgorithms(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 20 {
				typ := []string{keys.JWT, keys.LogoutJWT}[i%2]
				token, err := ring.SignTyped(t.Context(), keys.ES256, typ, []byte(`{}`))
				if err != nil {
					t.Error(err)
				}
				if _, _, err := check(token, ring.JWKS().Body); err != nil {
					t.Error(err)
				}
				if _, got, err := ring.Verify(token); err != nil || got != typ {
					t.Error(got, err)
				}
			}
		})
	}
	group.Wait()
}

// A stored key whose halves do not belong together would sign what nobody can check.
func TestHalvesThatDoNotMatchAreRefused(t *testing.T) {
	w := newWorld()
	ring, _ := w.replica()
	refresh(t, ring)
	kid := signs(t, ring)

	other := newWorld()
	stranger, _ := other.replica()
	refresh(t, stranger)
	half := func(data []byte) []byte {
		_, rest, _ := bytes.Cut(data, []byte(`"pkcs8":"`))
		private, _, _ := bytes.Cut(rest, []byte(`"`))
		return private
	}
	swapped := bytes.Replace(w.content(), half(w.content()), half(other.content()), 1)
	broken := bytes.Replace(w.content(), half(w.content()), []byte("cHJpdmF0ZQ=="), 1)

	for name, content := range map[string][]byte{"swapped": swapped, "broken": broken} {
		w.restore(content)
		late, _ := w.replica()
		err := late.Refresh(t.Context())
		if err == nil || !strings.Contains(err.Error(), kid) || late.Ready() == nil {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "private-") || strings.Contains(err.Error(), "cHJp")) {
			t.Errorf("%s: the error quotes the key: %v", name, err)
		}
	}
}

func allAlgorithms(tb testing.TB) *keys.Ring {
	tb.Helper()
	ring, err := complete()
	if err != nil {
		tb.Fatal(err)
	}
	return ring
}

// What Sign costs beside a bare signature of the same kind over the same bytes.
func BenchmarkSign(b *testing.B) {
	claims := []byte(`{"sub":"` + strings.Repeat("s", 600) + `"}`)
	digest := sha256.Sum256(claims)
	rsaKey := sharedRSA(b)
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	ring := allAlgorithms(b)
	for _, row := range []struct {
		name string
		sign func() error
	}{
		{"RS256/ring", func() error { _, err := ring.Sign(b.Context(), keys.RS256, claims); return err }},
		{"PS256/ring", func() error { _, err := ring.Sign(b.Context(), keys.PS256, claims); return err }},
		{"EdDSA/ring", func() error { _, err := ring.Sign(b.Context(), keys.EdDSA, claims); return err }},
		{"RS256/bare", func() error { _, err := rsa.SignPKCS1v15(nil, rsaKey, crypto.SHA256, digest[:]); return err }},
		{"ES256/ring", func() error { _, err := ring.Sign(b.Context(), keys.ES256, claims); return err }},
		{"ES256/bare", func() error { _, err := ecdsa.SignASN1(rand.Reader, ecKey, digest[:]); return err }},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := row.sign(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkJWKS(b *testing.B) {
	ring := allAlgorithms(b)
	b.ReportAllocs()
	for b.Loop() {
		if ring.JWKS().MaxAge == 0 {
			b.Fatal("no max-age")
		}
	}
}
