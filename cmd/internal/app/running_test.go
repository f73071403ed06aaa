package app_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

func TestMain(m *testing.M) {
	app.SilenceLibraries() // which would tell of every fault that a test makes
	m.Run()
}

// local is a configuration of a bridge on this machine, that providertest can log in with.
const local = `issuer: ${ISSUER}
listen: 127.0.0.1:1
operations: {listen: "127.0.0.1:2"}
timeouts: {drain_delay: 0s}
redis: {mode: single, addresses: ["${REDIS}"]}
master_key: {current: "${MASTER_KEY}"}
subjects: {salt: "${SALT}", fingerprint: 76b2c85d07ca9801}
itsme: {url: "${CM}", token: "${CM_TOKEN}"}
clients:
  - id: app
    name: The app
    home: https://app.example/
    secret: ${APP_SECRET}
    redirect_uris: ["https://app.example/callback"]
    scopes: [profile, email, phone, address]
`

// patience bounds every wait of these tests.
const patience = 20 * time.Second

// bridge is an App that runs.
type bridge struct {
	*app.App
	*providertest.Server // the browser's and the client's side of it

	t          *testing.T
	operations string
	journal    *journal
	told       told
	public     *listener
	stdout     broken // of an audit stream
	stop       context.CancelFunc
	ended      chan error
	file       file
}

// file stands for the configuration file.
type file struct {
	mu   sync.Mutex
	text string
}

func (f *file) write(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.text = text
}

func (f *file) read() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.text
}

// prepare builds a bridge on a world, with something changed in the text of its
// configuration and in what becomes of it. It does not run yet.
func prepare(t *testing.T, world *storagetest.World, change func(string) string, more ...func(*config.Config)) *bridge {
	t.Helper()
	return prepareFor(t, 0, world, change, more...)
}

// prepareFor is prepare, with a supervisor that waits so long for a sign of life.
func prepareFor(t *testing.T, watchdog time.Duration, world *storagetest.World, change func(string) string, more ...func(*config.Config)) *bridge {
	t.Helper()
	b := &bridge{t: t, journal: newJournal(), ended: make(chan error, 1)}
	text := local
	if change != nil {
		text = change(text)
	}
	b.file.write(text)
	public, operations := listen(t), listen(t)
	b.operations = "http://" + operations.Addr().String()
	scheme := "http://"
	if strings.Contains(text, "\ntls: {cert_file") {
		scheme = "https://"
	}
	b.Server = &providertest.Server{
		World: world, T: t, Issuer: scheme + public.Addr().String(), Sandbox: sandbox.NewServer(t, sandbox.Options{Now: world.Now}),
	}
	settings, err := b.parse()
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range more {
		change(settings)
	}
	b.public = &listener{Listener: public}
	b.App, err = app.New(t.Context(), settings, app.Options{
		Log: slog.New(slog.NewJSONHandler(b.journal, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: world.Now, Version: "v1.2.3", Revision: "abc123", Stdout: &b.stdout,
		Listener: b.public, Operations: operations, Reread: b.parse,
		Supervisor: app.Supervisor{Tell: b.told.tell, Clock: func() string { return "MONOTONIC_USEC=1" }, Watchdog: watchdog},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bridge) parse() (*config.Config, error) {
	return config.Parse("a.yaml", []byte(b.file.read()), func(name string) (string, bool) {
		switch name {
		case "ISSUER":
			return b.Issuer, true
		case "REDIS":
			return b.Address(), true
		case "CM":
			return b.Sandbox.URL, true
		case "APP_SECRET":
			return providertest.AppSecret, true
		default:
			return configtest.Environment(name)
		}
	})
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// start lets it run. What is left at the end of the test is drained.
func (b *bridge) start() {
	b.t.Helper()
	ctx, stop := context.WithCancel(b.t.Context())
	b.stop = stop
	go func() {
		b.ended <- b.Run(ctx)
		close(b.ended)
	}()
	b.t.Cleanup(func() {
		stop()
		<-b.ended
	})
}

// ready waits until it serves.
func (b *bridge) ready() *bridge {
	b.t.Helper()
	select {
	case <-b.Ready():
	case err := <-b.ended:
		b.t.Fatalf("it ended: %v\n%s", err, b.journal)
	case <-time.After(patience):
		b.t.Fatalf("it does not become ready\n%s", b.journal)
	}
	return b
}

// end waits until Run returns.
func (b *bridge) end() error {
	b.t.Helper()
	select {
	case err := <-b.ended:
		return err
	case <-time.After(patience):
		b.t.Fatalf("it does not end\n%s", b.journal)
		return nil
	}
}

// furnish puts signing keys into Redis, as an earlier bridge would have left them.
func (b *bridge) furnish() {
	b.t.Helper()
	config, err := b.parse()
	if err != nil {
		b.t.Fatal(err)
	}
	cell, done, err := app.KeysCell(config)
	if err != nil {
		b.t.Fatal(err)
	}
	defer done()
	providertest.Ring(b.t, cell, config.Clients.Algorithms(), config.Signing.Policy, b.Now)
}

// running is a bridge that serves, in a deployment that has its keys.
func running(t *testing.T, change func(string) string, more ...func(*config.Config)) *bridge {
	t.Helper()
	b := prepare(t, storagetest.New(t), change, more...)
	b.furnish()
	b.start()
	return b.ready()
}

// ask asks the operators' listener.
func (b *bridge) ask(path string) (int, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.operations+path, http.NoBody)
	if err != nil {
		b.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, strings.TrimSpace(string(body))
}

// journal is a log that can be waited for.
type journal struct {
	mu    sync.Mutex
	text  strings.Builder
	wrote chan struct{} // closed and made anew at every line
}

func newJournal() *journal { return &journal{wrote: make(chan struct{})} }

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	close(j.wrote)
	j.wrote = make(chan struct{})
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// await waits for a line with this message and returns it.
func (j *journal) await(t *testing.T, message string) map[string]any {
	t.Helper()
	deadline := time.After(patience)
	for {
		j.mu.Lock()
		text, wrote := j.text.String(), j.wrote
		j.mu.Unlock()
		for line := range strings.Lines(text) {
			var fields map[string]any
			if json.Unmarshal([]byte(line), &fields) == nil && fields["msg"] == message {
				return fields
			}
		}
		select {
		case <-wrote:
		case <-deadline:
			t.Fatalf("nobody says %q\n%s", message, text)
		}
	}
}

// What libraries write past our log may hold what a client sent.
func TestLibrariesAreSilent(t *testing.T) {
	if slog.Default().Enabled(t.Context(), slog.LevelError) {
		t.Error("the default logger writes")
	}
}
