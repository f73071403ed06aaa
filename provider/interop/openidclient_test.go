package interop_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// openidClient is where make setup puts the library, and where its applications are.
const openidClient = "testdata/openid-client"

// Each row is a scenario in testdata/openid-client/scenarios.mjs, and the
// registration that it needs.
func TestOpenIDClient(t *testing.T) {
	needsOpenIDClient(t)
	private := key(t)
	rows := []struct {
		scenario string
		change   func(*client.Client)
	}{
		{"code", nil},
		{"client_secret_post", posts},
		{"none", func(c *client.Client) { c.AuthMethod, c.SecretHashes = client.None, nil }},
		{"form_post", nil},
		{"private_key_jwt", signs(private)},
		{"pushed", func(c *client.Client) { c.RequirePushed = true }},
		{"signed_request", func(c *client.Client) { c.RequireSigned, c.Keys = true, registered(private) }},
		{"pushed_signed_request", signs(private)},
		{"dpop", nil},
		{"fapi2", func(c *client.Client) {
			signs(private)(c)
			c.FAPI2, c.RequirePushed, c.RequireDPoP, c.SigningAlg = true, true, true, keys.ES256
		}},
		{"refresh", func(c *client.Client) { c.Scopes = append(c.Scopes, "offline_access") }},
		{"dpop_refresh", func(c *client.Client) {
			c.AuthMethod, c.SecretHashes, c.Scopes = client.None, nil, append(c.Scopes, "offline_access")
		}},
		{"hybrid", func(c *client.Client) { c.ResponseTypes = []string{"code id_token"} }},
		{"hybrid_form_post", func(c *client.Client) { c.ResponseTypes = []string{"code id_token"} }},
		{"id_token", func(c *client.Client) { c.ResponseTypes = []string{"id_token"} }},
		{"introspect_and_revoke", nil},
		{"signed_userinfo", func(c *client.Client) { c.UserinfoAlg = keys.ES256 }},
		{"silent", nil},
		{"logout", func(c *client.Client) { c.PostLogoutRedirectURIs = []string{goodbye} }},
	}
	var clients []client.Client
	for _, row := range rows {
		clients = append(clients, clientNamed(row.scenario, row.change))
	}
	s := serve(t, clients...)
	for _, row := range rows {
		t.Run(row.scenario, func(t *testing.T) {
			play(t, s.Browser(), row.scenario, map[string]any{
				"issuer": s.Issuer, "client_id": row.scenario, "client_secret": AppSecret, "key": private,
				"redirect_uri": Callback, "post_logout_redirect_uri": goodbye, "email": email(),
			})
		})
	}
}

// play runs a scenario to its end. Where it sends a person, this browser goes.
func play(t *testing.T, b *Browser, scenario string, given any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "scenarios.mjs", scenario)
	node.Dir = openidClient
	var said strings.Builder
	node.Stderr = &said
	input, problem1 := node.StdinPipe()
	output, problem2 := node.StdoutPipe()
	if err := errors.Join(problem1, problem2, node.Start()); err != nil {
		t.Fatal(err)
	}
	tell := json.NewEncoder(input)
	_ = tell.Encode(given) // if it cannot hear us, it says why below
	for addresses := bufio.NewScanner(output); addresses.Scan(); {
		to, form, _ := walk(t, b, addresses.Text())
		_ = tell.Encode(map[string]any{"to": to, "form": form.Encode()})
	}
	if err := node.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
}

// needsOpenIDClient skips a test without the library, and fails it in CI.
func needsOpenIDClient(t *testing.T) {
	t.Helper()
	_, noNode := exec.LookPath("node")
	_, noLibrary := os.Stat(filepath.Join(openidClient, "node_modules", "openid-client"))
	if err := errors.Join(noNode, noLibrary); err != nil {
		const missing = "NOT TESTED WITH openid-client: make setup brings it, where Node and npm are: %v"
		if os.Getenv("CI") == "true" {
			t.Fatalf(missing, err)
		}
		t.Skipf(missing, err)
	}
}
