package provider_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/itsme"
	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/providertest"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

const (
	callback     = "https://app.example/callback?tenant=1"
	verifier     = "a-verifier-of-the-right-length-with-.-and-~-in-it"
	webSecret    = "web-secret-web-secret-web-secret-web-secret"
	storedClaims = `{"email":"lucas.maes@example.com","email_verified":false,"name":"Lucas Maes","address":{"country":"BE"}}`
	subject      = "pairwise-subject-of-lucas"
)

// backchannel is a provider on a real listener, for clients that call it
// without a browser.
type backchannel struct {
	*storagetest.World

	t        testing.TB
	provider *provider.Provider
	registry *prometheus.Registry
	issuer   string
	log      *journal
	skew     atomic.Int64 // how far our clock is ahead of Redis's, in nanoseconds
	signing  atomic.Pointer[func()]
	ended    atomic.Pointer[chan struct{}] // closed when the next request is over, or whoever sent it has hung up
}

// interrupted is a signer before which something happens.
type interrupted struct {
	grant.Signer
	before *atomic.Pointer[func()]
}

func (s interrupted) Sign(ctx context.Context, alg keys.Algorithm, claims []byte) (string, error) {
	if before := s.before.Swap(nil); before != nil {
		(*before)()
	}
	return s.Signer.Sign(ctx, alg, claims)
}

// journal is a log that several requests write to.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// newBackchannel serves below a path, as issuers may (OpenID Connect Discovery §4.1).
func newBackchannel(t testing.TB, world *storagetest.World, clients ...client.Client) *backchannel {
	t.Helper()
	return newBackchannelWith(t, world, func(*provider.Config) {}, clients...)
}

// newBackchannelWith is newBackchannel, configured otherwise.
func newBackchannelWith(t testing.TB, world *storagetest.World, change func(*provider.Config), clients ...client.Client) *backchannel {
	t.Helper()
	b := &backchannel{World: world, t: t, log: &journal{}, registry: prometheus.NewRegistry()}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ended := b.ended.Swap(nil); ended != nil {
			context.AfterFunc(r.Context(), func() { close(*ended) })
		}
		b.provider.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(b.log, nil), slog.LevelError)
	b.issuer = "http://" + server.Listener.Addr().String() + "/some/path"
	now := func() time.Time { return world.Now().Add(time.Duration(b.skew.Load())) }
	ring := providertest.Ring(t, world.Store.Cell("keys-"+world.Store.Keyring().Current(), time.Hour*24*90), algorithms(), keys.DefaultPolicy(time.Hour), now)
	var err error
	config := provider.Config{
		Issuer: b.issuer, Salt: make([]byte, 32),
		AccessToken: 5 * time.Minute, IDToken: 4 * time.Minute, Code: time.Minute, PushedRequest: time.Minute,
		RefreshToken: time.Hour, RefreshGrace: time.Minute,
		Lease: 15 * time.Second, Upstream: 5 * time.Second, WriteBudget: 2 * time.Second,
	}
	change(&config)
	b.provider, err = provider.New(config, provider.Parts{
		Store: world.Store, Signer: interrupted{ring, &b.signing}, Metrics: b.registry, Now: now,
		Log: slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	if clients == nil {
		clients = confederates()
	}
	b.provider.Register(clients)
	server.Start()
	t.Cleanup(server.Close)
	return b
}

// algorithms are those of a backchannel's keys: one of each kind of key.
func algorithms() []keys.Algorithm { return []keys.Algorithm{keys.RS256, keys.ES256, keys.EdDSA} }

// client makes a client that is registered with the secret.
func clientNamed(id string, method client.AuthMethod, secrets ...string) client.Client {
	c := client.Client{
		Terms: client.Terms{
			ID: id, Name: "Client " + id, Home: "https://app.example/", Service: itsme.Login, Deadline: time.Minute,
			Subject: client.Pairwise, Sector: id, SigningAlg: keys.ES256,
		},
		AuthMethod: method, RedirectURIs: []string{callback}, Scopes: []string{"profile", "email"},
	}
	for _, secret := range secrets {
		c.SecretHashes = append(c.SecretHashes, sha256.Sum256([]byte(secret)))
	}
	return c
}

// odd is a client whose id and secret show whether both are form-urlencoded.
const (
	oddID     = "urn:client 1"
	oddSecret = "p%41ss+w:ord é&="
)

// confederates are the clients that most tests know.
func confederates() []client.Client {
	monitor := clientNamed("monitor", client.ClientSecretBasic, "monitor-secret")
	monitor.Introspect = true
	relaxed := clientNamed("relaxed", client.ClientSecretBasic, "relaxed-secret")
	relaxed.PKCE = client.PKCEOrNonce
	return []client.Client{
		clientNamed("web", client.ClientSecretBasic, webSecret),
		clientNamed("other", client.ClientSecretBasic, "other-secret"),
		clientNamed("post", client.ClientSecretPost, "post-secret"),
		clientNamed("spa", client.None),
		clientNamed("changing", client.ClientSecretBasic, "old-secret", "new-secret"),
		clientNamed(oddID, client.ClientSecretBasic, oddSecret),
		monitor, relaxed,
	}
}

func challenge(of string) string {
	sum := sha256.Sum256([]byte(of))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// code is that of a login that the client web began.
func (b *backchannel) code(change ...func(*grant.Grant)) string {
	b.t.Helper()
	g := grant.Grant{
		ClientID: "web", RedirectURI: callback, CodeChallenge: challenge(verifier), Nonce: "a-nonce", Expires: b.Now().Add(time.Minute),
		Asked: "openid profile email", SigningAlg: keys.ES256,
		Identity: grant.Identity{
			Subject: subject, AuthTime: b.Now().Add(-30 * time.Second), Scope: "openid profile email", Claims: json.RawMessage(storedClaims),
		},
	}
	for _, c := range change {
		c(&g)
	}
	code := storage.NewHandle()
	if err := grant.Bucket(b.Store).Put(b.t.Context(), code, g, time.Minute); err != nil {
		b.t.Fatal(err)
	}
	return code.Text()
}

// message is a request on its way, which a test may still spoil.
type message struct {
	method string
	path   string
	query  url.Values
	header http.Header
	form   url.Values
	body   string // instead of the form
}

// exchange is the right token request for a code of web.
func exchange(code string) *message {
	return &message{
		method: http.MethodPost, path: "/token",
		header: http.Header{"Authorization": {basic("web", webSecret)}},
		form: url.Values{
			"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier},
		},
		query: url.Values{},
	}
}

// ask is a request about a token, to /introspect or /revoke.
func ask(path, token, clientID, secret string) *message {
	return &message{
		method: http.MethodPost, path: path,
		header: http.Header{"Authorization": {basic(clientID, secret)}},
		form:   url.Values{"token": {token}}, query: url.Values{},
	}
}

// bearer is the right userinfo request.
func bearer(token string) *message {
	return &message{
		method: http.MethodGet, path: "/userinfo", header: http.Header{"Authorization": {"Bearer " + token}},
		form: url.Values{}, query: url.Values{},
	}
}

func basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) json(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		t.Fatalf("the body is no JSON object: %v\n%d %q", err, r.status, r.body)
	}
	return v
}

func (r reply) text(t testing.TB, member string) string {
	t.Helper()
	s, _ := r.json(t)[member].(string)
	return s
}

func (b *backchannel) send(m *message) reply {
	b.t.Helper()
	answer, err := b.try(b.t.Context(), m)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

// try sends a message that perhaps nobody answers.
func (b *backchannel) try(ctx context.Context, m *message) (reply, error) {
	b.t.Helper()
	target := b.issuer + m.path
	if len(m.query) > 0 {
		target += "?" + m.query.Encode()
	}
	body := m.body
	if body == "" && m.form != nil {
		body = m.form.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, m.method, target, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for name, values := range m.header {
		r.Header[name] = values
	}
	if r.Header.Get("Content-Type") == "" && m.method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return receive(r)
}

func (b *backchannel) do(r *http.Request) reply {
	b.t.Helper()
	answer, err := receive(r)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

// receive sends a request as it is, and follows no redirect.
func receive(r *http.Request) (reply, error) {
	straight := &http.Client{
		Timeout:       20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := straight.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return reply{answer.StatusCode, answer.Header, string(text)}, err
}

// tokens logs in and returns an access token of web.
func (b *backchannel) accessToken(change ...func(*grant.Grant)) string {
	b.t.Helper()
	answer := b.send(exchange(b.code(change...)))
	if answer.status != http.StatusOK {
		b.t.Fatalf("/token: %d %s", answer.status, answer.body)
	}
	return answer.text(b.t, "access_token")
}

// want checks status and error code; an empty code means no error.
func (r reply) want(t testing.TB, status int, code string) {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	if code != "" {
		if got := r.text(t, "error"); got != code {
			t.Fatalf("error %q, want %q: %s", got, code, r.body)
		}
	}
}

// worlds runs a test with the Redis in this process, and with a real one.
func worlds(t *testing.T, test func(t *testing.T, b *backchannel)) {
	t.Helper()
	t.Run("in process", func(t *testing.T) { test(t, newBackchannel(t, storagetest.New(t))) })
	t.Run("redis-server", func(t *testing.T) { test(t, newBackchannel(t, storagetest.Real(t))) })
}
