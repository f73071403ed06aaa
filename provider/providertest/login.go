package providertest

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// Verifier is the code_verifier of every test's request.
const Verifier = "a-verifier-that-is-long-enough-for-rfc-7636-and-more"

// Challenge is its S256 code_challenge.
func Challenge() string {
	sum := sha256.Sum256([]byte(Verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Request is an authorization request with which nothing is wrong.
func Request(change func(url.Values)) url.Values {
	parameters := url.Values{
		"client_id": {App}, "redirect_uri": {Callback}, "response_type": {"code"},
		"scope": {"openid profile email phone address"}, "state": {"a state"}, "nonce": {"a nonce"},
		"code_challenge": {Challenge()}, "code_challenge_method": {"S256"},
	}
	if change != nil {
		change(parameters)
	}
	return parameters
}

// Authorize begins a login in this browser.
func (b *Browser) Authorize(change func(url.Values)) *Answer {
	b.s.T.Helper()
	return b.Get(b.s.Issuer + "/authorize?" + Request(change).Encode())
}

// Begin begins a login in this browser and fails the test unless it leads to
// itsme. It returns the URL by which itsme will send the browser back.
func (b *Browser) Begin(change func(url.Values)) string {
	b.s.T.Helper()
	answer := b.Authorize(change)
	if !strings.HasPrefix(answer.Leads(), b.s.Sandbox.URL) {
		b.s.T.Fatalf("the login does not lead to itsme: %d %q\n%s", answer.Status, answer.Leads(), answer.Body)
	}
	return b.s.ReturnURL()
}

// ReturnURL is where CM sends the browser after its latest transaction.
func (s *Server) ReturnURL() string {
	s.T.Helper()
	last, ok := s.Sandbox.Last()
	if !ok {
		s.T.Fatal("CM has seen no transaction")
	}
	return last.RedirectURL
}

// Approve approves the latest transaction in the app.
func (s *Server) Approve() {
	s.T.Helper()
	if err := s.Sandbox.Approve("", ""); err != nil {
		s.T.Fatal(err)
	}
}

// Login goes the whole way of a login, in a browser of its own, and returns the
// authorization response.
func (s *Server) Login(change func(url.Values)) url.Values {
	s.T.Helper()
	b := s.Browser()
	back := b.Begin(change)
	s.Approve()
	return s.Response(b.Get(back))
}

// Response reads an authorization response out of a redirect, in the query or the fragment.
func (s *Server) Response(a *Answer) url.Values {
	s.T.Helper()
	to, err := url.Parse(a.Leads())
	if err != nil || to.Host == "" {
		s.T.Fatalf("no authorization response: %d %q\n%s", a.Status, a.Leads(), a.Body)
	}
	if to.Fragment != "" {
		fields, _ := url.ParseQuery(to.EscapedFragment())
		return fields
	}
	return to.Query()
}

// Exchange sends a code to the token endpoint, as App.
func (s *Server) Exchange(code string, change func(url.Values)) *Answer {
	s.T.Helper()
	answer, err := s.TryExchange(code, change)
	if err != nil {
		s.T.Fatal(err)
	}
	return answer
}

// TryExchange is Exchange for many goroutines at once.
func (s *Server) TryExchange(code string, change func(url.Values)) (*Answer, error) {
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {Callback}, "code_verifier": {Verifier},
	}
	if change != nil {
		change(form)
	}
	return s.Call("/token", form, func(r *http.Request) { r.SetBasicAuth(App, AppSecret) })
}

// UserInfo asks the userinfo endpoint.
func (s *Server) UserInfo(accessToken string) *Answer {
	s.T.Helper()
	answer, err := s.Call("/userinfo", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+accessToken) })
	if err != nil {
		s.T.Fatal(err)
	}
	return answer
}

// Call sends a request as a client does: a POST if there is a form.
func (s *Server) Call(path string, form url.Values, change func(*http.Request)) (*Answer, error) {
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(s.T.Context(), method, s.Issuer+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if change != nil {
		change(r)
	}
	return answerOf(http.DefaultTransport.RoundTrip(r))
}
