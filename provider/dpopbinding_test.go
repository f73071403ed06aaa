package provider_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"itsme-bridge/provider"
	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// keyOf is a DPoP key of somebody who has been given a nonce.
func keyOf(t *testing.T, s *Server) *holder {
	t.Helper()
	h := newHolder(t, s.Issuer, s.Now)
	h.nonce = proving(t, s, "/token", h.proof("POST", "/token", ""), exchanging("x")).Header.Get("DPoP-Nonce")
	return h
}

// exchanging is a token request's form, of SPA unless its client authenticates otherwise.
func exchanging(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {Callback}, "code_verifier": {Verifier}, "client_id": {SPA},
	}
}

// proving sends forms with a proof; with none if it is empty.
func proving(t *testing.T, s *Server, path, proof string, forms ...url.Values) *Answer {
	t.Helper()
	form := url.Values{}
	for _, f := range forms {
		maps.Copy(form, f)
	}
	answer, err := s.Call(path, form, func(r *http.Request) {
		if proof != "" {
			r.Header.Set("DPoP", proof)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// loggedIn is the code of a login that a browser makes with this authorization request.
func loggedIn(t *testing.T, s *Server, parameters url.Values) string {
	t.Helper()
	b := s.Browser()
	toItsme(t, s, b.Get(s.Issuer+"/authorize?"+parameters.Encode()))
	s.Approve()
	return s.Response(b.Get(s.ReturnURL())).Get("code")
}

// RFC 9449 §10 and §10.1: the ways to bind a code to a key, before there is one.
func TestDPoPCodeBinding(t *testing.T) {
	app := newParty(t, "app-1")
	page := Clients(nil)[1]
	page.ID, page.Keys = "signing-page", app.keys()
	s := With(t, Options{Clients: []client.Client{page}})
	h, eve := keyOf(t, s), keyOf(t, s)
	push := func(t *testing.T, proof string, form url.Values) url.Values {
		t.Helper()
		answer := proving(t, s, "/par", proof, form)
		answer.Wants(t, http.StatusCreated, "")
		uri, _ := answer.JSON()["request_uri"].(string)
		return url.Values{"client_id": form["client_id"], "request_uri": {uri}}
	}
	plain := Request(set("client_id", SPA))
	named := Request(func(v url.Values) { v.Set("client_id", SPA); v.Set("dpop_jkt", h.jkt()) })
	object := url.Values{"client_id": {page.ID}, "request": {app.sign(t, "JWT", objectOf(s, func(c map[string]any) {
		c["client_id"], c["iss"] = page.ID, page.ID
	}))}}
	for _, row := range []struct {
		name          string
		form          url.Values
		pushed, proof bool
	}{
		{"§10 dpop_jkt", named, false, false},
		{"§10.1 pushed dpop_jkt", named, true, false},
		{"§10.1 a proof", plain, true, true},
		{"§10.1 a proof and the same dpop_jkt", named, true, true},
		{"RFC 9126 §3 a proof and a request object", object, true, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			for name, try := range map[string]struct {
				proof  string
				status int
				code   string
			}{
				"its key":     {h.proof("POST", "/token", ""), 200, ""},
				"another key": {eve.proof("POST", "/token", ""), 400, "invalid_grant"},
				"no key":      {"", 400, "invalid_grant"},
			} {
				asked, proof := row.form, ""
				if row.proof {
					proof = h.proof("POST", "/par", "")
				}
				if row.pushed {
					asked = push(t, proof, asked)
				}
				answer := proving(t, s, "/token", try.proof, exchanging(loggedIn(t, s, asked)), url.Values{"client_id": asked["client_id"]})
				got, _ := answer.JSON()["error"].(string)
				if answer.Status != try.status || got != try.code {
					t.Errorf("%s: %d %s", name, answer.Status, answer.Body)
				}
			}
		})
	}
}

// RFC 9449 §10.1: what is wrong with a proof is refused when the request is pushed.
func TestDPoPPushedRequestRefused(t *testing.T) {
	s := With(t, Options{})
	h, eve := keyOf(t, s), keyOf(t, s)
	for _, row := range []struct {
		name, proof, jkt, code string
	}{
		{"another dpop_jkt", h.proof("POST", "/par", ""), eve.jkt(), "invalid_request"},
		{"a proof for /token", h.proof("POST", "/token", ""), "", "invalid_dpop_proof"},
		{"no proof at all", "x", "", "invalid_dpop_proof"},
		{"§8 no nonce", h.proof("POST", "/par", "", without("nonce")), "", "use_dpop_nonce"},
	} {
		t.Run(row.name, func(t *testing.T) {
			form := Request(set("client_id", SPA))
			if row.jkt != "" {
				form.Set("dpop_jkt", row.jkt)
			}
			answer := proving(t, s, "/par", row.proof, form)
			answer.Wants(t, http.StatusBadRequest, row.code)
			if answer.Header.Get("DPoP-Nonce") == "" {
				t.Error("§8.2: there is no nonce")
			}
		})
	}
	s.Provider.Register(Clients(func(c *client.Client) { c.AuthMethod, c.RequireDPoP, c.SecretHashes = client.None, true, nil }))
	proving(t, s, "/par", "", Request(nil)).Wants(t, http.StatusCreated, "") // §10.1: its tokens will need one
	again := h.proof("POST", "/par", "")
	proving(t, s, "/par", again, Request(set("client_id", SPA))).Wants(t, http.StatusCreated, "")
	proving(t, s, "/par", again, Request(set("client_id", SPA))).Wants(t, http.StatusBadRequest, "invalid_dpop_proof")
}

// The FAPI 2.0 Security Profile, from end to end. A client that is asked for a
// nonce comes again with the same assertion.
func TestFAPI2(t *testing.T) {
	app := newParty(t, "app-1")
	s := withKeys(t, app, Options{Config: func(c *provider.Config) { c.Start = authorize.StartDirect }})
	h := newHolder(t, s.Issuer, s.Now)
	send := func(path string, form url.Values, status int) *Answer {
		t.Helper()
		assertion := asserting(app.sign(t, "JWT", assertionOf(s, FAPI)))
		h.nonce = ""
		first := proving(t, s, path, h.proof("POST", path, ""), form, assertion)
		first.Wants(t, http.StatusBadRequest, "use_dpop_nonce")
		h.nonce = first.Header.Get("DPoP-Nonce")
		s.ResetRoundtrips()
		answer := proving(t, s, path, h.proof("POST", path, ""), form, assertion)
		answer.Wants(t, status, "")
		return answer
	}
	uri, _ := send("/par", Request(set("client_id", FAPI)), http.StatusCreated).JSON()["request_uri"].(string)
	code := loggedIn(t, s, url.Values{"client_id": {FAPI}, "request_uri": {uri}})
	form := exchanging(code)
	form.Del("client_id")
	tokens := send("/token", form, http.StatusOK).JSON()
	if n := s.Roundtrips(); n != 3 {
		t.Errorf("%d pipelines at /token, want one more than without: %v", n, s.Commands())
	}
	if tokens["token_type"] != "DPoP" || tokens["id_token"] == nil {
		t.Errorf("%v", tokens)
	}
	token, _ := tokens["access_token"].(string)
	userinfo := func(authorization, proof string) *Answer {
		answer, err := s.Call("/userinfo", nil, func(r *http.Request) {
			r.Header.Set("Authorization", authorization)
			r.Header.Set("DPoP", proof)
		})
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	userinfo("DPoP "+token, h.proof("GET", "/userinfo", token)).Wants(t, http.StatusOK, "")
	userinfo("Bearer "+token, h.proof("GET", "/userinfo", token)).Wants(t, http.StatusUnauthorized, "invalid_token")
}

// A proof is used up at all replicas together, and so is its nonce good at all.
func TestDPoPReplicas(t *testing.T) {
	s := New(t)
	replica := s.Replica()
	h := keyOf(t, s)
	proof, code := h.proof("POST", "/token", ""), loggedIn(t, s, Request(set("client_id", SPA)))
	errorsSeen := make([]string, 10)
	var wait sync.WaitGroup
	for i := range errorsSeen {
		wait.Go(func() {
			answer, err := s.Call("/token", exchanging(code), func(r *http.Request) {
				r.Header.Set("DPoP", proof)
				if i%2 == 1 {
					r.URL.Host = strings.TrimPrefix(replica.URL, "http://")
				}
			})
			if err == nil {
				errorsSeen[i], _ = answer.JSON()["error"].(string)
			}
		})
	}
	wait.Wait()
	slices.Sort(errorsSeen)
	if want := slices.Concat([]string{""}, slices.Repeat([]string{"invalid_dpop_proof"}, 9)); !slices.Equal(errorsSeen, want) {
		t.Errorf("%v", errorsSeen)
	}
}
