package signed

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RequestRules is what a request object is held to.
type RequestRules struct {
	ClientID string
	Issuer   string // ours: whom it must be for
	Now      time.Time
	// MustExpire asks for iss, aud, nbf and exp, and for a life of at most [MaxLife] (FAPI 2.0 Message Signing §5.3.1).
	// Otherwise each of them holds if it is there: RFC 9101 §4 only recommends them.
	MustExpire bool
}

// ReadRequest reads a payload that the client's key has signed, and returns the authorization request in it (RFC 9101
// §4 and §6.3, OpenID Connect Core §6.1): only these parameters count. Every error is an *Error.
func ReadRequest(payload []byte, r RequestRules) (url.Values, error) {
	o, err := readClaims(payload)
	if err != nil {
		return nil, err
	}
	for _, check := range []func(object) error{r.checkNesting, r.checkParties, r.checkLife} {
		if err := check(o); err != nil {
			return nil, err
		}
	}
	parameters := url.Values{}
	for name, raw := range o {
		if value, ok := parameter(raw); ok && !slices.Contains(registered(), name) {
			parameters.Set(name, value)
		}
	}
	parameters.Set("client_id", r.ClientID)
	return parameters, nil
}

// registered are the claims that are of the token, and not of the request in it (RFC 7519 §4.1).
func registered() []string { return []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"} }

// checkNesting: a request object must not contain or point to another one (RFC 9101 §4).
func (r RequestRules) checkNesting(o object) error {
	if o.has("request") || o.has("request_uri") {
		return wrong("The request object contains request or request_uri.")
	}
	return nil
}

func (r RequestRules) checkParties(o object) error {
	if !o.has("iss") && !o.has("client_id") { // several clients may have one key (RFC 9101 §6.3)
		return wrong("The request object names its client neither as client_id nor as iss.")
	}
	if issuer, _ := o.text("iss"); (o.has("iss") || r.MustExpire) && issuer != r.ClientID {
		return wrong("The claim iss is not the client_id.")
	}
	if client, _ := o.text("client_id"); o.has("client_id") && client != r.ClientID {
		return wrong("The claim client_id is not the client_id of the request.")
	}
	// A request passes through browsers, and with this sub it could authenticate the client (RFC 9101 §10.8).
	if subject, _ := o.text("sub"); subject == r.ClientID {
		return wrong("The claim sub is the client_id, as in a client assertion.")
	}
	if list, _ := o.audience(); (o.has("aud") || r.MustExpire) && !slices.Contains(list, r.Issuer) {
		return wrong("The claim aud is not the issuer.")
	}
	return nil
}

func (r RequestRules) checkLife(o object) error {
	if err := o.checkTimes(r.Now); err != nil || !r.MustExpire {
		return err
	}
	begins, err := o.required("nbf")
	if err != nil {
		return err
	}
	expires, err := o.required("exp")
	if err != nil {
		return err
	}
	if begins.Before(r.Now.Add(-MaxLife)) {
		return wrong("The claim nbf lies too far in the past.")
	}
	if expires.After(begins.Add(MaxLife)) {
		return wrong("The claim exp lies too far behind nbf.")
	}
	return nil
}

// parameter is a claim as it would stand in a query: strings as they are, numbers without an exponent, and what has
// members as JSON (RFC 9101 §4). Null is no parameter.
func parameter(raw json.RawMessage) (value string, ok bool) {
	switch c := raw[0]; {
	case c == '"':
		err := json.Unmarshal(raw, &value)
		return value, err == nil
	case c == '-' || '0' <= c && c <= '9':
		return number(string(raw)), true
	}
	var compact bytes.Buffer
	err := json.Compact(&compact, raw)
	return compact.String(), err == nil && compact.String() != "null"
}

// number keeps the digits of a whole number, however many.
func number(literal string) string {
	if n, err := strconv.ParseFloat(literal, 64); err == nil && strings.ContainsAny(literal, ".eE") {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return literal
}
