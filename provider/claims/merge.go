package claims

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Merge is the JSON object of what we say of a login, followed by the person's
// claims. A claim never takes the place of ours, also not in another case:
// encoding/json, with which clients may read it, does not look at that.
func Merge(ours any, claims json.RawMessage) ([]byte, error) {
	object, err := json.Marshal(ours)
	if err != nil {
		return nil, fmt.Errorf("provider: encode: %w", err)
	}
	more := claims
	if !harmless(claims) {
		more, err = remaining(claims, func(name string) bool {
			return slices.ContainsFunc(reserved, func(of string) bool { return strings.EqualFold(of, name) })
		})
		if err != nil {
			return nil, err
		}
	}
	if len(more) <= len("{}") { // there are none
		return object, nil
	}
	return append(append(object[:len(object)-1], ','), more[1:]...), nil
}

// harmless reports that no claim has a reserved name, where that can be seen without
// taking the claims apart: none stands between two quotes, and no letter is written as
// its number.
func harmless(claims []byte) bool {
	if !bytes.HasPrefix(claims, []byte(`{"`)) || !json.Valid(claims) || bytes.Contains(claims, []byte(`\u`)) {
		return false
	}
	for part := range bytes.SplitSeq(claims, []byte(`"`)) {
		if slices.ContainsFunc(reserved, func(name string) bool { return bytes.EqualFold(part, []byte(name)) }) {
			return false
		}
	}
	return true
}

// Without is a JSON object of claims without those that are lost; nothing of nothing.
func Without(claims json.RawMessage, lost func(name string) bool) (json.RawMessage, error) {
	return remaining(claims, lost)
}

// remaining are stored claims without those that are lost; as they are where none is.
func remaining(claims json.RawMessage, lost func(name string) bool) (json.RawMessage, error) {
	if len(claims) == 0 {
		return nil, nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(claims, &members) != nil {
		return nil, errNoObject
	}
	if len(members) == 0 {
		return nil, nil
	}
	all := len(members)
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return lost(name) })
	if len(members) == all && claims[0] == '{' {
		return claims, nil
	}
	left, err := json.Marshal(members)
	if err != nil {
		return nil, errNoObject
	}
	return left, nil
}

// errNoObject is all that is said of stored claims that cannot be read: the
// cause quotes them.
var errNoObject = errors.New("provider: the stored claims are no JSON object")

// reserved are the names that protocols give a meaning to (RFC 7519 §4.1,
// OpenID Connect Core §2 and §3.3.2.11, RFC 7800, Back-Channel Logout).
var reserved = []string{ // read only
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "auth_time", "nonce", "acr", "amr", "azp",
	"at_hash", "c_hash", "s_hash", "sid", "cnf", "events", "sub_jwk",
}
