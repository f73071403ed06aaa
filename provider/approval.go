package provider

import (
	"time"

	"itsme-bridge/itsme"
)

// grant is what a person's approval is worth to the request: the claims that it
// was granted, wherever they are told. Until then the code can be redeemed.
func (q *Request) grant(t *Terms, i *itsme.Identity, subject string, authTime, until time.Time) (*Grant, error) {
	told, err := claimsOf(i, t, q.inUserinfo)
	if err != nil {
		return nil, err
	}
	idTokenClaims, err := claimsOf(i, t, q.inIDToken(t))
	if err != nil {
		return nil, err
	}
	return &Grant{
		ClientID:      t.ID,
		RedirectURI:   q.RedirectURI,
		CodeChallenge: q.CodeChallenge,
		DPoPKey:       q.DPoPKey,
		Expires:       until,
		Nonce:         q.Nonce,
		Asked:         q.Asked,
		SigningAlg:    t.SigningAlg,
		IDTokenClaims: idTokenClaims,
		Identity: Identity{
			Subject:  subject,
			AuthTime: authTime,
			ACR:      q.ACR,
			AMR:      t.AMR,
			Scope:    q.granted(),
			Claims:   told,
		},
	}, nil
}
