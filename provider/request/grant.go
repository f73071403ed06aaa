package request

import (
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/grant"
)

// Grant is what a person's approval is worth to the request: the claims that it
// was granted, wherever they are told. The code can be redeemed until then.
func (q *Request) Grant(t *client.Terms, i *itsme.Identity, subject string, authTime, until time.Time) (*grant.Grant, error) {
	told, err := claims.Of(i, t, q.inUserinfo)
	if err != nil {
		return nil, err
	}
	idTokenClaims, err := claims.Of(i, t, q.inIDToken(t))
	if err != nil {
		return nil, err
	}
	return &grant.Grant{
		ClientID:      t.ID,
		RedirectURI:   q.RedirectURI,
		CodeChallenge: q.CodeChallenge,
		DPoPKey:       q.DPoPKey,
		Expires:       until,
		Nonce:         q.Nonce,
		Asked:         q.Asked,
		SigningAlg:    t.SigningAlg,
		IDTokenClaims: idTokenClaims,
		Identity: grant.Identity{
			Subject:  subject,
			AuthTime: authTime,
			ACR:      q.ACR,
			AMR:      t.AMR,
			Scope:    q.granted(),
			Claims:   told,
		},
	}, nil
}
