package provider_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage"
)

// sessionCookie is what an answer sets it to; nil if it does not.
func sessionCookie(t *testing.T, a *Answer) *http.Cookie {
	t.Helper()
	for _, line := range a.Header.Values("Set-Cookie") {
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(cookie.Name, "itsme-session") {
			return cookie
		}
	}
	return nil
}

// approved is a browser that has come back from an approval, and what it was told.
func approved(t *testing.T, s *Server) (*Browser, *Answer) {
	t.Helper()
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	return b, b.Get(back)
}

// recordsOf are the buckets that have something under an id.
func recordsOf(s *Server, id string) []string {
	var found []string
	for key := range s.Dump() {
		if bucket, rest, ok := strings.Cut(strings.TrimPrefix(key, "test:"), ":"); ok && strings.Contains(rest, id) {
			found = append(found, bucket)
		}
	}
	slices.Sort(found)
	return found
}

// sessionIn is the id of the session that an ID token names.
func sessionIn(s *Server, claims map[string]any) string {
	sid, _ := claims["sid"].(string)
	id, _ := s.Store.Keyring().Open("sid", sid)
	return string(id)
}

// Without session.ttl there is nothing more, anywhere.
func TestWithoutSessions(t *testing.T) {
	s := New(t)
	b, answer := approved(t, s)
	if slices.ContainsFunc(answer.Header.Values("Set-Cookie"), func(c string) bool { return strings.Contains(c, "session") }) {
		t.Errorf("cookies %q", answer.Header.Values("Set-Cookie"))
	}
	id := loginID(s.ReturnURL())
	if got := recordsOf(s, id); !slices.Equal(got, []string{"grant", "label", "login"}) {
		t.Errorf("records %v", got)
	}
	if sid := payloadOf(t, redeemed(t, s, answer))["sid"]; sid != nil {
		t.Errorf("sid %v", sid)
	}
	b.Header.Set("Cookie", "itsme-session="+storage.NewSecret(id).Text())
	s.ResetRoundtrips()
	if _, got := responseOf(t, b.Authorize(set("prompt", "none"))); got.Get("error") != "login_required" || s.Roundtrips() != 0 {
		t.Errorf("a cookie from other days: %v, %d round trips", got, s.Roundtrips())
	}
}

// The cookie lives as long as the session, and comes with nothing that another site embeds.
func TestSessionCookie(t *testing.T) {
	s := withSessions(t, Options{})
	b, answer := approved(t, s)
	cookie := sessionCookie(t, answer)
	if cookie == nil || cookie.Name != "itsme-session" || cookie.Path != "/" || cookie.Domain != "" || !cookie.HttpOnly ||
		cookie.SameSite != http.SameSiteLaxMode || cookie.MaxAge != 3600 {
		t.Errorf("%+v", cookie)
	}
	s.Advance(30 * time.Second)
	again := sessionCookie(t, b.Get(s.ReturnURL()))
	if again == nil || again.Value != cookie.Value || again.MaxAge != 3570 {
		t.Errorf("an answer that was lost is given again: %+v", again)
	}
}

// Two issuers on one host each have their own.
func TestSessionCookieOfAPath(t *testing.T) {
	s := withSessions(t, Options{Path: "/tenants/one"})
	b, answer := approved(t, s)
	if cookie := sessionCookie(t, answer); cookie == nil || cookie.Name != "itsme-session+tenants+one" || cookie.Path != "/" {
		t.Fatalf("%+v", cookie)
	}
	b.Header.Set("Cookie", "itsme-session=another's")
	if leaves := b.Submit(b.Get(s.Issuer+"/logout"), "/itsme/logout").Header.Values("Set-Cookie"); len(leaves) != 1 || !strings.HasPrefix(leaves[0], "itsme-session+tenants+one=;") {
		t.Errorf("a logout takes %q", leaves)
	}
}

func TestSessionCookieOnHTTPS(t *testing.T) {
	s := withSessions(t, Options{Config: func(c *provider.Config) { c.Issuer = "https://login.example" }})
	begun := authorizeRaw(t, s, Request(nil).Encode())
	cookies := begun.Header.Values("Set-Cookie")
	login, err := http.ParseSetCookie(cookies[len(cookies)-1])
	if err != nil {
		t.Fatal(err)
	}
	s.Approve()
	answer := direct(t, s, http.MethodGet, strings.TrimPrefix(s.ReturnURL(), "https://login.example"), nil, func(r *http.Request) { r.AddCookie(login) })
	if cookie := sessionCookie(t, answer); cookie == nil || cookie.Name != "__Host-itsme-session" || !cookie.Secure || cookie.Path != "/" {
		t.Errorf("%+v of %d", cookie, answer.Status)
	}
}

// A login that comes to nothing, or of another person than asked for, makes no session.
func TestNoSessionWithoutAnApproval(t *testing.T) {
	s := withSessions(t, Options{App: func(c *client.Client) { c.RedirectFailures = true }})
	b := s.Browser()
	logIn(t, s, b, nil)
	for name, end := range map[string]func() error{
		"cancelled":  func() error { return s.Sandbox.Decide("", itsme.Cancelled, "") },
		"a stranger": func() error { return s.Sandbox.Approve("", sandbox.Foreign) },
	} {
		back := b.Begin(all(set("prompt", "login"), subjectClaim("id_token", "somebody")))
		if err := end(); err != nil {
			t.Fatal(err)
		}
		answer := b.Get(back)
		if cookie := sessionCookie(t, answer); cookie != nil || slices.Contains(recordsOf(s, loginID(back)), "browser") {
			t.Errorf("%s: %v", name, cookie)
		}
		if !lives(t, b) {
			t.Errorf("%s: the session before is over", name)
		}
	}
}

// A new login in the browser ends the session that it had; nobody's but its own.
func TestANewLoginReplacesTheSession(t *testing.T) {
	s := withSessions(t, Options{})
	b, first := approved(t, s)
	old := sessionCookie(t, first)
	oldID, _, _ := strings.Cut(old.Value, ".")
	s.Advance(time.Minute)

	other := s.Browser()
	other.Header.Set("Cookie", "itsme-session="+oldID+"."+strings.Repeat("A", 26))
	back := other.Begin(set("prompt", "login"))
	s.Approve()
	other.Get(back)
	if !slices.Contains(recordsOf(s, oldID), "browser") {
		t.Error("somebody else's login ends a session of which it knows the id")
	}

	second := logIn(t, s, b, set("prompt", "login"))
	if slices.Contains(recordsOf(s, oldID), "browser") {
		t.Error("the session before is still there")
	}
	claims := payloadOf(t, second)
	if id := sessionIn(s, claims); id == oldID || id == "" {
		t.Errorf("sid %v", claims["sid"])
	}
	if silent := payloadOf(t, redeemed(t, s, b.Authorize(all(sidAsked, set("prompt", "none"))))); silent["sid"] != claims["sid"] || silent["auth_time"] != claims["auth_time"] {
		t.Errorf("the new session is not used: %v", silent)
	}
}

// Promise 3, and only what the login was granted: CM tells more than one claim at a time.
func TestWhatASessionHolds(t *testing.T) {
	s := withSessions(t, Options{})
	b := s.Browser()
	back := b.Begin(all(set("scope", "openid"), set("claims", `{"userinfo":{"given_name":null},"id_token":{"locality":null}}`)))
	s.Approve()
	cookie := sessionCookie(t, b.Get(back))
	h, _ := storage.ParseHandle(cookie.Value)
	held, ok, err := storage.NewBucket[json.RawMessage](s.Store, "browser").Get(t.Context(), h)
	if err != nil || !ok {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"given name": "Lucas", "city": "Bruxelles", "userId": maes().UserID} {
		if !strings.Contains(string(held), value) {
			t.Errorf("it lacks the %s: %s", name, held)
		}
	}
	for name, value := range map[string]string{"family name": "Maes", "birthdate": "1974", "street": "Rue", "postal code": "1000"} {
		if strings.Contains(string(held), value) {
			t.Errorf("it holds the %s: %s", name, held)
		}
	}
	readable(t, s, h.ID(), "label")
	if _, ok, err := storage.NewBucket[json.RawMessage](s.Store, "browser").Get(t.Context(), storage.HandleOf(h.ID(), "")); err != nil || ok {
		t.Errorf("the server's key alone opens a session: %v", err)
	}
	s.Advance(time.Hour)
	if slices.Contains(recordsOf(s, h.ID()), "browser") {
		t.Error("it outlives its time")
	}
}

// A session that nobody can open any more is none: the person logs in once more.
func TestADamagedSession(t *testing.T) {
	s := withSessions(t, Options{})
	b, answer := approved(t, s)
	id, _, _ := strings.Cut(sessionCookie(t, answer).Value, ".")
	if err := s.Redis().Set(t.Context(), "test:browser:{"+id+"}", "\x01rubbish", time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	toItsme(t, s, b.Authorize(nil))
}

// A session costs two pipelines at /authorize, as CM's transaction does, and one more at the next login.
func TestRoundTripsOfASession(t *testing.T) {
	s := withSessions(t, Options{})
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	s.ResetRoundtrips()
	b.Get(back)
	if n := s.Roundtrips(); n != 2 {
		t.Errorf("return: %d pipelines: %v", n, s.Commands())
	}
	s.ResetRoundtrips()
	b.Authorize(nil)
	if n := s.Roundtrips(); n != 2 {
		t.Errorf("by session: %d pipelines: %v", n, s.Commands())
	}
}

// Whoever goes back in the history of a browser that somebody has logged out of is not them.
func TestLogoutEndsWhatWasUnderWay(t *testing.T) {
	for _, responseType := range []string{"code", "id_token"} {
		s := withSessions(t, Options{App: front})
		b := s.Browser()
		back := b.Begin(frontRequest(responseType, "form_post"))
		s.Approve()
		first := b.Get(back)
		if again := b.Get(back); first.Page() != "form_post" || again.Page() != "form_post" {
			t.Fatalf("%s: %q, %q", responseType, first.Page(), again.Page())
		}
		b.Submit(b.Get("/logout"), "/itsme/logout")
		answer := b.Get(back)
		if page := answer.Page(); page != "late" && page != "finished" || sessionCookie(t, answer) != nil || !leadsOn(answer) {
			t.Errorf("%s: page %q, cookies %q", responseType, page, answer.Header.Values("Set-Cookie"))
		}
	}
}
