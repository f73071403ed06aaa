//go:build products

package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/providertest"
)

// person has a browser without eyes: it keeps cookies, says what a browser says of
// its navigations, and follows what leads on within the bridge.
type person struct {
	w      *World
	t      testing.TB
	client http.Client
}

func (w *World) person(t testing.TB) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	leave := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &person{w: w, t: t, client: http.Client{Jar: jar, CheckRedirect: leave}}
}

// open opens an address, and goes on while the bridge leads to itself.
func (p *person) open(address string) *providertest.Answer {
	p.t.Helper()
	answer := p.send(http.MethodGet, address, nil)
	for range 10 {
		to := answer.Leads()
		if strings.HasPrefix(to, "/") {
			to = p.w.Issuer + to
		}
		if !strings.HasPrefix(to, p.w.Issuer+"/") {
			return answer
		}
		answer = p.send(http.MethodGet, to, nil)
	}
	p.t.Fatalf("e2e: %s goes in circles", address)
	return nil
}

func (p *person) send(method, address string, form url.Values) *providertest.Answer {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header = http.Header{
		"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Fetch-User": {"?1"}, "Accept-Language": {"en"},
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", p.w.Issuer)
	}
	response, err := p.client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return &providertest.Answer{Status: response.StatusCode, Header: response.Header, Body: string(body)}
}

// decide goes from a request at the bridge to itsme, where it comes to an outcome, and back.
func (p *person) decide(request string, outcome itsme.Status, persona string) *providertest.Answer {
	p.t.Helper()
	if answer := p.open(request); !strings.HasPrefix(answer.Leads(), p.w.Simulator.URL) {
		p.t.Fatalf("e2e: the request does not lead to itsme: %d %q\n%s", answer.Status, answer.Leads(), answer.Body)
	}
	if err := p.w.Simulator.Decide("", outcome, persona); err != nil {
		p.t.Fatal(err)
	}
	last, _ := p.w.Simulator.Last()
	return p.open(last.RedirectURL)
}

// leave presses the button that leads back to the application.
func (p *person) leave(page *providertest.Answer) *providertest.Answer {
	p.t.Helper()
	to, fields, ok := page.Form("/itsme/leave")
	if !ok {
		p.t.Fatalf("e2e: the page does not lead back to the application: %d\n%s", page.Status, page.Body)
	}
	if strings.HasPrefix(to, "/") {
		to = p.w.Issuer + to
	}
	return p.send(http.MethodPost, to, fields)
}
