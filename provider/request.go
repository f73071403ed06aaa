package provider

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/pages"
)

// asking is an authorization request on its way through the checks.
type asking struct {
	parameters url.Values
	accept     string // Accept-Language

	client  *Client
	request Request
	locale  string
	safe    bool // the redirect URI is the client's own: from here on errors go there
}

// check is one rule for authorization requests.
type check struct {
	name string
	rule func(*Provider, *asking) *Error
}

// checks is what an authorization request must pass. The order is security:
// before the redirect URI is known to be the client's, an error is a page;
// after that it goes back to the client, in the response mode that it asked for.
func checks() []check {
	return []check{
		{"repeated parameters", checkRepeated},
		{"client", checkClient},
		{"redirect uri", checkRedirectURI},
		// from here on errors go to the client
		{"response mode", checkResponseMode},
		{"response type", checkResponseType},
		{"request objects", checkRequestObjects},
		{"lengths", checkLengths},
		{"scope", checkScope},
		{"code challenge", checkCodeChallenge},
		{"max_age", checkMaxAge},
		{"prompt", checkPrompt},
		{"login hint", checkLoginHint},
	}
}

// ask runs the checks. A *Error in it knows whom to tell.
func (p *Provider) ask(parameters url.Values, accept string) (*asking, error) {
	a := &asking{parameters: parameters, accept: accept}
	for _, c := range checks() {
		e := c.rule(p, a)
		if e == nil {
			continue
		}
		if a.client != nil {
			e.terms, e.tongue = &a.client.Terms, a.locale
		}
		if a.safe {
			e.back = &a.request
		}
		return a, e
	}
	return a, nil
}

func (a *asking) get(name string) string { return a.parameters.Get(name) }

// known are the parameters that mean something here. Others are ignored, also
// when they are repeated, as RFC 6749 §3.1 wants (RFC 8707 repeats its own).
func known() []string {
	return []string{
		"client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge",
		"code_challenge_method", "prompt", "max_age", "ui_locales", "login_hint", "acr_values", "claims", "display",
		"id_token_hint", "request", "request_uri", "registration", "dpop_jkt",
	}
}

// checkRepeated: RFC 6749 §3.1, a parameter must not be included more than once.
func checkRepeated(_ *Provider, a *asking) *Error {
	for _, name := range known() {
		if len(a.parameters[name]) > 1 {
			return badRequest("The parameter " + name + " is repeated.")
		}
	}
	return nil
}

func checkClient(p *Provider, a *asking) *Error {
	id := a.get("client_id")
	if id == "" {
		return badRequest("The parameter client_id is missing.")
	}
	client, ok := p.client(id)
	if !ok {
		return fail(http.StatusBadRequest, "unauthorized_client", "No client is registered under this client_id.")
	}
	a.client = client
	a.locale = pages.Locale(a.get("ui_locales"), client.Locale, a.accept)
	return nil
}

// checkRedirectURI: compared character by character (RFC 9700 §2.1, OpenID Connect Core §3.1.2.1).
func checkRedirectURI(_ *Provider, a *asking) *Error {
	uri := a.get("redirect_uri")
	if uri == "" {
		return badRequest("The parameter redirect_uri is missing.")
	}
	if !slices.Contains(a.client.RedirectURIs, uri) {
		return badRequest("The redirect_uri is not registered for this client. It must be the same, character by character.")
	}
	a.request = Request{RedirectURI: uri, ResponseMode: "query", State: a.get("state"), Locale: a.locale}
	a.safe = true
	return nil
}

// checkResponseMode: OAuth 2.0 Multiple Response Type Encoding Practices §2.1,
// OAuth 2.0 Form Post Response Mode. It comes first of all that is told to the
// client, since it says how to tell.
func checkResponseMode(_ *Provider, a *asking) *Error {
	front := slices.ContainsFunc(strings.Fields(a.get("response_type")), func(t string) bool { return t != "code" })
	if front {
		a.request.ResponseMode = "fragment"
	}
	switch mode := a.get("response_mode"); {
	case mode == "":
		return nil
	case mode == "query" && front:
		return badRequest("The response_mode query is only for the response_type code.")
	case mode == "query" || mode == "fragment" || mode == "form_post":
		a.request.ResponseMode = mode
		return nil
	default:
		return badRequest("The response_mode is none of query, fragment and form_post.")
	}
}

// checkResponseType: RFC 6749 §4.1.1. No token ever leaves this endpoint (RFC 9700 §2.1.2).
func checkResponseType(_ *Provider, a *asking) *Error {
	switch a.get("response_type") {
	case "code":
		return nil
	case "":
		return badRequest("The parameter response_type is missing.")
	default:
		return fail(http.StatusBadRequest, "unsupported_response_type", "The response_type is not supported; use code.")
	}
}

// checkRequestObjects: OpenID Connect Core §3.1.2.6.
func checkRequestObjects(_ *Provider, a *asking) *Error {
	for _, c := range []struct{ parameter, code string }{
		{"request", "request_not_supported"},
		{"request_uri", "request_uri_not_supported"},
		{"registration", "registration_not_supported"},
	} {
		if a.parameters.Has(c.parameter) {
			return fail(http.StatusBadRequest, c.code, "The parameter "+c.parameter+" is not supported.")
		}
	}
	return nil
}

// MaxParameter is the most bytes of a state, nonce or scope. They travel with
// the login, so they are bounded.
const MaxParameter = 2048

// checkLengths also holds them to VSCHAR (RFC 6749 appendix A.5): state must
// come back exactly, and what cannot be kept exactly is refused at once.
func checkLengths(_ *Provider, a *asking) *Error {
	for _, name := range []string{"state", "nonce", "scope"} {
		if len(a.get(name)) > MaxParameter {
			if name == "state" {
				a.request.State = "" // what is refused for its length is not sent back
			}
			return badRequest("The parameter " + name + " is longer than " + strconv.Itoa(MaxParameter) + " bytes.")
		}
		if strings.ContainsFunc(a.get(name), func(r rune) bool { return r < ' ' || r > '~' }) {
			if name == "state" {
				a.request.State = ""
			}
			return badRequest("The parameter " + name + " holds a character outside of RFC 6749 appendix A.")
		}
	}
	a.request.Nonce = a.get("nonce")
	return nil
}

// checkScope: openid is needed, unknown scopes are ignored, and the rest is
// what the client may have (RFC 6749 §3.3, OpenID Connect Core §3.1.2.1).
func checkScope(_ *Provider, a *asking) *Error {
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
		return fail(http.StatusBadRequest, "invalid_scope", "The scope does not contain openid.")
	}
	return nil
}

// checkCodeChallenge: RFC 7636 §4.2 and §4.4.1, S256 alone. Where a client's
// entry makes PKCE optional, the nonce protects the code instead (RFC 9700 §2.1.1).
func checkCodeChallenge(_ *Provider, a *asking) *Error {
	challenge, method := a.get("code_challenge"), a.get("code_challenge_method")
	switch {
	case challenge == "" && method != "":
		return badRequest("There is a code_challenge_method without a code_challenge.")
	case challenge == "" && !a.client.PKCEOptional:
		return badRequest("The parameter code_challenge is missing; this client must use PKCE with S256.")
	case challenge == "" && a.request.Nonce == "":
		return badRequest("Without PKCE, the parameter nonce is required.")
	case challenge == "":
		return nil
	case method != "S256":
		return badRequest("The code_challenge_method is not S256.")
	case len(challenge) != 43 || strings.Trim(challenge, base64URL) != "":
		return badRequest("The code_challenge is not the base64url encoding of a SHA-256 hash.")
	}
	a.request.CodeChallenge = challenge
	return nil
}

const base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// checkMaxAge: every login is a fresh approval in the app, younger than any max_age.
func checkMaxAge(_ *Provider, a *asking) *Error {
	if age := a.get("max_age"); age != "" {
		if _, err := strconv.ParseUint(age, 10, 31); err != nil {
			return badRequest("The max_age is not a number of seconds.")
		}
	}
	return nil
}

// checkPrompt: OpenID Connect Core §3.1.2.1, Initiating User Registration §4.
// There is no session, so none cannot succeed, and the others ask for what
// happens anyway.
func checkPrompt(_ *Provider, a *asking) *Error {
	prompts := strings.Fields(a.get("prompt"))
	if slices.Contains(prompts, "none") {
		if len(prompts) > 1 {
			return badRequest("The prompt none goes with no other.")
		}
		return fail(http.StatusBadRequest, "login_required", "The person must approve the login in the itsme app.")
	}
	if slices.Contains(prompts, "create") {
		a.request.Service = itsme.Register
	}
	return nil
}

// checkLoginHint takes a phone number from the hint, and anything else as no hint at all.
func checkLoginHint(_ *Provider, a *asking) *Error {
	a.request.PhoneNumber = phoneNumber(a.get("login_hint"))
	return nil
}
