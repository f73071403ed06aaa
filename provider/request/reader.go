package request

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
)

// Reader reads authorization requests, and checks them.
type Reader struct {
	issuer   string
	clients  *client.Registry
	idTokens *grant.IDTokens
	fetcher  Fetcher // may be nil where no client has request_uris
	fetches  budget
	pushes   *Pushes
	now      func() time.Time
	checks   []check
}

// Fetcher reaches what clients publish. *remote.Client is one.
type Fetcher interface {
	Fetch(ctx context.Context, address, accept string, limit int64) (body []byte, header http.Header, err error)
}

// NewReader makes a reader of the requests to an issuer.
func NewReader(issuer string, clients *client.Registry, idTokens *grant.IDTokens, fetcher Fetcher, pushes *Pushes, now func() time.Time) *Reader {
	r := &Reader{issuer: issuer, clients: clients, idTokens: idTokens, fetcher: fetcher, fetches: budget{busy: map[string]int{}}, pushes: pushes, now: now}
	r.checks = r.inOrder()
	return r
}

// Asking is an authorization request on its way through the checks, and what
// they have found out.
type Asking struct {
	Parameters url.Values // as sent; then those of what they point to
	accept     string     // Accept-Language
	Source     Source
	Pushed     *Pushed // where the request was pushed before
	Kin        string  // id of what was there before the login: the pushed request, or the login of an earlier page

	Client  *client.Client
	Request Request
	Locale  string
	prompts []string      // prompt
	MaxAge  time.Duration // max_age; negative: not asked for
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
	rule func(context.Context, *Asking) *oauth.Error
}

// pure makes a rule of one that needs nothing but the request.
func pure(rule func(*Asking) *oauth.Error) func(context.Context, *Asking) *oauth.Error {
	return func(_ context.Context, a *Asking) *oauth.Error { return rule(a) }
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
		{"lengths", pure(checkLengths)},
		{"response type", pure(checkResponseType)},
		{"way of the request", pure(checkWay)},
		{"nonce", pure(checkNonce)},
		{"scope", checkScope},
		{"code challenge", pure(checkCodeChallenge)},
		{"dpop_jkt", pure(checkDPoPKey)},
		{"max_age", pure(checkMaxAge)},
		{"prompt", pure(checkPrompt)},
		{"claims and acr_values", pure(checkClaims)},
		{"id_token_hint", pure(r.checkIDTokenHint)},
		{"login hint", pure(checkLoginHint)},
	}
}

// Read runs the checks. Its errors know whom to tell: each is an [oauth.Error].
func (r *Reader) Read(ctx context.Context, parameters url.Values, from Source, accept string) (*Asking, error) {
	a := &Asking{Parameters: parameters, Source: from, accept: accept, MaxAge: -1}
	for _, c := range r.checks {
		e := c.rule(ctx, a)
		if e == nil {
			continue
		}
		if a.Client != nil {
			e.App, e.Locale = a.Client.App(), a.Locale
		}
		if a.safe {
			e.Back = &a.Request.Back
		}
		return a, e
	}
	return a, nil
}

// SpeakIn has the login speak the language that the person has chosen on a page of
// ours; empty: they have chosen none.
func (a *Asking) SpeakIn(locale string) {
	if locale != "" {
		a.Locale, a.Request.Locale = locale, locale
	}
}

// ToPerson is an error that the person is told, by the application's name.
func (a *Asking) ToPerson(err error) *oauth.Error {
	return oauth.ToPerson(err, a.Client.App(), a.Locale)
}

// ToClient sends whatever went wrong back to the client.
func (a *Asking) ToClient(err error) *oauth.Error {
	e := a.ToPerson(err)
	e.Back = &a.Request.Back
	return e
}

// Get is a parameter; empty where it is missing.
func (a *Asking) Get(name string) string { return a.Parameters.Get(name) }

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
func checkRepeated(a *Asking) *oauth.Error {
	for _, name := range Parameters() {
		if len(a.Parameters[name]) > 1 {
			return oauth.BadRequest("The parameter " + name + " is repeated.")
		}
	}
	return nil
}

func (r *Reader) checkClient(a *Asking) *oauth.Error {
	id := a.Get("client_id")
	if id == "" {
		return oauth.BadRequest("The parameter client_id is missing.")
	}
	client, ok := r.clients.Find(id)
	if !ok {
		return oauth.Fail(http.StatusBadRequest, oauth.UnauthorizedClient, "No client is registered under this client_id.").Of(oauth.UnknownClient).
			Because(edge.Asked("client_id", edge.ShownWord(id)))
	}
	a.Client = client
	a.Locale = pages.Locale(a.Get("ui_locales"), client.Locale, a.accept)
	return nil
}

// checkRedirectURI: RFC 9700 §2.1, OpenID Connect Core §3.1.2.1.
func checkRedirectURI(a *Asking) *oauth.Error {
	uri := a.Get("redirect_uri")
	if uri == "" {
		return oauth.BadRequest("The parameter redirect_uri is missing.")
	}
	if !a.Client.MayRedirectTo(uri) {
		return oauth.BadRequest(notRegistered(a.Client)).Of(oauth.ForeignRedirect).Because(edge.Asked("redirect_uri", edge.ShownURL(uri)))
	}
	a.Request.Back = oauth.Back{RedirectURI: uri, ResponseMode: "query", Locale: a.Locale, WithoutIssuer: a.Client.WithoutIssuer}
	if state := a.Get("state"); len(state) <= edge.MaxState && isVSCHAR(state) { // no other goes back
		a.Request.State = state
	}
	a.safe = true
	return nil
}

func notRegistered(c *client.Client) string {
	const exactly = "The redirect_uri is not registered for this client. It must be the same, character by character"
	if c.IsPublic() && slices.ContainsFunc(c.RedirectURIs, client.IsOnAnyPort) {
		return exactly + "; only the port of a loopback address may differ."
	}
	return exactly + "."
}

// checkWay: some clients' entries say how their requests must come, and nobody
// registers by a request (OpenID Connect Core §3.1.2.6, §7.2.1).
func checkWay(a *Asking) *oauth.Error {
	switch {
	case a.Get("registration") != "":
		return oauth.Fail(http.StatusBadRequest, "registration_not_supported", "The parameter registration is not supported.")
	case a.Client.MustPush() && a.Source.Pushed == "":
		return oauth.BadRequest("This client must push its authorization requests to the pushed_authorization_request_endpoint.")
	case a.Client.RequireSigned && !a.Source.Signed:
		return oauth.BadRequest("This client must send its authorization requests as signed request objects.")
	}
	return nil
}

// checkNonce: OpenID Connect Core §3.2.2.1 and §3.3.2.11.
func checkNonce(a *Asking) *oauth.Error {
	a.Request.Nonce = a.Get("nonce")
	if a.Request.Nonce == "" && a.Request.WantsIDToken() {
		return oauth.BadRequest("The parameter nonce is missing; an ID token in the response must have one.")
	}
	return nil
}

// checkScope: openid is needed, unknown scopes are ignored, and the rest is
// what the client may have (RFC 6749 §3.3, OpenID Connect Core §3.1.2.1).
func checkScope(ctx context.Context, a *Asking) *oauth.Error {
	q := &a.Request
	q.Asked = a.Get("scope")
	q.Service = a.Client.Service
	words := strings.Fields(q.Asked)
	q.Scopes = make([]string, 0, len(words))
	var denied []string
	for _, scope := range words {
		switch {
		case scope == "service:register":
			q.Service = itsme.Register
		case !slices.Contains(client.Scopes(), scope) || !a.Client.MayAsk(scope):
			denied = append(denied, scope)
		case !q.allows(scope):
			q.Scopes = append(q.Scopes, scope)
		}
	}
	if len(denied) > 0 {
		edge.EventOf(ctx).Add(slog.Any("scopes_not_granted", edge.ShownWords(denied)))
	}
	if !q.allows("openid") {
		return oauth.BadScope("The scope does not contain openid.")
	}
	return nil
}

// checkCodeChallenge: RFC 7636 §4.2 and §4.4.1, S256 alone. Where a client's
// entry says so, a nonce protects the code instead, or nothing does (RFC 9700 §2.1.1).
func checkCodeChallenge(a *Asking) *oauth.Error {
	challenge, method := a.Get("code_challenge"), a.Get("code_challenge_method")
	switch {
	case challenge == "" && method != "":
		return oauth.BadRequest("There is a code_challenge_method without a code_challenge.")
	case challenge == "" && !a.Request.WantsCode():
		return nil // there is nothing to protect
	case challenge == "" && a.Client.PKCE == client.PKCERequired:
		return oauth.BadRequest("The parameter code_challenge is missing; this client must use PKCE with S256.")
	case challenge == "" && a.Client.PKCE == client.PKCEOrNonce && a.Request.Nonce == "":
		return oauth.BadRequest("Without PKCE, the parameter nonce is required.")
	case challenge == "":
		return nil
	case method != "S256":
		return oauth.BadRequest("The code_challenge_method is not S256.")
	case !isHash(challenge):
		return oauth.BadRequest("The code_challenge is not the base64url encoding of a SHA-256 hash.")
	}
	a.Request.CodeChallenge = challenge
	return nil
}

const base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// checkDPoPKey: RFC 9449 §10.
func checkDPoPKey(a *Asking) *oauth.Error {
	a.Request.DPoPKey = a.Get("dpop_jkt")
	if a.Request.DPoPKey != "" && !isHash(a.Request.DPoPKey) {
		return oauth.BadRequest("The dpop_jkt is not the base64url encoding of a SHA-256 thumbprint.")
	}
	return nil
}

// isHash reports whether s has the form of a SHA-256 hash in base64url.
func isHash(s string) bool { return len(s) == 43 && strings.Trim(s, base64URL) == "" }

// checkMaxAge: whether a session is young enough is seen later; a fresh
// approval in the app is younger than any max_age. What is longer than can be
// counted is as long as can be.
func checkMaxAge(a *Asking) *oauth.Error {
	age := a.Get("max_age")
	if age == "" {
		return nil
	}
	if strings.Trim(age, "0123456789") != "" {
		return oauth.BadRequest("The max_age is not a number of seconds.")
	}
	const longest = uint64(math.MaxInt64 / time.Second)
	seconds, err := strconv.ParseUint(age, 10, 64)
	if err != nil || seconds > longest {
		seconds = longest
	}
	a.MaxAge = time.Duration(seconds) * time.Second //nolint:gosec // G115: not more than the longest
	return nil
}

// checkPrompt: OpenID Connect Core §3.1.2.1, Initiating User Registration §4.
// Whether none can succeed is seen later.
func checkPrompt(a *Asking) *oauth.Error {
	a.prompts = strings.Fields(a.Get("prompt"))
	if a.Prompted("none") && len(a.prompts) > 1 {
		return oauth.BadRequest("The prompt none goes with no other.")
	}
	if a.Prompted("create") {
		a.Request.Service = itsme.Register
	}
	return nil
}

// Prompted reports whether the request asks for a prompt.
func (a *Asking) Prompted(prompt string) bool { return slices.Contains(a.prompts, prompt) }

// checkLoginHint takes a phone number from the hint, and anything else as no hint at all.
func checkLoginHint(a *Asking) *oauth.Error {
	a.Request.PhoneNumber = phoneNumber(a.Get("login_hint"))
	return nil
}

// checkIDTokenHint: nobody else than the person whom the hint names will do. One
// whose key is not published any more names nobody: it is as if it were not there,
// unless nobody shall be asked who it is.
func (r *Reader) checkIDTokenHint(a *Asking) *oauth.Error {
	token := a.Get("id_token_hint")
	if token == "" {
		return nil
	}
	if r.idTokens.Outlived(token, a.Client.ID) {
		if a.Prompted("none") {
			return oauth.Fail(http.StatusBadRequest, oauth.LoginRequired, "The id_token_hint was signed by a key that is not published any more.")
		}
		return nil
	}
	h, ok := r.idTokens.Hint(token)
	if !ok || h.Audience != a.Client.ID {
		return oauth.BadRequest("The id_token_hint is not an ID token that this client has from here.").Of(oauth.ForgedHint)
	}
	if a.Request.Subject != "" && a.Request.Subject != h.Subject {
		return oauth.BadRequest("The id_token_hint and the sub in claims name two subjects.")
	}
	a.Request.Subject = h.Subject
	return nil
}
