package provider_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/storage/storagetest"
)

// What op writes of an error, into its answer or into the process's log, is for
// nobody: it is made of request text and of our causes.
func TestOpStaysSilent(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	var aside journal
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&aside, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(before)

	const word = "w0rd-of-the-request-%s-%d"
	token := b.accessToken()
	for _, spoil := range []func(*message){
		func(m *message) { m.form.Set("grant_type", word) },
		func(m *message) { m.form.Set("code", word) },
		func(m *message) { m.form.Set("code_verifier", word) },
		func(m *message) { m.form.Set("redirect_uri", word) },
		func(m *message) { m.form.Set("client_assertion_type", word) },
		func(m *message) { m.header.Set("Authorization", basic(word, word)) },
		func(m *message) { m.header.Set("Authorization", "Basic "+word) },
		func(m *message) { m.header.Set("Authorization", "Bearer "+word) },
		func(m *message) { m.body = "grant_type=" + word + "%zz" },
		func(m *message) { m.header.Set("Content-Type", word) },
		func(m *message) { m.query = url.Values{"code": {word}} },
		func(m *message) { m.form.Set("token", word) },
	} {
		for _, m := range []*message{exchange(b.code()), ask("/introspect", token, "web", webSecret), ask("/revoke", token, "web", webSecret), bearer(token)} {
			spoil(m)
			answer := b.send(m)
			if strings.Contains(answer.body, "w0rd") || strings.Contains(strings.Join(answer.header.Values("WWW-Authenticate"), ""), "w0rd") {
				t.Errorf("%s: request text is told: %s", m.path, answer.body)
			}
		}
	}
	if ours := aside.String(); strings.Contains(ours, "authenticated") || strings.Contains(ours, "expired") {
		t.Error("op learns our errors, and writes them into a log of its own")
	}
	for _, log := range []string{aside.String(), b.log.String()} {
		for _, text := range []string{"w0rd", token, webSecret, verifier, "lucas", "Lucas", "a-nonce"} {
			if strings.Contains(log, text) {
				t.Errorf("%q is in the log", text)
			}
		}
	}
}

// A header that is smuggled into a value stays in the value.
func TestHeaderInjection(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	const smuggled = "x\r\nSet-Cookie: owned=1\r\n\r\n<script>"
	for _, name := range []string{"code", "redirect_uri", "client_id", "client_secret", "grant_type", "code_verifier", smuggled} {
		m := exchange(b.code())
		m.form.Set(name, smuggled)
		answer := b.send(m)
		if answer.header.Get("Set-Cookie") != "" || strings.Contains(answer.body, "<script") {
			t.Errorf("%q: %v %s", name, answer.header, answer.body)
		}
		if name == smuggled {
			answer.want(t, http.StatusOK, "") // an unknown parameter
		}
	}
}

// A request is answered by the configured issuer, whatever its Host says.
func TestHostHeaderIsIgnored(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.issuer+openidConfiguration, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "evil.example"
	r.Header.Set("X-Forwarded-Host", "evil.example")
	r.Header.Set("Forwarded", "host=evil.example")
	if answer := b.do(r); strings.Contains(answer.body, "evil") || answer.text(t, "issuer") != b.issuer {
		t.Error(answer.body)
	}
}

// op's own routes are not there: health, a second discovery, authorize.
func TestOpHasNoOtherRoutes(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	for _, path := range []string{"/healthz", "/ready", "/oauth/token", "/oauth/introspect", "/end_session", "/device_authorization", "/revoke/"} {
		if answer := b.send(get(path)); answer.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.status)
		}
	}
}
