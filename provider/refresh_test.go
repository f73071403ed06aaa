package provider_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/grant"
	"itsme-bridge/storage/storagetest"
)

// lasting are clients whose entries allow refresh tokens, and the usual ones.
func lasting() []client.Client {
	all := confederates()
	for _, c := range []client.Client{
		clientNamed("lasting", client.ClientSecretBasic, "lasting-secret"),
		clientNamed("profiled", client.ClientSecretBasic, "profiled-secret"),
		clientNamed("second", client.ClientSecretBasic, "second-secret"),
		clientNamed("native", client.None),
	} {
		c.Scopes = append(c.Scopes, "offline_access")
		c.FAPI2 = c.ID == "profiled"
		all = append(all, c)
	}
	return all
}

func newLasting(t testing.TB, world *storagetest.World) *backchannel {
	t.Helper()
	return newBackchannel(t, world, lasting()...)
}

const lastingScope = "openid profile email offline_access"

// offline makes the code of a login one that was granted refresh tokens.
func offline(id string) func(*grant.Grant) {
	return func(g *grant.Grant) { g.ClientID, g.Asked, g.Scope = id, lastingScope, lastingScope }
}

// by lets one of the lasting clients send a message.
func (m *message) by(id string) *message {
	m.header.Set("Authorization", basic(id, id+"-secret"))
	if id == "native" {
		m.header.Del("Authorization")
		m.form.Set("client_id", id)
	}
	return m
}

// begun are the first tokens of a login of a client.
func (b *backchannel) begun(id string, change ...func(*grant.Grant)) reply {
	b.t.Helper()
	change = slices.Concat([]func(*grant.Grant){offline(id)}, change)
	answer := b.send(exchange(b.code(change...)).by(id))
	answer.want(b.t, http.StatusOK, "")
	return answer
}

func (r reply) access(t testing.TB) string  { t.Helper(); return r.text(t, "access_token") }
func (r reply) refresh(t testing.TB) string { t.Helper(); return r.text(t, "refresh_token") }

// refreshing is the right refresh request of the client lasting.
func refreshing(token string) *message {
	m := exchange("").by("lasting")
	m.form = map[string][]string{"grant_type": {"refresh_token"}, "refresh_token": {token}}
	return m
}

// RFC 6749 §6, OpenID Connect Core §12.
func TestRefresh(t *testing.T) {
	worlds(t, func(t *testing.T, b *backchannel) {
		t.Helper()
		b.provider.Register(lasting())
		first := b.begun("lasting", func(g *grant.Grant) {
			g.SID, g.ACR, g.AMR = "a-session", "urn:loa", []string{"mfa"}
			g.Claims = json.RawMessage(`{"email":"lucas.maes@example.com","email_verified":false,"name":"Lucas Maes"}`)
		})
		b.Advance(2 * time.Minute)
		second := b.send(refreshing(first.refresh(t)))
		second.want(t, http.StatusOK, "")
		if second.refresh(t) == first.refresh(t) || second.access(t) == first.access(t) || second.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v %s", second.header, second.body)
		}
		if body := second.json(t); body["token_type"] != "Bearer" || body["expires_in"] != 300.0 || body["scope"] != nil {
			t.Errorf("%v", body)
		}
		// OpenID Connect Core §12.2.
		was, is := payloadOf(t, first.text(t, "id_token")), payloadOf(t, second.text(t, "id_token"))
		was["iat"], was["exp"] = float64(b.Now().Unix()), float64(b.Now().Add(4*time.Minute).Unix())
		was["at_hash"] = halfHash(keys.ES256, second.access(t))
		delete(was, "nonce")
		same(t, is, was)
		for _, token := range []string{first.access(t), second.access(t)} { // RFC 6749 §6 ends none of them
			same(t, b.send(bearer(token)).json(t), map[string]any{
				"sub": subject, "name": "Lucas Maes", "email": "lucas.maes@example.com", "email_verified": false,
			})
		}
		third := b.send(refreshing(second.refresh(t)))
		third.want(t, http.StatusOK, "")
	})
}

// OpenID Connect Core §11: refresh tokens come where the client's entry allows
// them and the login was granted them, and nowhere else.
func TestRefreshTokenIsGiven(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	for _, row := range []struct {
		name, client, scope string
		want                bool
	}{
		{"granted", "lasting", lastingScope, true},
		{"granted to a public client", "native", lastingScope, true},
		{"not asked for", "lasting", "openid profile", false},
		{"another word", "lasting", "openid offline_access_not", false},
		{"granted, and gone from the client's entry since", "other", lastingScope, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer := b.begun(row.client, func(g *grant.Grant) { g.Scope = row.scope })
			if got := answer.refresh(t) != ""; got != row.want {
				t.Errorf("a refresh token: %v, want %v", got, row.want)
			}
		})
	}
}

// Each row differs from a request that succeeds in one thing, and does no harm:
// after it the right request succeeds.
func TestRefreshRefusals(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	set := func(name, value string) func(*message) { return func(m *message) { m.form.Set(name, value) } }
	change := func(edit func(string) string) func(*message) {
		return func(m *message) { m.form.Set("refresh_token", edit(m.form.Get("refresh_token"))) }
	}
	foreign := b.begun("native").refresh(t)
	for _, row := range []struct {
		name   string
		spoil  func(*message)
		status int
		code   string
	}{
		{"RFC 6749 §6: another client", func(m *message) { m.by("second") }, 400, "invalid_grant"},
		{"RFC 6749 §10.4: another client's", set("refresh_token", foreign), 400, "invalid_grant"},
		{"RFC 6749 §5.2: a client that may not", func(m *message) { m.by("other") }, 400, "unauthorized_client"},
		{"RFC 6749 §6: wrong secret", func(m *message) { m.header.Set("Authorization", basic("lasting", "guess")) }, 401, "invalid_client"},
		{"RFC 6749 §6: nobody", func(m *message) { m.header.Del("Authorization") }, 401, "invalid_client"},
		{"RFC 6749 §6: no refresh_token", func(m *message) { m.form.Del("refresh_token") }, 400, "invalid_request"},
		{"RFC 6749 §3.2: an empty one", set("refresh_token", ""), 400, "invalid_request"},
		{"RFC 6749 §3.2: two of them", func(m *message) { m.form.Add("refresh_token", "x") }, 400, "invalid_request"},
		{"RFC 6749 §3.2: two scopes", func(m *message) { m.form["scope"] = []string{"openid", "openid"} }, 400, "invalid_request"},
		{"RFC 6749 §2.3.1: in the URL", func(m *message) { m.query.Set("refresh_token", "x") }, 400, "invalid_request"},
		{"words", set("refresh_token", "two words"), 400, "invalid_grant"},
		{"dots", set("refresh_token", "..."), 400, "invalid_grant"},
		{"without its turn", change(func(s string) string { return s[:53] }), 400, "invalid_grant"},
		{"cut off", change(func(s string) string { return s[:79] }), 400, "invalid_grant"},
		{"with something behind it", change(func(s string) string { return s + "A" }), 400, "invalid_grant"},
		{"in small letters", change(strings.ToLower), 400, "invalid_grant"},
		{"the id with another secret", change(func(s string) string { return s[:27] + strings.Repeat("A", 26) + s[53:] }), 400, "invalid_grant"},
		{"another id", change(func(s string) string { return strings.Repeat("A", 26) + s[26:] }), 400, "invalid_grant"},
		{"RFC 6749 §6: a wider scope", set("scope", "openid phone"), 400, "invalid_scope"},
		{"RFC 6749 §6: an unknown scope", set("scope", "openid blood_type"), 400, "invalid_scope"},
		{"OpenID Connect Core §3.1.2.1: no openid", set("scope", "profile"), 400, "invalid_scope"},
	} {
		t.Run(row.name, func(t *testing.T) {
			first := b.begun("lasting")
			m := refreshing(first.refresh(t))
			row.spoil(m)
			b.send(m).want(t, row.status, row.code)
			b.send(bearer(first.access(t))).want(t, http.StatusOK, "")
			b.Advance(2 * time.Minute) // beyond the grace: no turn was changed either
			b.send(refreshing(first.refresh(t))).want(t, http.StatusOK, "")
		})
	}
}

// RFC 6749 §6: what is asked for narrows the new access token, not the family.
func TestRefreshScope(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	claims := func(g *grant.Grant) {
		g.Claims = json.RawMessage(`{"name":"L","email":"e@example.com","phone_number":"+32","nickname":"l"}`)
		g.IDTokenClaims = g.Claims
	}
	for _, row := range []struct {
		name, scope string
		told        string // RFC 6749 §5.1
		claims      []string
	}{
		{"nothing is asked for", "", "", []string{"email", "name", "sub"}},
		{"blanks", "  ", "", []string{"email", "name", "sub"}},
		{"the same", lastingScope, "", []string{"email", "name", "sub"}},
		{"less", "openid email", "", []string{"email", "sub"}},
		{"openid alone", "openid", "", []string{"sub"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			first := b.begun("lasting", claims)
			m := refreshing(first.refresh(t))
			m.form.Set("scope", row.scope)
			answer := b.send(m)
			answer.want(t, http.StatusOK, "")
			if got := answer.text(t, "scope"); got != row.told {
				t.Errorf("scope %q, want %q", got, row.told)
			}
			if got := names(b.send(bearer(answer.access(t))).json(t)); !slices.Equal(got, row.claims) {
				t.Errorf("userinfo tells %v, want %v", got, row.claims)
			}
			wide := b.send(refreshing(answer.refresh(t)))
			if got := names(b.send(bearer(wide.access(t))).json(t)); !slices.Equal(got, []string{"email", "name", "sub"}) {
				t.Errorf("the family was narrowed: %v", got)
			}
			id := payloadOf(t, answer.text(t, "id_token"))
			if _, told := id["email"]; told != slices.Contains(row.claims, "email") {
				t.Errorf("the ID token: %v", id)
			}
		})
	}
}

// What the client's entry has lost since is not granted again, and it is told so.
func TestRefreshWithAnEntryThatIsNarrowerNow(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	first := b.begun("lasting", func(g *grant.Grant) {
		g.Asked, g.Scope = "openid email offline_access", "openid email offline_access"
		g.Claims = json.RawMessage(`{"name":"L","email":"e@example.com"}`) // name by its own name
	})
	if got := names(b.send(bearer(b.send(refreshing(first.refresh(t))).access(t))).json(t)); !slices.Equal(got, []string{"email", "name", "sub"}) {
		t.Errorf("a claim that was asked for by name: %v", got)
	}
	clients := lasting()
	clients[slices.IndexFunc(clients, func(c client.Client) bool { return c.ID == "lasting" })].Scopes = []string{"offline_access"}
	b.provider.Register(clients)
	answer := b.send(refreshing(first.refresh(t)))
	answer.want(t, http.StatusOK, "")
	if got := answer.text(t, "scope"); got != "openid offline_access" {
		t.Errorf("scope %q", got)
	}
	if got := names(b.send(bearer(answer.access(t))).json(t)); !slices.Equal(got, []string{"sub"}) {
		t.Errorf("userinfo tells %v", got)
	}
}

// A client that has another id_token_signed_response_alg now would refuse the old one.
func TestRefreshSignsAsTheEntrySaysNow(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	first := b.begun("lasting")
	clients := lasting()
	clients[slices.IndexFunc(clients, func(c client.Client) bool { return c.ID == "lasting" })].SigningAlg = keys.EdDSA
	b.provider.Register(clients)
	answer := b.next(first.refresh(t))
	if header := headerOf(t, answer.text(t, "id_token")); header["alg"] != "EdDSA" {
		t.Errorf("the ID token is signed with %v", header["alg"])
	}
	if hash := payloadOf(t, answer.text(t, "id_token"))["at_hash"]; hash != halfHash(keys.EdDSA, answer.access(t)) {
		t.Errorf("at_hash %v", hash)
	}
}

func names(object map[string]any) []string {
	var found []string
	for name := range object {
		found = append(found, name)
	}
	slices.Sort(found)
	return found
}

// RFC 9449 §5: the refresh tokens of a public client are bound to its key.
func TestRefreshOfABoundFamily(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	token := b.putFamily("native", "the-thumbprint-of-a-key")
	m := refreshing(token).by("native")
	answer := b.send(m)
	answer.want(t, http.StatusBadRequest, "invalid_grant")
	if !strings.Contains(answer.body, "DPoP") {
		t.Error(answer.body)
	}
	old := token[:54] + strings.Repeat("A", 26)
	b.send(refreshing(old).by("native")).want(t, http.StatusBadRequest, "invalid_grant")
	if !b.stands(token) {
		t.Error("who has not the key has ended the family")
	}
	b.next(b.putFamily("lasting", "the-thumbprint-of-a-key")) // its secret is proof enough
}

// RFC 9449 §5: they are from the first proof on, also where the code was redeemed without.
func TestRefreshBindsAFamily(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	h, eve := b.holder(), b.holder()
	first := b.begun("native")
	second := b.send(proven(h, first.refresh(t), "native"))
	second.want(t, http.StatusOK, "")
	b.send(refreshing(second.refresh(t)).by("native")).want(t, http.StatusBadRequest, "invalid_grant")
	b.send(proven(eve, second.refresh(t), "native")).want(t, http.StatusBadRequest, "invalid_grant")
	third := b.send(proven(h, second.refresh(t), "native"))
	third.want(t, http.StatusOK, "")
	b.send(proven(h, third.refresh(t), "native")).want(t, http.StatusOK, "")

	secret := b.begun("lasting")
	b.next(b.send(proven(h, secret.refresh(t), "lasting")).refresh(t)) // a secret is proof enough
}

// Ten at a time: all get the same refresh token, and nobody's login dies.
func TestRefreshTenAtATime(t *testing.T) {
	worlds(t, func(t *testing.T, b *backchannel) {
		t.Helper()
		b.provider.Register(lasting())
		token := b.begun("lasting").refresh(t)
		for range 3 {
			replies := make([]reply, 10)
			var together sync.WaitGroup
			for i := range replies {
				together.Go(func() { replies[i] = b.send(refreshing(token)) })
			}
			together.Wait()
			next := replies[0].refresh(t)
			for _, r := range replies {
				r.want(t, http.StatusOK, "")
				if r.refresh(t) != next || next == token {
					t.Fatalf("two refresh tokens are good at once, or none is new")
				}
				b.send(bearer(r.access(t))).want(t, http.StatusOK, "")
			}
			token = next
		}
	})
}
