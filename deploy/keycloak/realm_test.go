//go:build products

package keycloak_test

import (
	"crypto/rand"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/provider/providertest/chromium"
)

// realm is a realm of Keycloak's where people log in with itsme.
type realm struct {
	*e2e.Client // of the bridge
	t           *testing.T
	server      *server
	world       *e2e.World
	name        string
	application *application
}

// opening makes a realm and its application, without an identity provider.
func opening(t *testing.T, w *e2e.World) *realm {
	t.Helper()
	s := keycloak(t)
	r := &realm{t: t, server: s, world: w, name: "realm-" + strings.ToLower(rand.Text()[:8])}
	r.application = opened(t, s.url+"/realms/"+r.name)
	s.ask(t, "POST", "", map[string]any{
		"realm": r.name, "enabled": true,
		"internationalizationEnabled": true, "supportedLocales": []string{"en", "nl", "fr", "de"}, "defaultLocale": "en",
		"clients": []any{map[string]any{
			"clientId": "application", "publicClient": true, "redirectUris": []string{r.application.url + "/*"},
			"attributes":           map[string]string{"post.logout.redirect.uris": "+"},
			"optionalClientScopes": []string{"phone", "address"}, "defaultClientScopes": []string{"basic", "profile", "email"},
		}},
	}, nil)
	t.Cleanup(func() { s.ask(t, "DELETE", "/"+r.name, nil, nil) })
	r.application.discover(t)
	return r
}

// newRealm is a realm that is set up by what client new writes, with these flags.
func newRealm(t *testing.T, w *e2e.World, flags ...string) *realm {
	t.Helper()
	r := opening(t, w)
	r.newClient(flags...)
	r.server.ask(t, "POST", "/"+r.name+"/partialImport", r.Read("itsme.json"), nil)
	var profile map[string]any
	r.ask("GET", "/users/profile", nil, &profile)
	profile["unmanagedAttributePolicy"] = "ADMIN_EDIT"
	r.ask("PUT", "/users/profile", profile, nil)
	return r
}

// newClient runs client new for this realm, and returns what it says is to be done.
func (r *realm) newClient(flags ...string) string {
	r.t.Helper()
	if !slices.Contains(flags, "--scopes") {
		flags = append(flags, "--scopes", "profile,email,phone,address")
	}
	r.Client = r.world.NewClient(append([]string{"--for", "keycloak", "--name", "The shop", "--url", r.server.url, "--realm", r.name}, flags...)...)
	return r.Said
}

// ask asks the administration's API about this realm.
func (r *realm) ask(method, path string, body, answer any) {
	r.t.Helper()
	r.server.ask(r.t, method, "/"+r.name+path, body, answer)
}

// change changes settings of the identity provider: those in its config, or, if they are no text, its own.
func (r *realm) change(settings map[string]any) {
	r.t.Helper()
	var provider map[string]any
	r.ask("GET", "/identity-provider/instances/itsme", nil, &provider)
	config := provider["config"].(map[string]any)
	for name, value := range settings {
		if text, ok := value.(string); ok {
			config[name] = text
		} else {
			provider[name] = value
		}
	}
	if config["clientSecret"] == "**********" { // what it shows instead
		config["clientSecret"] = r.Secret
	}
	r.ask("PUT", "/identity-provider/instances/itsme", provider, nil)
}

// user is what Keycloak knows of a person.
type user struct {
	ID            string              `json:"id"`
	Username      string              `json:"username"`
	FirstName     string              `json:"firstName"`
	LastName      string              `json:"lastName"`
	Email         string              `json:"email"`
	EmailVerified bool                `json:"emailVerified"`
	Attributes    map[string][]string `json:"attributes"`
}

// users are all of the realm's people.
func (r *realm) users() []user {
	r.t.Helper()
	var all []user
	r.ask("GET", "/users?briefRepresentation=false", nil, &all)
	return all
}

// only is the one person of the realm.
func (r *realm) only() user {
	r.t.Helper()
	all := r.users()
	if len(all) != 1 {
		r.t.Fatalf("the realm has %d people, want one: %+v", len(all), all)
	}
	return all[0]
}

// What stands on Keycloak's pages.
const (
	button  = "#social-itsme"      // of its login page
	onward  = "#loginContinueLink" // of its page "Page has expired"
	alert   = ".pf-v5-c-alert__title"
	failure = "#kc-error-message" // of its error page
)

// login goes to Keycloak's login page, and from there on to itsme.
func (r *realm) login(b *chromium.Tab, parameters ...string) {
	r.t.Helper()
	q := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		q.Set(parameters[i], parameters[i+1])
	}
	b.GoTo(r.application.url + "/login?" + q.Encode())
	b.See(button)
	b.Press(button)
}

// loggedIn is what the application was told of a person.
func (r *realm) loggedIn(b *chromium.Tab) map[string]any {
	r.t.Helper()
	b.See("#said")
	said := b.Read("#said")
	var claims map[string]any
	if err := json.Unmarshal([]byte(said), &claims); err != nil {
		r.t.Fatalf("the application says %s", said)
	}
	return claims
}
