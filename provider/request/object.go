package request

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/signed"
)

// resolveRequest puts what request or request_uri stands for in the place of
// the parameters (RFC 9101, RFC 9126). From then on nothing else of what was
// sent counts.
//
// Where that fails, the redirect URI beside it may still be the client's: then
// the client is told.
func (r *Reader) resolveRequest(ctx context.Context, a *Asking) *oauth.Error {
	if e := r.resolveObject(ctx, a); e != nil {
		if checkRedirectURI(a) == nil {
			_ = checkResponseMode(a) // it only has to say how
		}
		return e
	}
	a.Locale = pages.Locale(a.Get("ui_locales"), a.Client.Locale, a.accept)
	return nil
}

func (r *Reader) resolveObject(ctx context.Context, a *Asking) *oauth.Error {
	uri := a.Get("request_uri")
	switch {
	case uri == "" && a.Get("request") == "":
		return nil
	case uri != "" && a.Source.Pushed != "":
		return oauth.BadRequest("The parameter request_uri must not be pushed.") // RFC 9126 §2.1
	case uri != "" && a.Get("request") != "":
		return oauth.BadRequest("There is a request beside the request_uri.") // RFC 9101 §5
	case uri == "":
		return r.takeSigned(ctx, a, a.Get("request"))
	case strings.HasPrefix(uri, URIPrefix):
		return r.takePushed(ctx, a, uri)
	default:
		return r.fetchSigned(ctx, a, uri)
	}
}

// MaxRequestURI is the most bytes of a request_uri (RFC 9101 §5.2).
const MaxRequestURI = 512

// fetchSigned fetches a request object. Only from where the client's entry says:
// a stranger must not choose what we ask for.
func (r *Reader) fetchSigned(ctx context.Context, a *Asking, uri string) *oauth.Error {
	if len(a.Client.RequestURIs) == 0 {
		return oauth.Fail(http.StatusBadRequest, "request_uri_not_supported", "This client has no registered request_uris.").Of(oauth.ForeignRequest).
			Because(edge.Asked("request_uri", edge.ShownURL(uri)))
	}
	if len(uri) > MaxRequestURI || !a.Client.MayFetch(uri) {
		return oauth.BadRequestURI("The request_uri is not registered for this client.").Of(oauth.ForeignRequest).
			Because(edge.Asked("request_uri", edge.ShownURL(uri)))
	}
	giveBack, ok := r.fetches.take(a.Client.ID)
	if !ok {
		return oauth.Unavailable(errors.New("provider: too many request objects of this client are being fetched"))
	}
	defer giveBack()
	body, _, err := r.fetcher.Fetch(ctx, uri, "application/oauth-authz-req+jwt, application/jwt", edge.MaxBody)
	if err != nil {
		return oauth.BadRequestURI("The request object cannot be fetched.").Because(err)
	}
	return r.takeSigned(ctx, a, strings.TrimSpace(string(body)))
}

// takeSigned puts the parameters of a request object in the place of those
// beside it (RFC 9101 §6.3).
func (r *Reader) takeSigned(ctx context.Context, a *Asking, compact string) *oauth.Error {
	switch {
	case !a.Client.Keys.There():
		return oauth.Fail(http.StatusBadRequest, "request_not_supported", "This client has no registered key that a request object could be signed with.")
	case signed.Unsigned(compact):
		return oauth.Fail(http.StatusBadRequest, invalidRequestObject, "The request object is not signed; it must be, by a registered key of the client.").Of(oauth.ForgedRequest)
	}
	token, err := signed.Parse(compact, a.Client.Algorithms()...)
	if err == nil && !token.IsRequest() {
		err = errors.New("provider: the typ is that of another kind of token")
	}
	if err != nil {
		return badRequestObject(err).Of(oauth.ForgedRequest)
	}
	payload, e := r.verified(ctx, a.Client, token)
	if e != nil {
		return e
	}
	parameters, err := signed.ReadRequest(payload, signed.RequestRules{
		ClientID: a.Client.ID, Issuer: r.issuer, Now: r.now(), MustExpire: a.Client.FAPI2,
	})
	if err != nil {
		return badRequestObject(err)
	}
	maps.DeleteFunc(parameters, func(name string, _ []string) bool {
		return parameters.Get(name) == "" || !slices.Contains(Parameters(), name) // left out (RFC 6749 §3.1), or nothing here
	})
	a.Parameters, a.Source.Signed = parameters, true
	return nil
}

// verified is the payload of a request object that the client has signed.
func (r *Reader) verified(ctx context.Context, c *client.Client, token *signed.Token) ([]byte, *oauth.Error) {
	keys, err := r.clients.KeysOf(ctx, c, token.KeyID())
	if err != nil {
		return nil, oauth.Unavailable(err)
	}
	payload, err := token.Verify(keys)
	if err != nil {
		return nil, badRequestObject(err).Of(oauth.ForgedRequest)
	}
	return payload, nil
}

const invalidRequestObject = "invalid_request_object"

// badRequestObject is invalid_request_object of OpenID Connect Core §3.1.2.6 and RFC 9101 §7.
func badRequestObject(cause error) *oauth.Error {
	return oauth.Fail(http.StatusBadRequest, invalidRequestObject, signed.Spoken(cause, "The request object is not valid.")).Because(cause)
}
