package provider_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// FAPI is a client under the FAPI 2.0 Security Profile.
const FAPI = "fapi"

// assertionOf is a client assertion's claims: those of one with which nothing is wrong.
func assertionOf(s *Server, id string, changes ...func(map[string]any)) map[string]any {
	claims := map[string]any{
		"iss": id, "sub": id, "aud": s.Issuer, "jti": rand.Text(), "iat": s.Now().Unix(), "exp": s.Now().Add(time.Minute).Unix(),
	}
	for _, change := range changes {
		change(claims)
	}
	return claims
}

func claim(name string, value any) func(map[string]any) {
	return func(c map[string]any) { c[name] = value }
}

func noClaim(name string) func(map[string]any) { return func(c map[string]any) { delete(c, name) } }

// asserting is the form of a client that authenticates with an assertion.
func asserting(compact string) url.Values {
	return url.Values{"client_assertion_type": {jwtBearer}, "client_assertion": {compact}}
}

// calls sends a form to an endpoint, without any other authentication.
func calls(t *testing.T, s *Server, path string, forms ...url.Values) *Answer {
	t.Helper()
	form := url.Values{}
	for _, f := range forms {
		for name, values := range f {
			form[name] = values
		}
	}
	answer, err := s.Call(path, form, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// withKeys is a server whose App authenticates with the party's key, and whose
// client FAPI does too.
func withKeys(t *testing.T, app party, o Options) *Server {
	t.Helper()
	o.App = func(c *client.Client) {
		c.AuthMethod, c.Keys, c.SecretHashes = client.PrivateKeyJWT, app.keys(), nil
	}
	fapi := Clients(o.App)[0]
	fapi.ID, fapi.FAPI2 = FAPI, true
	o.Clients = append(o.Clients, fapi)
	return With(t, o)
}

// OpenID Connect Core §9, RFC 7523 §3: at every endpoint where clients authenticate.
func TestClientAssertion(t *testing.T) {
	app := newParty(t, "app-1")
	s := withKeys(t, app, Options{})
	compact := func(changes ...func(map[string]any)) url.Values {
		return asserting(app.sign(t, "JWT", assertionOf(s, App, changes...)))
	}
	code := s.Login(nil).Get("code")
	tokens := calls(t, s, "/token", compact(), url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {Callback}, "code_verifier": {Verifier},
	})
	tokens.Wants(t, http.StatusOK, "")
	token, _ := tokens.JSON()["access_token"].(string)
	if told := calls(t, s, "/introspect", compact(), url.Values{"token": {token}}).JSON(); told["active"] != true {
		t.Errorf("/introspect: %v", told)
	}
	calls(t, s, "/par", Request(nil), compact()).Wants(t, http.StatusCreated, "")
	calls(t, s, "/revoke", compact(), url.Values{"token": {token}}).Wants(t, http.StatusOK, "")
	if told := s.UserInfo(token); told.Status != http.StatusUnauthorized {
		t.Errorf("revoked, and still %d", told.Status)
	}
	for _, row := range []struct {
		name string
		form url.Values
	}{
		{"RFC 7523 §3: aud is the token endpoint", compact(claim("aud", s.Issuer+"/token"))},
		{"RFC 9126 §2: aud is the PAR endpoint", compact(claim("aud", s.Issuer+"/par"))},
		{"RFC 7523 §3: aud is the endpoint that is called", compact(claim("aud", s.Issuer+"/revoke"))},
		{"RFC 7519 §4.1.3: aud is a list", compact(claim("aud", []string{"https://other.example", s.Issuer}))},
		{"RFC 7521 §4.2: the same client_id beside it", func() url.Values {
			v := compact()
			v.Set("client_id", App)
			return v
		}()},
		{"a clock 10 s ahead", compact(claim("iat", s.Now().Add(10*time.Second).Unix()))},
		{"nbf 8 s ahead", compact(claim("nbf", s.Now().Add(8*time.Second).Unix()))},
		{"no iat", compact(noClaim("iat"))},
		{"valid for an hour", compact(claim("exp", s.Now().Add(time.Hour).Unix()))},
		{"RFC 8725 §3.11: a typ of its own", asserting(app.sign(t, "client-authentication+jwt", assertionOf(s, App)))},
		{"no kid", asserting(app.compact(t, map[string]any{"alg": "ES256"}, assertionOf(s, App)))},
		{"FAPI 2.0 §5.3.2.1: aud is the issuer", asserting(app.sign(t, "JWT", assertionOf(s, FAPI)))},
	} {
		t.Run(row.name, func(t *testing.T) {
			calls(t, s, "/revoke", url.Values{"token": {"x"}}, row.form).Wants(t, http.StatusOK, "")
		})
	}
}

// Each row differs from an assertion that is accepted in one thing.
func TestClientAssertionRefused(t *testing.T) {
	app, eve := newParty(t, "app-1"), newParty(t, "app-1")
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	secret := clientNamed("secretive", client.ClientSecretBasic, webSecret)
	secret.Keys = app.keys()
	s := New(t)
	both := client.Keys{Set: []jose.JSONWebKey{app.public(), {Key: rsaKey.Public(), KeyID: "rsa-1"}}}
	fapi, plain := Clients(nil)[0], Clients(nil)[0]
	for _, c := range []*client.Client{&fapi, &plain} {
		c.AuthMethod, c.Keys, c.SecretHashes = client.PrivateKeyJWT, both, nil
	}
	fapi.ID, fapi.FAPI2 = FAPI, true
	s.Provider.Register(Clients(nil, plain, fapi, secret)) // the last one of a name counts
	good := func(id string, changes ...func(map[string]any)) url.Values {
		return asserting(app.sign(t, "JWT", assertionOf(s, id, changes...)))
	}
	by := func(alg jose.SignatureAlgorithm, key any, id string) url.Values {
		return asserting(signedBy(t, alg, key, (&jose.SignerOptions{}).WithHeader("kid", "rsa-1"), assertionOf(s, id)))
	}
	with := func(v url.Values, name, value string) url.Values {
		if v.Set(name, value); value == "" {
			v.Del(name)
		}
		return v
	}
	const hidden = "The client could not be authenticated."
	far := func(d time.Duration) int64 { return s.Now().Add(d).Unix() }
	for _, row := range []struct {
		name string
		form url.Values
		told string // the beginning of the description
	}{
		{"RFC 7523 §3: iss is not the client", good(App, claim("iss", FAPI)), "The claim iss is not"},
		{"RFC 7523 §3: no iss", good(App, noClaim("iss")), "The claim iss is not"},
		{"RFC 7523 §3: sub is another client than iss", good(App, claim("sub", FAPI)), "The claim iss is not"},
		{"RFC 7523 §3: no sub", good(App, noClaim("sub")), "The client_assertion has no sub."},
		{"RFC 7523 §3: no sub, beside a client_id", with(good(App, noClaim("sub")), "client_id", App), "The client_assertion has no sub."},
		{"RFC 7521 §4.2: another client_id beside it", with(good(App), "client_id", FAPI), "The client_id is another one"},
		{"RFC 7523 §3: somebody else's aud", good(App, claim("aud", "https://other.example")), "The claim aud names"},
		{"RFC 7523 §3: the aud of another endpoint of ours", good(App, claim("aud", s.Issuer+"/userinfo")), "The claim aud names"},
		{"RFC 7523 §3: no aud", good(App, noClaim("aud")), "The claim aud names"},
		{"FAPI 2.0 §5.3.2.1: aud is a list", good(FAPI, claim("aud", []string{s.Issuer})), "The claim aud is not the issuer"},
		{"FAPI 2.0 §5.3.2.1: aud is the token endpoint", good(FAPI, claim("aud", s.Issuer+"/token")), "The claim aud is not the issuer"},
		{"FAPI 2.0 §5.3.2.1: aud is the endpoint that is called", good(FAPI, claim("aud", s.Issuer+"/revoke")), "The claim aud is not the issuer"},
		{"RFC 7523 §3: expired", good(App, claim("exp", far(-time.Second))), "The claim exp lies in the past"},
		{"RFC 7523 §3: no exp", good(App, noClaim("exp")), "The claim exp is missing"},
		{"valid for a day", good(App, claim("exp", far(24*time.Hour))), "The claim exp lies too far"},
		{"iat 60 s ahead", good(App, claim("iat", far(time.Minute))), "The claim iat lies in the future"},
		{"nbf 60 s ahead", good(App, claim("nbf", far(time.Minute))), "The claim nbf lies in the future"},
		{"OpenID Connect Core §9: no jti", good(App, noClaim("jti")), "The claim jti is missing"},

		{"another key of the same name", asserting(eve.sign(t, "JWT", assertionOf(s, App))), hidden},
		{"a key that nobody has registered", asserting(party{"app-2", eve.private}.sign(t, "JWT", assertionOf(s, App))), hidden},
		{"RFC 8725 §3.11: another kind of token", asserting(app.sign(t, "dpop+jwt", assertionOf(s, App))), hidden},
		{"FAPI 2.0 §5.4.1: RS256", by(jose.RS256, rsaKey, FAPI), hidden},
		{"no such client", good("nobody"), hidden},
		{"a client of client_secret_basic, with keys", good("secretive"), "This client is registered with client_secret_basic, and this request uses private_key_jwt."},
		{"a client of none", good(SPA), "This client is registered with none, and"},
		{"OpenID Connect Core §9: client_secret_jwt", by(jose.HS256, []byte(AppSecret), App), "The token is signed with an algorithm"},
		{"alg none", asserting(unsigned(t, assertionOf(s, App))), "The token is"},
		{"no JWS", asserting("e30.e30"), "The token is not a JWS"},
		{"RFC 7522: another type", with(good(App), "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"), "The client_assertion_type is not"},
		{"a secret instead", url.Values{"client_id": {App}, "client_secret": {AppSecret}}, "This client is registered with private_key_jwt, and this request uses client_secret_post."},
		{"nothing instead", url.Values{"client_id": {App}}, "This client is registered with private_key_jwt, and this request uses none."},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := len(s.Dump())
			answer := calls(t, s, "/revoke", url.Values{"token": {"x"}}, row.form)
			answer.Wants(t, http.StatusUnauthorized, "invalid_client")
			if told, _ := answer.JSON()["error_description"].(string); !strings.HasPrefix(told, row.told) {
				t.Errorf("told %q, want %q", told, row.told)
			}
			if len(s.Dump()) != before {
				t.Error("what is refused is remembered")
			}
		})
	}
	calls(t, s, "/revoke", url.Values{"token": {"x"}}, by(jose.RS256, rsaKey, App)).Wants(t, http.StatusOK, "")
	calls(t, s, "/revoke", url.Values{"token": {"x"}}, by(jose.PS256, rsaKey, FAPI)).Wants(t, http.StatusOK, "")
	for _, cause := range []string{
		"no such client", "registered with client_secret_basic, and this request uses private_key_jwt", "registered with private_key_jwt, and this request uses client_secret_post",
		"no such key", "must not sign with this algorithm", "another kind of token", "not by a key of the client",
	} {
		if !strings.Contains(s.Log.String(), cause) {
			t.Errorf("the log does not say %q", cause)
		}
	}
	if log := s.Log.String(); strings.Contains(log, "eyJ") || strings.Contains(log, AppSecret) {
		t.Error("an assertion or a secret is in the log")
	}
}

// RFC 7523 §3: an assertion works once, at all replicas together, until it has expired.
func TestClientAssertionReplayed(t *testing.T) {
	app := newParty(t, "app-1")
	s := withKeys(t, app, Options{})
	form := asserting(app.sign(t, "JWT", assertionOf(s, App, claim("jti", "the same"))))
	form.Set("token", "x")
	calls(t, s, "/revoke", form).Wants(t, http.StatusOK, "")
	for _, path := range []string{"/revoke", "/introspect", "/token", "/par"} {
		extra := url.Values{"grant_type": {"authorization_code"}, "code": {"x"}, "redirect_uri": {"x"}}
		answer := calls(t, s, path, extra, form)
		answer.Wants(t, http.StatusUnauthorized, "invalid_client")
		if told := answer.JSON()["error_description"]; told != "The client_assertion was used before." {
			t.Errorf("%s: %v", path, told)
		}
	}
	s.Advance(50 * time.Second)
	calls(t, s, "/revoke", form).Wants(t, http.StatusUnauthorized, "invalid_client")
	other := asserting(app.sign(t, "JWT", assertionOf(s, FAPI, claim("jti", "the same"))))
	calls(t, s, "/revoke", url.Values{"token": {"x"}}, other).Wants(t, http.StatusOK, "") // a jti is its client's own

	s.Advance(30 * time.Second)
	kept := 0
	for key := range s.Dump() {
		if strings.Contains(key, "assertion:") {
			kept++
		}
	}
	if kept != 1 {
		t.Errorf("%d are remembered, want the one that has not expired", kept)
	}
}

// It is remembered a little longer than it is good, for a replica whose clock is
// behind; and a client cannot use up what another will say.
func TestClientAssertionIsRemembered(t *testing.T) {
	key := newParty(t, "1")
	one, another := clientNamed("signer", client.PrivateKeyJWT), clientNamed("signer1", client.PrivateKeyJWT)
	one.Keys, another.Keys = key.keys(), key.keys()
	b := newBackchannel(t, storagetest.New(t), one, another)
	form := func(id, jti string) *message {
		m := ask("/revoke", "x", "", "")
		m.header = http.Header{}
		m.form.Set("client_assertion_type", jwtBearer)
		m.form.Set("client_assertion", key.sign(t, "JWT", map[string]any{
			"iss": id, "sub": id, "aud": b.issuer, "jti": jti, "exp": b.Now().Add(10 * time.Second).Unix(),
		}))
		return m
	}
	b.send(form("signer", "1x")).want(t, http.StatusOK, "")
	b.send(form("signer1", "x")).want(t, http.StatusOK, "")
	first := form("signer", "y")
	b.send(first).want(t, http.StatusOK, "")
	b.Advance(11 * time.Second)
	b.skew.Store(int64(-5 * time.Second))
	b.send(first).want(t, http.StatusUnauthorized, "invalid_client")
}

func TestClientAssertionTenTimesAtOnce(t *testing.T) {
	app := newParty(t, "app-1")
	s := withKeys(t, app, Options{})
	replica := s.Replica()
	form := asserting(app.sign(t, "JWT", assertionOf(s, App)))
	form.Set("token", "x")
	statuses := make([]int, 10)
	var wait sync.WaitGroup
	for i := range statuses {
		wait.Go(func() {
			if answer, err := s.Call("/revoke", form, func(r *http.Request) {
				if i%2 == 1 {
					r.URL.Host = strings.TrimPrefix(replica.URL, "http://")
				}
			}); err == nil {
				statuses[i] = answer.Status
			}
		})
	}
	wait.Wait()
	slices.Sort(statuses)
	if want := slices.Concat([]int{200}, slices.Repeat([]int{401}, 9)); !slices.Equal(statuses, want) {
		t.Errorf("%v", statuses)
	}
}

// While nobody knows what was used before, nothing is accepted.
func TestClientAssertionWithoutRedis(t *testing.T) {
	app := newParty(t, "app-1")
	s := withKeys(t, app, Options{})
	form := asserting(app.sign(t, "JWT", assertionOf(s, App)))
	form.Set("token", "x")
	s.Faults().Down()
	calls(t, s, "/revoke", form).Wants(t, http.StatusServiceUnavailable, "temporarily_unavailable")
	s.Faults().Up()
	s.Faults().DropReply(1) // it was remembered, and we do not know
	calls(t, s, "/revoke", form).Wants(t, http.StatusOK, "")
	calls(t, s, "/revoke", form).Wants(t, http.StatusUnauthorized, "invalid_client")
}

// publisher is a client's jwks_uri.
type publisher struct {
	keys  map[string][]jose.JSONWebKey // by address
	asked []string
}

func (p *publisher) Keys(_ context.Context, address, kid string) ([]jose.JSONWebKey, error) {
	p.asked = append(p.asked, address+" "+kid)
	if keys, ok := p.keys[address]; ok {
		return keys, nil
	}
	return nil, errors.New("the key set does not answer")
}

// RFC 7523 §3, OpenID Connect Core §10.1.1: keys that the client keeps itself are asked for by their kid.
func TestClientAssertionByJWKSURI(t *testing.T) {
	const address = "https://app.example/jwks"
	app, next := newParty(t, "app-1"), newParty(t, "app-2")
	published := &publisher{keys: map[string][]jose.JSONWebKey{address: {app.public()}}}
	s := With(t, Options{
		App: func(c *client.Client) {
			c.AuthMethod, c.Keys, c.SecretHashes = client.PrivateKeyJWT, client.Keys{URI: address}, nil
		},
		Parts: func(p *provider.Parts) { p.KeySets = published },
	})
	send := func(by party) *Answer {
		return calls(t, s, "/revoke", url.Values{"token": {"x"}}, asserting(by.sign(t, "JWT", assertionOf(s, App))))
	}
	send(app).Wants(t, http.StatusOK, "")
	send(next).Wants(t, http.StatusUnauthorized, "invalid_client")
	published.keys[address] = append(published.keys[address], next.public())
	send(next).Wants(t, http.StatusOK, "")
	if want := []string{address + " app-1", address + " app-2", address + " app-2"}; !slices.Equal(published.asked, want) {
		t.Errorf("asked for %v", published.asked)
	}
	delete(published.keys, address)
	send(app).Wants(t, http.StatusServiceUnavailable, "temporarily_unavailable")

	published.asked = nil
	rs := map[string]any{"alg": "ES256", "kid": "app-1", "typ": "at+jwt"}
	calls(t, s, "/revoke", url.Values{"token": {"x"}}, asserting(app.compact(t, rs, assertionOf(s, App)))).Wants(t, http.StatusUnauthorized, "invalid_client")
	if len(published.asked) > 0 {
		t.Error("keys are fetched for what is refused anyway")
	}
}
