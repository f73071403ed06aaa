package sandbox_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

const redirectURL = "https://bridge.example/itsme/return/L0G1N.1.PR00F"

// client is a client of a simulator.
func client(t *testing.T, s *sandbox.TestServer) *itsme.Client {
	t.Helper()
	c, err := itsme.New(itsme.Config{BaseURL: s.URL, Token: sandbox.MerchantToken, AllowLoopback: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// all asks for everything.
func all() itsme.Start {
	return itsme.Start{
		Service: itsme.Login, RedirectURL: redirectURL,
		Scopes: []itsme.Scope{itsme.ScopeProfile, itsme.ScopeEmail, itsme.ScopePhone, itsme.ScopeAddress},
	}
}

// begin starts a transaction. change, which may be nil, adapts it.
func begin(t *testing.T, s *sandbox.TestServer, change func(*itsme.Start)) itsme.Transaction {
	t.Helper()
	start := all()
	if change != nil {
		change(&start)
	}
	transaction, err := client(t, s).Start(t.Context(), start)
	if err != nil {
		t.Fatal(err)
	}
	return transaction
}

// answer is what a browser or a tool got.
type answer struct {
	status   int
	location string
	header   http.Header
	body     string
}

// visit opens a URL and follows nothing.
func visit(t *testing.T, target string) answer {
	t.Helper()
	return send(t, http.MethodGet, target, "", "")
}

// submit posts a form, written as "a=b&c=d".
func submit(t *testing.T, target, form string) answer {
	t.Helper()
	values, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, http.MethodPost, target, "application/x-www-form-urlencoded", values.Encode())
}

func send(t *testing.T, method, target, contentType, body string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header.Get("Location"), response.Header, string(data)}
}
