package provider

import (
	"slices"

	"itsme-bridge/itsme"
	"itsme-bridge/keys"
	"itsme-bridge/provider/signed"
)

// What discovery lists, each a question to the configured clients.

// union are those of the candidates that some client has, in the candidates' order.
func union(candidates []string, clients []*Client, has func(*Client, string) bool) []string {
	var found []string
	for _, candidate := range candidates {
		if slices.ContainsFunc(clients, func(c *Client) bool { return has(c, candidate) }) {
			found = append(found, candidate)
		}
	}
	return found
}

// every reports whether there are clients, and all of them do.
func every(clients []*Client, do func(*Client) bool) bool {
	return len(clients) > 0 && !slices.ContainsFunc(clients, func(c *Client) bool { return !do(c) })
}

// scopesOf: openid goes without saying.
func scopesOf(clients []*Client) []string {
	rest := slices.DeleteFunc(supportedScopes(), func(scope string) bool { return scope == "openid" })
	return append([]string{"openid"}, union(rest, clients, (*Client).mayAsk)...)
}

// responseTypesOf: code is there without a client, since the member is required.
func responseTypesOf(clients []*Client) []string {
	found := union(responseTypes(), clients, (*Client).mayRespond)
	if len(found) == 0 {
		return []string{ResponseCode}
	}
	return found
}

// grantTypes: implicit is the name of an ID token in the response (OpenID
// Connect Registration 1.0 §2).
func grantTypes(clients []*Client) []string {
	found := []string{"authorization_code"}
	if slices.ContainsFunc(clients, func(c *Client) bool { return c.mayRespond(ResponseToken) || c.mayRespond(ResponseHybrid) }) {
		found = append(found, "implicit")
	}
	if slices.ContainsFunc(clients, func(c *Client) bool { return c.mayRefresh() }) {
		found = append(found, "refresh_token")
	}
	return found
}

// promptValues: none can only succeed where there are sessions.
func (d *Documents) promptValues() []string {
	prompts := []string{"login", "consent", "select_account", "create"}
	if d.sessions {
		return append([]string{"none"}, prompts...)
	}
	return prompts
}

func subjectTypes(clients []*Client) []string {
	found := union([]string{string(Pairwise), string(Public)}, clients,
		func(c *Client, subject string) bool { return string(c.Subject) == subject })
	if len(found) == 0 {
		return []string{string(Pairwise)} // the member is required
	}
	return found
}

func authMethods() []string {
	return []string{string(ClientSecretBasic), string(ClientSecretPost), string(PrivateKeyJWT), string(None)}
}

// algorithms: RS256 is always there (OpenID Connect Discovery §3).
func algorithms(clients []*Client) []string {
	return append([]string{string(keys.RS256)}, union([]string{"PS256", "ES256", "EdDSA"}, clients,
		func(c *Client, alg string) bool { return string(c.SigningAlg) == alg })...)
}

func userinfoAlgorithms(clients []*Client) []string {
	return union(signed.Algorithms(), clients, func(c *Client, alg string) bool { return string(c.UserinfoAlg) == alg })
}

// signatures are what some of the clients may sign with.
func signatures(clients []*Client, sign func(*Client) bool) []string {
	return union(signed.Algorithms(), clients, func(c *Client, alg string) bool {
		return sign(c) && slices.Contains(c.algorithms(), alg)
	})
}

func acrs(clients []*Client) []string {
	var found []string
	for _, c := range clients {
		if c.ACR != "" {
			found = append(append(found, c.ACR), c.ACRAliases...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// claimNames are the claims that some client can receive: it asks the table of
// claims what it would tell of a person of whom everything is known.
func (d *Documents) claimNames(clients []*Client) []string {
	names := []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash"}
	if slices.ContainsFunc(clients, func(c *Client) bool { return c.mayRespond(ResponseHybrid) }) {
		names = append(names, "c_hash")
	}
	if d.sessions {
		names = append(names, "sid")
	}
	if slices.ContainsFunc(clients, func(c *Client) bool { return c.ACR != "" }) {
		names = append(names, "acr")
	}
	if slices.ContainsFunc(clients, func(c *Client) bool { return len(c.AMR) > 0 }) {
		names = append(names, "amr")
	}
	person := &itsme.Identity{
		GivenName: "x", FamilyName: "x", FullName: "x", Gender: "x", Birthdate: "x", Locale: "x", PhoneNumber: "x", EmailAddress: "x",
		Address: itsme.Address{StreetAddress: "x", PostalCode: "x", City: "x", CountryCode: "x"},
	}
	for _, row := range table() {
		told := func(c *Client) bool {
			_, ok := row.of(person, &c.Terms)
			return ok && c.mayAsk(row.Scope)
		}
		if slices.ContainsFunc(clients, told) {
			names = append(names, row.Name)
		}
	}
	return names
}
