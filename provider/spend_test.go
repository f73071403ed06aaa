package provider_test

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/grant"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// Promise 5: until its tokens are written a code is not spent, whatever happens to
// whoever brought it.
func TestCodeIsSpentWithItsTokens(t *testing.T) {
	for _, row := range []struct {
		name    string
		happens func(b *backchannel) // after the code was looked at, before the tokens are written
	}{
		{"Redis goes away", func(b *backchannel) { b.Faults().Down() }},
		{"the replica dies", func(*backchannel) { panic(http.ErrAbortHandler) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel() // the write is tried for as long as its budget
			b := newBackchannel(t, storagetest.New(t))
			code := b.code()
			happens := func() { row.happens(b) }
			b.signing.Store(&happens)
			if answer, err := b.try(t.Context(), exchange(code)); err == nil {
				answer.want(t, http.StatusServiceUnavailable, "temporarily_unavailable")
				if answer.header.Get("Retry-After") == "" || strings.Contains(answer.body, "access_token") {
					t.Errorf("%v %s", answer.header, answer.body)
				}
			}
			b.Faults().Up()
			b.send(exchange(code)).want(t, http.StatusOK, "")
		})
	}
}

// A client that hangs up has no tokens, and comes again.
func TestClientHangsUpAtTheTokenEndpoint(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	code := b.code()
	ctx, hangUp := context.WithCancel(t.Context())
	noticed := make(chan struct{})
	b.ended.Store(&noticed)
	leaves := func() { hangUp(); <-noticed }
	b.signing.Store(&leaves)
	if answer, err := b.try(ctx, exchange(code)); err == nil {
		t.Fatalf("it was answered: %d", answer.status)
	}
	answer := b.send(exchange(code))
	answer.want(t, http.StatusOK, "")
	b.send(bearer(answer.text(t, "access_token"))).want(t, http.StatusOK, "")
}

// Whoever brings a code the second time, and hangs up at once, has ended its tokens all the same.
func TestACodeReplayedByWhoHangsUp(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	code := b.code()
	token := b.send(exchange(code)).text(t, "access_token")
	noticed := make(chan struct{})
	b.ended.Store(&noticed)
	ctx, hangUp := context.WithCancel(t.Context())
	reached, goOn := b.Faults().Hold(2) // the look at the code is the first
	gone := make(chan error, 1)
	go func() {
		_, err := b.try(ctx, exchange(code))
		gone <- err
	}()
	<-reached
	refused := b.Faults().Down()
	goOn()
	<-refused // so the end of the tokens is still to be written
	hangUp()
	if err := <-gone; err == nil {
		t.Error("the thief was told something")
	}
	<-noticed
	b.Faults().Up()
	for range 1000 { // the end is written behind the back of whoever has gone
		if b.send(bearer(token)).status == http.StatusUnauthorized {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the tokens live on")
}

// Redis loses its memory between the two commands: the login is in ours.
func TestRedisForgetsACodeThatIsInHand(t *testing.T) {
	worlds(t, func(t *testing.T, b *backchannel) {
		t.Helper()
		code := b.code()
		forgets := func() { b.Redis().FlushAll(t.Context()) }
		b.signing.Store(&forgets)
		answer := b.send(exchange(code))
		answer.want(t, http.StatusOK, "")
		b.send(bearer(answer.text(t, "access_token"))).want(t, http.StatusOK, "")
		b.send(exchange(code)).want(t, http.StatusBadRequest, "invalid_grant")
		b.send(bearer(answer.text(t, "access_token"))).want(t, http.StatusUnauthorized, "invalid_token")
	})
}

// Whoever cannot show all that a code asks for changes nothing: not before it is
// spent, and not after.
func TestStrangersChangeNothingAboutACode(t *testing.T) {
	clients := append(confederates(), clientNamed("native", client.None))
	as := func(id, secret string) func(*message) {
		return func(m *message) { m.header.Set("Authorization", basic(id, secret)) }
	}
	public := func(id string) func(*message) { return func(m *message) { m.as(id) } }
	form := func(name, value string) func(*message) {
		return func(m *message) { m.form.Set(name, value) }
	}
	for _, row := range []struct {
		name  string
		owner string // who may redeem the code; web where it is empty
		spoil func(*message)
	}{
		{name: "another client with a secret", spoil: as("other", "other-secret")},
		{name: "another client without one", spoil: public("spa")},
		{name: "no public client but another one", owner: "spa", spoil: public("native")},
		{name: "another client with a secret, a public one's", owner: "spa", spoil: as("web", webSecret)},
		{name: "a wrong secret", spoil: as("web", "guess")},
		{name: "another verifier", spoil: form("code_verifier", strings.Repeat("g", 43))},
		{name: "half a verifier", spoil: form("code_verifier", "g")},
		{name: "no verifier", spoil: func(m *message) { m.form.Del("code_verifier") }},
		{name: "another verifier, of a public client's", owner: "spa", spoil: func(m *message) {
			m.as("spa").form.Set("code_verifier", strings.Repeat("g", 43))
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBackchannel(t, storagetest.New(t), clients...)
			code := b.code()
			right := func() *message { return exchange(code) }
			if row.owner != "" {
				code = b.code(of(row.owner))
				right = func() *message { return exchange(code).as(row.owner) }
			}
			wrong := func() {
				t.Helper()
				before := b.Dump()
				m := exchange(code)
				row.spoil(m)
				if answer := b.send(m); answer.status == http.StatusOK {
					t.Fatalf("it got tokens: %s", answer.body)
				}
				if after := b.Dump(); !reflect.DeepEqual(after, before) {
					t.Errorf("before: %q\nafter: %q", before, after)
				}
			}
			wrong()
			answer := b.send(right())
			answer.want(t, http.StatusOK, "")
			wrong()
			b.send(bearer(answer.text(t, "access_token"))).want(t, http.StatusOK, "")
			b.send(right()).want(t, http.StatusBadRequest, "invalid_grant")
			b.send(bearer(answer.text(t, "access_token"))).want(t, http.StatusUnauthorized, "invalid_token")
		})
	}
}

// RFC 9449 §10: a code that is bound to a key is replayed by whoever has the key,
// and by nobody else.
func TestReplayOfACodeThatIsBoundToAKey(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	owner, thief := b.holder(), b.holder()
	code := b.code(func(g *grant.Grant) { g.DPoPKey = owner.jkt() })
	b.send(thief.exchange(code)).want(t, http.StatusBadRequest, "invalid_grant")
	answer := b.send(owner.exchange(code))
	answer.want(t, http.StatusOK, "")
	lives := func() bool {
		return b.send(ask("/introspect", answer.text(t, "access_token"), "web", webSecret)).json(t)["active"] == true
	}
	b.send(thief.exchange(code)).want(t, http.StatusBadRequest, "invalid_grant")
	b.send(exchange(code)).want(t, http.StatusBadRequest, "invalid_grant")
	if !lives() {
		t.Error("somebody without the key has ended the tokens")
	}
	b.send(owner.exchange(code)).want(t, http.StatusBadRequest, "invalid_grant")
	if lives() {
		t.Error("a replay has not ended the tokens")
	}
}

// A code that an older version has spent tells not by whom.
func TestReplayOfACodeThatAnOlderVersionSpent(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	code := b.code()
	answer := b.send(exchange(code))
	answer.want(t, http.StatusOK, "")
	h, _ := storage.ParseHandle(code)
	for key := range b.Dump() {
		if strings.Contains(key, "grant:{"+h.ID()+"}") {
			marker := b.Dump()[key][:21]
			b.Redis().Set(t.Context(), key, marker, time.Hour)
		}
	}
	b.send(exchange(code)).want(t, http.StatusBadRequest, "invalid_grant")
	b.send(bearer(answer.text(t, "access_token"))).want(t, http.StatusUnauthorized, "invalid_token")
}
