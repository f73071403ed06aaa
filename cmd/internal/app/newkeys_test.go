package app_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/keys"
	"itsme-bridge/storage/storagetest"
)

// published are the algorithms of /keys, in alphabetical order.
func (b *bridge) published() string {
	b.t.Helper()
	answer, err := b.Call("/keys", nil, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	var set struct {
		Keys []struct {
			Alg string `json:"alg"`
		} `json:"keys"`
	}
	if err := json.Unmarshal([]byte(answer.Body), &set); err != nil {
		b.t.Fatal(err)
	}
	var names []string
	for _, key := range set.Keys {
		names = append(names, key.Alg)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// Some libraries refuse a set in which there is a key of a kind that they do not
// expect: without a word, all keys are RSA.
func TestOnlyWhatClientsUseIsPublished(t *testing.T) {
	for _, row := range []struct{ name, entry, want string }{
		{"nothing is said", "", "RS256"},
		{"RS256 is said", "    signing_alg: RS256\n", "RS256"},
		{"ID tokens by ES256", "    signing_alg: ES256\n", "ES256 RS256"},
		{"userinfo by EdDSA", "    userinfo_signed_response_alg: EdDSA\n", "EdDSA RS256"},
		{"both", "    signing_alg: ES256\n    userinfo_signed_response_alg: EdDSA\n", "ES256 EdDSA RS256"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := running(t, func(text string) string { return text + row.entry })
			if got := b.published(); got != row.want {
				t.Errorf("published %s, want %s", got, row.want)
			}
		})
	}
}

// A reload may bring a client of another algorithm: its first key is there before
// the client is, and the log says that it is new. When no client uses it any more,
// it goes after the last token that it may have signed.
func TestAnAlgorithmComesAndGoes(t *testing.T) {
	b := running(t, nil)
	b.Advance(time.Hour) // copies of /keys without it are about
	if got := b.published(); got != "RS256" {
		t.Fatalf("published %s", got)
	}
	b.file.write(local + "    signing_alg: ES256\n")
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	if line := b.journal.await(t, "signing with keys that are new"); line["level"] != "WARN" || line["alg"] != "ES256" {
		t.Error(line)
	}
	if got := b.published(); got != "ES256 RS256" {
		t.Errorf("published %s", got)
	}
	b.Exchange(b.Login(nil).Get("code"), nil).Wants(t, http.StatusOK, "")

	// A login that has begun with ES256 ends with it.
	browser := b.Browser()
	back := browser.Begin(nil)
	b.Approve()
	b.file.write(local)
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	b.Exchange(b.Response(browser.Get(back)).Get("code"), nil).Wants(t, http.StatusOK, "")

	if got := b.stored(0); got != "ES256 RS256" {
		t.Errorf("at once: %s", got)
	}
	if got := b.stored(24 * time.Hour); got != "ES256 RS256" {
		t.Errorf("a day later: %s", got)
	}
	if got := b.stored(8 * time.Hour); got != "RS256" {
		t.Errorf("when every token is dead: %s", got)
	}
}

// stored are the algorithms in Redis some time later, when somebody with the file as it is has changed something.
func (b *bridge) stored(later time.Duration) string {
	b.t.Helper()
	b.Advance(later)
	k, err := b.open()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := k.Rotate(b.t.Context()); err != nil { // what is due is done with any change
		b.t.Fatal(err)
	}
	list, err := k.List(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.Join(signing(list), " ")
}

func signing(list []keys.Info) []string {
	var names []string
	for _, key := range list {
		if key.State == keys.Current {
			names = append(names, string(key.Algorithm))
		}
	}
	slices.Sort(names)
	return names
}

// Without Redis there are no new keys: then nothing is taken. A reload that needs
// none needs no Redis.
func TestReloadWhileRedisIsAway(t *testing.T) {
	b := running(t, nil)
	b.World.Faults().Down()
	b.file.write(local + "    signing_alg: ES256\n")
	const want = "app: clients want ES256, and no key for it can be made while Redis is away; reload again when it is back: "
	if err := b.Reload(); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v", err)
	}
	if told := b.algorithms(); told != "RS256" {
		t.Errorf("the client has been taken: discovery says %s", told)
	}
	b.World.Faults().Up()
	if err := b.RefreshKeys(t.Context()); err != nil || b.published() != "RS256" {
		t.Errorf("keys for a client that was not taken: %v, published %s", err, b.published())
	}
	b.World.Faults().Down()
	b.file.write(local + another)
	if err := b.Reload(); err != nil {
		t.Errorf("another client, of RS256: %v", err)
	}
	b.World.Faults().Up()
	b.file.write(local + "    signing_alg: ES256\n")
	if err := b.Reload(); err != nil {
		t.Error(err)
	}
	if told := b.algorithms(); told != "RS256 ES256" || b.published() != "ES256 RS256" {
		t.Errorf("discovery says %s, published %s", told, b.published())
	}
}

// algorithms are those of ID tokens, as discovery says.
func (b *bridge) algorithms() string {
	b.t.Helper()
	answer, err := b.Call("/.well-known/openid-configuration", nil, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	list, _ := answer.JSON()["id_token_signing_alg_values_supported"].([]any)
	return strings.Trim(fmt.Sprint(list), "[]")
}

// Who keeps what discovery says, and refuses what it does not list, is switched without a gap: an algorithm is
// listed with its first key, which keys rotate publishes before a client has it, at every replica whatever it reloads, and as
// long as there is a key.
func TestAnAlgorithmIsListedWithItsKey(t *testing.T) {
	world := storagetest.New(t)
	one := prepare(t, world, nil)
	one.furnish()
	one.start()
	one.ready()
	two := prepare(t, world, nil)
	two.start()
	two.ready()
	both := func(when, want string) {
		t.Helper()
		for _, b := range []*bridge{one, two} {
			if err := b.RefreshKeys(t.Context()); err != nil {
				t.Fatal(err)
			}
			if told := b.algorithms(); told != want {
				t.Errorf("%s: discovery says %s, want %s", when, told, want)
			}
		}
	}
	both("in the beginning", "RS256")
	k, err := one.open()
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Rotate(t.Context(), keys.ES256); err != nil {
		t.Fatal(err)
	}
	both("once it is published", "RS256 ES256")
	one.file.write(local + another)
	if err := one.Reload(); err != nil {
		t.Fatal(err)
	}
	both("after a reload", "RS256 ES256")
	one.file.write(local + "    signing_alg: ES256\n")
	if err := one.Reload(); err != nil {
		t.Fatal(err)
	}
	both("with a client of it at one replica", "RS256 ES256")
	one.file.write(local)
	if err := one.Reload(); err != nil {
		t.Fatal(err)
	}
	both("without one", "RS256 ES256")
	one.stored(32 * time.Hour)
	both("when the last token that it has signed is dead", "RS256")
}

// In a rolling update one replica has a client of another algorithm, and one has
// not yet: both end its logins, and neither takes the other's keys away.
func TestReplicasOfDifferentConfigurations(t *testing.T) {
	world := storagetest.New(t)
	one := prepare(t, world, nil)
	one.furnish()
	one.start()
	one.ready()
	two := prepare(t, world, func(text string) string { return text + "    signing_alg: ES256\n" })
	two.start()
	two.ready()
	if got := two.published(); got != "ES256 RS256" {
		t.Errorf("the newer publishes %s", got)
	}
	code := two.Login(nil).Get("code")
	answer := one.Exchange(code, nil)
	answer.Wants(t, http.StatusOK, "")
	if token, _ := answer.JSON()["id_token"].(string); !strings.Contains(headerOf(token), `"ES256"`) {
		t.Errorf("the older signs with %s", headerOf(token))
	}
	if got := one.published(); got != "ES256 RS256" {
		t.Errorf("the older publishes %s", got)
	}
	for range 20 { // each says every three hours what it has
		if got := one.stored(90 * time.Minute); !strings.Contains(got, "ES256") {
			t.Fatalf("the older has taken the newer's keys away: %s", got)
		}
		if got := two.stored(90 * time.Minute); !strings.Contains(got, "ES256") {
			t.Fatalf("the newer has lost its keys: %s", got)
		}
	}
}

func headerOf(token string) string {
	header, _, _ := strings.Cut(token, ".")
	plain, _ := base64.RawURLEncoding.DecodeString(header)
	return string(plain)
}

// A bridge that begins where others publish keys already says so, too; the first of all says nothing.
func TestNewKeysAreToldAtTheBeginning(t *testing.T) {
	world := storagetest.New(t)
	first := prepare(t, world, nil)
	first.furnish()
	first.start()
	first.ready()
	world.Advance(time.Hour)
	second := prepare(t, world, func(text string) string { return text + "    userinfo_signed_response_alg: ES256\n" })
	second.start()
	second.ready()
	if line := second.journal.await(t, "signing with keys that are new"); line["alg"] != "ES256" {
		t.Error(line)
	}
	if strings.Contains(first.journal.String(), "signing with keys that are new") {
		t.Error(first.journal)
	}
}
