package interop_test

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
	httphelper "github.com/zitadel/oidc/v3/pkg/http"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

type tokens = oidc.Tokens[*oidc.IDTokenClaims]

// site is a web application on zitadel/oidc's relying party: its handlers, a
// listener, and what they leave behind.
type site struct {
	t     *testing.T
	s     *Server
	party rp.RelyingParty
	home  string

	tokens *tokens
	info   *oidc.UserInfo
}

// newSite registers a client and starts its application.
func newSite(t *testing.T, change func(*client.Client), options ...rp.Option) *site {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	site := &site{t: t, home: server.URL}
	callback := site.home + "/callback"
	registered := clientNamed("site", change)
	registered.RedirectURIs = []string{callback}
	site.s = serve(t, registered)

	secret := AppSecret
	if len(registered.SecretHashes) == 0 {
		secret = ""
	}
	cookies := httphelper.NewCookieHandler([]byte(rand.Text()), nil, httphelper.WithUnsecure())
	options = append(options, rp.WithPKCEFromDiscovery(cookies), rp.WithSigningAlgsFromDiscovery(),
		rp.WithUnauthorizedHandler(func(_ http.ResponseWriter, _ *http.Request, description, _ string) { t.Error(description) }))
	var err error
	site.party, err = rp.NewRelyingPartyOIDC(t.Context(), site.s.Issuer, "site", secret, callback, registered.Scopes, options...)
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/login", rp.AuthURLHandler(rand.Text, site.party))
	mux.Handle("/callback", rp.CodeExchangeHandler(rp.UserinfoCallback(site.welcome), site.party))
	return site
}

// welcome is called when the library is content.
func (site *site) welcome(_ http.ResponseWriter, _ *http.Request, t *tokens, _ string, _ rp.RelyingParty, info *oidc.UserInfo) {
	site.tokens, site.info = t, info
}

// login is one by a person at the site.
func (site *site) login(b *Browser) {
	site.t.Helper()
	to, _, page := walk(site.t, b, site.home+"/login")
	if site.tokens == nil {
		site.t.Fatalf("the login ended at %s: %d\n%s", to, page.Status, page.Body)
	}
	if site.info.Email != email() || bool(site.info.EmailVerified) || site.info.Subject != site.tokens.IDTokenClaims.Subject {
		site.t.Errorf("%+v", site.info)
	}
}

func TestZitadelRelyingParty(t *testing.T) {
	private := key(t)
	for _, row := range []struct {
		name   string
		change func(*client.Client)
		option []rp.Option
	}{
		{"client_secret_basic", nil, nil},
		{"client_secret_post", posts, nil},
		{"PKCE alone", func(c *client.Client) { c.AuthMethod, c.SecretHashes = client.None, nil }, nil},
		{"private_key_jwt", signs(private), []rp.Option{rp.WithJWTProfile(rp.SignerFromKeyAndKeyID(encoded(t, private), private.KeyID))}},
		{"ID token by ES256", func(c *client.Client) { c.SigningAlg = keys.ES256 }, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			site := newSite(t, row.change, row.option...)
			site.login(site.s.Browser())
		})
	}
}

// encoded is a private key as PEM.
func encoded(t *testing.T, private jose.JSONWebKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private.Key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// RFC 7009. Unless told, the library has the secret in the form here, whatever it found out when it exchanged the code.
func TestZitadelRevocation(t *testing.T) {
	site := newSite(t, posts)
	site.login(site.s.Browser())
	if err := rp.RevokeToken(t.Context(), site.party, site.tokens.AccessToken, "access_token"); err != nil {
		t.Fatal(err)
	}
	if _, err := rp.Userinfo[*oidc.UserInfo](t.Context(), site.tokens.AccessToken, "Bearer", site.info.Subject, site.party); err == nil {
		t.Error("a revoked access token still tells of the person")
	}
}

// RFC 6749 §6, OpenID Connect Core §12.
func TestZitadelRefresh(t *testing.T) {
	site := newSite(t, func(c *client.Client) { posts(c); c.Scopes = append(c.Scopes, oidc.ScopeOfflineAccess) })
	site.login(site.s.Browser())
	fresh, err := rp.RefreshTokens[*oidc.IDTokenClaims](t.Context(), site.party, site.tokens.RefreshToken, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if fresh.AccessToken == site.tokens.AccessToken || fresh.IDTokenClaims.Subject != site.info.Subject {
		t.Errorf("sub %q, want %q", fresh.IDTokenClaims.Subject, site.info.Subject)
	}
	if _, err := rp.Userinfo[*oidc.UserInfo](t.Context(), fresh.AccessToken, fresh.TokenType, site.info.Subject, site.party); err != nil {
		t.Error(err)
	}
}

// RP-Initiated Logout 1.0 §2 and §3: the library posts, from its server, and wants to be told where to send the browser.
func TestZitadelEndSession(t *testing.T) {
	site := newSite(t, func(c *client.Client) { c.PostLogoutRedirectURIs = []string{goodbye} })
	site.login(site.s.Browser())
	to, err := rp.EndSession(t.Context(), site.party, site.tokens.IDToken, goodbye, "a-state", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := goodbye + "?state=a-state"; to == nil || to.String() != want {
		t.Errorf("%v, want %s", to, want)
	}
}
