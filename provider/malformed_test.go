package provider_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// junk is what may stand in a query or a form beside what means something there (RFC 6749 §3.1, RFC 3986 §3.4).
func junk() []string {
	return []string{
		"x=a;b", ";", "x;y=z;", "utm=50%", "utm=%zz", "50%=x", "%", "%=%", "a=%f&b=%", "&&", "=", "=x", "=50%", "x=%00", "x=\xff", "x=%ff",
		"state%=x", "resource=a&resource=b", strings.Repeat("utm=50%&", 2000),
	}
}

// raw sends a query and a body as they are, as App if it is a client's call.
func raw(t *testing.T, s *Server, method, path, query, body string, change func(*http.Request)) *Answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, s.Issuer+path, strings.NewReader(body))
	r.URL.RawQuery = query
	r.Header = s.Browser().Header
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if change != nil {
		change(r)
	}
	out := httptest.NewRecorder()
	s.Provider.ServeHTTP(out, r)
	return &Answer{Status: out.Code, Header: out.Header(), Body: out.Body.String()}
}

func asApp(r *http.Request) { r.SetBasicAuth(App, AppSecret) }

// What means nothing at an endpoint does no harm there, in the query and in the form, however it is written.
func TestMalformedParametersThatMeanNothing(t *testing.T) {
	s := New(t)
	access, _ := s.Exchange(s.Login(nil).Get("code"), nil).JSON()["access_token"].(string)
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+access) }
	token := url.Values{"token": {access}, "token_type_hint": {"access_token"}}.Encode()
	for _, beside := range junk() {
		for _, row := range []struct {
			name   string
			status int
			send   func() *Answer
		}{
			{"/authorize", http.StatusSeeOther, func() *Answer { return authorizeRaw(t, s, beside+"&"+Request(nil).Encode()+"&"+beside) }},
			{"/authorize by POST", http.StatusOK, func() *Answer {
				return raw(t, s, http.MethodPost, "/authorize", beside, Request(nil).Encode()+"&"+beside, nil)
			}},
			{"/par", http.StatusCreated, func() *Answer {
				return raw(t, s, http.MethodPost, "/par", beside, beside+"&"+Request(nil).Encode(), asApp)
			}},
			{"/token", http.StatusOK, func() *Answer {
				form := url.Values{"grant_type": {"authorization_code"}, "code": {s.Login(nil).Get("code")}, "redirect_uri": {Callback}, "code_verifier": {Verifier}}
				return raw(t, s, http.MethodPost, "/token", beside, form.Encode()+"&"+beside, asApp)
			}},
			{"/userinfo", http.StatusOK, func() *Answer { return raw(t, s, http.MethodGet, "/userinfo", beside, "", bearer) }},
			{"/userinfo by POST", http.StatusOK, func() *Answer { return raw(t, s, http.MethodPost, "/userinfo", beside, beside, bearer) }},
			{"/introspect", http.StatusOK, func() *Answer { return raw(t, s, http.MethodPost, "/introspect", beside, beside+"&"+token, asApp) }},
			{"/logout", http.StatusOK, func() *Answer { return raw(t, s, http.MethodGet, "/logout", beside+"&client_id="+App, "", nil) }},
			{"/logout by POST", http.StatusOK, func() *Answer { return raw(t, s, http.MethodPost, "/logout", beside, "client_id="+App+"&"+beside, nil) }},
			{"/keys", http.StatusOK, func() *Answer { return raw(t, s, http.MethodGet, "/keys", beside, "", nil) }},
			{"/revoke", http.StatusOK, func() *Answer { return raw(t, s, http.MethodPost, "/revoke", beside, beside+"&token=x", asApp) }},
		} {
			if answer := row.send(); answer.Status != row.status {
				t.Errorf("%s beside %.20q: %d, want %d\n%s", row.name, beside, answer.Status, row.status, answer.Body)
			}
		}
	}
}

// A semicolon is a character of a value, and comes back.
func TestSemicolon(t *testing.T) {
	s := New(t)
	b := s.Browser()
	query := strings.Replace(Request(nil).Encode(), "state=a+state", "state=a;b;c=d", 1)
	toItsme(t, s, b.Get(s.Issuer+"/authorize?"+query))
	s.Approve()
	if got := s.Response(b.Get(s.ReturnURL())); got.Get("state") != "a;b;c=d" || got.Get("code") == "" {
		t.Errorf("%v", got)
	}
	s.Faults().Down()
	defer s.Faults().Up()
	answer := b.Get(s.ReturnURL() + "?x=a;b&y=50%&z")
	if !strings.Contains(answer.Body, "?x=a%3Bb&amp;z\"") {
		t.Errorf("the same address once more is another one:\n%s", answer.Body)
	}
}

// A parameter that means something must be readable: by name, also where the name itself is written with escapes.
func TestMalformedParametersOfOurs(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	for _, row := range []struct{ path, bad, name string }{
		{"/authorize", "state=50%", "state"},
		{"/authorize", "st%61te=50%", "state"},
		{"/authorize", "nonce=%zz", "nonce"},
		{"/authorize", "redirect_uri=%", "redirect_uri"},
		{"/authorize", "client_i%64=%2", "client_id"},
		{"/par", "login_hint=%", "login_hint"},
		{"/token", "code=%", "code"},
		{"/token", "client%5fsecret=%", "client_secret"},
		{"/introspect", "token=%", "token"},
		{"/revoke", "token=%", "token"},
		{"/userinfo", "access_token=%", "access_token"},
		{"/logout", "id_token_hint=%", "id_token_hint"},
		{"/logout", "stat%65=50%", "state"},
	} {
		t.Run(row.path+" "+row.bad, func(t *testing.T) {
			form := url.Values{"client_id": {App}}.Encode()
			if row.path == "/authorize" {
				form = Request(nil).Encode()
			}
			answers := []*Answer{raw(t, s, http.MethodPost, row.path, "", form+"&"+row.bad, nil)}
			page := row.path == "/authorize" || row.path == "/logout"
			if page {
				answers = append(answers, raw(t, s, http.MethodGet, row.path, form+"&"+row.bad, "", nil))
			} else {
				answers = append(answers, raw(t, s, http.MethodPost, row.path, row.bad, form, asApp))
			}
			for _, answer := range answers {
				if answer.Status != http.StatusBadRequest || !strings.Contains(answer.Body, "The parameter "+row.name+" is not properly percent-encoded.") {
					t.Errorf("%d\n%s", answer.Status, answer.Body)
				}
				if page && !strings.Contains(answer.Body, Home) {
					t.Errorf("a page that leads nowhere\n%s", answer.Body)
				}
			}
		})
	}
	if n := s.Sandbox.Starts(); n != 0 {
		t.Errorf("%d transactions", n)
	}
}

// Whatever is refused, and however early, the page says what it is about and leads on.
func TestEveryRefusalLeadsOn(t *testing.T) {
	other := Clients(nil)[0]
	other.ID, other.Name, other.Home, other.Locale = "other", "The Other", "https://other.example/", "nl"
	other.RedirectURIs, other.PostLogoutRedirectURIs = []string{"https://other.example/cb"}, []string{"https://other.example/bye"}
	s := withSessions(t, Options{App: parting, Clients: []client.Client{other}})
	repeated := func(name string) func(url.Values) {
		return func(v url.Values) { v[name] = []string{"a", "b"} }
	}
	const toApp, toOther, login, logout = Home, "https://other.example/", "This login cannot start", "We could not log you out"
	for _, row := range []struct {
		name, path string
		change     func(url.Values)
		home, says string
	}{
		{"a repeated parameter", "/authorize", repeated("state"), toApp, login},
		{"an unregistered redirect_uri", "/authorize", set("redirect_uri", "https://evil.example/"), toApp, login},
		{"of another client, by its client_id", "/authorize", all(set("client_id", "other"), repeated("nonce")), toOther, "Deze aanmelding kan niet starten"},
		{"no client_id", "/authorize", all(del("client_id"), set("redirect_uri", "https://other.example/cb"), set("ui_locales", "en")), toOther, login},
		{"an unknown client_id", "/authorize", set("client_id", "undefined"), toApp, login},
		{"a repeated client_id", "/authorize", repeated("client_id"), toApp, login},
		{"a repeated parameter", "/logout", repeated("state"), toApp, logout},
		{"a repeated client_id", "/logout", all(repeated("client_id"), set("post_logout_redirect_uri", "https://other.example/bye"), set("ui_locales", "en")), toOther, logout},
	} {
		t.Run(row.path+" "+row.name, func(t *testing.T) {
			form := Request(nil)
			if row.path == "/logout" {
				form = url.Values{"client_id": {App}}
			}
			row.change(form)
			for _, answer := range []*Answer{
				raw(t, s, http.MethodGet, row.path, form.Encode(), "", nil),
				raw(t, s, http.MethodPost, row.path, "", form.Encode(), nil),
			} {
				if answer.Status != http.StatusBadRequest || !strings.Contains(answer.Body, `href="`+row.home+`"`) || !strings.Contains(answer.Body, row.says) {
					t.Errorf("%d, want %s and %q\n%s", answer.Status, row.home, row.says, answer.Body)
				}
			}
		})
	}
	for path, says := range map[string]string{"/itsme/logout": logout, "/itsme/continue": login, "/itsme/retry": login} {
		if answer := raw(t, s, http.MethodPost, path, "", "request=x", nil); !strings.Contains(answer.Body, says) {
			t.Errorf("%s does not say %q\n%s", path, says, answer.Body)
		}
	}
	s.Faults().Down()
	defer s.Faults().Up()
	b := s.Browser()
	b.Header.Set("Cookie", "itsme-session=AAAAAAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBB")
	if answer := b.Get(s.Issuer + "/logout?client_id=" + App); answer.Status != http.StatusServiceUnavailable || !strings.Contains(answer.Body, "We cannot log you out right now") || !leadsOn(answer) {
		t.Errorf("Redis is away: %d\n%s", answer.Status, answer.Body)
	}
}

// Where all clients are at home at one address, the page of a request that names none leads there.
func TestOneHome(t *testing.T) {
	s := New(t)
	for _, path := range []string{"/authorize", "/authorize?client_id=undefined", "/itsme/retry", "/itsme/continue"} {
		if answer := s.Browser().Get(s.Issuer + path); answer.Status < 400 || !strings.Contains(answer.Body, `href="`+Home+`"`) {
			t.Errorf("%s: %d\n%s", path, answer.Status, answer.Body)
		}
	}
}
