package provider

import "net/http"

// endpoint is what is known of an endpoint before a request is decoded.
type endpoint struct {
	path       string   // below the issuer
	anyOrigin  bool     // scripts of every origin may call it
	proofs     bool     // clients may prove that they have a key (RFC 9449 §5, §10.1)
	issues     bool     // access tokens come from here: some clients must
	parameters []string // those that mean something here; others are ignored
	rules      []rule   // in the order in which they are checked
}

// rules make an endpoint: one of the functions below.
type rules func() endpoint

func tokenRules() endpoint {
	return endpoint{
		path:       "/token",
		anyOrigin:  true,
		proofs:     true,
		issues:     true,
		parameters: append(clientParameters(), "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope"),
		rules: clientCall(
			rule{"grant type", grantType},
			rule{"missing parameters", grantParameters},
		),
	}
}

func parRules() endpoint {
	return endpoint{
		path:       "/par",
		proofs:     true,
		parameters: append(clientParameters(), known()...),
		rules:      clientCall(),
	}
}

func userinfoRules() endpoint {
	return endpoint{
		path:       "/userinfo",
		anyOrigin:  true,
		parameters: []string{"access_token"},
		rules: []rule{
			{"method", getOrPost},
			{"form", formIfAny},
			{"parameters in the URL", nothingInURL},
			{"repeated parameters", nothingTwice},
			{"one access token", oneBearer},
		},
	}
}

func introspectRules() endpoint {
	return endpoint{
		path:       "/introspect",
		parameters: append(clientParameters(), "token", "token_type_hint"),
		rules: clientCall(
			rule{"confidential clients", confidential},
			rule{"missing parameters", required("token")},
		),
	}
}

func revokeRules() endpoint {
	return endpoint{
		path:       "/revoke",
		anyOrigin:  true,
		parameters: append(clientParameters(), "token", "token_type_hint"),
		rules:      clientCall(rule{"missing parameters", required("token")}),
	}
}

// clientCall are the rules of an endpoint where clients authenticate, and then
// some of its own.
func clientCall(more ...rule) []rule {
	return append([]rule{
		{"method", postOnly},
		{"form", formBody},
		{"parameters in the URL", nothingInURL},
		{"repeated parameters", nothingTwice},
		{"authorization header", basicHeader},
		{"one client authentication", oneAuthentication},
	}, more...)
}

// clientParameters are those that a client authenticates with (RFC 6749
// §2.3.1, RFC 7521 §4.2).
func clientParameters() []string {
	return []string{"client_id", "client_secret", "client_assertion", "client_assertion_type"}
}

// The grant types (RFC 6749 §4.1.3, §6).
const (
	grantCode    = "authorization_code"
	grantRefresh = "refresh_token"
)

// grantType: RFC 6749 §5.2.
func grantType(c *call) *Error {
	switch c.form.Get("grant_type") {
	case grantCode, grantRefresh:
		return nil
	case "":
		return badRequest("The parameter grant_type is missing.")
	default:
		return fail(http.StatusBadRequest, "unsupported_grant_type", "The grant_type is neither authorization_code nor refresh_token.")
	}
}

// grantParameters: RFC 6749 §4.1.3 and §6.
func grantParameters(c *call) *Error {
	if c.form.Get("grant_type") == grantRefresh {
		return required("refresh_token")(c)
	}
	return required("code", "redirect_uri")(c)
}
