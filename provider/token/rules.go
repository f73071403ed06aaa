package token

import (
	"net/http"
	"strconv"

	"itsme-bridge/provider/clientauth"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
)

// The paths of the endpoints.
const (
	Path           = "/token"
	UserinfoPath   = "/userinfo"
	IntrospectPath = "/introspect"
	RevokePath     = "/revoke"
)

func tokenRules() clientauth.Endpoint {
	return clientauth.Endpoint{
		Path:       Path,
		AnyOrigin:  true,
		Proofs:     true,
		Issues:     true,
		Parameters: append(clientauth.Parameters(), "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope"),
		Rules: clientauth.ClientRules(
			clientauth.Rule{Name: "grant type", Check: grantType},
			clientauth.Rule{Name: "missing parameters", Check: grantParameters},
		),
	}
}

func userinfoRules() clientauth.Endpoint {
	return clientauth.Endpoint{
		Path:       UserinfoPath,
		AnyOrigin:  true,
		Parameters: []string{"access_token"},
		Rules:      clientauth.BearerRules(),
	}
}

func introspectRules() clientauth.Endpoint {
	return clientauth.Endpoint{
		Path:       IntrospectPath,
		Parameters: append(clientauth.Parameters(), "token", "token_type_hint"),
		Rules: clientauth.ClientRules(
			clientauth.Rule{Name: "confidential clients", Check: clientauth.Confidential},
			clientauth.Rule{Name: "missing parameters", Check: clientauth.Required("token")},
		),
	}
}

func revokeRules() clientauth.Endpoint {
	return clientauth.Endpoint{
		Path:       RevokePath,
		AnyOrigin:  true,
		Parameters: append(clientauth.Parameters(), "token", "token_type_hint"),
		Rules:      clientauth.ClientRules(clientauth.Rule{Name: "missing parameters", Check: clientauth.Required("token")}),
	}
}

// The grant types (RFC 6749 §4.1.3, §6).
const (
	grantCode    = "authorization_code"
	grantRefresh = "refresh_token"
)

// grantType: RFC 6749 §5.2.
func grantType(c *clientauth.Call) *oauth.Error {
	switch c.Form.Get("grant_type") {
	case grantCode, grantRefresh:
		return nil
	case "":
		return oauth.BadRequest("The parameter grant_type is missing.")
	default:
		return oauth.Fail(http.StatusBadRequest, "unsupported_grant_type", "The grant_type is neither authorization_code nor refresh_token.")
	}
}

// grantParameters: RFC 6749 §4.1.3 and §6. No request was ever granted a longer scope.
func grantParameters(c *clientauth.Call) *oauth.Error {
	if len(c.Form.Get("scope")) > edge.MaxParameter {
		return oauth.BadScope("The scope is longer than " + strconv.Itoa(edge.MaxParameter) + " bytes.")
	}
	if c.Form.Get("grant_type") == grantRefresh {
		return clientauth.Required("refresh_token")(c)
	}
	return clientauth.Required("code", "redirect_uri")(c)
}
