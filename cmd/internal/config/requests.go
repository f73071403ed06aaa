package config

import (
	"net/url"
	"slices"
	"strings"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/request"
)

// readRequests reads how a client's authorization requests may and must come.
func readRequests(s document.Section, c *client.Client, about situation) {
	c.ResponseTypes = readResponseTypes(s.Value("response_types"))
	addresses := s.Value("request_uris")
	c.RequestURIs = readURIs(addresses, about.outbound.reached(), fetched())
	for _, item := range addresses.Items() {
		if u, ok := address(item, about.outbound.reached(), fetched()); ok {
			about.mayAsk(item, u)
		}
	}
	c.RequirePushed = s.Value("require_pushed_authorization_requests").Flag(c.FAPI2)
	if c.RequirePushed && len(c.RequestURIs) > 0 {
		addresses.Wrong("is of no use where requests must be pushed, since none is pushed by reference (RFC 9126 §2.1); leave it out")
	}
	c.RequireSigned = s.Value("require_signed_request_object").Flag(false)
	c.WithoutIssuer = !s.Value("response_iss").Flag(true)
	c.RequireDPoP = s.Value("dpop_bound_access_tokens").Flag(c.FAPI2)
}

// readResponseTypes reads which responses a client may ask for. The order of the
// words within one says nothing (RFC 6749 §3.1.1).
func readResponseTypes(v document.Value) []string {
	if !v.There() {
		return []string{"code"}
	}
	types := make([]string, 0)
	for _, item := range v.Items() {
		text, _, _ := item.Among("code", "id_token", "code id_token", "id_token code")
		words := strings.Fields(text)
		slices.Sort(words)
		found := strings.Join(words, " ")
		switch {
		case text == "": // complained of
		case slices.Contains(words, "token"):
			item.Wrong("has an access token, and none leaves the authorization endpoint (RFC 9700 §2.1.2); write code")
		case !slices.Contains([]string{"code", "id_token", "code id_token"}, found):
			item.Wrong("is %s; write code, id_token or code id_token", item.Quoted())
		case slices.Contains(types, found):
			item.Wrong("is given twice; keep it once")
		default:
			if found != "code" { // said once, however many there are
				v.Warn("sends ID tokens through the browser, and into its history unless the application asks for response_mode=form_post; code alone does not")
			}
			types = append(types, found)
		}
	}
	if v.List() && len(v.Items()) == 0 {
		v.Wrong("is empty; list what the application asks for, or leave it out for [code]")
	}
	return types
}

// fetched is what RFC 9101 §5.2 and our own prefixes ask of request_uris. What
// could stand for an address of a stranger's choice is refused.
func fetched() []rule {
	return []rule{
		ascending(),
		{func(_ *url.URL, text string) bool { return strings.Contains(text, "*") }, "holds a *; write one that ends in a slash for all below it"},
		{
			func(_ *url.URL, text string) bool { return strings.HasSuffix(text, "/") && strings.Contains(text, "?") },
			"ends in a slash, so it stands for all below it, and has a query, which has nothing below it; write a path",
		},
		{
			func(_ *url.URL, text string) bool { return len(text) > request.MaxRequestURI },
			"is longer than the 512 bytes that a request_uri may have (RFC 9101 §5.2); write a shorter one",
		},
	}
}

// readURIs reads a list of URIs, each of them once.
func readURIs(v document.Value, rules ...[]rule) []string {
	var addresses []string
	for _, item := range v.Items() {
		if _, ok := address(item, rules...); !ok {
			continue
		}
		if slices.Contains(addresses, item.Text()) {
			item.Wrong("is given twice; keep it once")
			continue
		}
		addresses = append(addresses, item.Text())
	}
	return addresses
}
