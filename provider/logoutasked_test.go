package provider_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

const shared = "https://shared.example/bye" // an address that App and Other both have

// hints are what comes as an id_token_hint and is not an ID token of this person's client.
type hints struct {
	t    *testing.T
	s    *Server
	mine string
}

// forged is the ID token with something changed, signed by ourselves.
func (h *hints) forged(change func(map[string]any)) string {
	h.t.Helper()
	c := payloadOf(h.t, h.mine)
	change(c)
	return typed(h.t, h.s, "JWT", c)
}

// altered is the ID token with another payload under the same signature.
func (h *hints) altered() string {
	head, rest, _ := strings.Cut(h.mine, ".")
	body, signature, _ := strings.Cut(rest, ".")
	return head + "." + body[:len(body)-2] + "AA." + signature
}

// What is wrong with a logout request, in a developer's words.
const (
	noHint       = "The id_token_hint is missing."
	noJWT        = "The id_token_hint is not a JWT."
	oddJWT       = "The id_token_hint is not a JWT: it has characters that no JWT has."
	noKey        = "The id_token_hint is not signed by a key that this issuer publishes."
	anothers     = "The id_token_hint was issued to another client."
	noID         = "The client_id is not registered."
	noAddress    = "The post_logout_redirect_uri is not registered for this client."
	ownerUnknown = "The post_logout_redirect_uri alone names no client: it is registered for none, or for several."
)

// RP-Initiated Logout §2, §3, §6: whoever cannot show that it is the client of the
// person who sits there has the person asked. The way goes on to the registered
// address all the same, after the click, or by a link where nobody is logged in.
// The page and the log tell a developer what is wrong.
func TestLogoutIsAskedFor(t *testing.T) {
	other := Clients(nil)[0]
	other.ID, other.Name, other.PostLogoutRedirectURIs = "other", "The Other", []string{shared}
	s := withSessions(t, Options{
		Clients: []client.Client{other},
		App: func(c *client.Client) {
			parting(c)
			c.PostLogoutRedirectURIs = append(c.PostLogoutRedirectURIs, shared)
		},
	})
	h, eve := &hints{t, s, logIn(t, s, s.Browser(), nil)}, newParty(t, "eve")
	claims := payloadOf(t, h.mine)
	access, _ := s.Exchange(s.Login(nil).Get("code"), nil).JSON()["access_token"].(string)
	back := bye + "?state=a+state%26more"
	for _, row := range []struct {
		name   string
		change func(url.Values)
		to     string // where the person is led in the end
		app    string // by whose name
		wrong  []string
	}{
		{name: "§2 no parameters", change: func(v url.Values) { clear(v) }},
		{name: "§2 only a language", change: func(v url.Values) { clear(v); v.Set("ui_locales", "en") }},
		{"§2 no hint", del("id_token_hint"), back, "The App", []string{noHint}},
		{"§2 no hint and no state", all(del("id_token_hint"), del("state")), bye, "The App", []string{noHint}},
		{"§2 an empty hint", set("id_token_hint", ""), back, "The App", []string{noHint}},
		{"§2 no hint, but client_id", all(del("id_token_hint"), set("client_id", App)), back, "The App", []string{noHint}},
		{"§2 client_id alone", all(func(v url.Values) { clear(v) }, set("client_id", App)), "", "The App", []string{noHint}},
		{"§2 undefined", set("id_token_hint", "undefined"), back, "The App", []string{noJWT}},
		{"§2 null", set("id_token_hint", "null"), back, "The App", []string{noJWT}},
		{"§2 a space", set("id_token_hint", " "), back, "The App", []string{oddJWT}},
		{"§2 a line break at its end", func(v url.Values) { v.Set("id_token_hint", v.Get("id_token_hint")+"\n") }, back, "The App", []string{oddJWT}},
		{"§2 an access token", set("id_token_hint", access), back, "The App", []string{noJWT}},
		{"§2 an encrypted ID token", set("id_token_hint", "eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d"), back, "The App", []string{"The id_token_hint is encrypted."}},
		{"§2 a logout token", set("id_token_hint", typed(t, s, "logout+jwt", claims)), back, "The App", []string{"The id_token_hint is not an ID token."}},
		{"§2 signed userinfo", set("id_token_hint", h.forged(func(c map[string]any) { delete(c, "auth_time") })), back, "The App", []string{"The id_token_hint is not an ID token."}},
		{"§2 an unsigned hint", set("id_token_hint", unsigned(t, claims)), back, "The App", []string{noKey}},
		{"§2 a hint that somebody else has signed", set("id_token_hint", eve.sign(t, "JWT", claims)), back, "The App", []string{noKey}},
		{"§2 a hint that was tampered with", set("id_token_hint", h.altered()), back, "The App", []string{noKey}},
		{"§2 of another issuer", set("id_token_hint", h.forged(func(c map[string]any) { c["iss"] = "https://other.example" })), back, "The App", []string{"The id_token_hint is from another issuer."}},
		{"§2 of a client that is not registered", set("id_token_hint", h.forged(func(c map[string]any) { c["aud"] = "gone" })), back, "The App", []string{anothers}},
		{"§2 client_id is not its audience", set("client_id", "other"), "", "The Other", []string{anothers, noAddress}},
		{"§2 client_id is not its audience, and no address", all(set("client_id", "other"), del("post_logout_redirect_uri")), "", "The Other", []string{anothers}},
		{"§2 client_id is nobody's", set("client_id", "nobody"), back, "The App", []string{noID}},
		{"§3 an address that is not registered", set("post_logout_redirect_uri", "https://evil.example/"), "", "The App", []string{noAddress}},
		{"§3 an added query", set("post_logout_redirect_uri", bye+"?x=1"), "", "The App", []string{noAddress}},
		{"§3 another case", set("post_logout_redirect_uri", "https://app.example/BYE"), "", "The App", []string{noAddress}},
		{"§3 a slash more", set("post_logout_redirect_uri", bye+"/"), "", "The App", []string{noAddress}},
		{"§3 a fragment", set("post_logout_redirect_uri", bye+"#x"), "", "The App", []string{noAddress}},
		{"§3 the redirect URI of logins", set("post_logout_redirect_uri", Callback), "", "The App", []string{noAddress}},
		{"§3 nobody's address alone", all(del("id_token_hint"), set("post_logout_redirect_uri", bye+"/")), "", "", []string{noHint, ownerUnknown}},
		{"§3 an address of two clients alone", all(del("id_token_hint"), set("post_logout_redirect_uri", shared)), "", "", []string{noHint, ownerUnknown}},
		{"§3 an address of two clients, and one of them", all(del("id_token_hint"), set("post_logout_redirect_uri", shared), set("client_id", "other"), del("state")), shared, "The Other", []string{noHint}},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			t.Run(row.name+" "+method, func(t *testing.T) {
				stranger := leaveBy(s.Browser(), method, loggingOut(h.mine, row.change))
				if stranger.Status != http.StatusOK || stranger.Page() != "logged_out" || stranger.Leads() != "" || row.to != "" && linkOf(stranger) != row.to {
					t.Errorf("without a session: %d %q leads to %q, links to %q", stranger.Status, stranger.Page(), stranger.Leads(), linkOf(stranger))
				}
				b := s.Browser()
				own := logIn(t, s, b, nil)
				asked := leaveBy(b, method, loggingOut(own, row.change))
				if asked.Status != http.StatusOK || asked.Page() != "logout" || asked.Leads() != "" || !lives(t, b) {
					t.Fatalf("with one: %d %q leads to %q", asked.Status, asked.Page(), asked.Leads())
				}
				for name, page := range map[string]*Answer{"without a session": stranger, "with one": asked} {
					if !strings.Contains(page.Body, "<header>"+row.app+"</header>") && row.app != "" || row.app == "" && strings.Contains(page.Body, "<header>") {
						t.Errorf("%s: it is not the page of %q", name, row.app)
					}
					if told := strings.Contains(page.Body, "For the developer"); told != (len(row.wrong) > 0) || !strings.Contains(page.Body, strings.Join(row.wrong, " ")) {
						t.Errorf("%s: no %q in %s", name, row.wrong, page.Body)
					}
				}
				if wrong := strings.Join(row.wrong, " "); wrong != "" && !strings.Contains(s.Log.String(), `"logout_wrong":"`+wrong+`"`) {
					t.Errorf("the log does not say %q", wrong)
				}
				done := b.Submit(asked, "/itsme/logout")
				if done.Status != http.StatusOK || done.Leads() != row.to || row.to == "" && done.Page() != "logged_out" || lives(t, b) {
					t.Errorf("after the click: %d %q leads to %q", done.Status, done.Page(), done.Leads())
				}
			})
		}
	}
}

// linkOf is where the link back to the application leads.
func linkOf(a *Answer) string {
	_, rest, _ := strings.Cut(a.Body, `<a id="leave"`)
	_, rest, _ = strings.Cut(rest, `href="`)
	to, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(to)
}

// typed signs claims under a typ of ours.
func typed(t *testing.T, s *Server, typ string, claims map[string]any) string {
	t.Helper()
	payload, _ := json.Marshal(claims)
	raw, err := s.Ring.SignTyped(t.Context(), keys.RS256, typ, payload)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// A key that was withdrawn has signed nothing that counts: the person is asked,
// and led on.
func TestLogoutWithAHintOfAWithdrawnKey(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	b := s.Browser()
	hint := logIn(t, s, b, nil)
	head, _ := headerOf(t, hint)["kid"].(string)
	if err := s.Ring.Revoke(t.Context(), head); err != nil {
		t.Fatal(err)
	}
	asked := b.Get("/logout?" + loggingOut(hint, nil).Encode())
	if asked.Page() != "logout" || !strings.Contains(asked.Body, noKey) {
		t.Fatalf("%d %s", asked.Status, asked.Body)
	}
	if done := b.Submit(asked, "/itsme/logout"); done.Leads() != bye+"?state=a+state%26more" {
		t.Errorf("%d leads to %q", done.Status, done.Leads())
	}
}

// The log names the address that is not registered, without what may be a secret.
func TestTheLogNamesAnUnregisteredAddress(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	for sent, logged := range map[string]string{
		"https://app.example/bye/":                         "https://app.example/bye/",
		"http://app.example:8080/bye":                      "http://app.example:8080/bye",
		"https://me:pass@app.example/bye?code=abc#frag":    "https://app.example/bye",
		"mailto:lucas.maes@example.com":                    "mailto:…",
		"https://" + strings.Repeat("x", 500) + ".example": "https://…",
		"://": "…",
	} {
		logged = `"post_logout_redirect_uri_refused":"` + logged + `"`
		s.Browser().Get("/logout?" + url.Values{"client_id": {App}, "post_logout_redirect_uri": {sent}}.Encode())
		if log := s.Log.String(); !strings.Contains(log, logged) || slices.ContainsFunc([]string{"pass", "abc", "frag", "lucas"}, func(secret string) bool {
			return strings.Contains(log, secret)
		}) {
			t.Errorf("%s: no %s in %s", sent, logged, log)
		}
	}
}

// The form of "Do you want to log out?" is of use to whoever was asked. Posted by
// another site, without the browser's session, it leads nowhere by itself.
func TestALogoutFormThatAnotherSitePosts(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	b := s.Browser()
	logIn(t, s, b, nil)
	to, fields, ok := b.Get("/logout?" + loggingOut("", nil).Encode()).Form("/itsme/logout")
	if !ok {
		t.Fatal("nobody is asked")
	}
	for origin, leads := range map[string]bool{"https://evil.example": false, "null": false, "": false, s.Issuer: true} {
		answer := direct(t, s, http.MethodPost, strings.TrimPrefix(to, s.Issuer), fields, func(r *http.Request) {
			if r.Header.Del("Origin"); origin != "" {
				r.Header.Set("Origin", origin)
			}
		})
		if got := answer.Leads() != ""; got != leads || answer.Page() == "" && !got {
			t.Errorf("from %q: %d, page %q, leads to %q", origin, answer.Status, answer.Page(), answer.Leads())
		}
	}
}
