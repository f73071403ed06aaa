//go:build products

package e2e

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest"
)

// Player plays a product that cannot run here, as its documentation describes it.
// Its settings are those that the product's own file holds.
type Player struct {
	Issuer   string // iss of its ID tokens, character by character
	ClientID string
	Secret   string // neither this nor a key: it asks for an ID token alone
	Key      *Key   // with which it authenticates instead
	Redirect string
	Scopes   []string

	// Told is what its file says beside that, by the names of discovery; it must be as discovery has it.
	Told map[string]string

	Mode  string            // the response_mode that it asks for
	PKCE  bool              // S256
	Nonce bool              // it sends one, and compares it
	State string            // what its states begin with
	Also  map[string]string // what else it sends along
	Style oauth2.AuthStyle  // how it authenticates; by itself it tries Basic first, and then the body

	Algorithms []string // of ID tokens that it verifies
	Userinfo   bool     // it reads claims there, and not in the ID token
	Verified   bool     // it wants an address that is verified

	// Maps are its attributes, each with the claim that it is made of. A part of another claim stands behind a dot.
	Maps map[string]string
}

// Play logs people in, and does what else a product meets: a person who cancels, who
// comes again, who is another one, and a secret that is wrong.
func (p Player) Play(t *testing.T, w *World) {
	t.Helper()
	t.Run("finds everything", func(t *testing.T) { p.discovers(t, w) })
	t.Run("gets what it maps", func(t *testing.T) {
		p.maps(t, p.LogsIn(t, w, sandbox.Full))
	})
	t.Run("knows people again", func(t *testing.T) {
		first, again, other := p.LogsIn(t, w, sandbox.Full), p.LogsIn(t, w, sandbox.Full), p.LogsIn(t, w, sandbox.Foreign)
		if first["sub"] != again["sub"] || first["sub"] == other["sub"] {
			t.Errorf("a person is %v and then %v, and another one %v", first["sub"], again["sub"], other["sub"])
		}
	})
	t.Run("is told of a cancel", func(t *testing.T) { p.cancelled(t, w) })
	if p.PKCE || p.Nonce {
		t.Run("sends no more than the entry asks for", func(t *testing.T) { p.bare(t, w) })
	}
	if !p.front() {
		t.Run("is refused with another secret", func(t *testing.T) { p.wrongSecret(t, w) })
	}
}

func (p Player) front() bool { return p.Secret == "" && p.Key == nil }

// discovers: what its file says is so, and it can do what discovery says.
func (p Player) discovers(t *testing.T, w *World) {
	t.Helper()
	var d struct {
		Modes     []string `json:"response_modes_supported"`
		Types     []string `json:"response_types_supported"`
		Methods   []string `json:"token_endpoint_auth_methods_supported"`
		Subjects  []string `json:"subject_types_supported"`
		Challenge []string `json:"code_challenge_methods_supported"`
	}
	all := map[string]any{}
	provider := p.provider(t)
	if err := errors.Join(provider.Claims(&d), provider.Claims(&all)); err != nil {
		t.Fatal(err)
	}
	for name, told := range p.Told {
		if all[name] != told {
			t.Errorf("it is told that %s is %s, and discovery says %v", name, told, all[name])
		}
	}
	for name, ok := range map[string]bool{
		"response_modes_supported":              p.Mode == "" || slices.Contains(d.Modes, p.Mode),
		"response_types_supported":              slices.Contains(d.Types, p.responseType()),
		"token_endpoint_auth_methods_supported": p.front() || len(d.Methods) > 0,
		"subject_types_supported":               len(d.Subjects) > 0,
		"code_challenge_methods_supported":      !p.PKCE || slices.Contains(d.Challenge, "S256"),
	} {
		if !ok {
			t.Errorf("discovery's %s is not what it needs: %v", name, all[name])
		}
	}
	if p.Issuer != w.Issuer {
		t.Errorf("its issuer is %q, and the bridge is %q", p.Issuer, w.Issuer)
	}
}

func (p Player) provider(t *testing.T) *oidc.Provider {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), p.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

func (p Player) responseType() string {
	if p.front() {
		return "id_token"
	}
	return "code"
}

// attempt is one login.
type attempt struct {
	state, nonce, verifier string
}

func (p Player) begin() attempt {
	a := attempt{state: p.State + oauth2.GenerateVerifier()}
	if p.Nonce {
		a.nonce = oauth2.GenerateVerifier()
	}
	if p.PKCE {
		a.verifier = oauth2.GenerateVerifier()
	}
	return a
}

func (p Player) config(t *testing.T) *oauth2.Config {
	t.Helper()
	endpoint := p.provider(t).Endpoint()
	endpoint.AuthStyle = p.Style
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, RedirectURL: p.Redirect, Scopes: p.Scopes, Endpoint: endpoint}
}

// request is the authorization request.
func (p Player) request(t *testing.T, a attempt) string {
	t.Helper()
	options := []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("response_type", p.responseType())}
	if p.Mode != "" {
		options = append(options, oauth2.SetAuthURLParam("response_mode", p.Mode))
	}
	if a.nonce != "" {
		options = append(options, oidc.Nonce(a.nonce))
	}
	if a.verifier != "" {
		options = append(options, oauth2.S256ChallengeOption(a.verifier))
	}
	for name, value := range p.Also {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	return p.config(t).AuthCodeURL(a.state, options...)
}

// response is what comes back to its redirect URI, and the way by which it does.
func (p Player) response(t *testing.T, answer *providertest.Answer, a attempt) url.Values {
	t.Helper()
	to, fields, ok := answer.Form(p.Redirect)
	mode := "form_post"
	if !ok || to != p.Redirect {
		u, err := url.Parse(answer.Leads())
		if err != nil || u.Scheme+"://"+u.Host+u.Path != p.Redirect {
			t.Fatalf("nothing comes back to %s: %d %q\n%s", p.Redirect, answer.Status, answer.Leads(), answer.Body)
		}
		mode, fields = "query", u.Query()
		if u.Fragment != "" {
			mode = "fragment"
			fields, _ = url.ParseQuery(u.EscapedFragment())
		}
	}
	want := p.Mode
	switch {
	case want == "" && p.front():
		want = "fragment"
	case want == "":
		want = "query"
	}
	if mode != want {
		t.Errorf("the answer comes by %s, and it reads %s", mode, want)
	}
	if fields.Get("state") != a.state {
		t.Errorf("the state is %q, want %q", fields.Get("state"), a.state)
	}
	if iss := fields.Get("iss"); iss != "" && iss != p.Issuer {
		t.Errorf("the answer is from %q", iss)
	}
	return fields
}

// LogsIn is the login of a persona, to the claims that the product reads.
func (p Player) LogsIn(t *testing.T, w *World, persona string) map[string]any {
	t.Helper()
	a := p.begin()
	fields := p.response(t, w.person(t).decide(p.request(t, a), itsme.Success, persona), a)
	raw, token := fields.Get("id_token"), (*oauth2.Token)(nil)
	if !p.front() {
		var err error
		if token, err = p.exchange(t, fields.Get("code"), a); err != nil {
			t.Fatalf("the code is not taken: %v\n%v", err, fields)
		}
		raw, _ = token.Extra("id_token").(string)
	}
	verified, err := p.provider(t).Verifier(&oidc.Config{ClientID: p.ClientID, SupportedSigningAlgs: p.Algorithms}).Verify(t.Context(), raw)
	if err != nil {
		t.Fatalf("the ID token: %v", err)
	}
	if verified.Nonce != a.nonce {
		t.Errorf("the nonce is %q, want %q", verified.Nonce, a.nonce)
	}
	claims := map[string]any{}
	if err := verified.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if !p.Userinfo {
		return claims
	}
	info, err := p.provider(t).UserInfo(t.Context(), oauth2.StaticTokenSource(token))
	if err != nil {
		t.Fatal(err)
	}
	if info.Subject != verified.Subject {
		t.Errorf("userinfo is about %q, and the ID token about %q", info.Subject, verified.Subject)
	}
	claims = map[string]any{}
	if err := info.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func (p Player) exchange(t *testing.T, code string, a attempt) (*oauth2.Token, error) {
	t.Helper()
	config := p.config(t)
	var options []oauth2.AuthCodeOption
	if p.Key != nil {
		options = append(options,
			oauth2.SetAuthURLParam("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
			oauth2.SetAuthURLParam("client_assertion", p.Key.assertion(t, p.ClientID, config.Endpoint.TokenURL)))
	}
	if a.verifier != "" {
		options = append(options, oauth2.VerifierOption(a.verifier))
	}
	return config.Exchange(t.Context(), code, options...)
}

// maps: each attribute has what itsme says of the person.
func (p Player) maps(t *testing.T, got map[string]any) {
	t.Helper()
	if len(p.Maps) == 0 {
		t.Fatal("it maps nothing: was its file read?")
	}
	person := told(p.Issuer)
	for _, attribute := range slices.Sorted(maps.Keys(p.Maps)) {
		claim := p.Maps[attribute]
		value := part(got, claim)
		want, known := person[claim]
		switch {
		case !known:
			t.Errorf("%s is made of %s, which is no claim of ours", attribute, claim)
		case value == nil || value == "" || want != nil && value != want:
			t.Errorf("%s is made of %s, which is %v, want %v", attribute, claim, value, want)
		}
	}
	if p.Verified && got["email_verified"] != true {
		t.Errorf("email_verified is %v", got["email_verified"])
	}
}

// told is what the bridge tells of the persona that has everything; nil for what may be anything.
func told(issuer string) map[string]any {
	var who itsme.Identity
	for _, persona := range sandbox.Personas() {
		if persona.Name == sandbox.Full {
			who = persona.Identity
		}
	}
	return map[string]any{
		"sub": nil, "iss": issuer, "name": who.FullName, "given_name": who.GivenName, "family_name": who.FamilyName,
		"gender": who.Gender, "birthdate": who.Birthdate, "locale": who.Locale,
		"email": who.EmailAddress, "email_verified": nil, "phone_number": who.PhoneNumber, "phone_number_verified": nil,
		"street_address": who.Address.StreetAddress, "postal_code": who.Address.PostalCode,
		"locality": who.Address.City, "country": who.Address.CountryCode,
		"address": nil, "address.street_address": who.Address.StreetAddress,
	}
}

// part is a claim, or a part of one.
func part(claims map[string]any, name string) any {
	whole, inner, ok := strings.Cut(name, ".")
	if !ok {
		return claims[name]
	}
	object, _ := claims[whole].(map[string]any)
	return object[inner]
}

// cancelled: it is told of it, once the person leaves the bridge's page, and nothing else is started.
func (p Player) cancelled(t *testing.T, w *World) {
	t.Helper()
	before := len(w.Transactions())
	a, person := p.begin(), w.person(t)
	page := person.decide(p.request(t, a), itsme.Cancelled, "")
	fields := p.response(t, person.leave(page), a)
	if fields.Get("error") != "access_denied" || fields.Get("error_description") == "" || fields.Has("code") || fields.Has("id_token") {
		t.Errorf("it is told %v", fields)
	}
	if started := len(w.Transactions()) - before; started != 1 {
		t.Errorf("%d transactions", started)
	}
}

// bare: with a request that nothing binds to a login, the entry lets nobody begin. So
// what it asks for is what the product sends, neither more nor less.
func (p Player) bare(t *testing.T, w *World) {
	t.Helper()
	before := len(w.Transactions())
	a := attempt{state: p.State + oauth2.GenerateVerifier()}
	fields := p.response(t, w.person(t).open(p.request(t, a)), a)
	if fields.Get("error") != "invalid_request" || len(w.Transactions()) != before {
		t.Errorf("it is told %v, after %d transactions", fields, len(w.Transactions())-before)
	}
}

func (p Player) wrongSecret(t *testing.T, w *World) {
	t.Helper()
	a := p.begin()
	fields := p.response(t, w.person(t).decide(p.request(t, a), itsme.Success, ""), a)
	other := p
	if p.Key != nil {
		other.Key = NewKey(t)
	} else {
		other.Secret += "x"
	}
	_, err := other.exchange(t, fields.Get("code"), a)
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok || refused.ErrorCode != "invalid_client" || refused.Response.StatusCode != http.StatusUnauthorized {
		t.Errorf("the answer is %v", err)
	}
	if _, err := p.exchange(t, fields.Get("code"), a); err != nil {
		t.Errorf("and then with the right one: %v", err)
	}
}
