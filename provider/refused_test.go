package provider_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/audit"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/oauth"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// refusals are who is refused in a way that may be an attack, and why; each row is one
// request more than its preparation.
func refusals(t *testing.T, s *Server, app party) map[oauth.Attack][]func() {
	t.Helper()
	asked := func(change func(url.Values)) func() { return func() { s.Browser().Authorize(change) } }
	begun := func() (*Browser, string) { b := s.Browser(); return b, b.Begin(nil) }
	returned := func(spoil func(string) string, other bool) func() {
		return func() {
			b, back := begun()
			if other {
				b = s.Browser()
			}
			b.Get(spoil(back))
		}
	}
	whole := func(back string) string { return back }
	forged := func(path string, other bool) func() {
		return func() {
			b, back := begun()
			if other {
				b = s.Browser()
			}
			b.Post(path, url.Values{"login": {loginID(back)}, "attempt": {"1"}, "token": {"forged"}})
		}
	}
	embedded := func(path string) func() {
		return func() {
			b := s.Browser()
			b.Header.Set("Sec-Fetch-Dest", "image")
			b.Header.Set("Sec-Fetch-Mode", "no-cors")
			b.Get(path)
		}
	}
	evil := set("redirect_uri", "https://evil.example/")
	request := func(claims map[string]any, by party) func() {
		return func() { s.Browser().Get(s.Issuer + "/authorize?" + withObject(by.sign(t, "JWT", claims)).Encode()) }
	}
	return map[oauth.Attack][]func(){
		oauth.WrongBrowser: {
			returned(whole, true), forged("/itsme/retry", true), forged("/itsme/leave", true),
			func() { _, back := begun(); s.Browser().Get("/itsme/login/" + loginID(back)) },
		},
		oauth.WrongProof: {returned(func(back string) string { return back[:len(back)-4] + "AAAA" }, false)},
		oauth.ForgedForm: {
			forged("/itsme/retry", false), forged("/itsme/leave", false),
			func() { s.Browser().Post("/itsme/continue", url.Values{"request": {"forged"}}) },
			func() { s.Browser().Post("/itsme/logout", url.Values{"request": {"forged"}}) },
		},
		oauth.Embedded:        {embedded("/authorize?" + Request(nil).Encode()), embedded("/logout")},
		oauth.UnknownClient:   {asked(set("client_id", "nobody"))},
		oauth.ForeignRedirect: {asked(evil), func() { s.Exchange(s.Login(nil).Get("code"), evil) }},
		oauth.ForeignLogout: {func() {
			s.Browser().Get("/logout?" + url.Values{"client_id": {App}, "post_logout_redirect_uri": {"https://evil.example/"}}.Encode())
		}},
		oauth.ForeignRequest: {
			asked(set("request_uri", "https://evil.example/request")),
			func() {
				answer := calls(t, s, "/par", Request(set("client_id", SPA)))
				uri, _ := answer.JSON()["request_uri"].(string)
				s.Browser().Get(s.Issuer + "/authorize?" + url.Values{"client_id": {App}, "request_uri": {uri}}.Encode())
			},
		},
		oauth.ForgedRequest: {
			request(objectOf(s, nil), newParty(t, "app-1")),
			func() { s.Browser().Get(s.Issuer + "/authorize?" + withObject(unsigned(t, objectOf(s, nil))).Encode()) },
		},
		oauth.ForgedHint: {asked(set("id_token_hint", app.sign(t, "JWT", map[string]any{"iss": s.Issuer, "aud": App, "sub": "x"})))},
		oauth.WrongCredentials: {
			func() {
				form := exchanging("x")
				form.Del("client_id")
				_, _ = s.Call("/token", form, func(r *http.Request) { r.SetBasicAuth(App, AppSecret+"x") })
			},
			func() { calls(t, s, "/token", exchanging("x"), url.Values{"client_id": {"nobody"}}) },
			func() {
				calls(t, s, "/token", exchanging("x"), url.Values{"client_id": {FAPI}}, asserting(newParty(t, "app-1").sign(t, "JWT", assertionOf(s, FAPI))))
			},
		},
		oauth.AssertionReplay: {func() {
			spent := asserting(app.sign(t, "JWT", assertionOf(s, "signing")))
			form := url.Values{"client_id": {"signing"}}
			for range 2 {
				calls(t, s, "/token", exchanging("x"), form, spent)
			}
		}},
		oauth.ProofReplay: {func() {
			proof := keyOf(t, s).proof("POST", "/token", "")
			for range 2 {
				proving(t, s, "/token", proof, exchanging(loggedIn(t, s, Request(set("client_id", SPA)))))
			}
		}},
		oauth.WrongKey: {
			func() {
				named := Request(func(v url.Values) { v.Set("client_id", SPA); v.Set("dpop_jkt", keyOf(t, s).jkt()) })
				proving(t, s, "/token", "", exchanging(loggedIn(t, s, named)))
			},
			func() {
				h, eve := keyOf(t, s), keyOf(t, s)
				answer := proving(t, s, "/token", h.proof("POST", "/token", ""), exchanging(loggedIn(t, s, Request(set("client_id", SPA)))))
				token, _ := answer.JSON()["access_token"].(string)
				userinfo := func(scheme, proof string) {
					direct(t, s, http.MethodGet, "/userinfo", nil, func(r *http.Request) {
						r.Header.Set("Authorization", scheme+" "+token)
						if proof != "" {
							r.Header.Set("DPoP", proof)
						}
					})
				}
				userinfo("DPoP", eve.proof("GET", "/userinfo", token))
			},
			func() {
				proof := keyOf(t, s).proof("POST", "/par", "")
				proving(t, s, "/par", proof, Request(func(v url.Values) { v.Set("client_id", SPA); v.Set("dpop_jkt", keyOf(t, s).jkt()) }))
			},
		},
		oauth.CodeReplay: {
			func() { code := s.Login(nil).Get("code"); s.Exchange(code, nil); s.Exchange(code, nil) },
			func() {
				code := s.Login(nil).Get("code")
				s.Exchange(code, nil)
				s.Exchange(code, set("code_verifier", Verifier+"x"))
			},
		},
		oauth.CodeOfAnother: {func() { calls(t, s, "/token", exchanging(s.Login(nil).Get("code"))) }},
		oauth.WrongVerifier: {
			func() { s.Exchange(s.Login(nil).Get("code"), set("code_verifier", Verifier+"x")) },
			func() { s.Exchange(s.Login(nil).Get("code"), del("code_verifier")) },
		},
	}
}

// Whoever is refused in a way that may be an attack is counted by which, once, and the
// audit stream names it; whatever else fails is not.
func TestRefusalsAreCountedByTheirReason(t *testing.T) {
	app := newParty(t, "app-1")
	signing, fapi := Clients(nil)[0], Clients(nil)[0]
	signing.ID, signing.AuthMethod, signing.Keys = "signing", client.PrivateKeyJWT, app.keys()
	fapi.ID, fapi.AuthMethod, fapi.Keys = FAPI, client.PrivateKeyJWT, app.keys()
	s := With(t, Options{App: func(c *client.Client) { c.Keys = app.keys() }, Clients: []client.Client{signing, fapi}})
	want := 0
	for attack, rows := range refusals(t, s, app) {
		for i, row := range rows {
			before, _ := series(t, s.Metrics, "itsme_bridge_refused_total", string(attack))
			row()
			if after, ok := series(t, s.Metrics, "itsme_bridge_refused_total", string(attack)); !ok || after != before+1 {
				t.Errorf("%s, %d: counted %v times", attack, i, after-before)
			}
			want++
		}
	}
	s.Exchange("unknown.code", nil)
	s.UserInfo("unknown.token")
	s.Browser().Authorize(set("scope", "profile"))
	s.Browser().Get("/nothing")
	events := slices.DeleteFunc(auditedEvents(t, s), func(e map[string]any) bool { return e["event"] == audit.LoginEnded })
	if len(events) != want {
		t.Errorf("%d events, want %d", len(events), want)
	}
	for _, e := range events {
		if e["event"] != audit.Refused || e["stream"] != "audit" || e["version"] != 1.0 || e["reference"] == nil || e["route"] == nil ||
			!strings.Contains(s.Log.String(), `"reference":"`+e["reference"].(string)+`"`) {
			t.Errorf("%v", e)
		}
		if e["reason"] == string(oauth.CodeReplay) && (e["client"] != App || e["login"] == nil) {
			t.Errorf("%v", e)
		}
	}
}

// auditedEvents ends the audit stream and reads it.
func auditedEvents(t *testing.T, s *Server) (events []map[string]any) {
	t.Helper()
	for line := range strings.Lines(s.Audited()) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if at, err := time.Parse(time.RFC3339Nano, e["time"].(string)); err != nil || at.Sub(s.Now()).Abs() > 24*time.Hour {
			t.Errorf("%v: %v", e["time"], err)
		}
		events = append(events, e)
	}
	return events
}

// Refresh tokens in wrong hands.
func TestRefusedRefreshTokensAreCounted(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	is := func(attack oauth.Attack, want float64) {
		t.Helper()
		if got, ok := series(t, b.registry, "itsme_bridge_refused_total", string(attack)); !ok || got != want {
			t.Errorf("%s: %v, want %v", attack, got, want)
		}
	}
	first := b.begun("lasting").refresh(t)
	b.send(refreshing(first).by("second"))
	is(oauth.RefreshTokenForeign, 1)
	b.send(refreshing(first)).want(t, http.StatusOK, "")
	is(oauth.RefreshTokenReuse, 0)
	b.Advance(2 * time.Minute)
	b.send(refreshing(first))
	is(oauth.RefreshTokenReuse, 1)

	h := b.holder()
	bound := b.send(h.exchange(b.code(offline("native"))).by("native")).refresh(t)
	b.send(refreshing(bound).by("native"))
	is(oauth.WrongKey, 1)
}

// Every attack that there is a word for is one that a test above makes.
func TestEveryAttackIsMade(t *testing.T) {
	app := newParty(t, "app-1")
	made := refusals(t, New(t), app)
	for _, attack := range oauth.Attacks() {
		if made[attack] == nil && !slices.Contains([]oauth.Attack{oauth.RefreshTokenForeign, oauth.RefreshTokenReuse}, attack) {
			t.Errorf("%s is never made", attack)
		}
	}
}
