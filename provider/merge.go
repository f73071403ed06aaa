package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// merge is the JSON object of what we say of a login, followed by the person's
// claims. A claim never takes the place of ours, also not in another case:
// encoding/json, with which clients may read it, does not look at that.
func merge(ours any, claims json.RawMessage) ([]byte, error) {
	object, err := json.Marshal(ours)
	if err != nil {
		return nil, fmt.Errorf("provider: encode: %w", err)
	}
	if len(claims) == 0 {
		return object, nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(claims, &members) != nil {
		return nil, errors.New("provider: the stored claims are no JSON object") // the cause quotes them
	}
	for name := range members {
		if slices.Contains(reserved(), strings.ToLower(name)) {
			delete(members, name)
		}
	}
	if len(members) == 0 {
		return object, nil
	}
	more, err := json.Marshal(members)
	if err != nil {
		return nil, errors.New("provider: the stored claims are no JSON object")
	}
	return append(append(object[:len(object)-1], ','), more[1:]...), nil
}

// reserved are the names that protocols give a meaning to (RFC 7519 §4.1,
// OpenID Connect Core §2 and §3.3.2.11, RFC 7800, Back-Channel Logout).
func reserved() []string {
	return []string{
		"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "auth_time", "nonce", "acr", "amr", "azp",
		"at_hash", "c_hash", "s_hash", "sid", "cnf", "events", "sub_jwk",
	}
}
