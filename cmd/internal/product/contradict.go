package product

import (
	"fmt"
	"net/netip"
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
	if p.Name == plain { // of which nothing is known
		return nil
	}
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

// contradictIssuer: who asks from the Internet reaches no address of a private
// network and no plain http, and some only the usual port.
func (p Product) contradictIssuer(issuer string, wrong objection) {
	u, err := url.Parse(issuer)
	if err != nil || issuer == "" || !p.Needs.Internet {
		return
	}
	wrong(u.Scheme != "https", "for", "asks the issuer from the Internet, by https, and %s is %s; give the bridge an https address that the Internet reaches", issuer, u.Scheme)
	wrong(u.Scheme == "https" && within(u.Hostname()), "for", "asks the issuer from the Internet, which does not reach %s; give the bridge an address that it does", u.Hostname())
	wrong(p.Needs.UsualPort && u.Scheme == "https" && u.Port() != "" && u.Port() != "443", "for",
		"asks no port but 443, and %s has another one; put the bridge behind 443", issuer)
}

// within reports whether a host is this machine, or within a private network.
func within(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (address.IsLoopback() || address.IsPrivate() || address.IsLinkLocalUnicast())
}

// actions are what a template takes from its operator's answers.
var actions = regexp.MustCompile(`\{\{.*?\}\}`)

// contradictRedirect: a product takes its answers where it does, whoever runs it.
func (p Product) contradictRedirect(c *client.Client, wrong objection) {
	if p.Redirect == "" || p.ChoosesRedirect {
		return
	}
	pattern, rest := "^", p.Redirect
	for _, at := range actions.FindAllString(p.Redirect, -1) {
		before, after, _ := strings.Cut(rest, at)
		pattern, rest = pattern+regexp.QuoteMeta(before)+anything(at), after
	}
	its := regexp.MustCompile(pattern + regexp.QuoteMeta(rest) + "$")
	wrong(!slices.ContainsFunc(c.RedirectURIs, its.MatchString), "redirect_uris", "takes its answers at %s, and none of these is such an address",
		strings.TrimPrefix(actions.ReplaceAllString(p.Redirect, "…"), "…"))
}

// anything is a pattern for what an answer may be: an address, or one part of it.
func anything(action string) string {
	switch {
	case strings.Contains(action, ".url"):
		return ".+"
	case strings.Contains(action, "tenant"):
		return "[A-Za-z0-9-]+"
	default:
		return "[^/]+"
	}
}

func (p Product) contradictAuthentication(c *client.Client, wrong objection) {
	if !c.MayRespond(client.ResponseCode) { // it never comes to /token
		return
	}
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
	wrong(p.Reads.Claims == FromIDToken && !c.IDTokenClaims && c.MayRespond(client.ResponseCode), "id_token_claims", "reads the ID token alone, and would know nobody by name; write true")
	wrong(p.Needs.ClaimsInIDToken != "" && !c.IDTokenClaims && c.MayAsk("email") && c.MayRespond(client.ResponseCode), "id_token_claims", "needs them there: %s; write true", p.Needs.ClaimsInIDToken)
	wrong(p.Needs.VerifiedEmail != "" && !c.EmailVerified && c.MayAsk("email"), "email_verified",
		"%s. CM verifies no address: assert it only if you do yourself", p.Needs.VerifiedEmail)
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
