package provider

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/pages"
)

// Reader reads authorization requests, and checks them.
type Reader struct {
	issuer   string
	clients  *Registry
	idTokens *IDTokens
	fetcher  Fetcher // may be nil where no client has request_uris
	pushes   *Pushes
	now      func() time.Time
	checks   []check
}

// Fetcher reaches what clients publish. *remote.Client is one.
type Fetcher interface {
	Fetch(ctx context.Context, address, accept string, limit int64) (body []byte, header http.Header, err error)
}

// newReader makes a reader of the requests to an issuer.
func newReader(issuer string, clients *Registry, idTokens *IDTokens, fetcher Fetcher, pushes *Pushes, now func() time.Time) *Reader {
	r := &Reader{issuer: issuer, clients: clients, idTokens: idTokens, fetcher: fetcher, pushes: pushes, now: now}
	r.checks = r.inOrder()
	return r
}

// Asking is an authorization request on its way through the checks, and what
// they have found out.
type Asking struct {
	parameters url.Values // as sent; then those of what they point to
	accept     string     // Accept-Language
	source     Source
	pushed     *Pushed // where the request was pushed before

	client  *Client
	request Request
	locale  string
	prompts []string      // prompt
	maxAge  time.Duration // max_age; negative: not asked for
	safe    bool          // the redirect URI is the client's own: from here on errors go there
}

// Source is how the parameters of a request have come, where that is not the
// query or form of the authorization endpoint itself.
type Source struct {
	Signed bool   `json:"signed,omitempty"` // by the client (RFC 9101)
	Pushed string `json:"pushed,omitempty"` // handle of the pushed request that they were (RFC 9126)
}

// check is one rule for authorization requests.
type check struct {
	name string
	rule func(context.Context, *Asking) *Error
}

// pure makes a rule of one that needs nothing but the request.
func pure(rule func(*Asking) *Error) func(context.Context, *Asking) *Error {
	return func(_ context.Context, a *Asking) *Error { return rule(a) }
}

// inOrder is what an authorization request must pass. The order is security:
// before the redirect URI is known to be the client's, an error is a page;
// after that it goes back to the client, in the response mode that it asked for.
func (r *Reader) inOrder() []check {
	return []check{
		{"repeated parameters", pure(checkRepeated)},
		{"client", pure(r.checkClient)},
		{"request object", r.resolveRequest},
		{"redirect uri", pure(checkRedirectURI)},
		// from here on errors go to the client
		{"response mode", pure(checkResponseMode)},
		{"response type", pure(checkResponseType)},
		{"way of the request", pure(checkWay)},
		{"lengths", pure(checkLengths)},
		{"nonce", pure(checkNonce)},
		{"scope", pure(checkScope)},
		{"code challenge", pure(checkCodeChallenge)},
		{"dpop_jkt", pure(checkDPoPKey)},
		{"max_age", pure(checkMaxAge)},
		{"prompt", pure(checkPrompt)},
		{"claims and acr_values", pure(checkClaims)},
		{"id_token_hint", pure(r.checkIDTokenHint)},
		{"login hint", pure(checkLoginHint)},
	}
}

// read runs the checks. A *Error in it knows whom to tell.
func (r *Reader) read(ctx context.Context, parameters url.Values, from Source, accept string) (*Asking, error) {
	a := &Asking{parameters: parameters, source: from, accept: accept, maxAge: -1}
	for _, c := range r.checks {
		e := c.rule(ctx, a)
		if e == nil {
			continue
		}
		if a.client != nil {
			e.App, e.Locale = a.client.App(), a.locale
		}
		if a.safe {
			e.Back = &a.request.Back
		}
		return a, e
	}
	return a, nil
}

// toPerson is an error that the person is told, by the application's name.
func (a *Asking) toPerson(err error) *Error { return toPerson(err, a.client.App(), a.locale) }

// toClient sends whatever went wrong back to the client.
func (a *Asking) toClient(err error) *Error {
	e := a.toPerson(err)
	e.Back = &a.request.Back
	return e
}

func (a *Asking) get(name string) string { return a.parameters.Get(name) }

// Parameters are those that mean something here. Others are ignored, also
// when they are repeated, as RFC 6749 §3.1 wants (RFC 8707 repeats its own).
func Parameters() []string {
	return []string{
		"client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge",
		"code_challenge_method", "prompt", "max_age", "ui_locales", "login_hint", "acr_values", "claims", "display",
		"id_token_hint", "request", "request_uri", "registration", "dpop_jkt",
	}
}

// checkRepeated: RFC 6749 §3.1, a parameter must not be included more than once.
func checkRepeated(a *Asking) *Error {
	for _, name := range Parameters() {
		if len(a.parameters[name]) > 1 {
			return badRequest("The parameter " + name + " is repeated.")
		}
	}
	return nil
}

func (r *Reader) checkClient(a *Asking) *Error {
	id := a.get("client_id")
	if id == "" {
		return badRequest("The parameter client_id is missing.")
	}
	client, ok := r.clients.find(id)
	if !ok {
		return fail(http.StatusBadRequest, UnauthorizedClient, "No client is registered under this client_id.")
	}
	a.client = client
	a.locale = pages.Locale(a.get("ui_locales"), client.Locale, a.accept)
	return nil
}

// checkRedirectURI: compared character by character (RFC 9700 §2.1, OpenID Connect Core §3.1.2.1).
func checkRedirectURI(a *Asking) *Error {
	uri := a.get("redirect_uri")
	if uri == "" {
		return badRequest("The parameter redirect_uri is missing.")
	}
	if !slices.Contains(a.client.RedirectURIs, uri) {
		return badRequest("The redirect_uri is not registered for this client. It must be the same, character by character.")
	}
	a.request.Back = Back{RedirectURI: uri, ResponseMode: "query", Locale: a.locale}
	if state := a.get("state"); len(state) <= MaxParameter && isVSCHAR(state) { // no other goes back
		a.request.State = state
	}
	a.safe = true
	return nil
}

// checkWay: some clients' entries say how their requests must come, and nobody
// registers by a request (OpenID Connect Core §3.1.2.6, §7.2.1).
func checkWay(a *Asking) *Error {
	switch {
	case a.parameters.Has("registration"):
		return fail(http.StatusBadRequest, "registration_not_supported", "The parameter registration is not supported.")
	case a.client.mustPush() && a.source.Pushed == "":
		return badRequest("This client must push its authorization requests to the pushed_authorization_request_endpoint.")
	case a.client.RequireSigned && !a.source.Signed:
		return badRequest("This client must send its authorization requests as signed request objects.")
	}
	return nil
}

// checkLengths also holds to VSCHAR what is kept as it is (RFC 6749 appendix
// A.5): state must come back exactly, and what cannot is refused at once. All of
// it must fit into the form of a "Continue" page.
func checkLengths(a *Asking) *Error {
	for _, name := range []string{"state", "nonce", "scope", "login_hint", "ui_locales", "acr_values", "prompt", "display"} {
		if len(a.get(name)) > MaxParameter {
			return badRequest("The parameter " + name + " is longer than " + strconv.Itoa(MaxParameter) + " bytes.")
		}
	}
	for _, name := range []string{"state", "nonce", "scope"} {
		if !isVSCHAR(a.get(name)) {
			return badRequest("The parameter " + name + " holds a character outside of RFC 6749 appendix A.")
		}
	}
	return nil
}

func isVSCHAR(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// checkNonce: OpenID Connect Core §3.2.2.1 and §3.3.2.11.
func checkNonce(a *Asking) *Error {
	a.request.Nonce = a.get("nonce")
	if a.request.Nonce == "" && a.request.wantsIDToken() {
		return badRequest("The parameter nonce is missing; an ID token in the response must have one.")
	}
	return nil
}

// checkScope: openid is needed, unknown scopes are ignored, and the rest is
// what the client may have (RFC 6749 §3.3, OpenID Connect Core §3.1.2.1).
func checkScope(a *Asking) *Error {
	q := &a.request
	q.Asked = a.get("scope")
	q.Service = a.client.Service
	for _, scope := range strings.Fields(q.Asked) {
		if scope == "service:register" {
			q.Service = itsme.Register
		}
		if slices.Contains(supportedScopes(), scope) && a.client.mayAsk(scope) && !q.allows(scope) {
			q.Scopes = append(q.Scopes, scope)
		}
	}
	if !q.allows("openid") {
		return badScope("The scope does not contain openid.")
	}
	return nil
}

// checkCodeChallenge: RFC 7636 §4.2 and §4.4.1, S256 alone. Where a client's
// entry makes PKCE optional, the nonce protects the code instead (RFC 9700 §2.1.1).
func checkCodeChallenge(a *Asking) *Error {
	challenge, method := a.get("code_challenge"), a.get("code_challenge_method")
	switch {
	case challenge == "" && method != "":
		return badRequest("There is a code_challenge_method without a code_challenge.")
	case challenge == "" && !a.request.wantsCode():
		return nil // there is nothing to protect
	case challenge == "" && !a.client.PKCEOptional:
		return badRequest("The parameter code_challenge is missing; this client must use PKCE with S256.")
	case challenge == "" && a.request.Nonce == "":
		return badRequest("Without PKCE, the parameter nonce is required.")
	case challenge == "":
		return nil
	case method != "S256":
		return badRequest("The code_challenge_method is not S256.")
	case !isHash(challenge):
		return badRequest("The code_challenge is not the base64url encoding of a SHA-256 hash.")
	}
	a.request.CodeChallenge = challenge
	return nil
}

const base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// checkDPoPKey: RFC 9449 §10.
func checkDPoPKey(a *Asking) *Error {
	a.request.DPoPKey = a.get("dpop_jkt")
	if a.request.DPoPKey != "" && !isHash(a.request.DPoPKey) {
		return badRequest("The dpop_jkt is not the base64url encoding of a SHA-256 thumbprint.")
	}
	return nil
}

// isHash reports whether s has the form of a SHA-256 hash in base64url.
func isHash(s string) bool { return len(s) == 43 && strings.Trim(s, base64URL) == "" }

// checkMaxAge: whether a session is young enough is seen later; a fresh
// approval in the app is younger than any max_age.
func checkMaxAge(a *Asking) *Error {
	age := a.get("max_age")
	if age == "" {
		return nil
	}
	seconds, err := strconv.ParseUint(age, 10, 31)
	if err != nil {
		return badRequest("The max_age is not a number of seconds.")
	}
	a.maxAge = time.Duration(seconds) * time.Second
	return nil
}

// checkPrompt: OpenID Connect Core §3.1.2.1, Initiating User Registration §4.
// Whether none can succeed is seen later.
func checkPrompt(a *Asking) *Error {
	a.prompts = strings.Fields(a.get("prompt"))
	if a.prompted("none") && len(a.prompts) > 1 {
		return badRequest("The prompt none goes with no other.")
	}
	if a.prompted("create") {
		a.request.Service = itsme.Register
	}
	return nil
}

// prompted reports whether the request asks for a prompt.
func (a *Asking) prompted(prompt string) bool { return slices.Contains(a.prompts, prompt) }

// checkLoginHint takes a phone number from the hint, and anything else as no hint at all.
func checkLoginHint(a *Asking) *Error {
	a.request.PhoneNumber = phoneNumber(a.get("login_hint"))
	return nil
}

// checkIDTokenHint: nobody else than the person whom the hint names will do.
func (r *Reader) checkIDTokenHint(a *Asking) *Error {
	token := a.get("id_token_hint")
	if token == "" {
		return nil
	}
	h, ok := r.idTokens.Hint(token)
	if !ok || h.Audience != a.client.ID {
		return badRequest("The id_token_hint is not an ID token that this client has from here.")
	}
	if a.request.Subject != "" && a.request.Subject != h.Subject {
		return badRequest("The id_token_hint and the sub in claims name two subjects.")
	}
	a.request.Subject = h.Subject
	return nil
}
