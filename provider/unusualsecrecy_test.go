package provider_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/provider/providertest/collector"
)

// unusual is a server whose clients use what only some clients use.
func unusual(t *testing.T, app party, traced trace.Tracer) *Server {
	t.Helper()
	change := func(c *client.Client) {
		c.Keys, c.RequestURIs = app.keys(), []string{"https://app.example/requests/"}
		c.ResponseTypes = []string{"code", "id_token", "code id_token"}
		c.Scopes = append(c.Scopes, "offline_access")
		c.UserinfoAlg = c.SigningAlg
	}
	fapi := Clients(change)[0]
	fapi.ID, fapi.FAPI2, fapi.AuthMethod, fapi.SecretHashes = FAPI, true, client.PrivateKeyJWT, nil
	return With(t, Options{
		Tracer: traced, App: change, Clients: []client.Client{fapi},
		Config: func(c *provider.Config) { c.WriteBudget = time.Second },
		Parts: func(p *provider.Parts) {
			p.Outbound = &shelf{objects: map[string]string{"https://app.example/requests/1": "lucas.maes@example.com"}}
		},
	})
}

// gather keeps the secrets that a test meets, each under a name of its own.
type gather struct {
	found secrets
	n     int
}

func (g *gather) note(name, value string) {
	if value = value[strings.LastIndex(value, ".")+1:]; value != "" { // the secret half, or the signature
		g.n++
		g.found[name+" "+strconv.Itoa(g.n)] = value
	}
}

func (g *gather) tokens(a *Answer) (access, refresh string) {
	access, _ = a.JSON()["access_token"].(string)
	refresh, _ = a.JSON()["refresh_token"].(string)
	idToken, _ := a.JSON()["id_token"].(string)
	g.note("access token", access)
	g.note("refresh token", refresh)
	g.note("ID token", idToken)
	return access, refresh
}

// requests are the ways in which a request can come, right and wrong.
func (g *gather) requests(t *testing.T, s *Server, app party) {
	t.Helper()
	personal := func(v url.Values) {
		v.Set("state", g.found["state"])
		v.Set("nonce", g.found["nonce"])
		v.Set("login_hint", g.found["login_hint"])
	}
	for _, change := range []func(url.Values){
		nil, set("claims", `{"userinfo":{"email":{"value":"`+g.found["e-mail"]+`"}}}`), set("claims", g.found["e-mail"]),
		set("acr_values", g.found["e-mail"]), set("id_token_hint", g.found["e-mail"]), set("dpop_jkt", g.found["e-mail"]),
		set("request", g.found["e-mail"]), set("request_uri", "https://app.example/requests/"+g.found["e-mail"]), set("request_uri", "https://app.example/requests/1"),
	} {
		answer := pushing(t, s, all(personal, change))
		s.Browser().Authorize(all(personal, change))
		uri, _ := answer.JSON()["request_uri"].(string)
		g.note("request_uri", uri)
	}
	for _, change := range []func(map[string]any){
		nil, func(c map[string]any) { c["exp"] = 1 }, func(c map[string]any) { c["client_id"] = g.found["e-mail"] }, func(c map[string]any) { c["aud"] = g.found["e-mail"] },
	} {
		object := objectOf(s, change)
		object["login_hint"], object["state"] = g.found["login_hint"], g.found["state"]
		compact := app.sign(t, "JWT", object)
		g.note("request object", compact)
		s.Browser().Get(s.Issuer + "/authorize?" + withObject(compact).Encode())
		pushing(t, s, set("request", compact))
		s.Browser().Get(s.Issuer + "/authorize?" + withObject(unsigned(t, object)).Encode())
	}
}

// responses are the ways in which a person comes back, and who must not.
func (g *gather) responses(t *testing.T, s *Server) {
	t.Helper()
	for _, mode := range []string{"fragment", "form_post"} {
		b := s.Browser()
		back := b.Begin(all(frontRequest("code id_token", mode), set("scope", "openid profile email phone address offline_access")))
		s.Approve()
		_, got := responseOf(t, b.Get(back))
		g.note("code", got.Get("code"))
		g.note("ID token", got.Get("id_token"))
		access, refresh := g.tokens(s.Exchange(got.Get("code"), nil))
		s.UserInfo(access)
		again := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}
		for _, change := range []func(url.Values){nil, set("scope", "openid "+g.found["e-mail"]), set("refresh_token", refresh+"x"), nil} {
			form := url.Values{"grant_type": again["grant_type"], "refresh_token": again["refresh_token"]}
			all(change)(form)
			answer, err := s.Call("/token", form, func(r *http.Request) { r.SetBasicAuth(App, AppSecret) })
			if err != nil {
				t.Fatal(err)
			}
			g.tokens(answer)
			s.Advance(2 * s.Config.RefreshGrace)
		}
	}
	b := s.Browser()
	back := b.Begin(subjectClaim("id_token", g.found["e-mail"]))
	if err := s.Sandbox.Approve("", sandbox.Full); err != nil {
		t.Fatal(err)
	}
	b.Get(back)
}

// proofs are a FAPI client's way, right and wrong.
func (g *gather) proofs(t *testing.T, s *Server, app party) {
	t.Helper()
	h := newHolder(t, s.Issuer, s.Now)
	call := func(path string, form url.Values, changes ...spoil) *Answer {
		assertion := app.sign(t, "JWT", assertionOf(s, FAPI))
		proof := h.proof("POST", path, "", changes...)
		g.note("assertion", assertion)
		g.note("proof", proof)
		answer := proving(t, s, path, proof, form, asserting(assertion))
		if nonce := answer.Header.Get("DPoP-Nonce"); nonce != "" {
			h.nonce = nonce
		}
		return answer
	}
	request := Request(all(set("client_id", FAPI), set("login_hint", g.found["login_hint"])))
	call("/par", request) // for the nonce
	uri, _ := call("/par", request).JSON()["request_uri"].(string)
	g.note("request_uri", uri)
	call("/par", request, put("jti", g.found["e-mail"]), put("htu", "https://"+g.found["e-mail"]))
	code := loggedIn(t, s, url.Values{"client_id": {FAPI}, "request_uri": {uri}})
	g.note("code", code)
	form := exchanging(code)
	form.Del("client_id")
	access, _ := g.tokens(call("/token", form))
	for _, token := range []string{access, access + "x", g.found["e-mail"]} {
		proof := h.proof("GET", "/userinfo", token)
		g.note("proof", proof)
		if _, err := s.Call("/userinfo", nil, func(r *http.Request) {
			r.Header.Set("Authorization", "DPoP "+token)
			r.Header.Set("DPoP", proof)
		}); err != nil {
			t.Fatal(err)
		}
	}
	s.Faults().Down()
	call("/token", form)
	s.Faults().Up()
}

// Promises 3 and 4 hold for what only some clients use.
func TestUnusualFlowsLeakNothing(t *testing.T) {
	app := newParty(t, "app-1")
	traces := collector.New(t)
	s := unusual(t, app, traces.Tracer(t))
	g := &gather{found: fixtures(s)}
	g.requests(t, s, app)
	g.responses(t, s)
	g.proofs(t, s, app)
	g.found.searchTraces(t, traces)
	for _, kind := range []string{"access token", "refresh token", "ID token", "request_uri", "request object", "code", "assertion", "proof"} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(g.found)), func(name string) bool { return strings.HasPrefix(name, kind+" ") }) {
			t.Errorf("no %s was met", kind)
		}
	}
	g.found.search(t, "the log", s.Log.String())
	families, err := s.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		g.found.search(t, "the metrics", family.String())
	}
	for key, value := range s.Dump() {
		g.found.search(t, "the dump", key+string(value))
	}
}
