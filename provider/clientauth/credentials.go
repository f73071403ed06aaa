package clientauth

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/signed"
)

// credentials are what a client says of itself.
type credentials struct {
	pairs     []pair            // at least one; more where it can be read in several ways
	assertion *signed.Token     // still to be verified
	method    client.AuthMethod // how it said so
}

// pair is a client and its secret; empty: it shows none.
type pair struct{ id, secret string }

// alone is what a client says in a way that can be read in one way only.
func alone(id, secret string) []pair { return []pair{{id, secret}} }

// basicHeader: RFC 6749 §2.3.1.
func basicHeader(c *Call) *oauth.Error {
	headers := c.R.Header.Values("Authorization")
	if len(headers) == 0 {
		return nil
	}
	if len(headers) > 1 {
		return oauth.BadRequest("The Authorization header is repeated.")
	}
	pairs := parseBasic(headers[0])
	if len(pairs) == 0 {
		return unauthenticated("The Authorization header is not Basic with a client_id and a secret.")
	}
	c.caller = credentials{pairs: pairs, method: client.ClientSecretBasic}
	return nil
}

// parseBasic reads what HTTP Basic carries of a client: base64 of two
// form-urlencoded words (RFC 6749 §2.3.1, RFC 7617 §2). Many clients encode
// nothing, and so the words as they stand are the second reading. There is none
// of what is no HTTP Basic.
func parseBasic(header string) (readings []pair) {
	scheme, encoded, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return nil
	}
	words, err := base64.StdEncoding.Strict().DecodeString(strings.TrimLeft(encoded, " ")) // RFC 9110 §11.4: one space or more
	if err != nil {
		return nil
	}
	id, secret, found := strings.Cut(string(words), ":")
	if !found || id == "" {
		return nil
	}
	raw := pair{id, secret}
	decodedID, badID := url.QueryUnescape(id)
	decodedSecret, badSecret := url.QueryUnescape(secret)
	if decoded := (pair{decodedID, decodedSecret}); badID == nil && badSecret == nil && decoded != raw {
		readings = append(readings, decoded)
	}
	return append(readings, raw)
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
	case basic:
		return c.onlyBy(id)
	case assertion:
		return clientAssertion(c)
	case id == "":
		return unauthenticated("The client does not authenticate.")
	case secret != "":
		c.caller = credentials{pairs: alone(id, secret), method: client.ClientSecretPost}
	default:
		c.caller = credentials{pairs: alone(id, ""), method: client.None}
	}
	return nil
}

// onlyBy leaves those readings that name a client, where there is a client_id.
func (c *Call) onlyBy(id string) *oauth.Error {
	if id == "" {
		return nil
	}
	c.caller.pairs = slices.DeleteFunc(c.caller.pairs, func(p pair) bool { return p.id != id })
	if len(c.caller.pairs) == 0 {
		return oauth.BadRequest("The client_id is another one than in the Authorization header.")
	}
	return nil
}

// Confidential lets only those through who show a secret or a key: RFC 7662 §2.1
// wants to know who introspects, and a client_id alone says nothing of that.
func Confidential(c *Call) *oauth.Error {
	if c.caller.pairs[0].secret == "" && c.caller.assertion == nil {
		if e := c.wrongWay(c.caller.pairs, c.caller.method); e != nil {
			return e
		}
		return unauthenticated("Only clients with a secret or a key may introspect.")
	}
	return nil
}

// unauthenticated is invalid_client of RFC 6749 §5.2.
func unauthenticated(description string) *oauth.Error {
	return oauth.Fail(http.StatusUnauthorized, oauth.InvalidClient, description)
}
