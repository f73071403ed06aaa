package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/provider/providertest/collector"
)

// everySession goes every way that a session can go, and adds the secrets that it meets.
func everySession(t *testing.T, s *Server, app *receiver, found secrets) {
	t.Helper()
	request := func(v url.Values) {
		v.Set("state", found["state"])
		v.Set("nonce", found["nonce"])
	}
	b := s.Browser()
	back := b.Begin(request)
	s.Approve()
	answer := b.Get(back)
	_, secret, _ := strings.Cut(sessionCookie(t, answer).Value, ".")
	hint := redeemed(t, s, answer)
	found["session cookie"] = secret
	found["sub"], _ = payloadOf(t, hint)["sub"].(string)
	found["hint's signature"] = hint[strings.LastIndex(hint, ".")+1:]
	_, got := responseOf(t, b.Authorize(request))
	_, found["silent code"], _ = strings.Cut(got.Get("code"), ".")
	b.Authorize(all(request, asOther))
	b.Authorize(all(request, set("prompt", "none"), set("login_hint", found["login_hint"])))
	crossSite(s, b).Post("/authorize", Request(request))

	leaving := func(change func(url.Values)) url.Values {
		return loggingOut(hint, all(set("state", found["state"]), set("logout_hint", found["login_hint"]), change))
	}
	asked := b.Get("/logout?" + leaving(del("id_token_hint")).Encode())
	b.Get("/logout?" + leaving(set("post_logout_redirect_uri", "https://evil.example/"+found["e-mail"])).Encode())
	b.Get("/logout?" + leaving(set("client_id", found["e-mail"])).Encode())
	b.Get("/logout?" + leaving(set("id_token_hint", hint+"x")).Encode())
	crossSite(s, b).Post("/logout", leaving(nil))
	_, form, _ := asked.Form("/itsme/logout")
	found["form token"], found["form"] = form.Get("token"), form.Get("request")
	b.Post("/itsme/logout", url.Values{"request": {found["e-mail"]}})
	b.Submit(asked, "/itsme/logout")
	s.Browser().Get("/logout?" + leaving(nil).Encode())

	for _, status := range []int{0, http.StatusBadRequest, http.StatusOK} {
		app.answers(status)
		deliver(t, s.Provider)
		s.Advance(time.Minute)
		for _, token := range app.heard(t) {
			found["logout token's signature "+http.StatusText(status)] = token[strings.LastIndex(token, ".")+1:]
		}
	}
}

// Promises 3 and 4 hold for sessions and logouts too.
func TestSessionsLeakNothing(t *testing.T) {
	app, other, traces := newReceiver(t), newReceiver(t), collector.New(t)
	s := withReceivers(t, app, other, func(o *Options) {
		o.Tracer = traces.Tracer(t)
		o.Parts = func(p *provider.Parts) { p.Outbound = tracedPoster(o.Tracer) }
		more := o.Config
		o.Config = func(c *provider.Config) { more(c); c.WriteBudget = time.Second }
	})
	found := fixtures(s)
	everySession(t, s, app, found)
	b, _ := signedIn(t, s, nil)
	b.Authorize(asOther) // one that lasts, with an audience
	s.Faults().Down()
	b.Authorize(nil)
	b.Get("/logout")
	_ = s.Provider.DeliverLogouts(t.Context())
	s.Faults().Up()
	found.search(t, "the log", s.Log.String())
	found.search(t, "the audit stream", s.Audited())
	families, err := s.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		found.search(t, "the metrics", family.String())
	}
	for key, value := range s.Dump() {
		found.search(t, "the dump", key+string(value))
	}
	found.searchTraces(t, traces)
	for _, name := range []string{"logout notice", "client notice"} {
		if !slices.Contains(traces.Names(), name) {
			t.Errorf("no span is %q", name)
		}
	}
	for _, wanted := range []string{"logout notice", "by_session", `"route":"/logout"`} {
		if !strings.Contains(s.Log.String(), wanted) {
			t.Errorf("%s was not met", wanted)
		}
	}
}
