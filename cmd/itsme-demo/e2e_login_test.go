//go:build e2e

package main_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/providertest/chromium"
)

// What stands on the application's pages.
const (
	logIn  = "#login"
	claims = "#claims"
)

// begin goes as far as the question in the app.
func (p *process) begin(b *chromium.Tab) {
	p.t.Helper()
	b.GoTo(p.application)
	b.Press(logIn)
	b.Identify()
}

func TestApprove(t *testing.T) {
	p, b := started(t), browser(t)
	p.begin(b)
	if !strings.HasPrefix(b.Location(), p.simulator+"/") {
		t.Errorf("the question is at %s", b.Location())
	}
	b.Press(chromium.Approval)
	b.See(claims)
	b.Reads("#hello", "Hello, Lucas.")
	b.Reads("#claim-name", "Lucas Maes")
	b.Reads("#claim-email", "lucas.maes@example.com")
	b.Reads("#claim-email_verified", "false")
	b.Reads("#claim-phone_number", "+32471234567")
	b.Reads("#claim-address", "Rue Neuve 1\n1000 Bruxelles\nBE")
	if payload := b.Read("#id-token-payload"); !strings.Contains(payload, b.Read("#claim-sub")) || !strings.Contains(payload, p.issuer) {
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
		b.Reads(row.exchange, row.want)
	}
	if seen := p.only(); seen.Fetches != 1 || !seen.Given || seen.Service != "login" {
		t.Errorf("CM saw %+v", seen)
	}
}

func TestCancelAndTryAgain(t *testing.T) {
	p, b := started(t), browser(t)
	p.begin(b)
	b.Press(chromium.Refusal)
	b.See(`[data-page=cancelled]`)
	b.TryAgain()
	b.Identify()
	b.Press(chromium.Approval)
	b.See(claims)
	b.Reads("#hello", "Hello, Lucas.")
	all := p.transactions()
	if len(all) != 2 || all[0].Status != itsme.Cancelled || all[0].Fetches != 1 || all[1].Status != itsme.Success || all[1].Fetches != 1 {
		t.Errorf("CM saw %+v", all)
	}
}

func TestCancelAndLeave(t *testing.T) {
	p, b := started(t), browser(t)
	p.begin(b)
	b.Press(chromium.Refusal)
	b.See(`[data-page=cancelled]`)
	b.Leave()
	b.See("#error")
	b.Reads("#error", "access_denied")
	b.Reads("#error-description", "The person cancelled the login.")
	b.Press("#again") // nobody meets a dead end
	b.Identify()
	b.Press(chromium.Approval)
	b.See(claims)
}

// Two clicks on "try again" are one attempt.
func TestImpatientClicks(t *testing.T) {
	p, b := started(t), browser(t)
	p.begin(b)
	b.Press(chromium.Refusal)
	b.See(chromium.Again)
	b.Do(chromedp.DoubleClick(chromedp.CSS(chromium.Again)))
	b.See(chromium.Number)
	all := p.transactions()
	if len(all) != 2 {
		t.Fatalf("CM saw %+v", all)
	}
	b.GoTo(all[1].AuthenticationURL) // and nothing of the second click is under way any more
	b.Identify()
	b.Press(chromium.Approval)
	b.See(claims)
	if all := p.transactions(); len(all) != 2 || all[1].Fetches != 1 {
		t.Errorf("CM saw %+v", all)
	}
}

func TestReloadOfTheReturnPage(t *testing.T) {
	p, b := started(t), browser(t)
	p.begin(b)
	b.Press(chromium.Refusal)
	b.See(`[data-page=cancelled]`)
	back := p.only().RedirectURL
	if b.Location() != back {
		t.Fatalf("the page is at %s, want %s", b.Location(), back)
	}
	b.Do(chromedp.Reload())
	b.See(`[data-page=cancelled]`)
	if seen := p.only(); seen.Fetches != 1 {
		t.Errorf("the reload asked CM again: %+v", seen)
	}
	b.TryAgain()
	b.Identify()
	b.Press(chromium.Approval)
	b.See(claims)
	here := b.Location()

	latest := p.transactions()[1].RedirectURL
	for _, row := range []struct{ address, page string }{
		{latest, "finished"}, // the code is used: nothing is left to do there
		{back, "finished"},   // an older attempt of the same login
	} {
		b.GoTo(row.address)
		b.See(`[data-page=` + row.page + `]`)
		b.Press("[data-page] a")
		b.See("#me")
	}
	b.Press("#me")
	if b.Location() != here {
		t.Errorf("logged in at %s, was at %s", b.Location(), here)
	}
	if all := p.transactions(); len(all) != 2 || all[1].Fetches != 1 {
		t.Errorf("CM saw %+v", all)
	}
}

func TestTwoTabsAtOnce(t *testing.T) {
	p, first := started(t), browser(t)
	second := first.Another()
	p.begin(first)
	p.begin(second)
	for _, b := range []*chromium.Tab{second, first} {
		b.Press(chromium.Approval)
		b.See(claims)
		b.Reads("#hello", "Hello, Lucas.")
	}
	if first.Location() == second.Location() {
		t.Error("both tabs show one login")
	}
	if all := p.transactions(); len(all) != 2 || all[0].Fetches != 1 || all[1].Fetches != 1 {
		t.Errorf("CM saw %+v", all)
	}
}

func TestAnotherBrowserIsSentHome(t *testing.T) {
	p, mine, other := started(t), browser(t), browser(t)
	p.begin(mine)
	other.GoTo(p.only().RedirectURL)
	other.See(`[data-page=other_browser]`)
	if seen := p.only(); seen.Fetches != 0 {
		t.Errorf("CM was asked for a stranger: %+v", seen)
	}
	other.Press("[data-page] a")
	other.See(logIn)

	back := p.only().RedirectURL
	guessed := back[:strings.LastIndex(back, ".")+1] + strings.Repeat("A", 43)
	second := mine.Another() // has the cookie, and did not come from itsme
	second.GoTo(guessed)
	second.See(`[data-page=other_browser]`)
	if seen := p.only(); seen.Fetches != 0 {
		t.Errorf("CM was asked without a proof: %+v", seen)
	}

	mine.Press(chromium.Approval)
	mine.See(claims)
	if seen := p.only(); seen.Fetches != 1 {
		t.Errorf("CM saw %+v", seen)
	}
	other.GoTo(p.only().RedirectURL) // when it is all over
	other.See(`[data-page=other_browser]`)
}

func TestWithoutJavaScript(t *testing.T) {
	p, b := started(t), browser(t)
	b.WithoutJavaScript()
	p.begin(b)
	b.Press(chromium.Refusal)
	b.See(`[data-page=cancelled]`)
	b.TryAgain()
	b.Identify()
	b.Press(chromium.Approval)
	b.See(claims)

	p.choose(b, "#mode-form_post")
	b.Press(logIn)
	b.Identify()
	b.Press(chromium.Approval)
	b.See(`[data-page=form_post]`)
	b.Press("[data-page=form_post] button")
	b.See(claims)
	b.Reads("#exchange-3 .line", "POST /callback303 See Other")
}

// choose opens the start page and ticks something.
func (p *process) choose(b *chromium.Tab, boxes ...string) {
	p.t.Helper()
	b.GoTo(p.application)
	b.Do(chromedp.Click(chromedp.CSS("#choices summary")))
	for _, box := range boxes {
		b.Do(chromedp.Click(chromedp.CSS(box)))
	}
}

func TestResponseModes(t *testing.T) {
	p := started(t)
	for mode, method := range map[string]string{"query": "GET", "form_post": "POST", "fragment": "POST"} {
		t.Run(mode, func(t *testing.T) {
			b := browser(t)
			p.choose(b, "#mode-"+mode)
			b.Press(logIn)
			b.Identify()
			b.Press(chromium.Approval)
			b.See(claims)
			b.Reads("#hello", "Hello, Lucas.")
			b.Reads("#exchange-3 .line", method+" /callback303 See Other")

			b.Press("#again") // an error comes back in the same way
			b.Identify()
			b.Press(chromium.Refusal)
			b.See(`[data-page=cancelled]`)
			b.Leave()
			b.See("#error")
			b.Reads("#error", "access_denied")
		})
	}
}

func TestChoicesReachItsme(t *testing.T) {
	p, b := started(t), browser(t)
	p.choose(b, "#create", "#scope-phone", "#scope-address", "#scope-profile")
	b.Do(
		chromedp.SetValue(chromedp.CSS("#ui_locales"), "nl"),
		chromedp.SendKeys(chromedp.CSS("#login_hint"), "0471 23 45 67"),
	)
	b.Press(logIn)
	b.See(chromium.Number)
	seen := p.only()
	if seen.Service != "register" || seen.Locale != "nl" || seen.PhoneNumber != "+32471234567" || strings.Join(seen.Scopes, " ") != "email" {
		t.Errorf("CM saw %+v", seen)
	}
	b.Identify()
	b.Press(chromium.Refusal)
	b.See(`html[lang=nl] [data-page=cancelled]`)
	b.TryAgain()
	b.Identify()
	b.Press(chromium.Approval)
	b.See(claims)
	b.Reads("#claim-email", "lucas.maes@example.com")
	if shown := b.Read(claims); strings.Contains(shown, "Lucas Maes") || strings.Contains(shown, "+32471234567") {
		t.Errorf("the application was told more than it asked for: %s", shown)
	}
}

func TestLateSuccessComesByItself(t *testing.T) {
	p, b := started(t), browser(t)
	p.next(`{"outcome": "success", "openFor": 2}`)
	b.GoTo(p.application)
	b.Press(logIn) // the simulator sends the browser straight back, too early
	b.See(`[data-page=waiting]`)
	b.See(claims)
	if seen := p.only(); seen.Fetches != 3 {
		t.Errorf("CM saw %+v", seen)
	}
}
