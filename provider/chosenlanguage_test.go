package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	. "itsme-bridge/provider/providertest"
)

// speaks wants a page in a language.
func speaks(t *testing.T, page *Answer, kind, tag string) {
	t.Helper()
	if page.Page() != kind || !strings.Contains(page.Body, `<html lang="`+tag+`">`) {
		t.Errorf("page %q, want %q in %q: %.100s", page.Page(), kind, tag, page.Body)
	}
}

// chosen changes the language of a page.
func (v *visitor) chosen(page *Answer, tag string) *Answer {
	v.t.Helper()
	_, next := v.inLanguage(page, tag)
	if next == nil {
		v.t.Fatalf("no way to %s: %s", tag, page.Body)
	}
	return next()
}

// A language that is chosen once is that of all later pages of this login, and of what
// itsme shows, also where Redis does not answer. Another login has its own.
func TestAChosenLanguageStaysWithItsLogin(t *testing.T) {
	v := visiting(t, nil)
	other := loginID(v.begin(sandbox.Script{Outcome: itsme.Failure}))
	v.get(v.ReturnURL())
	page := v.returns(sandbox.Script{Outcome: itsme.Cancelled})
	id := loginID(v.ReturnURL())
	speaks(t, v.chosen(page, "fr"), "cancelled", "fr")

	speaks(t, v.get("/itsme/login/"+id), "cancelled", "fr")
	speaks(t, v.get("/itsme/login/"+other), "failed", "en")
	v.Faults().Down()
	speaks(t, v.submit(page, "/itsme/retry"), "unavailable", "fr")
	speaks(t, v.get("/itsme/login/"+id), "unavailable", "fr")
	v.Faults().Up()
	v.Sandbox.Next(sandbox.Script{Outcome: itsme.Expired})
	speaks(t, v.submit(page, "/itsme/retry"), "navigate", "fr")
	if got := last(v.Server).Locale; got != "fr" {
		t.Errorf("CM is asked in %q", got)
	}
	speaks(t, v.get(v.ReturnURL()), "expired", "fr")
	speaks(t, v.chosen(v.get(v.ReturnURL()), "nl"), "expired", "nl")
	speaks(t, v.get(v.ReturnURL()), "expired", "nl")
	v.Redis().FlushAll(t.Context())
	page = v.get(v.ReturnURL())
	speaks(t, page, "forgotten", "nl")
	v.get(tryAgain(t, page))
	if got := last(v.Server).Locale; got != "nl" {
		t.Errorf("begun anew, CM is asked in %q", got)
	}
}

// Where Redis has forgotten a login, it begins anew in the language of the page that says so,
// also of one that has just been chosen.
func TestALanguageChosenWhereTheLoginIsForgotten(t *testing.T) {
	v := visiting(t, nil)
	v.begin(sandbox.Script{})
	v.Redis().FlushAll(t.Context())
	page := v.chosen(v.get(v.ReturnURL()), "fr")
	speaks(t, page, "forgotten", "fr")
	v.get(tryAgain(t, page))
	if got := last(v.Server).Locale; got != "fr" || v.Sandbox.Starts() != 2 {
		t.Errorf("begun anew, CM is asked in %q; %d transactions", got, v.Sandbox.Starts())
	}
}

// The language that is chosen on the Continue page is the login's, however the request
// has come. It costs nothing, and the request is the same.
func TestALanguageChosenBeforeTheLoginBegins(t *testing.T) {
	for _, row := range []struct {
		name string
		ask  func(v *visitor) string
	}{
		{"a query", func(*visitor) string { return Request(set("ui_locales", "de")).Encode() }},
		{"a pushed request", func(v *visitor) string {
			pushed, _ := v.call("/par", Request(set("ui_locales", "de"))).JSON()["request_uri"].(string)
			return url.Values{"client_id": {App}, "request_uri": {pushed}}.Encode()
		}},
		{"a client's own parameters", func(*visitor) string {
			return Request(set("ui_locales", "de")).Encode() + "&lang=nl&locale=nl&language=nl&kc_locale=nl"
		}},
		{"an unknown language", func(*visitor) string { return Request(set("ui_locales", "de")).Encode() + "&page_lang=xx" }},
		{"a language without an encoding", func(*visitor) string { return Request(set("ui_locales", "de")).Encode() + "&page_lang=%zz" }},
	} {
		t.Run(row.name, func(t *testing.T) {
			v := visiting(t, nil)
			page := v.send(http.MethodGet, "/authorize?"+row.ask(v), nil, inDoubt)
			speaks(t, page, "continue", "de")
			page = v.chosen(page, "fr")
			speaks(t, page, "continue", "fr")
			if v.Sandbox.Starts() != 0 {
				t.Error("a transaction was started")
			}
			v.Sandbox.Next(sandbox.Script{Outcome: itsme.Success})
			speaks(t, v.submit(page, "/itsme/continue"), "navigate", "fr")
			if transaction := last(v.Server); transaction.Locale != "fr" || strings.Contains(transaction.RedirectURL, "page_lang") {
				t.Errorf("CM is asked in %q, for %s", transaction.Locale, transaction.RedirectURL)
			}
			back := v.get(v.ReturnURL())
			if got := v.Response(back); got.Get("code") == "" || got.Has("page_lang") || got.Get("state") != Request(nil).Get("state") {
				t.Errorf("the client gets %v", got)
			}
		})
	}
}

// The same at a page whose click is older: it begins one login, which was shown in two languages.
func TestAClickOnThePageBeforeTheChange(t *testing.T) {
	v := visiting(t, nil)
	english := v.asked()
	french := v.chosen(english, "fr")
	v.submit(french, "/itsme/continue")
	v.submit(english, "/itsme/continue")
	if n := v.Sandbox.Starts(); n != 1 {
		t.Errorf("%d transactions", n)
	}
}

// Whoever changes the language on a page whose login has begun since is led to where that
// stands. Its cookie stays as it is: it does not give way as if nobody had clicked, and
// the trail does not say that it waits.
func TestALanguageChosenAfterTheLoginHasBegun(t *testing.T) {
	for name, end := range map[string]func(v *visitor){
		"it is under way": func(*visitor) {},
		"it is over": func(v *visitor) {
			v.Approve()
			if v.Response(v.get(v.ReturnURL())).Get("code") == "" {
				v.t.Fatal("no code")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := visiting(t, nil)
			old := v.asked()
			speaks(t, v.submit(old, "/itsme/continue"), "navigate", "en")
			end(v)
			id := loginID(v.ReturnURL())
			before := v.cookieOf(id)
			page := v.chosen(old, "fr")
			speaks(t, page, "navigate", "fr")
			if after := v.cookieOf(id); after != before || strings.HasPrefix(after, "itsme-0-") {
				t.Errorf("the cookie %q becomes %q", before, after)
			}
			if to := path(t, page.Leads()); to != "/itsme/login/"+id+"?page_lang=fr" {
				t.Fatalf("the page leads to %q", to)
			}
			v.get(page.Leads())
			if n := v.Sandbox.Starts(); n != 1 {
				t.Errorf("%d transactions", n)
			}
			v.Redis().FlushAll(t.Context())
			speaks(t, v.get(v.ReturnURL()), "forgotten", "fr")
			if !strings.Contains(v.Log.String(), "login_forgotten") {
				t.Error("the log does not say that the login was forgotten")
			}
		})
	}
}

// cookieOf is the name of the cookie of a login.
func (v *visitor) cookieOf(id string) string {
	v.t.Helper()
	for _, cookie := range v.jar.Cookies(must(url.Parse(v.Config.Issuer))) {
		if strings.HasSuffix(cookie.Name, "-"+id) {
			return cookie.Name
		}
	}
	v.t.Fatalf("no cookie of %s", id)
	return ""
}

// A logout keeps a chosen language until it is over, ends nothing by a change of it, and leads nowhere.
func TestALanguageChosenAtALogout(t *testing.T) {
	v := visiting(t, nil)
	v.signIn()
	page := v.chosen(v.get("/logout?client_id="+App), "de")
	speaks(t, page, "logout", "de")
	page = v.chosen(page, "nl")
	speaks(t, page, "logout", "nl")
	if strings.Contains(v.Log.String(), `"refused":`) {
		t.Errorf("a change of language is taken for an attack: %s", v.Log.String())
	}
	page = v.submit(page, "/itsme/logout")
	speaks(t, page, "logged_out", "nl")
	speaks(t, v.chosen(page, "fr"), "logged_out", "fr")

	token := v.tokenOf("id_token")
	v.forget()
	v.signIn()
	asked := v.get("/logout?" + loggingOut(token, nil).Encode()) // the token is of the session before
	speaks(t, asked, "logout", "en")
	if strings.Contains(asked.Body, token) {
		t.Error("the page holds the ID token")
	}
	v.submit(v.get("/logout"), "/itsme/logout")
	if after := v.chosen(asked, "fr"); after.Page() != "logged_out" || after.Leads() != "" {
		t.Errorf("without a session, page %q leads to %q", after.Page(), after.Leads())
	}
}
