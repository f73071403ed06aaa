package provider_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider"
	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/login"
	. "itsme-bridge/provider/providertest"
)

// pushing sends a request to the pushed authorization request endpoint, as App.
func pushing(t *testing.T, s *Server, change func(url.Values)) *Answer {
	t.Helper()
	answer, err := s.Call("/par", Request(change), func(r *http.Request) { r.SetBasicAuth(App, AppSecret) })
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// pushed is the authorization URL of a request that was pushed.
func pushed(t *testing.T, s *Server, change func(url.Values)) string {
	t.Helper()
	answer := pushing(t, s, change)
	uri, _ := answer.JSON()["request_uri"].(string)
	if answer.Status != http.StatusCreated || uri == "" {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	return s.Issuer + "/authorize?" + url.Values{"client_id": {App}, "request_uri": {uri}}.Encode()
}

// toItsme fails the test unless the answer leads on to itsme.
func toItsme(t *testing.T, s *Server, a *Answer) {
	t.Helper()
	if !strings.HasPrefix(a.Leads(), s.Sandbox.URL) {
		t.Fatalf("%d leads to %q\n%s", a.Status, a.Leads(), a.Body)
	}
}

// RFC 9126 §2.2 and §4: a request that is pushed goes the whole way.
func TestPushedRequest(t *testing.T) {
	s := New(t)
	answer := pushing(t, s, nil)
	if answer.Status != http.StatusCreated || answer.JSON()["expires_in"] != 60.0 || answer.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v %s", answer.Status, answer.Header, answer.Body)
	}
	uri, _ := answer.JSON()["request_uri"].(string)
	if !strings.HasPrefix(uri, "urn:ietf:params:oauth:request_uri:") {
		t.Fatalf("request_uri %q", uri)
	}
	b := s.Browser()
	beside := url.Values{
		"client_id": {App}, "request_uri": {uri},
		"redirect_uri": {"https://evil.example/"}, "scope": {"openid"}, "state": {"another"}, "response_mode": {"fragment"},
	}
	toItsme(t, s, b.Get(s.Issuer+"/authorize?"+beside.Encode()))
	if asked, _ := s.Sandbox.Last(); strings.Join(asked.Scopes, " ") != "profile email phone address" {
		t.Errorf("parameters beside request_uri count: %v", asked.Scopes)
	}
	s.Approve()
	mode, got := responseOf(t, b.Get(s.ReturnURL()))
	if mode != "query" || got.Get("state") != "a state" {
		t.Errorf("%s %v", mode, got)
	}
	s.Exchange(got.Get("code"), nil).Wants(t, http.StatusOK, "")
}

// RFC 9126 §2.3: every fault is refused there, with 400, and nothing is kept.
func TestPushedRequestRefused(t *testing.T) {
	s := New(t)
	for _, row := range []struct {
		name   string
		change func(url.Values)
		code   string
	}{
		{"§2.1 a request_uri", set("request_uri", "urn:ietf:params:oauth:request_uri:x"), "invalid_request"},
		{"§2.1 no redirect_uri", del("redirect_uri"), "invalid_request"},
		{"§2.3 another redirect_uri", set("redirect_uri", "https://evil.example/"), "invalid_request"},
		{"§2.3 no response_type", del("response_type"), "invalid_request"},
		{"§2.3 an unknown response_type", set("response_type", "token"), "unsupported_response_type"},
		{"§2.3 no scope", del("scope"), "invalid_scope"},
		{"§2.3 no code_challenge", del("code_challenge"), "invalid_request"},
		{"§2.3 plain", set("code_challenge_method", "plain"), "invalid_request"},
		{"§2.3 a repeated parameter", func(v url.Values) { v.Add("scope", "email") }, "invalid_request"},
		{"§2.3 claims that are none", set("claims", "["), "invalid_request"},
		{"another client_id than the one that authenticates", set("client_id", SPA), "invalid_request"},
		{"a second authentication", set("client_secret", AppSecret), "invalid_request"},
		{"RFC 9449 §10 a dpop_jkt that is none", set("dpop_jkt", "short"), "invalid_request"},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := len(s.Dump())
			answer := pushing(t, s, row.change)
			answer.Wants(t, http.StatusBadRequest, row.code)
			if answer.Location() != "" || len(s.Dump()) != before {
				t.Errorf("a refused request leaves something: %q", answer.Location())
			}
		})
	}
	wrong, err := s.Call("/par", Request(nil), func(r *http.Request) { r.SetBasicAuth(App, "wrong") })
	if err != nil {
		t.Fatal(err)
	}
	wrong.Wants(t, http.StatusUnauthorized, "invalid_client")
	inURL, err := s.Call("/par?"+Request(nil).Encode(), url.Values{}, func(r *http.Request) { r.SetBasicAuth(App, AppSecret) })
	if err != nil {
		t.Fatal(err)
	}
	inURL.Wants(t, http.StatusBadRequest, "invalid_request")
}

// A request_uri that must not work is told to the person: nobody knows where else to.
func TestRequestURIRefused(t *testing.T) {
	s := With(t, Options{App: func(c *client.Client) { c.RequestURIs = []string{"https://app.example/requests/"} }})
	good := pushed(t, s, nil)
	with := func(name, value string) string {
		u, _ := url.Parse(good)
		q := u.Query()
		q.Set(name, value)
		return s.Issuer + "/authorize?" + q.Encode()
	}
	for _, row := range []struct{ name, address, code string }{
		{"RFC 9126 §2.2 another client's", with("client_id", SPA), "invalid_request_uri"},
		{"unknown", with("request_uri", "urn:ietf:params:oauth:request_uri:"+strings.Repeat("A", 26)+"."+strings.Repeat("B", 26)), "invalid_request_uri"},
		{"no handle", with("request_uri", "urn:ietf:params:oauth:request_uri:x"), "invalid_request_uri"},
		{"a secret that does not fit", good[:len(good)-1] + map[bool]string{true: "A", false: "B"}[good[len(good)-1] != 'A'], "invalid_request_uri"},
		{"RFC 9101 §5.2 an address that is not registered", with("request_uri", "https://evil.example/requests/1"), "invalid_request_uri"},
		{"a private address", with("request_uri", "https://169.254.169.254/latest"), "invalid_request_uri"},
		{"above what is registered", with("request_uri", "https://app.example/requests/../secret"), "invalid_request_uri"},
		{"above, encoded", with("request_uri", "https://app.example/requests/%2e%2e/secret"), "invalid_request_uri"},
		{"another host that begins so", with("request_uri", "https://app.example.evil.example/requests/"), "invalid_request_uri"},
		{"RFC 9101 §5.2 longer than 512 bytes", with("request_uri", "https://app.example/requests/"+strings.Repeat("a", 500)), "invalid_request_uri"},
		{"RFC 9101 §5 request beside it", with("request", "a.b.c"), "invalid_request"},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer := s.Browser().Get(row.address)
			if answer.Status != http.StatusBadRequest || answer.Page() != "bad_request" || !strings.Contains(answer.Body, row.code) {
				t.Errorf("%d %q, want %s\n%s", answer.Status, answer.Page(), row.code, answer.Body)
			}
		})
	}
	if n := s.Sandbox.Starts(); n != 0 {
		t.Errorf("%d transactions", n)
	}
	s.Advance(time.Minute)
	if answer := s.Browser().Get(good); !spent(t, answer) {
		t.Errorf("after its minute: %d %q", answer.Status, answer.Page())
	}
}

// A request_uri is used up when the login is over, and not by the first visit:
// the same browser is led back to its own login, and another may begin one.
func TestRequestURIIsConsumedAtCompletion(t *testing.T) {
	s := New(t)
	address := pushed(t, s, nil)
	first, second, third := s.Browser(), s.Browser(), s.Browser()
	toItsme(t, s, first.Get(address))
	toItsme(t, s, first.Get(address))
	if n := s.Sandbox.Starts(); n != 1 {
		t.Fatalf("the same browser, twice: %d transactions", n)
	}
	toItsme(t, s, second.Get(address))
	back := s.ReturnURL()
	s.Approve()
	_, got := responseOf(t, second.Get(back))
	if _, again := responseOf(t, second.Get(address)); again.Get("code") != got.Get("code") {
		t.Error("the browser that has finished is not led to the same end")
	}
	s.Exchange(got.Get("code"), nil).Wants(t, http.StatusOK, "")
	if answer := second.Get(address); !spent(t, answer) {
		t.Errorf("after the code was used: %q", answer.Page())
	}
	if answer := third.Get(address); !spent(t, answer) {
		t.Errorf("another browser, after completion: %d %q", answer.Status, answer.Page())
	}
}

// A transaction is money: one request_uri starts no more of them than one login may.
func TestTransactionsOfOneRequestURI(t *testing.T) {
	s := New(t)
	address := pushed(t, s, nil)
	for range s.Config.MaxAttempts {
		toItsme(t, s, s.Browser().Get(address))
	}
	if answer := s.Browser().Get(address); !spent(t, answer) {
		t.Errorf("one browser more: %d %q", answer.Status, answer.Page())
	}

	address = pushed(t, s, nil)
	b := s.Browser()
	toItsme(t, s, b.Get(address))
	back := s.ReturnURL()
	if err := s.Sandbox.Decide("", itsme.Cancelled, ""); err != nil {
		t.Fatal(err)
	}
	for range s.Config.MaxAttempts - 1 {
		toItsme(t, s, s.Browser().Get(address))
	}
	started := s.Sandbox.Starts()
	page := b.Get(back)
	for range 2 { // the second finds no lease that the first has left
		answer := b.Submit(page, "/itsme/retry")
		if answer.Page() != "cancelled" || !strings.Contains(answer.Body, `href="`+Home+`"`) || s.Sandbox.Starts() != started {
			t.Errorf("a retry beyond it: %d %q, %d more transactions", answer.Status, answer.Page(), s.Sandbox.Starts()-started)
		}
	}
}

// A click on Continue begins what was pushed, also after the request_uri's minute.
func TestPushedRequestAfterAClick(t *testing.T) {
	s := With(t, Options{Config: func(c *provider.Config) { c.Start = authorize.StartAsk }})
	b := s.Browser()
	page := b.Get(pushed(t, s, nil))
	s.Advance(2 * time.Minute)
	toItsme(t, s, b.Submit(page, "/itsme/continue"))
	s.Approve()
	_, got := responseOf(t, b.Get(s.ReturnURL()))
	s.Exchange(got.Get("code"), nil).Wants(t, http.StatusOK, "")
}

// require_pushed_authorization_requests (RFC 9126 §6), also by the profile alone
// (FAPI 2.0 Security Profile §5.3.2.2).
func TestOnlyPushedRequests(t *testing.T) {
	for _, change := range []func(*client.Client){
		func(c *client.Client) { c.RequirePushed = true },
		func(c *client.Client) { c.FAPI2 = true },
	} {
		s := With(t, Options{App: change})
		_, got := responseOf(t, s.Browser().Authorize(nil))
		if got.Get("error") != "invalid_request" {
			t.Errorf("%v", got)
		}
		toItsme(t, s, s.Browser().Get(pushed(t, s, nil)))
	}
}

// Redis alone opens no pushed request: it may hold a phone number.
func TestPushedRequestIsSealed(t *testing.T) {
	s := New(t)
	pushed(t, s, set("login_hint", "+32471234567"))
	for key, value := range s.Dump() {
		if text := key + string(value); strings.Contains(text, "32471234567") || strings.Contains(text, "app.example") {
			t.Errorf("a pushed request is readable in Redis: %s", key)
		}
	}
}

// The request_uri is remembered as long as a login that a late click began may be retried.
func TestRetryAfterALateClick(t *testing.T) {
	s := With(t, Options{Config: func(c *provider.Config) { c.Start = authorize.StartAsk }})
	b := s.Browser()
	page := b.Get(pushed(t, s, nil))
	s.Advance(10 * time.Minute)
	toItsme(t, s, b.Submit(page, "/itsme/continue"))
	s.Advance(4*time.Minute - time.Second)
	if err := s.Sandbox.Decide("", itsme.Cancelled, ""); err != nil {
		t.Fatal(err)
	}
	toItsme(t, s, b.Submit(b.Get(s.ReturnURL()), "/itsme/retry"))
}

// dying is a replica that may be killed while it asks CM for a transaction.
type dying struct {
	login.Upstream
	now atomic.Bool
}

func (d *dying) Start(ctx context.Context, s itsme.Start) (itsme.Transaction, error) {
	if d.now.Load() {
		panic("killed")
	}
	return d.Upstream.Start(ctx, s)
}

// A click that died before there was a login stands in nobody's way.
func TestRequestURIAfterAClickThatDied(t *testing.T) {
	d := &dying{}
	s := With(t, Options{
		Config: func(c *provider.Config) { c.Start = authorize.StartAsk },
		Parts:  func(p *provider.Parts) { d.Upstream, p.Upstream = p.Upstream, d },
	})
	b, address := s.Browser(), pushed(t, s, nil)
	page := b.Get(address)
	d.now.Store(true)
	b.Submit(page, "/itsme/continue")
	d.now.Store(false)
	if answer := b.Get(address); answer.Page() != "waiting" {
		t.Errorf("while its lease lasts: %d %q", answer.Status, answer.Page())
	}
	s.Advance(s.Config.Lease)
	toItsme(t, s, b.Submit(b.Get(address), "/itsme/continue"))
}

// A page that waits loads again by itself. Where a request_uri has led to it, it does so at the login: were that gone, the
// request_uri would begin another one, and nobody would have done anything for it.
func TestAPageThatWaitsDoesNotBringItsRequestURIAgain(t *testing.T) {
	s := New(t)
	b, address := s.Browser(), pushed(t, s, nil)
	toItsme(t, s, b.Get(address))
	id := strings.Trim(strings.TrimPrefix(keysOf(s, "login")[0], "test:login:"), "{}")
	if err := s.Redis().Set(t.Context(), "test:lease:{"+id+"}", "another tab", time.Minute).Err(); err != nil {
		t.Fatal(err)
	}
	page := b.Get(address)
	if page.Page() != "waiting" || page.Leads() != s.Issuer+"/itsme/login/"+id {
		t.Errorf("page %q loads again at %q", page.Page(), page.Leads())
	}
	if err := s.Redis().Del(t.Context(), keysOf(s, "login")[0], "test:lease:{"+id+"}").Err(); err != nil { // a failover
		t.Fatal(err)
	}
	if late := b.Get(page.Leads()); late.Leads() != "" || s.Sandbox.Starts() != 1 {
		t.Errorf("page %q leads to %q, %d transactions", late.Page(), late.Leads(), s.Sandbox.Starts())
	}
}

// RFC 9126 §2.3: anybody can push as a client without a secret, so that is counted.
func TestPushesOfAPublicClientAreCounted(t *testing.T) {
	s := With(t, Options{Config: func(c *provider.Config) { c.Limits.PerAddress = 2 }})
	push := func(client string, authenticate func(*http.Request)) *Answer {
		t.Helper()
		answer, err := s.Call("/par", Request(set("client_id", client)), authenticate)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	for range 2 {
		push(SPA, nil).Wants(t, http.StatusCreated, "")
	}
	held := len(s.Dump())
	push(SPA, nil).Wants(t, http.StatusTooManyRequests, "temporarily_unavailable")
	if len(s.Dump()) != held {
		t.Error("what is above the limit is kept")
	}
	push(App, func(r *http.Request) { r.SetBasicAuth(App, AppSecret) }).Wants(t, http.StatusCreated, "")
	toItsme(t, s, s.Browser().Authorize(nil)) // a push is no start

	s.Advance(time.Minute)
	push(SPA, nil).Wants(t, http.StatusCreated, "")
	s.Faults().Down()
	push(SPA, nil).Wants(t, http.StatusServiceUnavailable, "temporarily_unavailable")
	s.Faults().Up()

	s = With(t, Options{Config: func(c *provider.Config) { c.Limits.PerAddress = 0 }})
	push(SPA, nil).Wants(t, http.StatusCreated, "")
}

// However many browsers come at once, at whichever replica.
func TestTransactionsOfOneRequestURIAtOnce(t *testing.T) {
	s := New(t)
	here := pushed(t, s, nil)
	there := strings.Replace(here, s.Issuer, s.Replica().URL, 1)
	var wait sync.WaitGroup
	for range 8 {
		for _, address := range []string{here, there} {
			b := s.Browser()
			wait.Go(func() {
				if _, err := b.Try(address); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wait.Wait()
	if n := s.Sandbox.Starts(); n != s.Config.MaxAttempts {
		t.Errorf("%d transactions", n)
	}
}
