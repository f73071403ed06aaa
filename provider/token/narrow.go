package token

import (
	"slices"
	"strings"

	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/oauth"
)

// grantTo is what a family grants to whoever refreshes: what the login was
// granted, without what the client's entry has lost since, and not more than is
// asked for now (RFC 6749 §6). The family itself stays as wide as it was. ID
// tokens are signed as the entry says now: its client would refuse others.
func (f *Family) grantTo(client *client.Client, asked string) (grant.Grant, error) {
	g := f.Grant
	g.SigningAlg = client.SigningAlg
	had := strings.Fields(f.Scope)
	wanted := strings.Fields(asked)
	if len(wanted) == 0 {
		wanted = had
	} else {
		g.Asked = asked
	}
	if !slices.Contains(wanted, "openid") {
		return g, oauth.BadScope("The scope does not contain openid.")
	}
	if more := slices.DeleteFunc(slices.Clone(wanted), func(scope string) bool { return slices.Contains(had, scope) }); len(more) > 0 {
		return g, oauth.BadScope("The scope holds more than the login was granted.").
			Because(edge.Asked("more", strings.Join(edge.ShownWords(more), " ")))
	}
	has := slices.DeleteFunc(slices.Clone(had), func(scope string) bool {
		return !slices.Contains(wanted, scope) || !client.MayAsk(scope)
	})
	g.Scope = strings.Join(has, " ")
	// A claim was granted by its scope, or else by its own name (OpenID Connect Core §5.4, §5.5).
	lost := func(name string) bool {
		scope := claims.ScopeOf(name)
		if slices.Contains(had, scope) {
			return !slices.Contains(has, scope)
		}
		return !client.MayAsk(scope)
	}
	var err error
	if g.Claims, err = claims.Without(f.Claims, lost); err != nil {
		return g, err
	}
	g.IDTokenClaims, err = claims.Without(f.IDTokenClaims, lost)
	return g, err
}
