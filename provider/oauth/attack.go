package oauth

// Attack is what a request that is refused may be part of. Each may be somebody's
// mistake, too: what tells an attack is how many there are, of which kind. The
// metric itsme_bridge_refused_total and the audit stream name it; the world is not told.
type Attack string

// The attacks. What is merely malformed or too late is none of them.
const (
	WrongBrowser        Attack = "wrong_browser"            // the cookie of the login is not there: a forwarded link, or a phone that came back to another browser
	WrongProof          Attack = "wrong_proof"              // the cookie is there, and the proof in the return URL is not that of the attempt
	ForgedForm          Attack = "forged_form"              // a form of ours that we have not made, or not for this browser
	Embedded            Attack = "embedded"                 // a login or a logout as a part of another page
	UnknownClient       Attack = "unknown_client"           // /authorize with a client_id that is not registered
	ForeignRedirect     Attack = "redirect_uri"             // a redirect_uri that is not registered, or not the one of the login
	ForeignLogout       Attack = "logout_redirect_uri"      // a post_logout_redirect_uri that is not registered
	ForeignRequest      Attack = "request_uri"              // a request_uri that is not registered, or that another client has pushed
	ForgedRequest       Attack = "request_object"           // a request object that the client has not signed
	ForgedHint          Attack = "id_token_hint"            // an id_token_hint that the client does not have from here
	WrongCredentials    Attack = "client_authentication"    // a wrong secret, a wrong signature, or a client that is not registered
	AssertionReplay     Attack = "assertion_replay"         // a client_assertion for the second time
	ProofReplay         Attack = "dpop_replay"              // a DPoP proof for the second time
	WrongKey            Attack = "wrong_key"                // a code or a token without the key that it is bound to
	CodeReplay          Attack = "code_replay"              // a code for the second time
	CodeOfAnother       Attack = "code_of_another"          // a code that was made for another client
	WrongVerifier       Attack = "code_verifier"            // a code without the verifier of whoever began the login
	RefreshTokenReuse   Attack = "refresh_token_reuse"      // a refresh token that another has taken the place of
	RefreshTokenForeign Attack = "refresh_token_of_another" // a refresh token that was made for another client
)

// Attacks are all of them.
func Attacks() []Attack {
	return []Attack{
		WrongBrowser, WrongProof, ForgedForm, Embedded, UnknownClient, ForeignRedirect, ForeignLogout, ForeignRequest, ForgedRequest, ForgedHint,
		WrongCredentials, AssertionReplay, ProofReplay, WrongKey, CodeReplay, CodeOfAnother, WrongVerifier, RefreshTokenReuse, RefreshTokenForeign,
	}
}

// Of says which attack the request may be part of.
func (e *Error) Of(a Attack) *Error {
	e.attack = a
	return e
}

// Attack is which attack the request may be part of; empty: none.
func (e *Error) Attack() Attack { return e.attack }
