package request

import (
	"slices"
	"strings"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/oauth"
)

// Request is an authorization request that has passed every check
// (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1).
type Request struct {
	oauth.Back

	ResponseType  string        `json:"response_type"` // its words in alphabetical order
	Nonce         string        `json:"nonce,omitempty"`
	Asked         string        `json:"asked,omitempty"`  // scope as the client sent it
	Scopes        []string      `json:"scopes,omitempty"` // as granted, in the order of the request
	CodeChallenge string        `json:"code_challenge,omitempty"`
	Service       itsme.Service `json:"service,omitempty"`
	PhoneNumber   string        `json:"phone_number,omitempty"` // login_hint as E.164

	ACR            string   `json:"acr,omitempty"`             // that the ID token will name
	Subject        string   `json:"sub,omitempty"`             // the only person who will do (id_token_hint, claims)
	UserinfoClaims []string `json:"userinfo_claims,omitempty"` // asked for by name, and allowed (OpenID Connect Core §5.5)
	IDTokenClaims  []string `json:"id_token_claims,omitempty"` // likewise
	SID            bool     `json:"sid,omitempty"`             // the ID token shall name the browser session, if there is one
	DPoPKey        string   `json:"dpop_jkt,omitempty"`        // thumbprint of the only key that may redeem the code (RFC 9449 §10)
	Pushed         string   `json:"pushed,omitempty"`          // handle of the [Pushed] request that this was
}

// allows reports whether the request was granted a scope.
func (q *Request) allows(scope string) bool { return slices.Contains(q.Scopes, scope) }

// granted is the scope that the request was granted (RFC 6749 §3.3).
func (q *Request) granted() string { return strings.Join(q.Scopes, " ") }

// WantsCode reports whether the response has a code.
func (q *Request) WantsCode() bool { return q.ResponseType != client.ResponseToken }

// WantsIDToken reports whether the response itself has an ID token.
func (q *Request) WantsIDToken() bool { return q.ResponseType != client.ResponseCode }

// inUserinfo reports whether the request was granted a claim there: by its
// scope, or by its name (OpenID Connect Core §5.4, §5.5). Nothing is kept for
// userinfo where no access token is issued to ask it with.
func (q *Request) inUserinfo(row claims.Row) bool {
	return q.WantsCode() && (q.allows(row.Scope) || slices.Contains(q.UserinfoClaims, row.Name))
}

// inIDToken reports so of the ID token. The claims of scopes stand there where
// the client's entry says so, or where no access token is issued (§5.4).
func (q *Request) inIDToken(t *client.Terms) func(claims.Row) bool {
	scopes := t.IDTokenClaims || !q.WantsCode()
	return func(row claims.Row) bool {
		return scopes && q.allows(row.Scope) || slices.Contains(q.IDTokenClaims, row.Name)
	}
}

// Claims are the names of all claims that the request was granted, wherever they are told.
func (q *Request) Claims(t *client.Terms) []string {
	var names []string
	for _, row := range claims.Table() {
		if q.inUserinfo(row) || q.inIDToken(t)(row) {
			names = append(names, row.Name)
		}
	}
	return names
}

// UpstreamScopes are its scopes in CM's words, one to one, and those of the
// claims that it names.
func (q *Request) UpstreamScopes() []itsme.Scope {
	scopes := make([]itsme.Scope, 0, len(q.Scopes))
	for _, scope := range q.Scopes {
		if scope != "openid" && scope != client.OfflineAccess {
			scopes = append(scopes, itsme.Scope(scope))
		}
	}
	for _, name := range slices.Concat(q.UserinfoClaims, q.IDTokenClaims) {
		if scope := itsme.Scope(claims.ScopeOf(name)); !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}
