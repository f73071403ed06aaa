package discovery

import (
	"slices"

	"itsme-bridge/itsme"
	"itsme-bridge/keys"
	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/signed"
)

// What discovery lists, each a question to the configured clients.

// union are those of the candidates that some client has, in the candidates' order.
func union(candidates []string, clients []*client.Client, has func(*client.Client, string) bool) []string {
	var found []string
	for _, candidate := range candidates {
		if slices.ContainsFunc(clients, func(c *client.Client) bool { return has(c, candidate) }) {
			found = append(found, candidate)
		}
	}
	return found
}

// every reports whether there are clients, and all of them do.
func every(clients []*client.Client, do func(*client.Client) bool) bool {
	return len(clients) > 0 && !slices.ContainsFunc(clients, func(c *client.Client) bool { return !do(c) })
}

// scopesOf: openid goes without saying.
func scopesOf(clients []*client.Client) []string {
	rest := slices.DeleteFunc(client.Scopes(), func(scope string) bool { return scope == "openid" })
	return append([]string{"openid"}, union(rest, clients, (*client.Client).MayAsk)...)
}

// responseTypesOf: code is there without a client, since the member is required.
func responseTypesOf(clients []*client.Client) []string {
	found := union(client.ResponseTypes(), clients, (*client.Client).MayRespond)
	if len(found) == 0 {
		return []string{client.ResponseCode}
	}
	return found
}

// grantTypes: implicit is the name of an ID token in the response (OpenID
// Connect Registration 1.0 §2).
func grantTypes(clients []*client.Client) []string {
	found := []string{"authorization_code"}
	if slices.ContainsFunc(clients, func(c *client.Client) bool {
		return c.MayRespond(client.ResponseToken) || c.MayRespond(client.ResponseHybrid)
	}) {
		found = append(found, "implicit")
	}
	if slices.ContainsFunc(clients, func(c *client.Client) bool { return c.MayRefresh() }) {
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

func subjectTypes(clients []*client.Client) []string {
	found := union([]string{string(client.Pairwise), string(client.Public)}, clients,
		func(c *client.Client, subject string) bool { return string(c.Subject) == subject })
	if len(found) == 0 {
		return []string{string(client.Pairwise)} // the member is required
	}
	return found
}

func authMethods() []string {
	return []string{string(client.ClientSecretBasic), string(client.ClientSecretPost), string(client.PrivateKeyJWT), string(client.None)}
}

// algorithms: RS256 is always there (OpenID Connect Discovery §3). One of which there is a key is there before
// the first client of it, whose library may refuse what discovery does not list, and until no login needs it.
func algorithms(clients []*client.Client, published []keys.Algorithm) (found []string) {
	for _, alg := range keys.Algorithms() {
		if alg == keys.RS256 || slices.Contains(published, alg) || slices.ContainsFunc(clients, func(c *client.Client) bool { return c.SigningAlg == alg }) {
			found = append(found, string(alg))
		}
	}
	return found
}

func userinfoAlgorithms(clients []*client.Client) []string {
	return union(signed.Algorithms(), clients, func(c *client.Client, alg string) bool { return string(c.UserinfoAlg) == alg })
}

// signatures are what some of the clients may sign with.
func signatures(clients []*client.Client, sign func(*client.Client) bool) []string {
	return union(signed.Algorithms(), clients, func(c *client.Client, alg string) bool {
		return sign(c) && slices.Contains(c.Algorithms(), alg)
	})
}

func acrs(clients []*client.Client) []string {
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
func (d *Documents) claimNames(clients []*client.Client) []string {
	names := []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash"}
	if slices.ContainsFunc(clients, func(c *client.Client) bool { return c.MayRespond(client.ResponseHybrid) }) {
		names = append(names, "c_hash")
	}
	if d.sessions {
		names = append(names, "sid")
	}
	if slices.ContainsFunc(clients, func(c *client.Client) bool { return c.ACR != "" }) {
		names = append(names, "acr")
	}
	if slices.ContainsFunc(clients, func(c *client.Client) bool { return len(c.AMR) > 0 }) {
		names = append(names, "amr")
	}
	person := &itsme.Identity{
		GivenName: "x", FamilyName: "x", FullName: "x", Gender: "x", Birthdate: "x", Locale: "x", PhoneNumber: "x", EmailAddress: "x",
		Address: itsme.Address{StreetAddress: "x", PostalCode: "x", City: "x", CountryCode: "x"},
	}
	for _, row := range claims.Table() {
		told := func(c *client.Client) bool { return row.Has(person, &c.Terms) && c.MayAsk(row.Scope) }
		if slices.ContainsFunc(clients, told) {
			names = append(names, row.Name)
		}
	}
	return names
}
