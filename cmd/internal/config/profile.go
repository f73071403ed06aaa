package config

import (
	"net/url"
	"slices"
	"time"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
)

// readProfile tells whether a client keeps to the FAPI 2.0 Security Profile. It
// decides what is usual for the rest of the entry.
func readProfile(v document.Value) (fapi2 bool) { return v.Choice("", "fapi2") == "fapi2" }

// contradiction is a setting of a client that the FAPI 2.0 Security Profile does
// not allow. What may be, with the profile's section, is said in its place.
type contradiction struct {
	key    string
	broken func(c *client.Client) bool
	may    string
}

func contradictions() []contradiction {
	weak := func(algorithm keys.Algorithm) bool { return algorithm == keys.RS256 }
	return []contradiction{
		{
			"auth_method", func(c *client.Client) bool { return c.AuthMethod != client.PrivateKeyJWT },
			"only private_key_jwt (§5.3.2.1); write that, or leave it out",
		},
		{
			"pkce", func(c *client.Client) bool { return c.PKCE != client.PKCERequired },
			"no request without PKCE (§5.3.2.2); write required, or leave it out",
		},
		{
			"response_types", func(c *client.Client) bool {
				return slices.ContainsFunc(c.ResponseTypes, func(t string) bool { return t != "code" })
			},
			"only code (§5.3.2.2); write [code], or leave it out",
		},
		{
			"response_iss", func(c *client.Client) bool { return c.WithoutIssuer },
			"only responses that name their issuer (§5.3.2.2, RFC 9207); write true, or leave it out",
		},
		{
			"require_pushed_authorization_requests", func(c *client.Client) bool { return !c.RequirePushed },
			"only pushed requests (§5.3.2.2); write true, or leave it out",
		},
		{
			"dpop_bound_access_tokens", func(c *client.Client) bool { return !c.RequireDPoP },
			"only tokens that are bound to a key (§5.3.2.1); write true, or leave it out",
		},
		{
			"signing_alg", func(c *client.Client) bool { return weak(c.SigningAlg) },
			"only PS256, ES256 and EdDSA (§5.4.1); write one of them, or leave it out for PS256",
		},
		{
			"userinfo_signed_response_alg", func(c *client.Client) bool { return weak(c.UserinfoAlg) },
			"only PS256, ES256 and EdDSA (§5.4.1); write one of them, or leave it out",
		},
	}
}

// checkProfile complains of whatever contradicts the client's profile.
func checkProfile(s document.Section, c *client.Client, about situation) {
	if !c.FAPI2 {
		return
	}
	for _, rule := range contradictions() {
		if rule.broken(c) {
			s.Value(rule.key).Wrong("contradicts profile: fapi2, which allows %s", rule.may)
		}
	}
	for _, item := range s.Value("redirect_uris").Items() {
		u, err := url.Parse(item.Text())
		if err == nil && u.Scheme != "https" && !(about.local && isLoopback(u.Hostname())) {
			item.Wrong("contradicts profile: fapi2, which allows only https (§5.3.2.2); write https://")
		}
	}
}

// longestPushed is what the life of a request_uri must stay below (§5.3.2.2).
const longestPushed = 10 * time.Minute

// checkPushed is what the profile of one client asks of all.
func checkPushed(v document.Value, life time.Duration, clients Clients) {
	i := slices.IndexFunc(clients, func(c client.Client) bool { return c.FAPI2 })
	if i >= 0 && life >= longestPushed {
		v.Wrong("contradicts profile: fapi2 of the client %s, which allows less than 10m (§5.3.2.2); write such as 1m", clients[i].ID)
	}
}
