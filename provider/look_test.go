package provider_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/pages"
	. "itsme-bridge/provider/providertest"
)

// logo is a picture of a colour.
func logo(t *testing.T, colour string) *pages.Image {
	t.Helper()
	i, err := pages.NewImage([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"><path fill="` + colour + `" d="M0 0h8v4H0z"/></svg>`))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// town is the look of an operator.
func town(t *testing.T, colour string) pages.Look {
	t.Helper()
	return pages.Look{Name: "Stad Voorbeeld", Home: "https://www.example.be/", Logo: logo(t, colour), Support: pages.Support{Phone: "+32 2 555 12 34"}}
}

// pictured is the address of the logo on a page.
func pictured(t *testing.T, page *Answer) string {
	t.Helper()
	found := regexp.MustCompile(`<img src="([^"]+)"`).FindStringSubmatch(page.Body)
	if found == nil {
		t.Fatalf("no logo on\n%s", page.Body)
	}
	return found[1]
}

// The address of a picture is below the issuer's, and stands for that picture for ever.
func TestPicturesAreServed(t *testing.T) {
	for _, path := range []string{"", "/tenants/one"} {
		s := With(t, Options{Path: path})
		s.Provider.Dress(pages.Looks{Operator: town(t, "red")})
		b := s.Browser()
		host := strings.TrimSuffix(s.Issuer, path)
		address := pictured(t, b.Get(s.Issuer+"/nowhere"))
		if !strings.HasPrefix(address, path+edge.Pictures) {
			t.Errorf("the logo is at %s", address)
		}
		answer := b.Get(host + address)
		if answer.Status != http.StatusOK || answer.Header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(answer.Body, `fill="red"`) ||
			answer.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || !strings.Contains(answer.Header.Get("Content-Security-Policy"), "sandbox") ||
			answer.Header.Get("X-Content-Type-Options") != "nosniff" || answer.Header.Values("Set-Cookie") != nil {
			t.Errorf("%d %v", answer.Status, answer.Header)
		}
		if missing := b.Get(host + address + "a"); missing.Status != http.StatusNotFound || missing.Header.Get("Cache-Control") != "no-store" || !strings.Contains(missing.Body, `href="`+Home+`"`) {
			t.Errorf("another name: %d, %s", missing.Status, missing.Header.Get("Cache-Control"))
		}
	}
}

// A page that was sent before a change still finds its pictures for a while, however often
// the look changes.
func TestPicturesOutliveAChange(t *testing.T) {
	s := New(t)
	b := s.Browser()
	wants := func(address string, status int) {
		t.Helper()
		if got := b.Get(s.Issuer + address); got.Status != status {
			t.Errorf("%s: %d, not %d", address, got.Status, status)
		}
	}
	s.Provider.Dress(pages.Looks{Operator: town(t, "red")})
	red := pictured(t, b.Get(s.Issuer+"/"))
	s.Provider.Dress(pages.Looks{Operator: town(t, "blue")})
	blue := pictured(t, b.Get(s.Issuer+"/"))
	if blue == red {
		t.Fatal("the look has not changed")
	}
	s.Advance(59 * time.Minute)
	s.Provider.Dress(pages.Looks{Operator: town(t, "blue")}) // nothing new
	wants(red, http.StatusOK)
	s.Advance(2 * time.Minute)
	wants(red, http.StatusNotFound)
	wants(blue, http.StatusOK)
	s.Provider.Dress(pages.Looks{Operator: town(t, "red")}) // back again
	s.Advance(24 * time.Hour)
	wants(red, http.StatusOK)
	wants(blue, http.StatusNotFound)
}

// The pages of a client are in its own look, and all others in the operator's.
func TestAClientHasALookOfItsOwn(t *testing.T) {
	library := pages.Look{Name: "Bibliotheek", Support: pages.Support{Phone: "0800 12 345"}}
	other := Clients(nil)[0]
	other.ID, other.Name, other.Home = "other", "Other", "https://other.example/"
	s := With(t, Options{Clients: []client.Client{other}})
	s.Provider.Dress(pages.Looks{Operator: town(t, "red"), Clients: map[string]pages.Look{App: library}})
	b := s.Browser()
	refused := func(id string) string {
		return b.Get(s.Issuer + "/authorize?" + url.Values{"client_id": {id}}.Encode()).Body
	}
	const ours, theirs = `alt="Stad Voorbeeld"`, `<p>Bibliotheek</p>`
	for id, want := range map[string]string{App: theirs, "other": ours, "nobody": ours} {
		page := refused(id)
		if !strings.Contains(page, want) || strings.Contains(page, ours) == strings.Contains(page, theirs) {
			t.Errorf("the page of %s:\n%s", id, page)
		}
	}
	if page := refused(App); !strings.Contains(page, "0800 12 345") || !strings.Contains(page, `>The App</p>`) || !strings.Contains(page, "https://www.example.be/") {
		t.Errorf("a client's own look is not over the operator's:\n%s", page)
	}
	b.Header = http.Header{} // doubtful: a page asks
	if page := b.Authorize(nil); page.Page() != "continue" || !strings.Contains(page.Body, theirs) {
		t.Errorf("a login's own page:\n%s", page.Body)
	}
}

// Of several clients at one home nobody's look is taken.
func TestClientsAtOneHomeHaveTheOperatorsLook(t *testing.T) {
	twin := Clients(nil)[0]
	twin.ID = "twin"
	s := With(t, Options{Clients: []client.Client{twin}})
	looks := map[string]pages.Look{}
	for _, id := range []string{App, SPA, "twin"} {
		looks[id] = pages.Look{Name: "Only " + id}
	}
	s.Provider.Dress(pages.Looks{Operator: town(t, "red"), Clients: looks})
	for range 20 { // in whatever order the clients are looked through
		if page := s.Browser().Get(s.Issuer + "/authorize?client_id=nobody"); !strings.Contains(page.Body, `alt="Stad Voorbeeld"`) {
			t.Fatalf("the page of nobody:\n%s", page.Body)
		}
	}
}

// Who looks at the address itself, or comes without an application, is led somewhere.
func TestPagesWithoutAClientLeadSomewhere(t *testing.T) {
	other := Clients(nil)[0]
	other.ID, other.Home = "other", "https://other.example/"
	for _, path := range []string{"", "/tenants/one"} {
		s := With(t, Options{Path: path, Clients: []client.Client{other}})
		s.Provider.Dress(pages.Looks{Operator: town(t, "red")})
		host := strings.TrimSuffix(s.Issuer, path)
		for _, row := range []struct {
			address, page string
			status        int
		}{
			{host + "/", "front", http.StatusOK},
			{s.Issuer + "/", "front", http.StatusOK},
			{s.Issuer, "front", http.StatusOK},
			{s.Issuer + "/nowhere", "not_found", http.StatusNotFound},
			{s.Issuer + "/authorize?client_id=nobody", "bad_request", http.StatusBadRequest},
			{s.Issuer + "/logout?client_id=nobody", "logged_out", http.StatusOK},
			{s.Issuer + "/itsme/return/a.b", "bad_request", http.StatusBadRequest},
		} {
			answer := s.Browser().Get(row.address)
			if answer.Status != row.status || answer.Page() != row.page {
				t.Errorf("%s: %d %s", row.address, answer.Status, answer.Page())
			}
			for _, want := range []string{`id="operator" class="main" href="https://www.example.be/"`, `href="tel:&#43;3225551234"`} {
				if !strings.Contains(answer.Body, want) {
					t.Errorf("%s has no %s:\n%s", row.address, want, answer.Body)
				}
			}
		}
		robots := s.Browser().Get(host + "/robots.txt")
		if want := "# Applications let people log in with itsme® here.\n# Stad Voorbeeld https://www.example.be/\nUser-agent: *\nDisallow: /\n"; robots.Body != want ||
			robots.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("robots.txt is %s\n%s", robots.Header.Get("Content-Type"), robots.Body)
		}
	}
}

// With one application, the address itself leads there; and without a look all this works, too.
func TestTheFrontLeadsToTheOnlyApplication(t *testing.T) {
	s := New(t)
	front := s.Browser().Get(s.Issuer + "/")
	if front.Page() != "front" || !strings.Contains(front.Body, `<a id="leave" class="main" href="`+Home+`"`) {
		t.Errorf("%s", front.Body)
	}
	if !strings.Contains(front.Body, ">Go to ") || strings.Contains(front.Body, "Back to") {
		t.Errorf("nobody has come from there:\n%s", front.Body)
	}
	for _, address := range []string{"/nowhere", "/itsme/return/", "/itsme/return/AAAA.1.x", "/itsme/login/x", "/logout", "/logout?client_id=nobody"} {
		if page := s.Browser().Get(s.Issuer + address); !strings.Contains(page.Body, `href="`+Home+`"`) {
			t.Errorf("%s leads nowhere:\n%s", address, page.Body)
		}
	}
	if robots := s.Browser().Get(s.Issuer + "/robots.txt"); !strings.HasSuffix(robots.Body, "here.\nUser-agent: *\nDisallow: /\n") {
		t.Errorf("robots.txt:\n%s", robots.Body)
	}
}
