package itsme_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
)

// What a test searches texts for.
const (
	merchantToken    = "3f1d6c0e-5f2b-4c8a-9a54-0d6f6b7d2c11"
	transactionToken = "SMDhN88yYlE3ug2mUzSsma7Vb3GFBXV61tLgJEYVwJVZ9623kECl7A5p4uqIat2W"
	authentication   = "https://merchant.itsme.example/start?ticket=T1cK3tT1cK3tT1cK3t"
	redirectURL      = "https://bridge.example/itsme/return/L0G1N.1.PR00F"
	phoneNumber      = "+32471234567"
)

// lucas is CM's own example.
const lucas = `{
  "status": "success",
  "userId": "QC1JJ6AgPTnDWTP3p6p3S1kMzPkLCVN41vzfaTxw",
  "name": {"givenName": "Lucas", "familyName": "Maes", "fullName": "Lucas Maes"},
  "gender": "male",
  "birthdate": "1974-01-31",
  "locale": "nl",
  "phoneNumber": "+32471234567",
  "emailAddress": "lucas.maes@example.com",
  "address": {"streetAddress": "Rue Neuve 1", "postalCode": "1000", "city": "Bruxelles", "countryCode": "BE"}
}`

func lucasMaes() itsme.Identity {
	return itsme.Identity{
		UserID: "QC1JJ6AgPTnDWTP3p6p3S1kMzPkLCVN41vzfaTxw", GivenName: "Lucas", FamilyName: "Maes", FullName: "Lucas Maes",
		Gender: "male", Birthdate: "1974-01-31", Locale: "nl", PhoneNumber: "+32471234567", EmailAddress: "lucas.maes@example.com",
		Address: itsme.Address{StreetAddress: "Rue Neuve 1", PostalCode: "1000", City: "Bruxelles", CountryCode: "BE"},
	}
}

func start() itsme.Start {
	return itsme.Start{
		Service: itsme.Register, Scopes: []itsme.Scope{itsme.ScopeProfile, itsme.ScopeAddress},
		Locale: "nl", RedirectURL: redirectURL, PhoneNumber: phoneNumber,
	}
}

// newClient makes a client; change, which may be nil, adapts its configuration.
func newClient(t testing.TB, change func(*itsme.Config)) *itsme.Client {
	t.Helper()
	config := itsme.Config{BaseURL: "http://127.0.0.1:9/", Token: merchantToken, Timeout: 5 * time.Second}
	if change != nil {
		change(&config)
	}
	client, err := itsme.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// at points a configuration at a handler on loopback.
func at(t *testing.T, handler http.HandlerFunc) func(*itsme.Config) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return func(c *itsme.Config) { c.BaseURL = server.URL }
}

// roundTrip is a transport that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// saying answers every request with a status and a body.
func saying(status int, body string) func(*itsme.Config) {
	return func(c *itsme.Config) {
		c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})
	}
}
