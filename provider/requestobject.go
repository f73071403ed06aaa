package provider

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/signed"
)

// resolveRequest puts what request or request_uri stands for in the place of
// the parameters (RFC 9101, RFC 9126). From then on nothing else of what was
// sent counts.
//
// Where that fails, the redirect URI beside it may still be the client's: then
// the client is told.
func (r *Reader) resolveRequest(ctx context.Context, a *Asking) *Error {
	if e := r.resolveObject(ctx, a); e != nil {
		if checkRedirectURI(a) == nil {
			_ = checkResponseMode(a) // it only has to say how
		}
		return e
	}
	a.locale = pages.Locale(a.get("ui_locales"), a.client.Locale, a.accept)
	return nil
}

func (r *Reader) resolveObject(ctx context.Context, a *Asking) *Error {
	uri := a.get("request_uri")
	switch {
	case uri == "" && a.get("request") == "":
		return nil
	case uri != "" && a.source.Pushed != "":
		return badRequest("The parameter request_uri must not be pushed.") // RFC 9126 §2.1
	case uri != "" && a.get("request") != "":
		return badRequest("There is a request beside the request_uri.") // RFC 9101 §5
	case uri == "":
		return r.takeSigned(ctx, a, a.get("request"))
	case strings.HasPrefix(uri, requestURIPrefix):
		return r.takePushed(ctx, a, uri)
	default:
		return r.fetchSigned(ctx, a, uri)
	}
}

// MaxRequestURI is the most bytes of a request_uri (RFC 9101 §5.2).
const MaxRequestURI = 512

// fetchSigned fetches a request object. Only from where the client's entry says:
// a stranger must not choose what we ask for.
func (r *Reader) fetchSigned(ctx context.Context, a *Asking, uri string) *Error {
	if len(a.client.RequestURIs) == 0 {
		return fail(http.StatusBadRequest, "request_uri_not_supported", "This client has no registered request_uris.")
	}
	if len(uri) > MaxRequestURI || !a.client.mayFetch(uri) {
		return badRequestURI("The request_uri is not registered for this client.")
	}
	body, _, err := r.fetcher.Fetch(ctx, uri, "application/oauth-authz-req+jwt, application/jwt", MaxBody)
	if err != nil {
		return badRequestURI("The request object cannot be fetched.").because(err)
	}
	return r.takeSigned(ctx, a, strings.TrimSpace(string(body)))
}

// takeSigned puts the parameters of a request object in the place of those
// beside it (RFC 9101 §6.3).
func (r *Reader) takeSigned(ctx context.Context, a *Asking, compact string) *Error {
	if signed.Unsigned(compact) || !a.client.Keys.there() {
		return fail(http.StatusBadRequest, "request_not_supported", "A request object must be signed, by a registered key of the client.")
	}
	token, err := signed.Parse(compact, a.client.algorithms()...)
	if err == nil && !token.IsRequest() {
		err = errors.New("provider: the typ is that of another kind of token")
	}
	if err != nil {
		return badRequestObject(err)
	}
	payload, e := r.verified(ctx, a.client, token)
	if e != nil {
		return e
	}
	parameters, err := signed.ReadRequest(payload, signed.RequestRules{
		ClientID: a.client.ID, Issuer: r.issuer, Now: r.now(), MustExpire: a.client.FAPI2,
	})
	if err != nil {
		return badRequestObject(err)
	}
	a.parameters, a.source.Signed = parameters, true
	return nil
}

// verified is the payload of a request object that the client has signed.
func (r *Reader) verified(ctx context.Context, c *Client, token *signed.Token) ([]byte, *Error) {
	keys, err := r.clients.keysOf(ctx, c, token.KeyID())
	if err != nil {
		return nil, unavailable(err)
	}
	payload, err := token.Verify(keys)
	if err != nil {
		return nil, badRequestObject(err)
	}
	return payload, nil
}

// badRequestObject is invalid_request_object of OpenID Connect Core §3.1.2.6 and RFC 9101 §7.
func badRequestObject(cause error) *Error {
	return fail(http.StatusBadRequest, "invalid_request_object", signed.Spoken(cause, "The request object is not valid.")).because(cause)
}
