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
	"strings"
	"sync"
	"testing"

	"itsme-bridge/keys"
)

// both is a ring of all algorithms, made once: RSA keys take their time.
var both = sync.OnceValues(func() (*keys.Ring, error) {
	w := newWorld()
	ring := keys.NewRing(&w.memory, keys.Algorithms(), w.policy, w.Now)
	return ring, ring.Refresh(context.Background())
})

func TestSign(t *testing.T) {
	ring := bothAlgorithms(t)
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
		header, _, _ := strings.Cut(token, ".")
		plain, err := base64.RawURLEncoding.DecodeString(header)
		if want := `{"alg":"` + string(a) + `","kid":"` + kid + `","typ":"JWT"}`; err != nil || string(plain) != want {
			t.Errorf("header %s, want %s", plain, want)
		}
	}
}

func TestSignTogether(t *testing.T) {
	ring := bothAlgorithms(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				token, err := ring.Sign(t.Context(), keys.ES256, []byte(`{}`))
				if err != nil {
					t.Error(err)
				}
				if _, _, err := check(token, ring.JWKS().Body); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
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

func bothAlgorithms(tb testing.TB) *keys.Ring {
	tb.Helper()
	ring, err := both()
	if err != nil {
		tb.Fatal(err)
	}
	return ring
}

// What Sign costs beside a bare signature of the same kind over the same bytes.
func BenchmarkSign(b *testing.B) {
	claims := []byte(`{"sub":"` + strings.Repeat("s", 600) + `"}`)
	digest := sha256.Sum256(claims)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	ring := bothAlgorithms(b)
	for _, row := range []struct {
		name string
		sign func() error
	}{
		{"RS256/ring", func() error { _, err := ring.Sign(b.Context(), keys.RS256, claims); return err }},
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
	ring := bothAlgorithms(b)
	b.ReportAllocs()
	for b.Loop() {
		if ring.JWKS().MaxAge == 0 {
			b.Fatal("no max-age")
		}
	}
}
