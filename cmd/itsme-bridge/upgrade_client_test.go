package main_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider/providertest"
)

// of makes an authorization request that of another client, and sets parameters: a name, a value, and so on.
func of(client string, parameters ...string) func(url.Values) {
	return func(v url.Values) {
		v.Set("client_id", client)
		v.Set("redirect_uri", "https://"+client+".example/callback")
		set(parameters...)(v)
	}
}

func set(parameters ...string) func(url.Values) {
	return func(v url.Values) {
		for pair := range slices.Chunk(parameters, 2) {
			v.Set(pair[0], pair[1])
		}
	}
}

// approved is where the browser is led when the person has approved the login that it began last.
func (p *pair) approved(b *providertest.Browser, back string) *providertest.Answer {
	p.T.Helper()
	p.Approve()
	return b.Get(back)
}

// post sends a form as one of the clients, with more changes to the request.
func (p *pair) post(path, client string, form url.Values, changes ...func(*http.Request)) *providertest.Answer {
	p.T.Helper()
	switch client {
	case "spa":
		form.Set("client_id", client)
	case "signer":
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		if !form.Has("client_assertion") {
			form.Set("client_assertion", p.assertion())
		}
	default:
		changes = append(changes, func(r *http.Request) { r.SetBasicAuth(client, providertest.AppSecret) })
	}
	answer, err := p.Call(path, form, func(r *http.Request) {
		for _, change := range changes {
			change(r)
		}
	})
	if err != nil {
		p.T.Fatal(err)
	}
	return answer
}

// redeem sends a code to the token endpoint.
func (p *pair) redeem(client, code string, changes ...func(*http.Request)) *providertest.Answer {
	p.T.Helper()
	return p.post("/token", client, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "code_verifier": {providertest.Verifier},
		"redirect_uri": {"https://" + client + ".example/callback"},
	}, changes...)
}

// refresh sends a refresh token there.
func (p *pair) refresh(client, token string, changes ...func(*http.Request)) *providertest.Answer {
	p.T.Helper()
	return p.post("/token", client, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}, changes...)
}

// tokens are those of an answer of the token endpoint.
type tokens struct{ access, id, refresh, scope string }

func (p *pair) tokens(a *providertest.Answer) tokens {
	p.T.Helper()
	a.Wants(p.T, http.StatusOK, "")
	said := a.JSON()
	text := func(name string) string { s, _ := said[name].(string); return s }
	return tokens{text("access_token"), text("id_token"), text("refresh_token"), text("scope")}
}

// opens fails the test unless an access token is good, or is not.
func (p *pair) opens(access string, want bool) {
	p.T.Helper()
	if answer := p.UserInfo(access); (answer.Status == http.StatusOK) != want {
		p.T.Errorf("userinfo: %d, and the token should be good: %t\n%s", answer.Status, want, answer.Body)
	}
}

// includes fails the test unless an object has all that is wanted.
func (p *pair) includes(object, want map[string]any) {
	p.T.Helper()
	for name, value := range want {
		if !reflect.DeepEqual(object[name], value) {
			p.T.Errorf("%s is %v, want %v", name, object[name], value)
		}
	}
}

// verified are the claims of an ID token that the keys of both versions verify.
func (p *pair) verified(token string) map[string]any {
	p.T.Helper()
	claims := p.first.verified(token)
	p.includes(p.second.verified(token), claims)
	p.includes(claims, map[string]any{"iss": p.Issuer})
	return claims
}

// verified are the claims of a token that the published keys verify.
func (r *replica) verified(token string) (claims map[string]any) {
	r.t.Helper()
	object, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256})
	if err != nil {
		r.t.Fatalf("%q is not signed: %v", token, err)
	}
	payload, err := object.Verify(r.keys())
	if err != nil {
		r.t.Fatalf("/keys of %s: %v", r.binary, err)
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		r.t.Fatal(err)
	}
	return claims
}

// kid is the key that a token is signed with.
func (p *pair) kid(token string) string {
	p.T.Helper()
	object, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256})
	if err != nil {
		p.T.Fatal(err)
	}
	return object.Signatures[0].Protected.KeyID
}

// keys are those that a process publishes.
func (r *replica) keys() (set jose.JSONWebKeySet) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.url.String()+"/keys", http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&set); err != nil {
		r.t.Fatal(err)
	}
	return set
}

// signer is a client's key.
type signer struct{ key *ecdsa.PrivateKey }

func newSigner(t *testing.T) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer{key}
}

func (s signer) jwk(t testing.TB) string {
	t.Helper()
	text, err := json.Marshal(jose.JSONWebKey{Key: s.key.Public(), KeyID: "1"})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sign makes a compact JWS of claims.
func (s signer) sign(t testing.TB, typ string, embed bool, claims map[string]any) string {
	t.Helper()
	options := (&jose.SignerOptions{EmbedJWK: embed}).WithType(jose.ContentType(typ))
	made, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: s.key}, options)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	object, err := made.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := object.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

// assertion is one of the client signer (RFC 7523 §3).
func (p *pair) assertion() string {
	p.T.Helper()
	return p.signer.sign(p.T, "JWT", false, map[string]any{
		"iss": "signer", "sub": "signer", "aud": p.Issuer, "jti": rand.Text(), "exp": time.Now().Add(time.Minute).Unix(),
	})
}

// object is a request object of the client signer (RFC 9101 §4).
func (p *pair) object(change func(url.Values)) string {
	p.T.Helper()
	claims := map[string]any{"iss": "signer", "aud": p.Issuer, "exp": time.Now().Add(time.Minute).Unix(), "nbf": time.Now().Unix()}
	for name, values := range providertest.Request(change) {
		claims[name] = values[0]
	}
	return p.signer.sign(p.T, "oauth-authz-req+jwt", false, claims)
}

// prove sets the DPoP proof of a request (RFC 9449 §4.2).
func (p *pair) prove(proof string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("DPoP", proof) }
}

func (p *pair) proof(method, path, access, nonce string) string {
	p.T.Helper()
	claims := map[string]any{"jti": rand.Text(), "htm": method, "htu": p.Issuer + path, "iat": time.Now().Unix()}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	if access != "" {
		sum := sha256.Sum256([]byte(access))
		claims["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return p.signer.sign(p.T, "dpop+jwt", true, claims)
}

// thumbprint is that of the key (RFC 7638).
func (p *pair) thumbprint() string {
	p.T.Helper()
	sum, err := (&jose.JSONWebKey{Key: p.signer.key.Public()}).Thumbprint(crypto.SHA256)
	if err != nil {
		p.T.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(sum)
}
