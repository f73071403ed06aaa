package provider

import "net/http"

// The paths of the endpoints.
const (
	Path           = "/token"
	UserinfoPath   = "/userinfo"
	IntrospectPath = "/introspect"
	RevokePath     = "/revoke"
)

func tokenRules() Endpoint {
	return Endpoint{
		Path:       Path,
		AnyOrigin:  true,
		Proofs:     true,
		Issues:     true,
		Parameters: append(clientParameters(), "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope"),
		Rules: clientCall(
			Rule{Name: "grant type", Check: grantType},
			Rule{Name: "missing parameters", Check: grantParameters},
		),
	}
}

func userinfoRules() Endpoint {
	return Endpoint{
		Path:       UserinfoPath,
		AnyOrigin:  true,
		Parameters: []string{"access_token"},
		Rules:      bearerCall(),
	}
}

func introspectRules() Endpoint {
	return Endpoint{
		Path:       IntrospectPath,
		Parameters: append(clientParameters(), "token", "token_type_hint"),
		Rules: clientCall(
			Rule{Name: "confidential clients", Check: confidential},
			Rule{Name: "missing parameters", Check: required("token")},
		),
	}
}

func revokeRules() Endpoint {
	return Endpoint{
		Path:       RevokePath,
		AnyOrigin:  true,
		Parameters: append(clientParameters(), "token", "token_type_hint"),
		Rules:      clientCall(Rule{Name: "missing parameters", Check: required("token")}),
	}
}

// The grant types (RFC 6749 §4.1.3, §6).
const (
	grantCode    = "authorization_code"
	grantRefresh = "refresh_token"
)

// grantType: RFC 6749 §5.2.
func grantType(c *Call) *Error {
	switch c.Form.Get("grant_type") {
	case grantCode, grantRefresh:
		return nil
	case "":
		return badRequest("The parameter grant_type is missing.")
	default:
		return fail(http.StatusBadRequest, "unsupported_grant_type", "The grant_type is neither authorization_code nor refresh_token.")
	}
}

// grantParameters: RFC 6749 §4.1.3 and §6.
func grantParameters(c *Call) *Error {
	if c.Form.Get("grant_type") == grantRefresh {
		return required("refresh_token")(c)
	}
	return required("code", "redirect_uri")(c)
}
