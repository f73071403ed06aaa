package clientauth

import (
	"context"
	"errors"
	"slices"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/signed"
)

// jwtBearer is the one client_assertion_type (RFC 7523 §2.2).
const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" //nolint:gosec // G101: a name, not a credential

// clientAssertion: RFC 7521 §4.2. Where there is no client_id, the assertion
// says whose keys to ask, and no more: nobody has verified it yet.
func clientAssertion(c *Call) *oauth.Error {
	compact, kind := c.Form.Get("client_assertion"), c.Form.Get("client_assertion_type")
	switch {
	case compact == "":
		return oauth.BadRequest("There is a client_assertion_type without a client_assertion.")
	case kind == "":
		return oauth.BadRequest("There is a client_assertion without a client_assertion_type.")
	}
	if e := c.wrongWay(alone(c.Form.Get("client_id"), ""), client.PrivateKeyJWT); e != nil {
		return e
	}
	if kind != jwtBearer {
		return unauthenticated("The client_assertion_type is not " + jwtBearer + ".")
	}
	token, err := signed.Parse(compact, signed.Algorithms()...)
	if err != nil {
		return unauthenticated(signed.Spoken(err, "The client_assertion is malformed."))
	}
	_, named := token.Claimed()
	switch id := c.Form.Get("client_id"); {
	case named == "":
		return unauthenticated("The client_assertion has no sub.")
	case id != "" && id != named:
		return unauthenticated("The client_id is another one than in the client_assertion.")
	}
	c.caller = credentials{pairs: alone(named, ""), assertion: token, method: client.PrivateKeyJWT}
	return nil
}

// checkAssertion verifies what the client has signed (OpenID Connect Core §9,
// RFC 7523 §3, FAPI 2.0 Security Profile §5.3.2.1). Why it is refused the world
// learns only once the signature is the client's: before that it might tell a
// stranger how the client is registered.
func (g *Guard) checkAssertion(ctx context.Context, client *client.Client, c *Call) error {
	token := c.caller.assertion
	switch {
	case !slices.Contains(client.Algorithms(), token.Algorithm()):
		return g.nobody(ctx, client.ID, errors.New("the client must not sign with this algorithm"))
	case !token.IsAssertion():
		return g.nobody(ctx, client.ID, errors.New("the typ is that of another kind of token"))
	}
	keys, err := g.clients.KeysOf(ctx, client, token.KeyID())
	if err != nil {
		return oauth.Unavailable(err)
	}
	payload, err := token.Verify(keys)
	if err != nil {
		return g.nobody(ctx, client.ID, err)
	}
	assertion, err := signed.ReadAssertion(payload, g.assertionRules(client, c))
	if err != nil {
		return unauthenticated(signed.Spoken(err, "The client_assertion is not valid.")).Because(err)
	}
	replay := unauthenticated("The client_assertion was used before.").Of(oauth.AssertionReplay)
	c.once = append(c.once, g.onlyOnce("assertion", assertion.Expires, replay, client.ID, assertion.ID))
	return nil
}

// assertionRules: an assertion is for us by any of the names that clients know
// us by; under FAPI 2.0 by the issuer alone.
func (g *Guard) assertionRules(client *client.Client, c *Call) signed.AssertionRules {
	r := signed.AssertionRules{
		ClientID:  client.ID,
		Audiences: append(slices.Clone(g.audiences), g.issuer.At(c.Endpoint.Path)),
		Now:       g.now(),
	}
	if client.FAPI2 {
		r.OnlyIssuer = g.issuer.String()
	}
	return r
}
