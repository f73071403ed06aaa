package product

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
)

// Contradiction is a setting of a client's entry with which its product will not
// log people in, or loses something.
type Contradiction struct {
	Key  string // of the entry
	Text string // why, and what would be right
}

// Contradictions are all that an entry has, in the order of config.yaml. issuer
// is the bridge's; empty: not known.
func (p Product) Contradictions(c *client.Client, issuer string) []Contradiction {
	var found []Contradiction
	wrong := func(broken bool, key, text string, args ...any) {
		if broken {
			found = append(found, Contradiction{key, p.Title + " " + fmt.Sprintf(text, args...)})
		}
	}
	p.contradictIssuer(issuer, wrong)
	p.contradictRedirect(c, wrong)
	p.contradictAuthentication(c, wrong)
	p.contradictClaims(c, wrong)
	p.contradictRequests(c, wrong)
	return found
}

// objection adds a contradiction where there is one.
type objection func(broken bool, key, text string, args ...any)

// contradictIssuer: who asks from the Internet reaches no loopback and no plain http.
func (p Product) contradictIssuer(issuer string, wrong objection) {
	wrong(p.Needs.Internet && issuer != "" && !strings.HasPrefix(issuer, "https://"), "for",
		"asks the issuer from the Internet, by https, and %s is http; give the bridge an https address that the Internet reaches", issuer)
	u, err := url.Parse(issuer)
	wrong(p.Needs.UsualPort && err == nil && u.Scheme == "https" && u.Port() != "" && u.Port() != "443", "for",
		"asks no port but 443, and %s has another one; put the bridge behind 443", issuer)
}

// actions are what a template takes from its operator's answers.
var actions = regexp.MustCompile(`\{\{.*?\}\}`)

// contradictRedirect: a product takes its answers where it does, whoever runs it.
func (p Product) contradictRedirect(c *client.Client, wrong objection) {
	if p.Redirect == "" || p.ChoosesRedirect {
		return
	}
	parts := actions.Split(p.Redirect, -1)
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	its := regexp.MustCompile("^" + strings.Join(parts, ".+") + "$")
	wrong(!slices.ContainsFunc(c.RedirectURIs, its.MatchString), "redirect_uris", "takes its answers at %s, and none of these is such an address",
		strings.TrimPrefix(actions.ReplaceAllString(p.Redirect, "…"), "…"))
}

func (p Product) contradictAuthentication(c *client.Client, wrong objection) {
	allowed := make([]string, len(p.Sends.Methods))
	for i, m := range p.Sends.Methods {
		allowed[i] = string(m)
	}
	wrong(!slices.Contains(p.Sends.Methods, c.AuthMethod), "auth_method", "does not authenticate by %s; write %s", c.AuthMethod, strings.Join(allowed, " or "))
	wrong(p.Sends.PKCE == Never && c.PKCE == client.PKCERequired, "pkce", "sends no code_challenge; write %s", p.pkce())
	wrong(p.Sends.PKCE == Never && p.Sends.Nonce == Never && c.PKCE == client.PKCEOrNonce, "pkce", "sends neither a code_challenge nor a nonce; write optional")
}

func (p Product) contradictClaims(c *client.Client, wrong objection) {
	for _, scope := range p.Needs.Scopes {
		wrong(!c.MayAsk(scope), "scopes", "refuses people without the claims of %s; list it", scope)
	}
	wrong(p.Reads.Claims == FromIDToken && !c.IDTokenClaims, "id_token_claims", "reads the ID token alone, and would know nobody by name; write true")
	wrong(p.Needs.ClaimsInIDToken != "" && !c.IDTokenClaims && c.MayAsk("email"), "id_token_claims", "needs them there: %s; write true", p.Needs.ClaimsInIDToken)
	wrong(p.Needs.VerifiedEmail != "" && !c.EmailVerified && c.MayAsk("email"), "email_verified",
		"%s; write true where you vouch for the addresses, since CM does not", p.Needs.VerifiedEmail)
	wrong(p.Reads.FlatAddress && !c.FlatAddress && c.MayAsk("address"), "flat_address", "maps claims of the first level only, so that nobody's address arrives; write true")
	wrong(!p.verifies(c.SigningAlg), "signing_alg", "does not verify %s; write %s", c.SigningAlg, strings.Join(p.Reads.Algorithms, " or "))
	wrong(p.Reads.SignedUserinfo == Never && c.UserinfoAlg != "", "userinfo_signed_response_alg", "does not read userinfo as a JWT; leave it out")
}

func (p Product) verifies(algorithm keys.Algorithm) bool {
	return len(p.Reads.Algorithms) == 0 || slices.Contains(p.Reads.Algorithms, string(algorithm))
}

func (p Product) contradictRequests(c *client.Client, wrong objection) {
	usual := p.Sends.ResponseTypes
	if len(usual) == 0 {
		usual = []string{client.ResponseCode}
	}
	instead := p.Sends.Instead != "" && c.MayRespond(p.Sends.Instead)
	for _, responseType := range usual {
		wrong(!c.MayRespond(responseType) && !instead, "response_types", "asks for %s; list it", responseType)
	}
	wrong(p.Needs.WithoutIssuer != "" && !c.WithoutIssuer, "response_iss", "needs responses without iss: %s; write false", p.Needs.WithoutIssuer)
	wrong(p.Sends.Pushes == Never && c.MustPush(), "require_pushed_authorization_requests", "cannot push its requests; leave it out")
	wrong(p.Sends.SignsRequests == Never && c.RequireSigned, "require_signed_request_object", "cannot sign its requests; leave it out")
	wrong(p.Sends.DPoP == Never && c.RequireDPoP, "dpop_bound_access_tokens", "cannot prove a key (DPoP); leave it out")
	wrong(!p.Sends.Refreshes && c.MayRefresh(), "scopes", "uses no refresh tokens; leave offline_access out")
	wrong(!p.Needs.RestartsExpired && c.RestartExpired, "on_expiry", "does not begin a login anew after authentication_expired; write deny")
}
