package signed_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider/signed"
)

// fuzzed holds whatever fails to the rules for errors.
func fuzzed(t *testing.T, err error) {
	t.Helper()
	var e *signed.Error
	if !errors.As(err, &e) {
		t.Errorf("not an *Error: %v", err)
		return
	}
	fitting(t, e)
}

// Nothing that a stranger sends passes with the keys of a client.
func FuzzParse(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Token)
	}
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	key := public(otherKey())
	key.KeyID = ""
	f.Fuzz(func(t *testing.T, compact string) {
		signed.Unsigned(compact)
		token, err := signed.Parse(compact, signed.Algorithms()...)
		if err != nil {
			fuzzed(t, err)
			return
		}
		if token.Type() != strings.ToLower(token.Type()) {
			t.Errorf("typ %q", token.Type())
		}
		token.Claimed()
		_, err = token.Verify([]jose.JSONWebKey{key})
		fuzzed(t, err)
	})
}

// Whatever passes is for us, once, and soon over.
func FuzzReadAssertion(f *testing.F) {
	f.Add(plainAssertion().json(f))
	f.Add(repeated(plainAssertion().json(f), "iss"))
	f.Add([]byte(`{"iss":"app","sub":"app","aud":["https://op.example",null],"exp":1.80000000001e9,"jti":"\ud800"}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		got, err := signed.ReadAssertion(payload, signed.AssertionRules{ClientID: client, Audiences: []string{issuer}, Now: now})
		if err != nil {
			fuzzed(t, err)
			return
		}
		if life := got.Expires.Sub(now); got.ID == "" || len(got.ID) > signed.MaxID || life <= 0 || life > time.Hour {
			t.Errorf("%q: %v", payload, got)
		}
	})
}

// Whatever passes is a request of this client, with each parameter once, and no other request in it.
func FuzzReadRequest(f *testing.F) {
	f.Add(plainRequest().json(f))
	f.Add([]byte(`{"claims":{"id_token":{"acr":null}},"max_age":8.64e4,"state":"\u0000","request":""}`))
	for _, v := range vectors(f) {
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(v.Token, ".")[1])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		for _, strict := range []bool{false, true} {
			got, err := signed.ReadRequest(payload, signed.RequestRules{ClientID: client, Issuer: issuer, Now: now, MustExpire: strict})
			if err != nil {
				fuzzed(t, err)
				continue
			}
			for name, values := range got {
				if len(values) != 1 || name == "request" || name == "request_uri" || name == "iss" || name == "sub" {
					t.Errorf("%q: %s is %q", payload, name, values)
				}
			}
			if got.Get("client_id") != client {
				t.Errorf("%q is of %q", payload, got.Get("client_id"))
			}
		}
	})
}

// Whatever passes was signed by its own key, for this request. The input is the claims, signed, and a proof as it came.
func FuzzReadProof(f *testing.F) {
	f.Add(plainProof().json(f), "")
	f.Add([]byte(`{"htm":"POST","htu":"https://op.example/%2e%2e/token","iat":1.8e9,"jti":"1","nonce":null}`), "")
	for _, v := range vectors(f) {
		f.Add([]byte("{}"), v.Token)
	}
	header := members{"typ": "dpop+jwt", "alg": "ES256", "jwk": jose.JSONWebKey{Key: ecKey().Public()}}.json(f)
	f.Fuzz(func(t *testing.T, payload []byte, raw string) {
		for _, token := range []string{raw, compact(t, "ES256", ecKey(), header, payload)} {
			got, err := signed.ReadProof(token, signed.ProofRules{Method: "POST", URL: endpoint, Now: now})
			if err != nil {
				fuzzed(t, err)
				continue
			}
			if age := now.Sub(got.Issued); len(got.Thumbprint) != 43 || got.ID == "" || age > time.Minute || age < -signed.Leeway {
				t.Errorf("%q: %v", payload, got)
			}
		}
	})
}
