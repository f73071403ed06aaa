package main_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// ground is what two versions have in common: a real Redis, CM, and what belongs to clients.
type ground struct {
	world  *storagetest.World
	cm     *sandbox.TestServer
	signer signer
	app    *listener // of logouts
	rich   *listener
}

func newGround(t *testing.T) *ground {
	t.Helper()
	return &ground{
		world: storagetest.Real(t), cm: sandbox.NewServer(t), signer: newSigner(t), app: newListener(t), rich: newListener(t),
	}
}

// pair are two processes of two versions behind the address of one issuer, on the
// same ground and with the same configuration.
type pair struct {
	*providertest.Server // its T is the row's
	*ground

	first, second *replica
	door          *door
}

// before sends what comes from here on to the version before the change.
func (p *pair) before() { p.door.to.Store(p.first.url) }

// after sends it to the version after the change.
func (p *pair) after() { p.door.to.Store(p.second.url) }

// in is the same pair for another test; reversed, the change goes the other way.
func (p *pair) in(t *testing.T, reversed bool) *pair {
	t.Helper()
	server, first, second := *p.Server, *p.first, *p.second
	server.T, first.t, second.t = t, t, t
	if reversed {
		first, second = second, first
	}
	return &pair{Server: &server, ground: p.ground, first: &first, second: &second, door: p.door}
}

// door is the issuer's address.
type door struct {
	*httptest.Server

	to atomic.Pointer[url.URL]
}

func newDoor(t *testing.T) *door {
	t.Helper()
	d, transport := new(door), new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	d.Server = httptest.NewServer(&httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(d.to.Load())
			r.Out.Host = r.In.Host
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"] // whom a test wants to be
			// All of the body first: of an answer that comes while a ReverseProxy still reads, it may lose the end.
			if body, err := io.ReadAll(r.In.Body); err == nil && len(body) > 0 {
				r.Out.Body = io.NopCloser(bytes.NewReader(body))
			}
		},
	})
	t.Cleanup(d.Close)
	return d
}

// replica is a process of one version, or was, or will be.
type replica struct {
	t       testing.TB
	binary  string
	text    string   // of its configuration, but for where it listens
	file    string   // with it
	url     *url.URL // where it listens
	process *daemon  // nil: it does not run
}

// newReplica configures a process; the changes are pairs of what stands in the
// configuration and what shall stand there.
func (g *ground) newReplica(t testing.TB, binary, issuer string, changes ...string) *replica {
	t.Helper()
	r := &replica{t: t, binary: binary, text: usual + clients, file: filepath.Join(t.TempDir(), "config.yaml")}
	for change := range slices.Chunk(changes, 2) {
		if strings.Count(r.text, change[0]) != 1 {
			t.Fatalf("%q stands %d times in the configuration", change[0], strings.Count(r.text, change[0]))
		}
		r.text = strings.Replace(r.text, change[0], change[1], 1)
	}
	r.text = strings.NewReplacer(
		"ISSUER", issuer, "REDIS", g.world.Address(), "CM", g.cm.URL, "JWK", g.signer.jwk(t), "SECRET", providertest.AppSecret,
		"APP_HEARS", g.app.URL, "RICH_HEARS", g.rich.URL,
	).Replace(r.text)
	t.Cleanup(r.stop)
	return r
}

// start runs the process until it serves.
func (r *replica) start() {
	r.t.Helper()
	if err := r.tryStart(); err != nil {
		r.t.Fatal(err)
	}
}

// tryStart is start for a process that may refuse to. An address that was free may
// be taken by somebody else in between; then it takes another.
func (r *replica) tryStart() (err error) {
	r.t.Helper()
	for range 10 {
		r.url = &url.URL{Scheme: "http", Host: free(r.t)}
		if err := os.WriteFile(r.file, []byte(strings.Replace(r.text, "LISTEN", r.url.Host, 1)), 0o600); err != nil {
			return err
		}
		if r.process, err = beginOf(r.binary, filepath.Dir(r.file), nil, "serve", "--config", r.file); err != nil {
			return err
		}
		if err = r.process.await(`"msg":"serving"`); err == nil {
			return nil
		}
		r.stop()
		if !strings.Contains(err.Error(), "address already in use") {
			break
		}
	}
	return err
}

func (r *replica) stop() {
	if r.process != nil {
		r.process.kill()
		r.process = nil
	}
}

func (r *replica) restart() {
	r.t.Helper()
	r.stop()
	r.start()
}

// run runs another command of the same version with the same configuration, and gives what it prints.
func (r *replica) run(args ...string) string {
	r.t.Helper()
	command := exec.CommandContext(r.t.Context(), r.binary)
	at := slices.IndexFunc(append(args, "-"), func(arg string) bool { return strings.HasPrefix(arg, "-") }) // behind the command's name
	command.Args = append([]string{name}, slices.Insert(slices.Clone(args), at, "--config", r.file)...)
	out, err := command.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// newPair configures two processes.
func (g *ground) newPair(t *testing.T, first, second string, changes ...string) *pair {
	t.Helper()
	p := &pair{ground: g, door: newDoor(t)}
	p.Server = &providertest.Server{World: g.world, T: t, Issuer: p.door.URL, Sandbox: g.cm}
	p.first = g.newReplica(t, first, p.Issuer, changes...)
	p.second = g.newReplica(t, second, p.Issuer, changes...)
	return p
}

// running is a pair that runs.
func (p *pair) running() *pair {
	p.T.Helper()
	p.first.start()
	p.second.start()
	return p
}

// usual is what all of these tests are configured with. Where it says nothing, the
// defaults must be the same in both versions.
const usual = `issuer: ISSUER
listen: LISTEN
operations: {listen: off}
timeouts: {drain_delay: 0s}
trusted_proxies: [127.0.0.1]
redis: {mode: single, addresses: [REDIS]}
master_key: {current: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}
subjects: {salt: a-salt-of-the-tests-that-is-random-enough-0123456789, fingerprint: 76b2c85d07ca9801}
itsme: {url: CM, token: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9, return_url: path}
session: {ttl: 1h, share: true}
limits: {window: 24h, per_address: 0, per_client: 0, total: 0}
clients:
`

// clients are those of these tests, each for what it keeps in a login.
const clients = `
  - id: app
    name: The App
    home: https://app.example/
    secret: SECRET
    redirect_uris: [https://app.example/callback]
    scopes: [profile, email, phone, address, offline_access]
    post_logout_redirect_uris: [https://app.example/bye]
    backchannel_logout_uri: APP_HEARS
  - id: rich # has all that is settled when a login begins
    name: The Rich
    home: https://rich.example/
    secret: SECRET
    redirect_uris: [https://rich.example/callback]
    scopes: [profile, email, phone, address, offline_access]
    subject: public
    signing_alg: ES256
    id_token_claims: true
    flat_address: true
    email_verified: true
    phone_number_verified: true
    acr: https://rich.example/high
    acr_aliases: [https://rich.example/higher]
    amr: [mfa]
    response_types: [code, id_token, code id_token]
    backchannel_logout_uri: RICH_HEARS
  - id: told # hears of failures at once
    name: The Told
    home: https://told.example/
    secret: SECRET
    redirect_uris: [https://told.example/callback]
    scopes: [profile]
    on_failure: redirect
  - id: restarts # begins again by itself
    name: The Restarter
    home: https://restarts.example/
    secret: SECRET
    redirect_uris: [https://restarts.example/callback]
    scopes: [profile]
    on_expiry: restart
  - id: spa
    name: The Page
    home: https://spa.example/
    auth_method: none
    redirect_uris: [https://spa.example/callback]
    scopes: [profile, offline_access]
  - id: signer # signs whatever it sends
    name: The Signer
    home: https://signer.example/
    auth_method: private_key_jwt
    jwks: [JWK]
    redirect_uris: [https://signer.example/callback]
    scopes: [profile]
    require_pushed_authorization_requests: true
    require_signed_request_object: true
`
