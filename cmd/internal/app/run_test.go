package app_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// From a Redis with nothing in it.
func TestAWholeLogin(t *testing.T) {
	b := prepare(t, storagetest.New(t), nil)
	b.start()
	b.ready()
	code := b.Login(nil).Get("code")
	answer := b.Exchange(code, nil)
	token, _ := answer.JSON()["access_token"].(string)
	if answer.Status != http.StatusOK || token == "" {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	if told := b.UserInfo(token).JSON(); told["given_name"] != "Lucas" {
		t.Errorf("%v", told)
	}
}

// The example serves a whole login, with other ports than its own.
func TestALoginByTheExample(t *testing.T) {
	b := running(t, func(string) string {
		text := configtest.Example(t)
		for _, pair := range [][2]string{
			{"issuer: http://127.0.0.1:8080", "issuer: ${ISSUER}"},
			{"url: http://127.0.0.1:8081/itsme/v1/", "url: ${CM}"},
			{`addresses: ["127.0.0.1:6379"]`, `addresses: ["${REDIS}"]`},
		} {
			text = configtest.Change(t, text, pair[0], pair[1])
		}
		return text
	})
	const callback = "http://127.0.0.1:8082/callback"
	code := b.Login(func(f url.Values) {
		f.Set("client_id", "example")
		f.Set("redirect_uri", callback)
	}).Get("code")
	secret := regexp.MustCompile(`secret: (\S+) # EXAMPLE`).FindStringSubmatch(configtest.Example(t))[1]
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {providertest.Verifier}}
	answer, err := b.Call("/token", form, func(r *http.Request) { r.SetBasicAuth("example", secret) })
	if err != nil {
		t.Fatal(err)
	}
	answer.Wants(t, http.StatusOK, "")
}

// The salt of the configuration is the one that subjects are made with.
func TestTheSaltMakesTheSubjects(t *testing.T) {
	subject := func(change func(string) string) string {
		t.Helper()
		b := running(t, change)
		token, _ := b.Exchange(b.Login(nil).Get("code"), nil).JSON()["access_token"].(string)
		sub, _ := b.UserInfo(token).JSON()["sub"].(string)
		return sub
	}
	one, again, other := subject(nil), subject(nil), subject(otherSalt)
	if one == "" || one != again {
		t.Errorf("the same salt makes %q and %q", one, again)
	}
	if one == other {
		t.Error("another salt makes the same subject")
	}
}

// otherSalt is the configuration with another salt.
func otherSalt(text string) string {
	return strings.Replace(text, `"${SALT}", fingerprint: 76b2c85d07ca9801`, "0123456789012345678901234567890123456789, fingerprint: 4ec78e0a2ad52186", 1)
}

// A browser is gone, its identity is on the way, and the process is told to
// stop: it waits until the identity is in Redis.
func TestDrainLosesNoIdentity(t *testing.T) {
	world := storagetest.New(t)
	b := prepare(t, world, nil)
	b.furnish()
	b.start()
	b.ready()
	browser := b.Browser()
	back := browser.Begin(nil)
	b.Approve()
	hold := b.Sandbox.Hold()
	defer hold.Release()
	leave := browser.Leave(back)
	<-hold.Reached()
	leave()

	b.stop()
	b.journal.await(t, "draining")
	if status, body := b.ask("/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "it is about to stop") {
		t.Errorf("while draining: %d %s", status, body)
	}
	select {
	case err := <-b.ended:
		t.Fatalf("it did not wait: %v", err)
	default:
	}
	hold.Release()
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	if line := b.journal.await(t, "drained"); line["complete"] != true {
		t.Error(line)
	}
	if b.listens() {
		t.Error("somebody still listens")
	}
	if n := grants(world); n != 1 {
		t.Errorf("%d grants are in Redis, want 1", n)
	}
}

// grants counts the identities that wait in Redis for their codes.
func grants(world *storagetest.World) (n int) {
	for key := range world.Dump() {
		if strings.Contains(key, "grant:") {
			n++
		}
	}
	return n
}

// listens reports whether a listener is still open.
func (b *bridge) listens() bool {
	for _, address := range []string{b.Issuer, b.operations} {
		connection, err := new(net.Dialer).DialContext(b.t.Context(), "tcp", strings.TrimPrefix(address, "http://"))
		if err == nil {
			connection.Close()
			return true
		}
	}
	return false
}

// Between "not ready" and "not listening" load balancers have time to notice.
func TestDrainGivesNotice(t *testing.T) {
	t.Parallel() // it waits for the notice to end
	const notice = 2 * time.Second
	b := running(t, nil, func(c *config.Config) { c.Server.Timeouts.DrainDelay = notice })
	b.stop()
	began := moment(t, b.journal.await(t, "draining"))
	if status, _ := b.ask("/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("it says that it is ready: %d", status)
	}
	if answer, err := b.Call("/keys", nil, nil); err != nil || answer.Status != http.StatusOK {
		t.Errorf("it does not serve any more: %v, %v", answer, err)
	}
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	if took := moment(t, b.journal.await(t, "drained")).Sub(began); took < notice {
		t.Errorf("it gave notice of %s", took)
	}
}

// moment is when a line was written.
func moment(t *testing.T, line map[string]any) time.Time {
	t.Helper()
	text, _ := line["time"].(string)
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// What does not end in time is cut off, and said; but not an identity on its way.
func TestDrainHasAnEnd(t *testing.T) {
	world := storagetest.New(t)
	b := prepare(t, world, nil, func(c *config.Config) { c.Server.Timeouts.Drain = 100 * time.Millisecond })
	b.furnish()
	b.start()
	b.ready()
	browser := b.Browser()
	back := browser.Begin(nil)
	b.Approve()
	hold := b.Sandbox.Hold()
	defer hold.Release()
	cut := make(chan error, 1)
	go func() {
		_, err := browser.Try(back)
		cut <- err
	}()
	<-hold.Reached()
	b.stop()
	if err := <-cut; err == nil {
		t.Error("it was not cut off")
	}
	hold.Release()
	if err := b.end(); err == nil || !strings.Contains(err.Error(), "requests were cut off after 100ms") {
		t.Errorf("%v", err)
	}
	if n := grants(world); n != 1 {
		t.Errorf("%d grants are in Redis, want 1", n)
	}
}

// A page that waits without scripts is answered when the process stops: nobody is cut off.
func TestDrainAnswersWhoeverIsHeld(t *testing.T) {
	b := running(t, nil, func(c *config.Config) { c.Server.Timeouts.Drain = 4 * time.Second })
	browser := b.Browser()
	b.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 99})
	back := browser.Begin(nil)
	browser.Get(back)
	browser.Header.Set("Sec-Fetch-Site", "same-origin")
	browser.Header.Del("Sec-Fetch-User")
	b.ResetRoundtrips()
	page := make(chan string, 1)
	go func() {
		answer, err := browser.Try(back)
		if err != nil {
			page <- err.Error()
			return
		}
		page <- answer.Page()
	}()
	for deadline := time.Now().Add(5 * time.Second); b.Roundtrips() < 2; time.Sleep(time.Millisecond) { // a second look: it waits
		if time.Now().After(deadline) {
			t.Fatal("it is not held")
		}
	}
	b.stop()
	if kind := <-page; kind != "waiting" {
		t.Errorf("page %q", kind)
	}
	if err := b.end(); err != nil {
		t.Error(err)
	}
}

func TestItStopsWhileItWaits(t *testing.T) {
	world := storagetest.New(t)
	b := prepare(t, world, nil)
	world.Faults().Down()
	defer world.Faults().Up()
	b.start()
	b.journal.await(t, "waiting for Redis")
	b.stop()
	if err := b.end(); err != nil {
		t.Error(err)
	}
}

func TestAnotherSaltDoesNotServe(t *testing.T) {
	world := storagetest.New(t)
	first := prepare(t, world, nil)
	first.furnish()
	first.start()
	first.ready()
	b := prepare(t, world, otherSalt)
	b.start()
	err := b.end()
	refusal, ok := errors.AsType[*app.RefusedError](err)
	if !ok || refusal.Path != "subjects.salt" || !strings.Contains(refusal.Text, "its fingerprint is 4ec78e0a2ad52186, and this deployment's is 76b2c85d07ca9801") {
		t.Errorf("%v", err)
	}
	select {
	case <-b.Ready():
		t.Error("it served")
	default:
	}
}

func TestAPortThatIsTaken(t *testing.T) {
	taken := listen(t)
	for name, find := range map[string]string{"listen: listen": "127.0.0.1:1\n", "operations.listen": `127.0.0.1:2"`} {
		text := strings.Replace(local, find, taken.Addr().String()+find[len(find)-1:], 1)
		settings, err := config.Parse("a.yaml", []byte(text), func(name string) (string, bool) {
			switch name {
			case "ISSUER", "CM":
				return "http://127.0.0.1:3", true
			case "REDIS":
				return "127.0.0.1:4", true
			case "APP_SECRET":
				return configtest.ClientSecret, true
			default:
				return configtest.Environment(name)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		options := app.Options{Now: time.Now}
		if name == "operations.listen" {
			options.Listener = listen(t)
		}
		if _, err := app.New(context.Background(), settings, options); err == nil || !strings.Contains(err.Error(), strings.Split(name, ": ")[0]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
