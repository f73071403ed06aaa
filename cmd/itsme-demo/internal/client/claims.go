package client

import (
	"cmp"
	"encoding/json"
	"slices"
)

// claimGroup is what one scope brought.
type claimGroup struct {
	Scope  string
	Claims []claim
}

type claim struct{ Name, Value string }

// claimGroups sorts the claims by the scope that brings them (OpenID Connect
// Core §5.4). A scope that was asked for and brought nothing is there too.
func claimGroups(claims map[string]json.RawMessage, chosen choices) []claimGroup {
	scopes := []struct {
		scope  string
		claims []string
	}{
		{"profile", []string{"name", "given_name", "family_name", "birthdate", "gender", "locale"}},
		{"email", []string{"email", "email_verified"}},
		{"phone", []string{"phone_number", "phone_number_verified"}},
		{"address", []string{"address", "street_address", "postal_code", "locality", "country"}},
		{"openid", []string{"sub"}},
	}
	var groups []claimGroup
	placed := map[string]bool{}
	for _, s := range scopes {
		group := claimGroup{Scope: s.scope}
		for _, name := range s.claims {
			if value, ok := claims[name]; ok {
				group.Claims = append(group.Claims, claim{name, readable(value)})
				placed[name] = true
			}
		}
		if len(group.Claims) > 0 || chosen.Asks(s.scope) {
			groups = append(groups, group)
		}
	}
	rest := claimGroup{Scope: "besides"}
	for name, value := range claims {
		if !placed[name] {
			rest.Claims = append(rest.Claims, claim{name, readable(value)})
		}
	}
	if len(rest.Claims) > 0 {
		slices.SortFunc(rest.Claims, func(a, b claim) int { return cmp.Compare(a.Name, b.Name) })
		groups = append(groups, rest)
	}
	return groups
}

// readable is a claim's value without JSON's quotes; of an address, what one
// would write on an envelope.
func readable(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	var address struct {
		Formatted string `json:"formatted"`
	}
	if json.Unmarshal(value, &address) == nil && address.Formatted != "" {
		return address.Formatted
	}
	return string(value)
}

// name is what to call a person; empty if nobody said.
func (p *person) name() string {
	for _, claim := range []string{"given_name", "name"} {
		if name := readable(p.claims[claim]); name != "" {
			return name
		}
	}
	return ""
}
