package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/provider"
	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/provider/request"
)

const mostKept = 40 << 10 // bytes of one request that was pushed, as Redis has it

// heaviest is a request that is as long as it may be.
func heaviest(v url.Values) {
	v.Set("state", strings.Repeat("%", edge.MaxState))
	v.Set("claims", `{"userinfo":{"x":null}}`+strings.Repeat(" ", 2000))
	v.Set("ui_locales", strings.Repeat("nl ", 600))
	v.Set("max_age", strings.Repeat("0", 255)+"9")
}

// Every parameter that is kept has a limit, whether it is pushed or waits for a click; and so has the whole.
func TestEveryKeptParameterIsBounded(t *testing.T) {
	s := New(t)
	push := func(form url.Values) *Answer {
		return raw(t, s, http.MethodPost, "/par", "", form.Encode(), nil)
	}
	rows := map[string]func(url.Values){
		"the whole": func(v url.Values) {
			heaviest(v)
			v.Set("claims", `{"userinfo":{"x":null}}`+strings.Repeat(" ", 8000))
			v.Set("login_hint", strings.Repeat("é", 1000))
		},
		"zeros in max_age":        set("max_age", strings.Repeat("0", 40000)),
		"spaces in response_type": set("response_type", "code"+strings.Repeat(" ", 8000)),
		"spaces in prompt":        set("prompt", "login"+strings.Repeat(" ", 40000)),
	}
	for _, name := range request.Parameters() {
		if name != "client_id" && name != "redirect_uri" && name != "request" && name != "request_uri" {
			rows[name] = set(name, strings.Repeat("1", 8193))
		}
	}
	for name, change := range rows {
		t.Run(name, func(t *testing.T) {
			form := Request(all(set("client_id", SPA), change))
			before := len(s.Dump())
			answer := push(form)
			if answer.Status != http.StatusBadRequest {
				t.Errorf("pushed: %d %s", answer.Status, answer.Body)
			}
			_, got := responseOf(t, raw(t, s, http.MethodPost, "/authorize", "", form.Encode(), nil))
			if got.Get("error") == "" || got.Has("code") {
				t.Errorf("%v", got)
			}
			for key := range s.Dump() {
				if strings.Contains(key, "pushed:") {
					t.Errorf("kept beside %d: %s", before, key)
				}
			}
		})
	}
	push(Request(all(set("client_id", SPA), heaviest))).Wants(t, http.StatusCreated, "")
	for key, value := range s.Dump() {
		if strings.Contains(key, "pushed:") && len(value) > mostKept {
			t.Errorf("%d bytes are kept of one request", len(value))
		}
	}
}

// What a request object says beside the request is not kept either.
func TestOnlyParametersAreKeptOfARequestObject(t *testing.T) {
	app := newParty(t, "app-1")
	s := With(t, Options{App: func(c *client.Client) { c.Keys = app.keys() }})
	object := app.sign(t, "JWT", objectOf(s, func(c map[string]any) { c["essay"] = strings.Repeat("x", 8000) }))
	toItsme(t, s, s.Browser().Get(pushed(t, s, func(v url.Values) { clear(v); v.Set("request", object) })))
	for key, value := range s.Dump() {
		if strings.Contains(key, "pushed:") && len(value) > 4000 {
			t.Errorf("%d bytes are kept", len(value))
		}
	}
}

// The form of a page of ours is never longer than what its own POST accepts.
func TestOurFormsFitTheirPosts(t *testing.T) {
	s := With(t, Options{Config: func(c *provider.Config) { c.Start = authorize.StartAsk }})
	b := s.Browser()
	for name, page := range map[string]*Answer{
		"by POST": b.Post(s.Issuer+"/authorize", Request(heaviest)),
		"pushed":  b.Get(pushed(t, s, heaviest)),
	} {
		_, fields, _ := page.Form("/itsme/continue")
		if n := len(fields.Encode()); n > edge.MaxBody { // which a replica of an earlier version accepts
			t.Errorf("%s: a form of %d bytes", name, n)
		}
		toItsme(t, s, b.Submit(page, "/itsme/continue"))
	}
	for name, state := range map[string]string{"ampersands": strings.Repeat("&", edge.MaxState), "controls": strings.Repeat("\x01", edge.MaxState)} {
		s := withSessions(t, Options{App: parting})
		one, two := s.Browser(), s.Browser()
		hint := logIn(t, s, one, nil)
		logIn(t, s, two, nil)
		page := two.Post(s.Issuer+"/logout", loggingOut(hint, set("state", state)))
		to, err := url.Parse(two.Submit(page, "/itsme/logout").Leads())
		if err != nil || to.Query().Get("state") != state {
			t.Errorf("%s: %d bytes of state", name, len(to.Query().Get("state")))
		}
	}
}

// RFC 9126 §2.3: what clients without a secret push is counted for the address, for the client, and for all together.
// Whoever is refused uses up nothing of what others share.
func TestPushesAreCounted(t *testing.T) {
	other := Clients(nil)[1]
	other.ID = "another page"
	for _, row := range []struct {
		name   string
		limits func(*ceilings.Limits)
		says   string
		others bool // may others still push?
	}{
		{"the address", func(l *ceilings.Limits) { l.PerAddress = 2 }, "from this address", false},
		{"the client", func(l *ceilings.Limits) { l.PerClient = 2 }, "by this client", true},
		{"all", func(l *ceilings.Limits) { l.Total = 2 }, "by clients without a secret", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := With(t, Options{Clients: []client.Client{other}, Config: func(c *provider.Config) { row.limits(&c.Limits) }})
			push := func(client string, change func(*http.Request)) *Answer {
				t.Helper()
				return raw(t, s, http.MethodPost, "/par", "", Request(set("client_id", client)).Encode(), change)
			}
			for range 2 {
				push(SPA, nil).Wants(t, http.StatusCreated, "")
			}
			for range 3 {
				answer := push(SPA, nil)
				answer.Wants(t, http.StatusTooManyRequests, "temporarily_unavailable")
				if !strings.Contains(answer.Body, row.says) {
					t.Errorf("it does not say whose: %s", answer.Body)
				}
			}
			want := http.StatusTooManyRequests
			if row.others {
				want = http.StatusCreated
			}
			if answer := push("another page", nil); answer.Status != want {
				t.Errorf("another client: %d, want %d", answer.Status, want)
			}
			push(App, asApp).Wants(t, http.StatusCreated, "")
			s.Advance(time.Minute)
			push(SPA, nil).Wants(t, http.StatusCreated, "")
		})
	}
	t.Run("refused for its address, nobody else suffers", func(t *testing.T) {
		s := With(t, Options{Config: func(c *provider.Config) {
			c.TrustedProxies, c.Limits.PerAddress, c.Limits.PerClient, c.Limits.Total = []string{"192.0.2.1"}, 2, 3, 3
		}})
		push := func(from string) *Answer {
			t.Helper()
			return raw(t, s, http.MethodPost, "/par", "", Request(set("client_id", SPA)).Encode(), func(r *http.Request) { r.Header.Set("X-Forwarded-For", from) })
		}
		for range 10 {
			push("198.51.100.1")
		}
		push("198.51.100.2").Wants(t, http.StatusCreated, "")
		push("198.51.100.2").Wants(t, http.StatusTooManyRequests, "temporarily_unavailable")
	})
}

// slowShelf is a client's host that answers when it is told to.
type slowShelf struct {
	*shelf
	reached chan string
	answer  chan struct{}
}

func (s *slowShelf) Fetch(_ context.Context, address, _ string, _ int64) ([]byte, http.Header, error) {
	s.reached <- address
	if strings.Contains(address, "slow") {
		select {
		case <-s.answer:
		case <-time.After(10 * time.Second): // so that a test which fails does end
		}
	}
	return nil, nil, fmt.Errorf("%s does not answer", address)
}

// A client's request objects have a budget of their own: whoever finds none left is told at once, and no other client waits.
func TestSlowRequestURIs(t *testing.T) {
	app := newParty(t, "app-1")
	slow := &slowShelf{shelf: &shelf{}, reached: make(chan string, 100), answer: make(chan struct{})}
	other := Clients(nil)[0]
	other.ID, other.Keys, other.RequestURIs = "other", app.keys(), []string{"https://other.example/"}
	s := With(t, Options{
		App:     func(c *client.Client) { c.Keys, c.RequestURIs = app.keys(), []string{"https://app.example/"} },
		Clients: []client.Client{other},
		Parts:   func(p *provider.Parts) { p.Outbound = slow },
	})
	const busy = 4
	var waiting sync.WaitGroup
	b := s.Browser()
	address := s.Issuer + "/authorize?" + url.Values{"client_id": {App}, "request_uri": {"https://app.example/slow"}}.Encode()
	for range busy {
		waiting.Go(func() { _, _ = b.Try(address) })
	}
	for range busy {
		<-slow.reached
	}
	if answer := s.Browser().Get(address); answer.Status != http.StatusServiceUnavailable || !leadsOn(answer) || len(slow.reached) != 0 {
		t.Errorf("one more: %d %q", answer.Status, answer.Page())
	}
	_, got := responseOf(t, s.Browser().Authorize(set("request_uri", "https://app.example/slow")))
	if got.Get("error") != "temporarily_unavailable" || got.Get("state") != "a state" {
		t.Errorf("one more, with a redirect URI beside it: %v", got)
	}
	_, got = responseOf(t, s.Browser().Authorize(all(set("client_id", "other"), set("request_uri", "https://other.example/quick"))))
	if got.Get("error") != "invalid_request_uri" {
		t.Errorf("another client: %v", got)
	}
	close(slow.answer)
	waiting.Wait()
	if _, got = responseOf(t, s.Browser().Authorize(set("request_uri", "https://app.example/slow"))); got.Get("error") != "invalid_request_uri" {
		t.Errorf("once there is room again: %v", got)
	}
}

// What one address makes us fetch is counted, like what it starts.
func TestFetchesAreCounted(t *testing.T) {
	app := newParty(t, "app-1")
	published := &shelf{}
	s := With(t, Options{
		App:    func(c *client.Client) { c.Keys, c.RequestURIs = app.keys(), []string{"https://app.example/"} },
		Parts:  func(p *provider.Parts) { p.Outbound = published },
		Config: func(c *provider.Config) { c.Limits.PerAddress = 2 },
	})
	address := s.Issuer + "/authorize?" + url.Values{"client_id": {App}, "request_uri": {"https://app.example/1"}}.Encode()
	for range 2 {
		if answer := s.Browser().Get(address); answer.Status != http.StatusBadRequest {
			t.Errorf("%d %q", answer.Status, answer.Page())
		}
	}
	for range 3 {
		if answer := s.Browser().Get(address); answer.Status != http.StatusTooManyRequests || answer.Page() != "too_many" || !leadsOn(answer) {
			t.Errorf("above the ceiling: %d %q", answer.Status, answer.Page())
		}
	}
	if len(published.asked) != 2 {
		t.Errorf("%d fetches", len(published.asked))
	}
	toItsme(t, s, s.Browser().Authorize(nil)) // a fetch is no start
	s.Advance(time.Minute)
	s.Browser().Get(address)
	if len(published.asked) != 3 {
		t.Errorf("%d fetches when the window is over", len(published.asked))
	}
}

// What is parsed of a stranger's list is bounded, wherever it comes: the work for a long one is that for a short one.
func TestLongListsCostNoMore(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	tags := strings.TrimSuffix(strings.Repeat("x-y-z ", 10000), " ")
	commas := strings.Repeat("de-x;q=0.1,", 2500)
	for _, row := range []struct {
		name string
		send func(list string)
	}{
		{"/authorize by GET", func(l string) { authorizeRaw(t, s, Request(set("ui_locales", l)).Encode()) }},
		{"/authorize by POST", func(l string) {
			raw(t, s, http.MethodPost, "/authorize", "", Request(set("ui_locales", l)).Encode(), nil)
		}},
		{"/authorize, from another site", func(l string) {
			raw(t, s, http.MethodPost, "/authorize", "", Request(set("ui_locales", l)).Encode(), func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") })
		}},
		{"/authorize, refused", func(l string) { authorizeRaw(t, s, url.Values{"ui_locales": {l}}.Encode()) }},
		{"scope", func(l string) { authorizeRaw(t, s, Request(set("scope", l)).Encode()) }},
		{"acr_values", func(l string) { authorizeRaw(t, s, Request(set("acr_values", l)).Encode()) }},
		{"prompt", func(l string) { authorizeRaw(t, s, Request(set("prompt", l)).Encode()) }},
		{"response_type", func(l string) { authorizeRaw(t, s, Request(set("response_type", l)).Encode()) }},
		{"/logout", func(l string) { raw(t, s, http.MethodGet, "/logout", url.Values{"ui_locales": {l}}.Encode(), "", nil) }},
		{"/token", func(l string) {
			form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}, "scope": {l}}
			raw(t, s, http.MethodPost, "/token", "", form.Encode(), asApp)
		}},
	} {
		short := testing.AllocsPerRun(5, func() { row.send("x") })
		if long := testing.AllocsPerRun(5, func() { row.send(tags) }); long > short+600 {
			t.Errorf("%s: %.0f allocations, %.0f for a short one", row.name, long, short)
		}
	}
	language := func(l string) func() {
		return func() {
			raw(t, s, http.MethodGet, "/nothing", "", "", func(r *http.Request) { r.Header.Set("Accept-Language", l) })
		}
	}
	short := testing.AllocsPerRun(5, language("de"))
	if long := testing.AllocsPerRun(5, language(commas)); long > short+600 {
		t.Errorf("Accept-Language: %.0f allocations, %.0f for a short one", long, short)
	}
}
