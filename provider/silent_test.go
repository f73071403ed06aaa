package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// withSessions is a provider whose sessions last an hour.
func withSessions(t *testing.T, o Options) *Server {
	t.Helper()
	more := o.Config
	o.Config = func(c *provider.Config) {
		c.Session.TTL = time.Hour
		if more != nil {
			more(c)
		}
	}
	return With(t, o)
}

// signedIn is a browser with a session, and the claims of the ID token that began it.
func signedIn(t *testing.T, s *Server, change func(url.Values)) (*Browser, map[string]any) {
	t.Helper()
	b := s.Browser()
	return b, payloadOf(t, logIn(t, s, b, change))
}

// logIn approves a login in a browser and returns the ID token.
func logIn(t *testing.T, s *Server, b *Browser, change func(url.Values)) string {
	t.Helper()
	back := b.Begin(all(sidAsked, change))
	s.Approve()
	return redeemed(t, s, b.Get(back))
}

// sidAsked asks for the sid in the ID token, as a client must that has no other use for it.
func sidAsked(v url.Values) { v.Set("claims", `{"id_token":{"sid":null}}`) }

// redeemed is the ID token that the code of a response of App gives.
func redeemed(t *testing.T, s *Server, a *Answer) string {
	t.Helper()
	_, got := responseOf(t, a)
	raw, _ := s.Exchange(got.Get("code"), nil).JSON()["id_token"].(string)
	if raw == "" {
		t.Fatalf("no ID token: %v", got)
	}
	return raw
}

// all does several changes.
func all(changes ...func(url.Values)) func(url.Values) {
	return func(v url.Values) {
		for _, change := range changes {
			if change != nil {
				change(v)
			}
		}
	}
}

// OpenID Connect Core §3.1.2.1, §3.1.2.3, §5.5: what a session serves, and what
// it does not. It was made by a request for openid and profile.
func TestWhatASessionServes(t *testing.T) {
	profile := set("scope", "openid profile")
	for _, row := range []struct {
		name   string
		change func(url.Values)
		wait   time.Duration
		share  bool
		serves bool
	}{
		{name: "the same again", serves: true},
		{name: "§3.1.2.1 less scope", change: set("scope", "openid"), serves: true},
		{name: "§3.1.2.1 more scope", change: set("scope", "openid profile email")},
		{name: "§5.5 a claim that is known", change: subjectlessClaims("userinfo", "given_name"), serves: true},
		{name: "§5.5 a claim that is not, for userinfo", change: subjectlessClaims("userinfo", "email")},
		{name: "§5.5 a claim that is not, for the ID token", change: subjectlessClaims("id_token", "locality")},
		{name: "§3.1.2.1 prompt=login", change: set("prompt", "login")},
		{name: "§3.1.2.1 prompt=consent", change: set("prompt", "consent")},
		{name: "§3.1.2.1 prompt=select_account", change: set("prompt", "select_account")},
		{name: "Initiating User Registration §4 prompt=create", change: set("prompt", "create")},
		{name: "a scope that registers", change: set("scope", "openid profile service:register")},
		{name: "§3.1.2.1 max_age that has not passed", change: set("max_age", "60"), wait: time.Minute, serves: true},
		{name: "§3.1.2.1 max_age that has passed", change: set("max_age", "60"), wait: 61 * time.Second},
		{name: "§3.1.2.1 max_age=0", change: set("max_age", "0")},
		{name: "§5.5.1 another person, in claims", change: subjectClaim("id_token", "somebody else")},
		{name: "a phone that nobody can compare", change: set("login_hint", "+32499887766"), serves: true},
		{name: "until it ends", wait: 59 * time.Minute, serves: true},
		{name: "no longer", wait: time.Hour},
		{name: "another client", change: set("client_id", SPA)},
		{name: "another client, where sessions are shared", change: set("client_id", SPA), share: true, serves: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := withSessions(t, Options{Config: func(c *provider.Config) { c.Session.Share = row.share }})
			b, _ := signedIn(t, s, profile)
			s.Advance(row.wait)
			request := all(profile, row.change)
			started := s.Sandbox.Starts()
			_, got := responseOf(t, b.Authorize(all(set("prompt", "none"), request)))
			if !Request(request).Has("prompt") && (got.Get("code") != "") != row.serves {
				t.Errorf("prompt=none: %v", got)
			}
			if !row.serves && !Request(request).Has("prompt") && got.Get("error") != "login_required" {
				t.Errorf("prompt=none: %v", got)
			}
			answer := b.Authorize(request)
			if row.serves && (!strings.HasPrefix(answer.Leads(), Callback) || s.Sandbox.Starts() != started) {
				t.Errorf("CM is asked: %d %q", answer.Status, answer.Leads())
			}
			if !row.serves {
				toItsme(t, s, answer)
			}
		})
	}
}

// subjectlessClaims asks for a claim by its name.
func subjectlessClaims(member, name string) func(url.Values) {
	return set("claims", `{"`+member+`":{"`+name+`":null}}`)
}

// OpenID Connect Core §2: the same person since the same moment, and the same
// sid, however often and by whichever response type.
func TestASessionTellsTheSame(t *testing.T) {
	s := withSessions(t, Options{App: front})
	b, first := signedIn(t, s, nil)
	if sessionIn(s, first) != loginID(s.ReturnURL()) {
		t.Errorf("sid %v", first["sid"])
	}
	for _, responseType := range []string{"code", "id_token", "code id_token", "code"} {
		s.Advance(time.Minute)
		before := len(s.Dump())
		answer := b.Authorize(all(set("prompt", "none"), sidAsked, frontRequest(responseType, ""), set("nonce", "another nonce")))
		if cookies := answer.Header.Values("Set-Cookie"); len(cookies) != 0 {
			t.Errorf("%s: cookies %q", responseType, cookies)
		}
		_, got := responseOf(t, answer)
		if left := len(s.Dump()) - before; left > strings.Count(responseType, "code") {
			t.Errorf("%s: %d records are left", responseType, left)
		}
		raw := got.Get("id_token")
		if raw == "" {
			raw = redeemed(t, s, answer)
		}
		_, claims := checked(t, s, raw)
		for _, name := range []string{"sub", "auth_time", "sid"} {
			if claims[name] != first[name] {
				t.Errorf("%s: %s is %v, was %v", responseType, name, claims[name], first[name])
			}
		}
		if claims["nonce"] != "another nonce" {
			t.Errorf("%s: nonce %v", responseType, claims["nonce"])
		}
		if got.Has("code") && responseType == "code id_token" {
			s.Exchange(got.Get("code"), nil).Wants(t, http.StatusOK, "")
		}
	}
	if n := s.Sandbox.Starts(); n != 1 {
		t.Errorf("%d transactions", n)
	}
}

// The claims are those that a fresh approval would give.
func TestASessionHasTheClaims(t *testing.T) {
	s := withSessions(t, Options{})
	b := s.Browser()
	userinfo := func(a *Answer) string {
		_, got := responseOf(t, a)
		access, _ := s.Exchange(got.Get("code"), nil).JSON()["access_token"].(string)
		return s.UserInfo(access).Body
	}
	back := b.Begin(nil)
	s.Approve()
	fresh := userinfo(b.Get(back))
	if silent := userinfo(b.Authorize(nil)); silent != fresh || !strings.Contains(fresh, "Rue Neuve") {
		t.Errorf("by session: %s\nfresh: %s", silent, fresh)
	}
	verified := all(set("scope", "openid"), set("claims", `{"userinfo":{"email_verified":null}}`))
	another := s.Browser()
	back = another.Begin(verified)
	s.Approve()
	fresh = userinfo(another.Get(back))
	if silent := userinfo(another.Authorize(verified)); silent != fresh || !strings.Contains(fresh, "email_verified") {
		t.Errorf("email_verified alone by session: %s\nfresh: %s", silent, fresh)
	}
	narrow := userinfo(b.Authorize(set("scope", "openid email")))
	if !strings.Contains(narrow, "email") || strings.Contains(narrow, "name") || strings.Contains(narrow, "Rue") {
		t.Errorf("openid email: %s", narrow)
	}
}

// OpenID Connect Core §8.1: a shared session tells each client its own sub.
func TestASharedSessionIsPairwise(t *testing.T) {
	other := Clients(nil)[0]
	other.ID, other.Sector, other.AMR = "other", "other.example", []string{"mfa"}
	other.ACR = "urn:other"
	s := withSessions(t, Options{Clients: []client.Client{other}, Config: func(c *provider.Config) { c.Session.Share = true }})
	asOther := set("client_id", "other")
	redeem := func(a *Answer) map[string]any {
		_, got := responseOf(t, a)
		answer, err := s.Call("/token", url.Values{
			"grant_type": {"authorization_code"}, "code": {got.Get("code")}, "redirect_uri": {Callback}, "code_verifier": {Verifier},
		}, func(r *http.Request) { r.SetBasicAuth("other", AppSecret) })
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := answer.JSON()["id_token"].(string)
		return payloadOf(t, raw)
	}
	b, mine := signedIn(t, s, nil)
	theirs := redeem(b.Authorize(asOther))
	fresh := s.Browser()
	back := fresh.Begin(asOther)
	s.Approve()
	want := redeem(fresh.Get(back))
	if theirs["sub"] != want["sub"] || theirs["sub"] == mine["sub"] || theirs["acr"] != "urn:other" || theirs["amr"] == nil {
		t.Errorf("by session %v, fresh %v", theirs, want)
	}
}

// A shared session tells nobody where it began: everybody may ask for a login by
// its id, and is told whose application that was.
func TestTheSIDDoesNotTellWhereItBegan(t *testing.T) {
	other := Clients(nil)[0] // with one client alone, every page leads there
	other.ID, other.Home = "other", "https://other.example/"
	s := withSessions(t, Options{Clients: []client.Client{other}, Config: func(c *provider.Config) { c.Session.Share = true }})
	_, claims := signedIn(t, s, nil)
	sid, _ := claims["sid"].(string)
	if sid == "" || strings.Contains(sid, sessionIn(s, claims)) {
		t.Errorf("sid %q", sid)
	}
	for _, address := range []string{"/itsme/login/" + sid, "/itsme/return/" + sid + ".1.x"} {
		if page := s.Browser().Get(address); strings.Contains(page.Body, Home) {
			t.Errorf("%s leads to the first application", address)
		}
	}
}

// CM says nowhere that two merchant tokens see one userId: the subs might be two.
func TestASharedSessionIsOfOneMerchant(t *testing.T) {
	other := Clients(nil)[0]
	other.ID, other.MerchantToken = "other", "another merchant's"
	s := withSessions(t, Options{Clients: []client.Client{other}, Config: func(c *provider.Config) { c.Session.Share = true }})
	b, _ := signedIn(t, s, nil)
	if _, got := responseOf(t, b.Authorize(all(set("prompt", "none"), set("client_id", "other")))); got.Get("error") != "login_required" {
		t.Errorf("another merchant's: %v", got)
	}
	if _, got := responseOf(t, b.Authorize(all(set("prompt", "none"), set("client_id", SPA)))); got.Get("code") == "" {
		t.Errorf("the same merchant's: %v", got)
	}
	s.Provider.Register(Clients(nil)[1:])
	if _, got := responseOf(t, b.Authorize(all(set("prompt", "none"), set("client_id", SPA)))); got.Get("error") != "login_required" {
		t.Errorf("a merchant that nobody knows any more: %v", got)
	}
}

// OpenID Connect Core §3.1.2.1: a hint must name the session's person; the one
// that it names may log in instead.
func TestASessionAndAHint(t *testing.T) {
	s := withSessions(t, Options{})
	b := s.Browser()
	mine := set("id_token_hint", logIn(t, s, b, nil))
	stranger := s.Browser()
	back := stranger.Begin(nil)
	if err := s.Sandbox.Approve("", sandbox.Foreign); err != nil {
		t.Fatal(err)
	}
	theirs := set("id_token_hint", redeemed(t, s, stranger.Get(back)))
	silent := set("prompt", "none")
	if _, got := responseOf(t, b.Authorize(all(mine, silent))); got.Get("code") == "" {
		t.Errorf("the session's person: %v", got)
	}
	if _, got := responseOf(t, b.Authorize(all(theirs, silent))); got.Get("error") != "login_required" {
		t.Errorf("another: %v", got)
	}
	toItsme(t, s, b.Authorize(theirs))
}

// A hint that names another phone than the session's person has is a wish to be asked.
func TestASessionAndAnotherPhone(t *testing.T) {
	s := withSessions(t, Options{})
	b, _ := signedIn(t, s, nil)
	if answer := b.Authorize(set("login_hint", maes().PhoneNumber)); !strings.HasPrefix(answer.Leads(), Callback) {
		t.Errorf("one's own: %q", answer.Leads())
	}
	toItsme(t, s, b.Authorize(set("login_hint", "+32499887766")))
}

// A session answers a person's navigation only, and nobody else's cookie is one.
func TestWhoASessionAnswers(t *testing.T) {
	s := withSessions(t, Options{})
	silent := set("prompt", "none")
	for name, change := range map[string]func(*Browser){
		"a frame":              func(b *Browser) { b.Header.Set("Sec-Fetch-Dest", "iframe") },
		"fetched ahead":        func(b *Browser) { b.Header.Set("Sec-Purpose", "prefetch") },
		"a script":             func(b *Browser) { b.Header.Set("Sec-Fetch-Mode", "cors") },
		"another browser":      func(b *Browser) { *b = *s.Browser() },
		"a cookie of no sense": func(b *Browser) { *b = *s.Browser(); b.Header.Set("Cookie", "itsme-session=x") },
		"the id alone": func(b *Browser) {
			*b = *s.Browser()
			b.Header.Set("Cookie", "itsme-session="+loginID(s.ReturnURL())+"."+strings.Repeat("A", 26))
		},
	} {
		b, _ := signedIn(t, s, nil)
		change(b)
		if _, got := responseOf(t, b.Authorize(silent)); got.Get("error") != "login_required" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// RFC 9126 §4: a session's answer uses the request_uri up, once.
func TestASessionAndARequestURI(t *testing.T) {
	s := withSessions(t, Options{})
	b, _ := signedIn(t, s, nil)
	address := pushed(t, s, set("prompt", "none"))
	if _, got := responseOf(t, b.Get(address)); got.Get("code") == "" {
		t.Fatalf("%v", got)
	}
	for name, browser := range map[string]*Browser{"the same browser": b, "another": s.Browser()} {
		if answer := browser.Get(address); !spent(t, answer) {
			t.Errorf("%s, again: %d %q", name, answer.Status, answer.Leads())
		}
	}

	address = pushed(t, s, nil)
	codes := make(chan string, 10)
	for range 10 {
		go func() {
			answer, err := b.Try(address)
			if err != nil || !strings.HasPrefix(answer.Leads(), Callback+"?code=") {
				codes <- ""
				return
			}
			codes <- answer.Leads()
		}()
	}
	won := 0
	for range 10 {
		if <-codes != "" {
			won++
		}
	}
	if won != 1 {
		t.Errorf("ten at a time: %d codes", won)
	}
}

// Our clock decides, also over a record that somebody kept alive.
func TestASessionIsOverByOurClock(t *testing.T) {
	s := withSessions(t, Options{})
	b, claims := signedIn(t, s, nil)
	id := sessionIn(s, claims)
	if err := s.Redis().PExpire(t.Context(), "test:browser:{"+id+"}", 3*time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	s.Advance(time.Hour)
	if !slices.Contains(recordsOf(s, id), "browser") || lives(t, b) {
		t.Error("a session outlives its hour")
	}
}

// Where Redis does not answer, the client is told, and may ask again.
func TestASessionWithoutRedis(t *testing.T) {
	s := withSessions(t, Options{})
	b, _ := signedIn(t, s, nil)
	s.Faults().Down()
	_, got := responseOf(t, b.Authorize(set("prompt", "none")))
	s.Faults().Up()
	if got.Get("error") != "temporarily_unavailable" {
		t.Errorf("%v", got)
	}
	if _, got := responseOf(t, b.Authorize(set("prompt", "none"))); got.Get("code") == "" {
		t.Errorf("later: %v", got)
	}
}
