package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

// client is a client of a simulator.
func client(t *testing.T, s *sandbox.TestServer) *itsme.Client {
	t.Helper()
	c, err := itsme.New(itsme.Config{BaseURL: s.URL, Token: sandbox.MerchantToken, AllowLoopback: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// begin starts a transaction with every scope.
func begin(t *testing.T, c *itsme.Client) itsme.Transaction {
	t.Helper()
	transaction, err := c.Start(t.Context(), itsme.Start{
		Service: itsme.Login, RedirectURL: "https://bridge.example/return/1", Locale: "nl",
		Scopes: []itsme.Scope{itsme.ScopeProfile, itsme.ScopeEmail, itsme.ScopePhone, itsme.ScopeAddress},
	})
	if err != nil {
		t.Fatal(err)
	}
	return transaction
}

// submit posts a form of a page and does not follow the answer.
func submit(t *testing.T, page string, form url.Values) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, page, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func TestAPersonApproves(t *testing.T) {
	s := sandbox.NewServer(t)
	c := client(t, s)
	transaction := begin(t, c)

	result, err := c.Status(t.Context(), transaction.Token)
	if err != nil || result.Status != itsme.Open {
		t.Fatalf("before anything happened: %v, %v", result, err)
	}
	if r := submit(t, transaction.AuthenticationURL, url.Values{"phone": {"0471 23 45 67"}}); r.StatusCode != http.StatusSeeOther {
		t.Fatalf("the phone number: %d", r.StatusCode)
	}
	r := submit(t, transaction.AuthenticationURL, url.Values{"persona": {sandbox.Full}, "outcome": {"success"}})
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "https://bridge.example/return/1" {
		t.Fatalf("the way back: %d %q", r.StatusCode, r.Header.Get("Location"))
	}

	result, err = c.Status(t.Context(), transaction.Token)
	if err != nil {
		t.Fatal(err)
	}
	if want := sandbox.Personas()[0].Identity; result.Identity != want {
		t.Error("the identity is not that of the persona")
	}
	if _, err = c.Status(t.Context(), transaction.Token); err == nil || err.Error() != "itsme: status: taken (HTTP 200): success without userId" {
		t.Errorf("the second time: %v", err)
	}
}
