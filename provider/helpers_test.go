package provider_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	. "itsme-bridge/provider/providertest"
)

func maes() itsme.Identity {
	return itsme.Identity{
		UserID: "QC1JJ6AgPTnDWTP3p6p3S1kMzPkLCVN41vzfaTxw", GivenName: "Lucas", FamilyName: "Maes", FullName: "Lucas Maes",
		Gender: "male", Birthdate: "1974-01-31", Locale: "nl", PhoneNumber: "+32471234567", EmailAddress: "lucas.maes@example.com",
		Address: itsme.Address{StreetAddress: "Rue Neuve 1", PostalCode: "1000", City: "Bruxelles", CountryCode: "BE"},
	}
}

func set(name, value string) func(url.Values) { return func(v url.Values) { v.Set(name, value) } }

func del(name string) func(url.Values) { return func(v url.Values) { v.Del(name) } }

// responseOf reads an authorization response, and how it was sent.
func responseOf(t *testing.T, a *Answer) (string, url.Values) {
	t.Helper()
	if a.Page() == "form_post" {
		_, fields, ok := a.Form("")
		if !ok || a.Leads() != "" {
			t.Fatalf("a form_post page without a form, or with a redirect to %q", a.Leads())
		}
		return "form_post", fields
	}
	to, err := url.Parse(a.Leads())
	if err != nil || a.Leads() == "" {
		t.Fatalf("no authorization response: %d, leads to %q\n%s", a.Status, a.Leads(), a.Body)
	}
	if to.Fragment == "" {
		return "query", to.Query()
	}
	fields, err := url.ParseQuery(to.EscapedFragment())
	if err != nil {
		t.Fatal(err)
	}
	if to.RawQuery != "" {
		t.Errorf("a fragment response carries %q in the query", to.RawQuery)
	}
	return "fragment", fields
}

func formTarget(t *testing.T, a *Answer) string {
	t.Helper()
	to, _, ok := a.Form("")
	if !ok {
		t.Fatalf("no form\n%s", a.Body)
	}
	return to
}

// authorizeRaw sends a query as it is, without a network between.
func authorizeRaw(t *testing.T, s *Server, query string) *Answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, s.Issuer+"/authorize", strings.NewReader(""))
	r.URL.RawQuery = query
	r.Header = s.Browser().Header
	out := httptest.NewRecorder()
	s.Provider.ServeHTTP(out, r)
	return &Answer{Status: out.Code, Header: out.Header(), Body: out.Body.String()}
}

// direct sends a request without a network between.
func direct(t *testing.T, s *Server, method, target string, form url.Values, change func(*http.Request)) *Answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form.Encode()))
	r.Header = s.Browser().Header
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if change != nil {
		change(r)
	}
	out := httptest.NewRecorder()
	s.Provider.ServeHTTP(out, r)
	return &Answer{Status: out.Code, Header: out.Header(), Body: out.Body.String()}
}
