package clientauth

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/signed"
)

// credentials are what a client says of itself.
type credentials struct {
	id        string
	secret    string
	assertion *signed.Token     // still to be verified
	method    client.AuthMethod // how it said so
}

// basicHeader: RFC 6749 §2.3.1.
func basicHeader(c *Call) *oauth.Error {
	headers := c.R.Header.Values("Authorization")
	if len(headers) == 0 {
		return nil
	}
	if len(headers) > 1 {
		return oauth.BadRequest("The Authorization header is repeated.")
	}
	id, secret, ok := parseBasic(headers[0])
	if !ok || id == "" {
		return unauthenticated("The Authorization header is not Basic with a client_id and a secret, both form-urlencoded.")
	}
	c.caller = credentials{id: id, secret: secret, method: client.ClientSecretBasic}
	return nil
}

// parseBasic reads what HTTP Basic carries of a client: base64 of two
// form-urlencoded words (RFC 6749 §2.3.1, RFC 7617 §2).
func parseBasic(header string) (id, secret string, ok bool) {
	scheme, encoded, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return "", "", false
	}
	id, secret, found := strings.Cut(string(decoded), ":")
	if !found {
		return "", "", false
	}
	if id, err = url.QueryUnescape(id); err != nil {
		return "", "", false
	}
	if secret, err = url.QueryUnescape(secret); err != nil {
		return "", "", false
	}
	return id, secret, true
}

// oneAuthentication: a client must not use more than one way to authenticate
// (RFC 6749 §2.3). Its client_id may stand beside any of them, if it is the same.
func oneAuthentication(c *Call) *oauth.Error {
	id, secret := c.Form.Get("client_id"), c.Form.Get("client_secret")
	basic := c.caller.method == client.ClientSecretBasic
	assertion := c.Form.Get("client_assertion") != "" || c.Form.Get("client_assertion_type") != ""
	switch {
	case basic && secret != "", basic && assertion, secret != "" && assertion:
		return oauth.BadRequest("The client authenticates in two ways at once.")
	case basic && id != "" && id != c.caller.id:
		return oauth.BadRequest("The client_id is another one than in the Authorization header.")
	case basic:
		return nil
	case assertion:
		return clientAssertion(c)
	case id == "":
		return unauthenticated("The client does not authenticate.")
	case secret != "":
		c.caller = credentials{id: id, secret: secret, method: client.ClientSecretPost}
	default:
		c.caller = credentials{id: id, method: client.None}
	}
	return nil
}

// Confidential lets only those through who show a secret or a key: RFC 7662 §2.1
// wants to know who introspects, and a client_id alone says nothing of that.
func Confidential(c *Call) *oauth.Error {
	if c.caller.secret == "" && c.caller.assertion == nil {
		return unauthenticated("Only clients with a secret or a key may introspect.")
	}
	return nil
}

// unauthenticated is invalid_client of RFC 6749 §5.2.
func unauthenticated(description string) *oauth.Error {
	return oauth.Fail(http.StatusUnauthorized, oauth.InvalidClient, description)
}
