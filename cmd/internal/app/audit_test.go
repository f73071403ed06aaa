package app_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/keys"
	"itsme-bridge/storage/storagetest"
)

// withAudit has the audit stream written to a file.
func withAudit(path string) func(string) string {
	return func(text string) string { return text + "audit: {to: " + path + "}\n" }
}

// events are those in the file so far, as "event member=value …" with these members.
func events(t *testing.T, path string, members ...string) (found []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil || e["stream"] != "audit" || e["time"] == nil {
			t.Fatalf("%q: %v", line, err)
		}
		said, _ := e["event"].(string)
		for _, member := range members {
			if value, ok := e[member]; ok {
				encoded, _ := json.Marshal(value)
				said += " " + member + "=" + string(encoded)
			}
		}
		found = append(found, said)
	}
	return found
}

// awaitEvent waits until the file has an event that says this.
func awaitEvent(t *testing.T, path, want string, members ...string) {
	t.Helper()
	var found []string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if found = events(t, path, members...); slices.Contains(found, want) {
			return
		}
	}
	t.Fatalf("no %s among\n%s", want, strings.Join(found, "\n"))
}

// Whatever an auditor asks about stands in the stream: what replicas do, how logins end,
// what becomes of keys and clients, what was revoked, and who was refused.
func TestTheAuditStream(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	b := prepare(t, storagetest.New(t), withAudit(path))
	b.start() // without keys: it makes them
	b.ready()
	kid := b.kid()
	awaitEvent(t, path, `key_changed kid="`+kid+`" alg="RS256" state="current"`, "kid", "alg", "state", "was")
	awaitEvent(t, path, `started bridge_version="v1.2.3"`, "bridge_version")

	b.Login(nil)
	awaitEvent(t, path, `login_ended client="app" outcome="success" attempts=1 duration_ms=0`, "client", "outcome", "attempts", "duration_ms")
	b.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	browser := b.Browser()
	page := browser.Get(browser.Begin(nil))
	browser.Submit(page, "/itsme/leave")
	awaitEvent(t, path, `login_ended client="app" outcome="cancelled"`, "client", "outcome")
	for line := range strings.Lines(b.journal.String()) { // the login is called as in the log
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) == nil && fields["route"] == "/itsme/leave" {
			encoded, _ := json.Marshal(fields["login"])
			awaitEvent(t, path, `login_ended login=`+string(encoded)+` outcome="cancelled"`, "login", "outcome")
		}
	}
	b.Browser().Get(browser.Begin(nil)) // another browser
	awaitEvent(t, path, `refused reason="wrong_browser" route="/itsme/return"`, "reason", "route")

	b.file.write(withAudit(path)(strings.Replace(local, "name: The app", "name: An app", 1) + another))
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	awaitEvent(t, path, `clients_reloaded came=["another"] changed=["app"]`, "came", "went", "changed")
	b.file.write(withAudit(path)(local[:strings.Index(local, "  - id: app")] + another))
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	awaitEvent(t, path, `clients_reloaded went=["app"]`, "came", "went", "changed")
	b.file.write("elephants: 3\n")
	if err := b.Reload(); err == nil {
		t.Fatal("no error")
	}
	awaitEvent(t, path, "reload_refused")

	config, err := prepare(t, b.World, nil).parse()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.RevokeLogins(t.Context(), config, "app", b.Now); err != nil {
		t.Fatal(err)
	}
	awaitEvent(t, path, `logins_revoked client="app" not_before="`+b.Now().UTC().Format(time.RFC3339Nano)+`"`, "client", "not_before")
	b.stop()
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	if all := events(t, path); all[len(all)-1] != "stopped" {
		t.Errorf("it ends with %s", all[len(all)-1])
	}
	b.tellsNobody(path)
}

// kid is that of the key that signs.
func (b *bridge) kid() string {
	b.t.Helper()
	k, err := b.open()
	if err != nil {
		b.t.Fatal(err)
	}
	list, err := k.List(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, info := range list {
		if info.State == keys.Current {
			return info.ID
		}
	}
	b.t.Fatal("no key signs")
	return ""
}

// tellsNobody fails if a person, an address or a secret stands in the stream.
func (b *bridge) tellsNobody(path string) {
	t := b.t
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range append(sandbox.Personas()[0].Values(), "127.0.0.1", sandbox.MerchantToken) {
		if strings.Contains(string(text), value) {
			t.Errorf("the audit stream holds %s", value)
		}
	}
}

// On SIGHUP the file is opened anew; one that cannot be stays open, and that is said.
func TestTheAuditFileIsRotated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	b := running(t, withAudit(path))
	awaitEvent(t, path, "started")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	awaitEvent(t, path, "clients_reloaded")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	b.file.write(local)
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	b.journal.await(t, "the audit file cannot be opened anew: events go on to the old one")
	b.is("audit_events_lost_total", 0)
}

// A file that cannot be written does not start.
func TestAnAuditFileThatCannotBeWritten(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "audit.log")
	b := prepare(t, storagetest.New(t), withAudit(path))
	settings, err := b.parse()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil { // meanwhile
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	_, err = app.New(t.Context(), settings, app.Options{Log: log, Now: b.Now, Listener: listen(t), Operations: listen(t)})
	want := "a.yaml:16: audit.to: " + path + " cannot be written (it is no plain file); let this user write it, or name another file"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// broken is a standard output that takes nothing while there is an error.
type broken struct{ err error }

func (b *broken) Write(line []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	return len(line), nil
}

// A stream that cannot be written costs no login: it is counted, and said once.
func TestAnAuditStreamThatBreaks(t *testing.T) {
	world := storagetest.New(t)
	b := prepare(t, world, func(text string) string { return text + "audit: {to: stdout}\n" })
	b.stdout.err = errors.New("no space left on device")
	b.furnish()
	b.start()
	b.ready()
	for range 3 {
		if code := b.Login(nil).Get("code"); code == "" {
			t.Error("a login is lost")
		}
	}
	line := b.journal.await(t, "the audit stream cannot be written: events are lost")
	if line["level"] != "ERROR" || line["cause"] != "no space left on device" {
		t.Errorf("%v", line)
	}
	var lost float64
	for deadline := time.Now().Add(patience); lost < 4 && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		lost, _ = b.measures("audit_events_lost_total")
	}
	if lost < 4 {
		t.Errorf("%v events are lost", lost)
	}
	if n := strings.Count(b.journal.String(), "the audit stream cannot be written"); n != 1 {
		t.Errorf("it is said %d times", n)
	}
	if status, _ := b.ask("/readyz"); status != http.StatusOK {
		t.Errorf("%d", status)
	}
}
