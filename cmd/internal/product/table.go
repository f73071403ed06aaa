package product

import (
	"slices"

	"itsme-bridge/provider/client"
)

const (
	basic      = client.ClientSecretBasic
	post       = client.ClientSecretPost
	privateKey = client.PrivateKeyJWT
	none       = client.None
)

// restarts is what those need that keep what discovery said at their start.
const restarts = "restart it once discovery lists ES256: it reads that at its start alone"

// The questions that several products are asked.
func place(text string) Question { return Question{Flag: "url", Text: text} }

func realm() Question { return Question{Flag: "realm", Text: "the realm in which people log in"} }

func alias(text string) Question { return Question{Flag: "alias", Text: text, Usual: "itsme"} }

func tenant(text string) Question { return Question{Flag: "tenant", Text: text} }

func tenantID() Question {
	return Question{Flag: "tenant-id", Text: "the tenant's ID, a UUID that its overview shows"}
}

func methods(m ...client.AuthMethod) []client.AuthMethod { return m }

// table is the knowledge, one row a product. What is said of one has been seen by
// a test under deploy, or stands in its documentation where its guide says so.
func table() []Product {
	return slices.Concat(brokers(), clouds(), microsoft(), proxies(), libraries(), public(), others())
}

// brokers log people in for others, and run where their operator wants.
func brokers() []Product {
	return []Product{
		{
			Name: "keycloak", Title: "Keycloak", Guide: "deploy/keycloak/README.md",
			Asks: []Question{
				place("where people reach Keycloak, such as https://sso.example.be"), realm(),
				alias("the identity provider's alias in Keycloak"),
			},
			Home:       "{{.url}}/realms/{{path .realm}}/account/",
			Redirect:   "{{.url}}/realms/{{path .realm}}/broker/{{path .alias}}/endpoint",
			PostLogout: "{{.url}}/realms/{{path .realm}}/broker/{{path .alias}}/endpoint/logout_response",
			JWKS:       "{{.url}}/realms/{{path .realm}}/protocol/openid-connect/certs",
			Sends:      Sends{Methods: methods(post, basic, privateKey), PKCE: WhenTold, Nonce: ByItself},
			Reads:      Reads{Claims: FromEither, SignedUserinfo: ByItself},
			Needs: Needs{
				ClaimsInIDToken: "with Trust Email on, it marks an address as verified unless the ID token says email_verified",
				RestartsExpired: true,
				BackChannel:     "{{.url}}/realms/{{path .realm}}/protocol/openid-connect/logout/backchannel-logout",
				LogoutByServer:  true,
			},
		},
		{
			Name: "zitadel", Title: "ZITADEL", Guide: "deploy/clients/zitadel/README.md",
			Asks:     []Question{place("where people reach ZITADEL, such as https://auth.example.be")},
			Redirect: "{{.url}}/idps/callback",
			Sends:    Sends{Methods: methods(basic, post), PKCE: WhenTold, Nonce: Never},
			Reads:    Reads{Claims: FromUserinfo, Algorithms: []string{"RS256", "PS256", "ES256"}},
		},
		{
			Name: "authentik", Title: "authentik", Guide: "deploy/clients/authentik/README.md",
			Asks:     []Question{place("where people reach authentik, such as https://auth.example.be"), alias("the source's slug in authentik")},
			Redirect: "{{.url}}/source/oauth/callback/{{path .alias}}/",
			Sends:    Sends{Methods: methods(basic, post), PKCE: WhenTold, Nonce: Never},
			Reads:    Reads{Claims: FromUserinfo},
		},
		{
			Name: "dex", Title: "Dex", Guide: "deploy/clients/dex/README.md",
			Asks:     []Question{place("Dex's issuer, such as https://dex.example.be"), alias("the connector's id in Dex")},
			Redirect: "{{.url}}/callback",
			Sends:    Sends{Methods: methods(basic, post), PKCE: ByItself, Nonce: Never},
			Reads:    Reads{Claims: FromEither, ES256: restarts},
			Needs:    Needs{Scopes: []string{"profile", "email"}},
		},
	}
}

// microsoft's clouds.
func microsoft() []Product {
	return []Product{
		{
			Name: "entra", Title: "Microsoft Entra External ID", Guide: "deploy/clients/entra/README.md",
			Asks:            []Question{tenant("the first part of the tenant's domain, example of example.onmicrosoft.com"), tenantID()},
			Redirect:        "https://{{host .tenant}}.ciamlogin.com/{{path (index . \"tenant-id\")}}/federation/oauth2",
			FurtherRedirect: "https://{{host .tenant}}.ciamlogin.com/{{host .tenant}}.onmicrosoft.com/federation/oauth2",
			Sends:           Sends{Methods: methods(post, privateKey), PKCE: Never, Nonce: ByItself},
			Reads:           Reads{Claims: FromIDToken, FlatAddress: true, Algorithms: []string{"RS256"}},
			Needs: Needs{
				Internet: true, Scopes: []string{"email"},
				VerifiedEmail: "makes no account for an address that is not verified",
			},
		},
		{
			Name: "b2c", Title: "Azure AD B2C", Guide: "deploy/clients/b2c/README.md",
			Asks:     []Question{tenant("the first part of the tenant's domain, example of example.onmicrosoft.com")},
			Redirect: "https://{{host .tenant}}.b2clogin.com/{{host .tenant}}.onmicrosoft.com/oauth2/authresp",
			Sends:    Sends{Methods: methods(post, basic, privateKey), PKCE: Never, Nonce: ByItself, Instead: client.ResponseToken},
			Reads:    Reads{Claims: FromIDToken, FlatAddress: true, Algorithms: []string{"RS256"}},
			Needs:    Needs{Internet: true},
		},
	}
}

// clouds log people in for others.
func clouds() []Product {
	return []Product{
		{
			Name: "auth0", Title: "Auth0", Guide: "deploy/clients/auth0/README.md",
			Asks:     []Question{place("the tenant's address, or its custom domain, such as https://example.eu.auth0.com"), alias("the connection's name in Auth0")},
			Redirect: "{{.url}}/login/callback",
			Sends:    Sends{Methods: methods(post, privateKey), PKCE: ByItself, Nonce: WhenTold, Instead: client.ResponseToken},
			Reads:    Reads{Claims: FromIDToken, Algorithms: []string{"RS256", "PS256", "ES256"}, ES256: "allow it in the connection's id_token_signed_response_algs"},
			Needs:    Needs{Internet: true},
		},
		{
			Name: "okta", Title: "Okta", Guide: "deploy/clients/okta/README.md",
			Asks:     []Question{place("the organization's address, or its custom domain, such as https://example.okta.com"), alias("the identity provider's name in Okta")},
			Redirect: "{{.url}}/oauth2/v1/authorize/callback",
			Sends:    Sends{Methods: methods(post, basic, privateKey), PKCE: WhenTold, Nonce: ByItself},
			Reads:    Reads{Claims: FromUserinfo, Algorithms: []string{"RS256"}},
			Needs: Needs{
				Internet: true, Scopes: []string{"email"},
				ClaimsInIDToken: "without a userinfo endpoint, which may be left out, it reads nothing else",
			},
		},
		{
			Name: "cognito", Title: "Amazon Cognito", Guide: "deploy/clients/cognito/README.md",
			Asks:     []Question{place("the user pool's domain, such as https://example.auth.eu-west-1.amazoncognito.com"), alias("the identity provider's name in the user pool")},
			Redirect: "{{.url}}/oauth2/idpresponse",
			Sends:    Sends{Methods: methods(post), PKCE: Never, Nonce: ByItself},
			Reads:    Reads{Claims: FromUserinfo, FlatAddress: true, Algorithms: []string{"RS256", "ES256"}},
			Needs:    Needs{Internet: true, UsualPort: true},
		},
		{
			Name: "google", Title: "Google Identity Platform", Guide: "deploy/clients/google/README.md",
			Asks:     []Question{place("the project's authentication domain, such as https://example.firebaseapp.com"), alias("the provider's name, without oidc.")},
			Redirect: "{{.url}}/__/auth/handler",
			Sends:    Sends{Methods: methods(post, basic), PKCE: Never, Nonce: ByItself, Instead: client.ResponseToken},
			Reads:    Reads{Claims: FromIDToken, Algorithms: []string{"RS256"}},
			Needs:    Needs{Internet: true},
		},
		{
			Name: "supabase", Title: "Supabase", Guide: "deploy/clients/supabase/README.md",
			Asks:     []Question{place("the project's address, such as https://abcdefghijklmnop.supabase.co"), alias("the provider's name, without custom:")},
			Redirect: "{{.url}}/auth/v1/callback",
			Sends:    Sends{Methods: methods(basic, post), PKCE: ByItself, Nonce: Never},
			Reads:    Reads{Claims: FromIDToken},
			Needs: Needs{
				Internet: true, Scopes: []string{"email"},
				VerifiedEmail: "mails a link to anyone whose address is not verified, and lets them in after they click it; do not switch its Confirm email off, which links accounts by unverified addresses",
			},
		},
	}
}

// proxies stand before an application that knows nothing of all this.
func proxies() []Product {
	return []Product{
		{
			Name: "oauth2-proxy", Title: "oauth2-proxy", Guide: "deploy/clients/oauth2-proxy/README.md",
			Asks:     []Question{place("where people reach what it protects, such as https://app.example.be")},
			Redirect: "{{.url}}/oauth2/callback",
			Sends:    Sends{Methods: methods(basic), PKCE: WhenTold, Nonce: ByItself},
			Reads:    Reads{Claims: FromEither, ES256: restarts},
			Needs:    Needs{Scopes: []string{"email"}, LogoutByServer: true},
		},
		{
			Name: "apache", Title: "Apache mod_auth_openidc", Guide: "deploy/clients/apache/README.md",
			Asks:            []Question{place("where people reach what it protects, such as https://app.example.be")},
			ChoosesRedirect: true,
			Redirect:        "{{.url}}/oidc/callback", PostLogout: "{{.url}}/logged-out",
			JWKS:  "{{.url}}/oidc/callback?jwks=rsa",
			Sends: Sends{Methods: methods(basic, post, privateKey), PKCE: WhenTold, Nonce: ByItself},
			Reads: Reads{Claims: FromEither, SignedUserinfo: WhenTold},
			Needs: Needs{
				WithoutIssuer: "it takes an error with iss, when a person has cancelled, for a login that a third party begins, and starts another one",
				BackChannel:   "{{.url}}/oidc/callback?logout=backchannel",
			},
		},
	}
}

// libraries make an application log people in, on a server.
func libraries() []Product {
	return []Product{
		{
			Name: "spring", Title: "Spring Boot", Guide: "deploy/clients/spring/README.md",
			Asks:     []Question{place("the application's address, such as https://app.example.be")},
			Redirect: "{{.url}}/login/oauth2/code/itsme", PostLogout: "{{.url}}/",
			Sends: Sends{Methods: methods(basic, post, privateKey), PKCE: ByItself, Nonce: ByItself},
			Reads: Reads{Claims: FromEither, Algorithms: []string{"RS256", "PS256", "ES256"}, ES256: "give it the JwtDecoderFactory of its guide: by itself it verifies RS256 alone"},
		},
		{
			Name: "django", Title: "mozilla-django-oidc", Guide: "deploy/clients/django/README.md",
			Asks:            []Question{place("the application's address, such as https://app.example.be")},
			ChoosesRedirect: true,
			Redirect:        "{{.url}}/oidc/callback/", PostLogout: "{{.url}}/",
			Sends: Sends{Methods: methods(post, basic), PKCE: WhenTold, Nonce: ByItself},
			Reads: Reads{Claims: FromUserinfo, SignedUserinfo: ByItself, Algorithms: []string{"RS256", "ES256"}, ES256: `write OIDC_RP_SIGN_ALGO = "ES256"`},
		},
		{
			Name: "authlib", Title: "Authlib", Guide: "deploy/clients/authlib/README.md",
			Asks:            []Question{place("the application's address, such as https://app.example.be")},
			ChoosesRedirect: true,
			Redirect:        "{{.url}}/auth", PostLogout: "{{.url}}/",
			Sends: Sends{Methods: methods(basic, post), PKCE: WhenTold, Nonce: ByItself},
			Reads: Reads{Claims: FromIDToken, ES256: restarts},
		},
		{
			Name: "authjs", Title: "Auth.js", Guide: "deploy/clients/authjs/README.md",
			Asks:     []Question{place("the application's address, such as https://app.example.be")},
			Redirect: "{{.url}}/auth/callback/itsme",
			Sends:    Sends{Methods: methods(basic, post), PKCE: ByItself, Nonce: WhenTold},
			Reads:    Reads{Claims: FromIDToken},
		},
		{
			Name: "express", Title: "express-openid-connect", Guide: "deploy/clients/express/README.md",
			Asks:            []Question{place("the application's address, such as https://app.example.be")},
			ChoosesRedirect: true,
			Redirect:        "{{.url}}/callback", PostLogout: "{{.url}}",
			Sends: Sends{Methods: methods(basic, post, privateKey), PKCE: ByItself, Nonce: ByItself, Instead: "id_token", Pushes: WhenTold},
			Reads: Reads{Claims: FromIDToken, ES256: `write idTokenSigningAlg: "ES256"`},
		},
		{
			Name: "passport", Title: "passport-openidconnect", Guide: "deploy/clients/passport/README.md",
			Asks:            []Question{place("the application's address, such as https://app.example.be")},
			ChoosesRedirect: true,
			Redirect:        "{{.url}}/login/callback",
			Sends:           Sends{Methods: methods(post), PKCE: Never, Nonce: WhenTold},
			Reads:           Reads{Claims: FromIDToken},
		},
	}
}

// public are applications that can keep no secret.
func public() []Product {
	return []Product{
		{
			Name: "spa", Title: "a single-page application (oidc-client-ts)", Guide: "deploy/clients/spa/README.md",
			Asks:            []Question{place("the page's address, such as https://app.example.be")},
			ChoosesRedirect: true,
			Redirect:        "{{.url}}/", PostLogout: "{{.url}}/",
			Sends: Sends{Methods: methods(none), PKCE: ByItself, Nonce: WhenTold, Refreshes: true, DPoP: WhenTold},
			Reads: Reads{Claims: FromEither},
		},
		{
			Name: "native", Title: "a native application", Guide: "deploy/clients/native/README.md",
			Asks:            []Question{{Flag: "url", Text: "the application's web site, which stands for it in subjects, such as https://www.example.be"}},
			ChoosesRedirect: true,
			Redirect:        "http://127.0.0.1/",
			Sends:           Sends{Methods: methods(none), PKCE: ByItself, Nonce: WhenTold, Refreshes: true, DPoP: WhenTold},
			Reads:           Reads{Claims: FromEither},
		},
	}
}

// others are known by what they speak.
func others() []Product {
	return []Product{
		{
			Name: "fapi2", Title: "a FAPI 2.0 client", Asks: []Question{place("the application's address, such as https://app.example.be")},
			ChoosesRedirect: true,
			Redirect:        "{{.url}}/callback",
			Sends: Sends{
				Methods: methods(privateKey), PKCE: ByItself, Nonce: WhenTold, Refreshes: true, Pushes: ByItself, SignsRequests: WhenTold, DPoP: ByItself,
			},
			Reads: Reads{Claims: FromEither, SignedUserinfo: WhenTold, Algorithms: []string{"PS256", "ES256", "EdDSA"}},
		},
		{
			Name: "plain", Title: "any OpenID Connect client",
			Sends: Sends{
				Methods: methods(basic, post, privateKey, none), PKCE: WhenTold, Nonce: WhenTold, ResponseTypes: nil,
				Refreshes: true, Pushes: WhenTold, SignsRequests: WhenTold, DPoP: WhenTold,
			},
			Reads: Reads{Claims: FromEither, SignedUserinfo: WhenTold},
		},
	}
}
