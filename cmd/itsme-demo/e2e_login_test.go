//go:build e2e

package main_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"itsme-bridge/itsme"
)

// What stands on the pages of the three parties.
const (
	logIn   = "#login"
	claims  = "#claims"
	number  = "#phone-form button" // of the simulator's first page
	approve = `button[name=outcome][value=success]`
	cancel  = `button[name=outcome][value=cancelled]`
	again   = `[data-page] form[action$="/itsme/retry"] button`
	leave   = `[data-page] form[action$="/itsme/leave"] button`
)

// begin goes as far as the question in the app.
func (b tab) begin(p *process) {
	b.t.Helper()
	b.goTo(p.application)
	b.press(logIn)
	b.identify()
}

// identify passes the simulator's first page.
func (b tab) identify() {
	b.t.Helper()
	b.see(number)
	b.press(number)
	b.see(approve)
}

func TestApprove(t *testing.T) {
	p, b := started(t), browser(t)
	b.begin(p)
	if !strings.HasPrefix(b.location(), p.simulator+"/") {
		t.Errorf("the question is at %s", b.location())
	}
	b.press(approve)
	b.see(claims)
	b.reads("#hello", "Hello, Lucas.")
	b.reads("#claim-name", "Lucas Maes")
	b.reads("#claim-email", "lucas.maes@example.com")
	b.reads("#claim-email_verified", "false")
	b.reads("#claim-phone_number", "+32471234567")
	b.reads("#claim-address", "Rue Neuve 1\n1000 Bruxelles\nBE")
	if payload := b.read("#id-token-payload"); !strings.Contains(payload, b.read("#claim-sub")) || !strings.Contains(payload, p.issuer) {
		t.Errorf("the ID token is %s", payload)
	}
	for _, row := range []struct{ exchange, want string }{
		{"#exchange-0 .line", "GET /.well-known/openid-configuration200 OK"},
		{"#exchange-1 .line", "POST /login303 See Other"},
		{"#exchange-3 .line", "GET /callback303 See Other"},
		{"#exchange-4 .line", "POST /token200 OK"},
		{"#exchange-5 .line", "GET /keys200 OK"},
		{"#exchange-6 .line", "GET /userinfo200 OK"},
	} {
		b.reads(row.exchange, row.want)
	}
	if seen := p.only(); seen.Fetches != 1 || !seen.Given || seen.Service != "login" {
		t.Errorf("CM saw %+v", seen)
	}
}

func TestCancelAndTryAgain(t *testing.T) {
	p, b := started(t), browser(t)
	b.begin(p)
	b.press(cancel)
	b.see(`[data-page=cancelled]`)
	b.press(again)
	b.identify()
	b.press(approve)
	b.see(claims)
	b.reads("#hello", "Hello, Lucas.")
	all := p.transactions()
	if len(all) != 2 || all[0].Status != itsme.Cancelled || all[0].Fetches != 1 || all[1].Status != itsme.Success || all[1].Fetches != 1 {
		t.Errorf("CM saw %+v", all)
	}
}

func TestCancelAndLeave(t *testing.T) {
	p, b := started(t), browser(t)
	b.begin(p)
	b.press(cancel)
	b.see(`[data-page=cancelled]`)
	b.press(leave)
	b.see("#error")
	b.reads("#error", "access_denied")
	b.reads("#error-description", "The person cancelled the login.")
	b.press("#again") // nobody meets a dead end
	b.identify()
	b.press(approve)
	b.see(claims)
}

// Two clicks on "try again" are one attempt.
func TestImpatientClicks(t *testing.T) {
	p, b := started(t), browser(t)
	b.begin(p)
	b.press(cancel)
	b.see(again)
	b.do(chromedp.DoubleClick(chromedp.CSS(again)))
	b.see(number)
	all := p.transactions()
	if len(all) != 2 {
		t.Fatalf("CM saw %+v", all)
	}
	b.goTo(all[1].AuthenticationURL) // and nothing of the second click is under way any more
	b.identify()
	b.press(approve)
	b.see(claims)
	if all := p.transactions(); len(all) != 2 || all[1].Fetches != 1 {
		t.Errorf("CM saw %+v", all)
	}
}

func TestReloadOfTheReturnPage(t *testing.T) {
	p, b := started(t), browser(t)
	b.begin(p)
	b.press(cancel)
	b.see(`[data-page=cancelled]`)
	back := p.only().RedirectURL
	if b.location() != back {
		t.Fatalf("the page is at %s, want %s", b.location(), back)
	}
	b.do(chromedp.Reload())
	b.see(`[data-page=cancelled]`)
	if seen := p.only(); seen.Fetches != 1 {
		t.Errorf("the reload asked CM again: %+v", seen)
	}
	b.press(again)
	b.identify()
	b.press(approve)
	b.see(claims)
	here := b.location()

	latest := p.transactions()[1].RedirectURL
	for _, row := range []struct{ address, page string }{
		{latest, "finished"}, // the code is used: nothing is left to do there
		{back, "finished"},   // an older attempt of the same login
	} {
		b.goTo(row.address)
		b.see(`[data-page=` + row.page + `]`)
		b.press("[data-page] a")
		b.see("#me")
	}
	b.press("#me")
	if b.location() != here {
		t.Errorf("logged in at %s, was at %s", b.location(), here)
	}
	if all := p.transactions(); len(all) != 2 || all[1].Fetches != 1 {
		t.Errorf("CM saw %+v", all)
	}
}

func TestTwoTabsAtOnce(t *testing.T) {
	p, first := started(t), browser(t)
	second := first.another()
	first.begin(p)
	second.begin(p)
	for _, b := range []tab{second, first} {
		b.press(approve)
		b.see(claims)
		b.reads("#hello", "Hello, Lucas.")
	}
	if first.location() == second.location() {
		t.Error("both tabs show one login")
	}
	if all := p.transactions(); len(all) != 2 || all[0].Fetches != 1 || all[1].Fetches != 1 {
		t.Errorf("CM saw %+v", all)
	}
}

func TestAnotherBrowserIsSentHome(t *testing.T) {
	p, mine, other := started(t), browser(t), browser(t)
	mine.begin(p)
	other.goTo(p.only().RedirectURL)
	other.see(`[data-page=other_browser]`)
	if seen := p.only(); seen.Fetches != 0 {
		t.Errorf("CM was asked for a stranger: %+v", seen)
	}
	other.press("[data-page] a")
	other.see(logIn)

	back := p.only().RedirectURL
	guessed := back[:strings.LastIndex(back, ".")+1] + strings.Repeat("A", 43)
	second := mine.another() // has the cookie, and did not come from itsme
	second.goTo(guessed)
	second.see(`[data-page=other_browser]`)
	if seen := p.only(); seen.Fetches != 0 {
		t.Errorf("CM was asked without a proof: %+v", seen)
	}

	mine.press(approve)
	mine.see(claims)
	if seen := p.only(); seen.Fetches != 1 {
		t.Errorf("CM saw %+v", seen)
	}
	other.goTo(p.only().RedirectURL) // when it is all over
	other.see(`[data-page=other_browser]`)
}

func TestWithoutJavaScript(t *testing.T) {
	p, b := started(t), browser(t)
	b.withoutJavaScript()
	b.begin(p)
	b.press(cancel)
	b.see(`[data-page=cancelled]`)
	b.press(again)
	b.identify()
	b.press(approve)
	b.see(claims)

	b.choose(p, "#mode-form_post")
	b.press(logIn)
	b.identify()
	b.press(approve)
	b.see(`[data-page=form_post]`)
	b.press("[data-page=form_post] button")
	b.see(claims)
	b.reads("#exchange-3 .line", "POST /callback303 See Other")
}

// choose opens the start page and ticks something.
func (b tab) choose(p *process, boxes ...string) {
	b.t.Helper()
	b.goTo(p.application)
	b.do(chromedp.Click(chromedp.CSS("#choices summary")))
	for _, box := range boxes {
		b.do(chromedp.Click(chromedp.CSS(box)))
	}
}

func TestResponseModes(t *testing.T) {
	p := started(t)
	for mode, method := range map[string]string{"query": "GET", "form_post": "POST", "fragment": "POST"} {
		t.Run(mode, func(t *testing.T) {
			b := browser(t)
			b.choose(p, "#mode-"+mode)
			b.press(logIn)
			b.identify()
			b.press(approve)
			b.see(claims)
			b.reads("#hello", "Hello, Lucas.")
			b.reads("#exchange-3 .line", method+" /callback303 See Other")

			b.press("#again") // an error comes back in the same way
			b.identify()
			b.press(cancel)
			b.see(`[data-page=cancelled]`)
			b.press(leave)
			b.see("#error")
			b.reads("#error", "access_denied")
		})
	}
}

func TestChoicesReachItsme(t *testing.T) {
	p, b := started(t), browser(t)
	b.choose(p, "#create", "#scope-phone", "#scope-address", "#scope-profile")
	b.do(
		chromedp.SetValue(chromedp.CSS("#ui_locales"), "nl"),
		chromedp.SendKeys(chromedp.CSS("#login_hint"), "0471 23 45 67"),
	)
	b.press(logIn)
	b.see(number)
	seen := p.only()
	if seen.Service != "register" || seen.Locale != "nl" || seen.PhoneNumber != "+32471234567" || strings.Join(seen.Scopes, " ") != "email" {
		t.Errorf("CM saw %+v", seen)
	}
	b.identify()
	b.press(cancel)
	b.see(`html[lang=nl] [data-page=cancelled]`)
	b.press(again)
	b.identify()
	b.press(approve)
	b.see(claims)
	b.reads("#claim-email", "lucas.maes@example.com")
	if shown := b.read(claims); strings.Contains(shown, "Lucas Maes") || strings.Contains(shown, "+32471234567") {
		t.Errorf("the application was told more than it asked for: %s", shown)
	}
}

func TestLateSuccessComesByItself(t *testing.T) {
	p, b := started(t), browser(t)
	p.next(`{"outcome": "success", "openFor": 2}`)
	b.goTo(p.application)
	b.press(logIn) // the simulator sends the browser straight back, too early
	b.see(`[data-page=waiting]`)
	b.see(claims)
	if seen := p.only(); seen.Fetches != 3 {
		t.Errorf("CM saw %+v", seen)
	}
}
