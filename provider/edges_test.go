package provider_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/login"
	. "itsme-bridge/provider/providertest"
)

// A Continue page in another tab does not hide the login that was approved.
func TestFixedReturnSkipsWhatWaitsForAClick(t *testing.T) {
	s := With(t, Options{Config: func(c *provider.Config) { c.ReturnShape = login.ReturnFixed }})
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	s.Advance(time.Second)
	b.Header = http.Header{}
	if p := b.Authorize(nil).Page(); p != "continue" {
		t.Fatal(p)
	}
	if a := b.Get(back); a.Location() == "" {
		t.Errorf("page %q, ways %v", a.Page(), leadsOn(a))
	}
}

// Reloading a Continue page does not push a login out of the browser.
func TestContinuePagesEvictNoLogin(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	b.Header = http.Header{}
	for range 8 {
		s.Advance(time.Second)
		b.Authorize(nil) // F5 on a Continue page
	}
	if a := b.Get(back); a.Location() == "" {
		t.Errorf("page %q", a.Page())
	}
}

// The waiting page of a double click speaks the language of the page before it.
func TestTheWaitingPageSpeaksTheSameLanguage(t *testing.T) {
	s := New(t)
	b := plain(s)
	page := b.Authorize(set("ui_locales", "nl"))
	_, id := loginCookieOf(t, page)
	lease := s.Store.NewLease("lease", id)
	if err := s.Store.Do(t.Context(), lease.Acquire(s.Config.Lease)); err != nil || !lease.Held() {
		t.Fatal(err)
	}
	a := b.Submit(page, "/itsme/continue")
	if !strings.Contains(a.Body, `lang="nl"`) || !strings.Contains(a.Body, "The App") {
		t.Errorf("page %q %s", a.Page(), a.Body[:40])
	}
}

// CM answers 400 to a status request: the operator must act.
func TestCMRefusesTheStatusRequest(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, Fault: sandbox.BadRequest})
	b := s.Browser()
	a := b.Get(b.Begin(nil))
	f := s.Response(b.Submit(a, "/itsme/leave"))
	if a.Page() == "unavailable" || f.Get("error") != "server_error" || !strings.Contains(s.Log.String(), "CM refuses") {
		t.Errorf("page %q, client %v, alert %v", a.Page(), f, strings.Contains(s.Log.String(), "CM refuses"))
	}
}

// A client that was told of a failure at once is not told anything else later.
func TestAClientIsToldOnce(t *testing.T) {
	s := With(t, Options{App: func(c *client.Client) { c.RedirectFailures = true }})
	s.Sandbox.Next(sandbox.Script{StartFault: sandbox.HTML500})
	b := s.Browser()
	first := s.Response(b.Authorize(nil))
	var id string
	for key := range s.Dump() {
		if strings.Contains(key, "login:") {
			id = key[strings.Index(key, "{")+1 : strings.Index(key, "}")]
		}
	}
	page := b.Get(s.Issuer + "/itsme/login/" + id)
	if _, _, retry := page.Form("/itsme/retry"); retry {
		b.Submit(page, "/itsme/retry")
		s.Approve()
		t.Errorf("told %v, and then %v", first, s.Response(b.Get(s.ReturnURL())))
	}
}

// Whatever passes /authorize fits the form of the Continue page: only what means something is in it.
func TestALargeRequestFitsItsForm(t *testing.T) {
	s := New(t)
	b := plain(s)
	form := Request(nil)
	form.Set("whatever", strings.Repeat("x", 50<<10))
	page := b.Post(s.Issuer+"/authorize", form)
	a := b.Submit(page, "/itsme/continue")
	if a.Page() != "navigate" {
		t.Errorf("%d %q ways: %v", a.Status, a.Page(), leadsOn(a))
	}
}

// A header that no proxy of ours writes does not choose the address.
func TestOnlyXForwardedForCounts(t *testing.T) {
	s := With(t, Options{Config: func(c *provider.Config) { c.TrustedProxies, c.Limits.PerAddress = []string{"127.0.0.1"}, 1 }})
	b := s.Browser()
	b.Header.Set("X-Forwarded-For", "192.0.2.1:41234") // as Azure's gateway writes it
	for i := range 5 {
		b.Header.Set("X-Real-IP", "198.51.100."+strconv.Itoa(i+1))
		b.Authorize(nil)
	}
	if n := s.Sandbox.Starts(); n != 1 {
		t.Errorf("%d transactions from one address with a ceiling of 1", n)
	}
}

// A record that will never open does not promise that trying again helps.
func TestADamagedRecord(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	for key, v := range s.Dump() {
		if strings.Contains(key, "login:") {
			v[len(v)-1] ^= 1
			s.Redis().SetArgs(t.Context(), key, v, redis.SetArgs{KeepTTL: true})
		}
	}
	if a := b.Get(back); a.Page() == "unavailable" || !leadsOn(a) {
		t.Errorf("%d: page %q promises that trying again helps, or leads nowhere", a.Status, a.Page())
	}
}

// What is known of the client and the language is on the error page.
func TestErrorsKnowTheClient(t *testing.T) {
	s := With(t, Options{App: func(c *client.Client) { c.Locale = "nl" }})
	a := s.Browser().Authorize(func(v url.Values) { v.Set("redirect_uri", "https://evil.example/"); v.Set("ui_locales", "fr") })
	if !strings.Contains(a.Body, `lang="fr"`) {
		t.Error("not in French: ", a.Body[:60])
	}
	b := s.Browser()
	b.Header = http.Header{"Sec-Fetch-Mode": {"navigate"}}
	a = b.Authorize(nil)
	if !leadsOn(a) {
		t.Error("half of the metadata: no way on", a.Status, a.Page())
	}
}

// There is no redirect that repeats the query, and could be kept.
func TestTrailingSlash(t *testing.T) {
	s := New(t)
	a := s.Browser().Get(s.Issuer + "/authorize/?" + Request(nil).Encode())
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %q %v logged: %v", a.Status, a.Location(), a.Header, strings.Contains(s.Log.String(), "route"))
	}
}

// A browser that hangs up on a mere look keeps no lease.
func TestALookTakesNoLease(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	id := loginID(back)
	// the look: GET /itsme/login/id; Redis gets the release late
	reached, release := s.Faults().Hold(1)
	leave := b.Leave(s.Issuer + "/itsme/login/" + id)
	<-reached
	leave()
	time.Sleep(100 * time.Millisecond)
	release()
	time.Sleep(100 * time.Millisecond)
	a := b.Get(back)
	if a.Location() == "" {
		t.Errorf("page %q", a.Page())
	}
	for key := range s.Dump() {
		if strings.Contains(key, "lease") {
			t.Log(key, s.Redis().PTTL(t.Context(), key).Val())
		}
	}
}

// GET of an address where a form has led shows where the login stands.
func TestReloadOfAForm(t *testing.T) {
	s := New(t)
	b := s.Browser()
	page := cancelled(s, b)
	for _, path := range []string{"/itsme/retry", "/itsme/leave", "/itsme/continue"} {
		if answer := b.Get(b.Get(s.Issuer + path).Location()); answer.Page() != page.Page() {
			t.Errorf("%s leads to page %q, want %q", path, answer.Page(), page.Page())
		}
		if answer := s.Browser().Get(s.Issuer + path); answer.Page() != "not_found" {
			t.Errorf("%s without a login: page %q", path, answer.Page())
		}
	}
}

// A code dies by our clock, also where somebody keeps its record alive.
func TestACodeKeptAlive(t *testing.T) {
	s := New(t)
	code := s.Login(nil).Get("code")
	for key := range s.Dump() {
		if strings.Contains(key, "grant:") {
			s.Redis().PExpire(t.Context(), key, 24*time.Hour)
		}
	}
	s.Advance(61 * time.Second)
	s.Exchange(code, nil).Wants(t, http.StatusBadRequest, "invalid_grant")
}

// Redis was so slow with the lease that what CM gives out might come too late to be kept: CM is not asked.
func TestTheWriteBudgetIsKept(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	reached, release := s.Faults().Hold(1)
	slow := later(func() *Answer { return b.Get(back) })
	<-reached
	s.Advance(6 * time.Second)
	release()
	if answer := <-slow; answer.Page() != "waiting" || s.Sandbox.Fetches(last(s).Token) != 0 {
		t.Errorf("page %q, CM was asked %d times", answer.Page(), s.Sandbox.Fetches(last(s).Token))
	}
	if s.Response(b.Get(back)).Get("code") == "" {
		t.Error("the login is lost")
	}
}
