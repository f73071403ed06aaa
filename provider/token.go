package provider

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
	"github.com/zitadel/oidc/v3/pkg/op"

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

// CodeExchange is POST /token with grant_type=authorization_code. The client
// has authenticated.
func (s server) CodeExchange(ctx context.Context, r *op.ClientRequest[oidc.AccessTokenRequest]) (*op.Response, error) {
	answer, err := s.provider.exchange(ctx, clientOf(r.Client), r.Data, callOf(ctx).proof.Thumbprint)
	return reply(ctx, answer, err)
}

// exchange turns a code into tokens. The code is used up by the first who
// brings it, whatever becomes of the rest: only then it is looked at. The tokens
// are bound to the key of this thumbprint, if there is one (RFC 9449 §5).
func (p *Provider) exchange(ctx context.Context, client *Client, r *oidc.AccessTokenRequest, jkt string) (*tokens, error) {
	grant, code, err := p.redeem(ctx, client, r.Code)
	if err != nil {
		return nil, err
	}
	now := p.now()
	if err := bound(&grant, client, r, jkt, now); err != nil {
		return nil, err
	}
	if p.revoked(client.ID, grant.AuthTime) {
		return nil, badCode("The login of this code was revoked.")
	}
	access := storage.NewSecret(code.ID())
	answer, session, err := p.issue(ctx, &grant, access, jkt, now)
	if err != nil {
		return nil, err
	}
	var family []storage.Write
	if refreshes(&grant, client) {
		h := storage.NewSecret(code.ID())
		f := newFamily(&grant, client, jkt, now.Add(p.config.RefreshToken))
		family = append(family, p.families.Set(h, f, f.life(now, p.config.AccessToken)))
		answer.RefreshToken = refreshToken(h, f.Turn)
	}
	if err := p.putSession(ctx, access, session, family...); err != nil {
		return nil, err
	}
	return answer, nil
}

// issue makes an access token and an ID token of a grant, bound to the key of
// this thumbprint if there is one. Nothing is written yet, and so nothing may be told.
func (p *Provider) issue(ctx context.Context, g *Grant, access storage.Handle, jkt string, now time.Time) (*tokens, Session, error) {
	idToken, err := p.idToken(ctx, g, companions{accessToken: access.Text()}, now)
	if err != nil {
		return nil, Session{}, err
	}
	session := Session{
		ClientID: g.ClientID, Issued: now, Expires: now.Add(p.config.AccessToken), DPoPKey: jkt, Identity: g.Identity,
	}
	answer := &tokens{
		AccessToken: access.Text(), TokenType: tokenType(jkt), ExpiresIn: int64(p.config.AccessToken / time.Second), IDToken: idToken,
	}
	if !sameScopes(g.Scope, g.Asked) {
		answer.Scope = g.Scope // RFC 6749 §5.1
	}
	return answer, session, nil
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
func (p *Provider) redeem(ctx context.Context, client *Client, text string) (Grant, storage.Handle, error) {
	code, ok := storage.ParseHandle(text)
	if !ok {
		return Grant{}, code, badCode("The code is unknown or has expired.")
	}
	keep := p.config.AccessToken + p.config.WriteBudget + slack
	if client.mayAsk(offlineAccess) {
		keep += p.config.RefreshToken
	}
	grant, taken, err := p.grants.Take(ctx, code, keep, p.sessions, p.families)
	switch {
	case err != nil && !errors.Is(err, storage.ErrUnavailable):
		return Grant{}, code, fmt.Errorf("provider: redeem: %w", err)
	case err != nil:
		return Grant{}, code, fail(http.StatusServiceUnavailable, temporarilyUnavailable,
			"The service cannot answer just now. If the code is refused afterwards, begin a new login.").because(err)
	case taken == storage.Replay:
		event(ctx).Add(slog.Bool("code_replayed", true))
		return Grant{}, code, badCode("The code was used before. The tokens that it gave are revoked.")
	case taken != storage.Won:
		return Grant{}, code, badCode("The code is unknown or has expired.")
	}
	return grant, code, nil
}

// bound checks that the code was made for this client and this redirect URI
// (RFC 6749 §4.1.3), and comes from whoever began the login (RFC 7636 §4.6, RFC
// 9449 §10).
func bound(g *Grant, client *Client, r *oidc.AccessTokenRequest, jkt string, now time.Time) error {
	switch {
	case !now.Before(g.Expires): // our clock decides, also over a record that somebody kept alive
		return badCode("The code is unknown or has expired.")
	case g.ClientID != client.ID:
		return badCode("The code was made for another client.")
	case g.RedirectURI != r.RedirectURI:
		return badCode("The redirect_uri is not the one of the authorization request.")
	case g.CodeChallenge == "" && client.AuthMethod == None:
		return badCode("A client without a secret must use PKCE.")
	case g.DPoPKey != "" && g.DPoPKey != jkt:
		return badCode("The code is bound to a key, and there is no DPoP proof by this key.")
	}
	return verify(g.CodeChallenge, r.CodeVerifier)
}

// putSession writes the session, and the family if there is one, unless the code
// was replayed since it was taken. Then the tokens are dead from the beginning,
// and their owner is told nothing: exactly one exchange of a code succeeds.
func (p *Provider) putSession(ctx context.Context, access storage.Handle, s Session, family ...storage.Write) error {
	ctx, cancel := context.WithTimeout(ctx, p.config.WriteBudget)
	defer cancel()
	written, err := p.store.Commit(ctx, append(family,
		p.grants.UnlessReplayed(access.ID()),
		p.sessions.Set(access, s, p.config.AccessToken),
	)...)
	if err != nil {
		return fail(http.StatusServiceUnavailable, temporarilyUnavailable,
			"The service cannot answer just now. Begin a new login.").because(err)
	}
	if !written {
		event(ctx).Add(slog.Bool("code_replayed", true))
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

// badCode is invalid_grant of RFC 6749 §5.2.
func badCode(description string) *Error {
	return fail(http.StatusBadRequest, invalidGrant, description)
}

// sameScopes compares two lists of scopes, as sets (RFC 6749 §3.3).
func sameScopes(a, b string) bool { return slices.Equal(scopeSet(a), scopeSet(b)) }

func scopeSet(scope string) []string {
	scopes := strings.Fields(scope)
	slices.Sort(scopes)
	return slices.Compact(scopes)
}
