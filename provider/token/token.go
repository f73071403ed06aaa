package token

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"itsme-bridge/provider/client"
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

// exchange turns a code into tokens. The code is used up by the first who
// brings it, whatever becomes of the rest: only then it is looked at. The tokens
// are bound to the key of this thumbprint, if there is one (RFC 9449 §5).
func (e *Endpoints) exchange(ctx context.Context, client *client.Client, r *oidc.AccessTokenRequest, jkt string) (*tokens, error) {
	grant, code, err := e.redeem(ctx, client, r.Code)
	if err != nil {
		return nil, err
	}
	now := e.now()
	if err := bound(&grant, client, r, jkt, now); err != nil {
		return nil, err
	}
	if e.notBefore.Revoked(client.ID, grant.AuthTime) {
		return nil, badGrant("The login of this code was revoked.")
	}
	h := storage.NewSecret(code.ID())
	answer, access, err := e.issue(ctx, &grant, h, jkt, now)
	if err != nil {
		return nil, err
	}
	var family []storage.Write
	if refreshes(&grant, client) {
		first := storage.NewSecret(code.ID())
		f := newFamily(&grant, client, jkt, now.Add(e.lifetimes.RefreshToken))
		family = append(family, e.families.Set(first, f, f.life(now, e.lifetimes.AccessToken)))
		answer.RefreshToken = refreshToken(first, f.Turn)
	}
	if err := e.putAccess(ctx, h, access, family...); err != nil {
		return nil, err
	}
	return answer, nil
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

// slack is how much longer the marker of a used code lives than the tokens
// that it made, which are signed for and written a little later.
const slack = time.Minute

// redeem takes what the code stands for. Of all who bring it one gets it; a
// second one ends the tokens that the first one got (RFC 6749 §4.1.2, RFC 9700
// §4.5.1), and those that came of them.
//
// The command may have run although its answer is lost, so it is not sent
// again, and nothing is revoked: nobody has used the code twice.
func (e *Endpoints) redeem(ctx context.Context, client *client.Client, text string) (grant.Grant, storage.Handle, error) {
	code, ok := storage.ParseHandle(text)
	if !ok {
		return grant.Grant{}, code, badGrant("The code is unknown or has expired.")
	}
	keep := e.lifetimes.AccessToken + e.lifetimes.WriteBudget + slack
	if client.MayRefresh() {
		keep += e.lifetimes.RefreshToken
	}
	found, taken, err := e.grants.Take(ctx, code, keep, e.accesses, e.families)
	switch {
	case err != nil && !errors.Is(err, storage.ErrUnavailable):
		return grant.Grant{}, code, fmt.Errorf("provider: redeem: %w", err)
	case err != nil:
		return grant.Grant{}, code, oauth.Fail(http.StatusServiceUnavailable, oauth.TemporarilyUnavailable,
			"The service cannot answer just now. If the code is refused afterwards, begin a new login.").Because(err)
	case taken == storage.Replay:
		edge.EventOf(ctx).Add(slog.Bool("code_replayed", true))
		return grant.Grant{}, code, badGrant("The code was used before. The tokens that it gave are revoked.")
	case taken != storage.Won:
		return grant.Grant{}, code, badGrant("The code is unknown or has expired.")
	}
	return found, code, nil
}

// bound checks that the code was made for this client and this redirect URI
// (RFC 6749 §4.1.3), and comes from whoever began the login (RFC 7636 §4.6, RFC
// 9449 §10).
func bound(g *grant.Grant, client *client.Client, r *oidc.AccessTokenRequest, jkt string, now time.Time) error {
	switch {
	case !now.Before(g.Expires): // our clock decides, also over a record that somebody kept alive
		return badGrant("The code is unknown or has expired.")
	case g.ClientID != client.ID:
		return badGrant("The code was made for another client.")
	case g.RedirectURI != r.RedirectURI:
		return badGrant("The redirect_uri is not the one of the authorization request.")
	case g.CodeChallenge == "" && client.IsPublic():
		return badGrant("A client without a secret must use PKCE.")
	case g.DPoPKey != "" && g.DPoPKey != jkt:
		return badGrant("The code is bound to a key, and there is no DPoP proof by this key.")
	}
	return verify(g.CodeChallenge, r.CodeVerifier)
}

// putAccess writes what the access token opens, and the family if there is one, unless the code
// was replayed since it was taken. Then the tokens are dead from the beginning,
// and their owner is told nothing: exactly one exchange of a code succeeds.
func (e *Endpoints) putAccess(ctx context.Context, h storage.Handle, a Access, family ...storage.Write) error {
	ctx, cancel := context.WithTimeout(ctx, e.lifetimes.WriteBudget)
	defer cancel()
	written, err := e.store.Commit(ctx, append(family,
		e.grants.UnlessReplayed(h.ID()),
		e.accesses.Set(h, a, e.lifetimes.AccessToken),
	)...)
	if err != nil {
		return oauth.Fail(http.StatusServiceUnavailable, oauth.TemporarilyUnavailable,
			"The service cannot answer just now. Begin a new login.").Because(err)
	}
	if !written {
		edge.EventOf(ctx).Add(slog.Bool("code_replayed", true))
	}
	return nil
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
func sameScopes(a, b string) bool { return slices.Equal(scopeSet(a), scopeSet(b)) }

func scopeSet(scope string) []string {
	scopes := strings.Fields(scope)
	slices.Sort(scopes)
	return slices.Compact(scopes)
}
