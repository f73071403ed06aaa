package token

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/clientauth"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// tokens are the answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
type tokens struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
	IDToken      string `json:"id_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope,omitempty"` // only where it is not what was asked for
}

// redemption is what a client brings for tokens: a code, and what shows that it may
// have them (RFC 6749 §4.1.3, RFC 7636 §4.5).
type redemption struct {
	call         *clientauth.Call
	code         string
	redirectURI  string
	codeVerifier string
	jkt          string // thumbprint of the key that the tokens shall be bound to; empty: to none (RFC 9449 §5)
}

func redemptionOf(c *clientauth.Call) redemption {
	return redemption{
		call: c, code: c.Form.Get("code"), redirectURI: c.Form.Get("redirect_uri"), codeVerifier: c.Form.Get("code_verifier"), jkt: c.Proof.Thumbprint,
	}
}

// exchange turns a code into tokens. The code is looked at first, and is
// spent by the write of its tokens: who is not entitled to it changes nothing, and
// as long as nothing is written, whoever is may come again.
func (e *Endpoints) exchange(ctx context.Context, client *client.Client, r redemption) (*tokens, error) {
	code, found, err := e.grantOf(ctx, r.code)
	if err != nil {
		return nil, err
	}
	if found.Spent {
		return nil, e.usedBefore(ctx, client, code, found, r)
	}
	grant, now := &found.Value, e.now()
	if err := bound(grant, client, r, now); err != nil {
		return nil, err
	}
	if e.notBefore.Revoked(client.ID, grant.AuthTime) {
		return nil, badGrant("The login of this code was revoked.")
	}
	edge.EventOf(ctx).Genuine()
	if err := e.guard.Remember(ctx, r.call); err != nil {
		return nil, err
	}
	h := storage.NewSecret(code.ID())
	answer, access, err := e.issue(ctx, grant, h, r.jkt, now)
	if err != nil {
		return nil, err
	}
	writes := []storage.Write{e.spend(code, found), e.accesses.Set(h, access, e.lifetimes.AccessToken)}
	if refreshes(grant, client) {
		first := storage.NewSecret(code.ID())
		f := newFamily(grant, client, r.jkt, now, now.Add(e.lifetimes.RefreshToken))
		writes = append(writes, e.families.Set(first, f, f.life(now, &e.lifetimes)))
		answer.RefreshToken = refreshToken(first, f.Turn)
	}
	return answer, e.write(ctx, code, found, writes)
}

// issue makes an access token and an ID token of a grant, bound to the key of
// this thumbprint if there is one. Nothing is written yet, and so nothing may be told.
func (e *Endpoints) issue(ctx context.Context, g *grant.Grant, h storage.Handle, jkt string, now time.Time) (*tokens, Access, error) {
	idToken, err := e.idTokens.Make(ctx, g, grant.Companions{AccessToken: h.Text()}, now)
	if err != nil {
		return nil, Access{}, err
	}
	access := Access{
		ClientID: g.ClientID, Issued: now, Expires: now.Add(e.lifetimes.AccessToken), DPoPKey: jkt, Identity: g.Identity,
	}
	answer := &tokens{
		AccessToken: h.Text(), TokenType: tokenType(jkt), ExpiresIn: int64(e.lifetimes.AccessToken / time.Second), IDToken: idToken,
	}
	if !sameScopes(g.Scope, g.Asked) {
		answer.Scope = g.Scope // RFC 6749 §5.1
	}
	return answer, access, nil
}

// bound checks that the code was made for this client and this redirect URI
// (RFC 6749 §4.1.3), and comes from whoever began the login (RFC 7636 §4.6, RFC
// 9449 §10).
func bound(g *grant.Grant, client *client.Client, r redemption, now time.Time) error {
	switch {
	case !now.Before(g.Expires): // our clock decides, also over a record that somebody kept alive
		return unknownCode()
	case g.ClientID != client.ID:
		return badGrant("The code was made for another client.").Of(oauth.CodeOfAnother)
	case g.RedirectURI != r.redirectURI:
		return badGrant("The redirect_uri is not the one of the authorization request.").Of(oauth.ForeignRedirect).
			Because(edge.Asked("redirect_uri", edge.ShownURL(r.redirectURI)))
	case g.CodeChallenge == "" && client.IsPublic():
		return badGrant("A client without a secret must use PKCE.")
	case g.DPoPKey != "" && g.DPoPKey != r.jkt:
		return badGrant("The code is bound to a key, and there is no DPoP proof by this key.").Of(oauth.WrongKey)
	}
	return verify(g.CodeChallenge, r.codeVerifier)
}

// tokenType is that of an access token which is bound to the key of a
// thumbprint, or to none (RFC 6750 §4, RFC 9449 §5).
func tokenType(jkt string) string {
	if jkt != "" {
		return "DPoP"
	}
	return "Bearer"
}

// badGrant is invalid_grant of RFC 6749 §5.2.
func badGrant(description string) *oauth.Error {
	return oauth.Fail(http.StatusBadRequest, oauth.InvalidGrant, description)
}

// sameScopes compares two lists of scopes, as sets (RFC 6749 §3.3).
func sameScopes(a, b string) bool { return a == b || slices.Equal(scopeSet(a), scopeSet(b)) }

func scopeSet(scope string) []string {
	scopes := strings.Fields(scope)
	slices.Sort(scopes)
	return slices.Compact(scopes)
}
