package main

import (
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"itsme-bridge/cmd/internal/product"
)

// property is a setting of an entry that a flag gives.
type property struct {
	flag  string
	usage string
	field func(*product.Entry) any // where it stands there
}

// properties are all that an entry has, but for the hash of its secret.
func properties() []property {
	type entry = product.Entry
	return []property{
		{"id", "its client_id, an `ID`; without it, the product's name or a new one", func(e *entry) any { return &e.ID }},
		{"name", "its `NAME`, as people know it", func(e *entry) any { return &e.Name }},
		{"home", "the `URL` where people go when nothing else is left", func(e *entry) any { return &e.Home }},
		{"profile", "`fapi2` for the FAPI 2.0 Security Profile", func(e *entry) any { return &e.Profile }},
		{"auth-method", "the `METHOD` by which it authenticates: client_secret_basic, client_secret_post, private_key_jwt or none", func(e *entry) any { return &e.AuthMethod }},
		{"jwks-uri", "the `URL` of its public keys, for private_key_jwt and signed requests", func(e *entry) any { return &e.JWKSURI }},
		{"jwks-file", "a `FILE` with its public keys", func(e *entry) any { return &e.JWKSFile }},
		{"pkce", "what binds a code, a `WORD`: required, or_nonce or optional", func(e *entry) any { return &e.PKCE }},
		{"redirect-uri", "a `URI` where it takes its answers; may be given several times", func(e *entry) any { return &e.RedirectURIs }},
		{"scopes", "the `SCOPES` that it may ask for, with commas between: profile, email, phone, address, offline_access", func(e *entry) any { return &e.Scopes }},
		{"id-token-claims", "the claims stand in the ID token too", func(e *entry) any { return &e.IDTokenClaims }},
		{"flat-address", "the parts of the address are claims of their own", func(e *entry) any { return &e.FlatAddress }},
		{"subject", "the `KIND` of its subjects, pairwise or public", func(e *entry) any { return &e.Subject }},
		{"sector-identifier", "the `HOST` that its subjects are made for, where the redirect URIs have several", func(e *entry) any { return &e.Sector }},
		{"service", "the `SERVICE`, login or register: what CM does where the request does not say", func(e *entry) any { return &e.Service }},
		{"locale", "the `LANGUAGE` where the request names none: en, nl, fr or de", func(e *entry) any { return &e.Locale }},
		{"email-verified", "you assert that the address is; CM does not", func(e *entry) any { return &e.EmailVerified }},
		{"phone-number-verified", "you assert that the number is; CM does not", func(e *entry) any { return &e.PhoneNumberVerified }},
		{"acr", "you assert what a login is worth: one `WORD` or URI", func(e *entry) any { return &e.ACR }},
		{"amr", "you assert how it was done: `WORDS` with commas between", func(e *entry) any { return &e.AMR }},
		{"on-failure", "`WORD`: page, or redirect for errors to the application at once", func(e *entry) any { return &e.OnFailure }},
		{"on-expiry", "`WORD`: deny, or restart where the application begins anew", func(e *entry) any { return &e.OnExpiry }},
		{"signing-alg", "the `ALGORITHM` of its ID tokens: RS256, PS256, ES256 or EdDSA", func(e *entry) any { return &e.SigningAlg }},
		{"introspect", "it may introspect every token, and not only its own", func(e *entry) any { return &e.Introspect }},
		{"response-types", "the `TYPES` that it asks for, with commas between: code, id_token, code id_token", func(e *entry) any { return &e.ResponseTypes }},
		{"response-iss", "its authorization responses have iss; =false: not", func(e *entry) any { return &e.ResponseISS }},
		{"request-uri", "a `URI` where its request objects may be fetched; may be given several times", func(e *entry) any { return &e.RequestURIs }},
		{"require-pushed-authorization-requests", "its requests must be pushed", func(e *entry) any { return &e.RequirePushed }},
		{"require-signed-request-object", "its requests must be signed", func(e *entry) any { return &e.RequireSigned }},
		{"dpop-bound-access-tokens", "its tokens must be bound to a key of its own", func(e *entry) any { return &e.RequireDPoP }},
		{"userinfo-signed-response-alg", "userinfo is a JWT, signed with this `ALGORITHM`", func(e *entry) any { return &e.UserinfoAlg }},
		{"post-logout-redirect-uri", "a `URI` where a logout may lead; may be given several times", func(e *entry) any { return &e.PostLogoutRedirectURIs }},
		{"backchannel-logout-uri", "the `URL` that is told of each logout; needs session.ttl", func(e *entry) any { return &e.BackChannelLogoutURI }},
		{"logout-by-server", "its server may end a session without a browser; needs session.ttl", func(e *entry) any { return &e.LogoutByServer }},
	}
}

// define makes the flag, for a field of e.
func (one property) define(flags *pflag.FlagSet, e *product.Entry) {
	switch field := one.field(e).(type) {
	case *string:
		flags.StringVar(field, one.flag, "", one.usage)
	case *bool:
		flags.BoolVar(field, one.flag, false, one.usage)
	case **bool:
		*field = new(bool)
		flags.BoolVar(*field, one.flag, true, one.usage)
	case *[]string:
		if strings.HasSuffix(one.flag, "-uri") { // which may hold commas
			flags.StringArrayVar(field, one.flag, nil, one.usage)
		} else {
			flags.StringSliceVar(field, one.flag, nil, one.usage)
		}
	}
}

// copy gives one entry what another has.
func (one property) copy(to, from *product.Entry) {
	reflect.ValueOf(one.field(to)).Elem().Set(reflect.ValueOf(one.field(from)).Elem())
}

// flagOf is the flag that gives a key of an entry.
func flagOf(key string) string {
	switch key {
	case "redirect_uris", "request_uris", "post_logout_redirect_uris":
		key = strings.TrimSuffix(key, "s")
	}
	return strings.ReplaceAll(key, "_", "-")
}

// questions are those of all products, each once, as one text for all of them.
func questions() []product.Question {
	general := map[string]string{
		"url":       "the `URL` where people reach the product",
		"realm":     "the `REALM` in which people log in (keycloak)",
		"alias":     "what the product calls the bridge, a `WORD`",
		"tenant":    "the first `PART` of the tenant's domain (entra, b2c)",
		"tenant-id": "the tenant's `ID`, a UUID (entra)",
	}
	var all []product.Question
	for _, p := range product.All() {
		for _, q := range p.Asks {
			if slices.ContainsFunc(all, func(other product.Question) bool { return other.Flag == q.Flag }) {
				continue
			}
			if text, ok := general[q.Flag]; ok {
				q.Text = text
			}
			all = append(all, q)
		}
	}
	return all
}
