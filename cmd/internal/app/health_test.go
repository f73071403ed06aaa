package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// says fails unless the operators' listener answers exactly this.
func (b *bridge) saysAt(path string, status int, body string) {
	b.t.Helper()
	if gotStatus, gotBody := b.ask(path); gotStatus != status || gotBody != body {
		b.t.Errorf("%s: %d %s\nwant %d %s", path, gotStatus, gotBody, status, body)
	}
}

// Before Redis is there, whoever comes is told to come again, and readiness says why.
// Once it serves, it is ready also while Redis is away: it can tell people so.
func TestItWaitsForRedis(t *testing.T) {
	t.Parallel() // it waits until the bridge tries again
	world := storagetest.New(t)
	b := prepare(t, world, nil)
	world.Faults().Down()
	b.start()
	b.journal.await(t, "waiting for Redis")
	b.saysAt("/readyz", http.StatusServiceUnavailable,
		`{"ready":false,"problems":{"keys":"they are not loaded yet","process":"it has not joined the deployment yet"},"degraded":{"redis":"it does not answer"}}`)
	b.saysAt("/health", http.StatusServiceUnavailable,
		`{"healthy":false,"problems":{"keys":"they are not loaded yet","process":"it has not joined the deployment yet","redis":"it does not answer"}}`)
	b.saysAt("/livez", http.StatusOK, `{"live":true}`)
	for path, page := range map[string]string{
		"/authorize?client_id=app": "unavailable", "/itsme/login/ABC": "unavailable", "/keys": "", "/token": "", "/userinfo": "",
		"/.well-known/openid-configuration": "",
	} {
		answer := b.Browser().Get(b.Issuer + path)
		if path == "/token" {
			answer = mustCall(t, b, path)
		}
		if answer.Status != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" || answer.Page() != page {
			t.Errorf("%s: %d, page %q, Retry-After %q", path, answer.Status, answer.Page(), answer.Header.Get("Retry-After"))
		}
		if page == "" && answer.JSON()["error"] != "temporarily_unavailable" {
			t.Errorf("%s: %s", path, answer.Body)
		}
	}
	world.Faults().Up()
	b.ready()
	b.saysAt("/readyz", http.StatusOK, `{"ready":true}`)
	b.saysAt("/health", http.StatusOK, `{"healthy":true}`)
	if answer := b.Browser().Get(b.Issuer + "/keys"); answer.Status != http.StatusOK {
		t.Errorf("with Redis: %d", answer.Status)
	}
	world.Faults().Down()
	world.Advance(time.Minute)
	b.saysAt("/readyz", http.StatusOK, `{"ready":true,"degraded":{"redis":"it does not answer"}}`)
	b.saysAt("/health", http.StatusServiceUnavailable, `{"healthy":false,"problems":{"redis":"it does not answer"}}`)
	world.Faults().Up()
}

func mustCall(t *testing.T, b *bridge, path string) *providertest.Answer {
	t.Helper()
	answer, err := b.Call(path, url.Values{"grant_type": {"authorization_code"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// The click on a page that came from another replica is not lost on one that begins.
func TestAFormThatComesTooEarlyCanBeSentAgain(t *testing.T) {
	world := storagetest.New(t)
	b := prepare(t, world, nil)
	world.Faults().Down()
	defer world.Faults().Up()
	b.start()
	answer := b.Browser().Post(b.Issuer+"/itsme/retry", map[string][]string{"login": {"ABC"}, "attempt": {"1"}})
	_, fields, ok := answer.Form("/itsme/retry")
	if answer.Page() != "unavailable" || !ok || fields.Get("login") != "ABC" || fields.Get("attempt") != "1" {
		t.Errorf("%d, page %q, %v", answer.Status, answer.Page(), fields)
	}
}

// Health is about writes: a Redis that only lets us read is none.
func TestHealthKnowsWhetherRedisTakesWrites(t *testing.T) {
	for name, row := range map[string]struct {
		set   [2]string
		words string
	}{
		"no memory":      {[2]string{"maxmemory", "1"}, "memory is full"},
		"no replicas":    {[2]string{"min-replicas-to-write", "1"}, "too few replicas"},
		"only a replica": {[2]string{"replicaof", "127.0.0.1 1"}, "replica, which takes no writes"},
	} {
		t.Run(name, func(t *testing.T) {
			world := storagetest.Real(t)
			b := prepare(t, world, nil)
			b.furnish()
			b.start()
			b.ready()
			var err error
			if row.set[0] == "replicaof" {
				err = world.Redis().Do(t.Context(), "replicaof", "127.0.0.1", "1").Err()
			} else {
				err = world.Redis().ConfigSet(t.Context(), row.set[0], row.set[1]).Err()
			}
			if err != nil {
				t.Fatal(err)
			}
			b.saysAt("/health", http.StatusOK, `{"healthy":true}`) // for some seconds an answer counts
			world.ResetRoundtrips()
			world.Advance(5 * time.Second)
			for _, path := range []string{"/health", "/readyz"} {
				status, body := b.ask(path)
				if (status == http.StatusOK) != (path == "/readyz") || !strings.Contains(body, row.words) {
					t.Errorf("%s: %d %s", path, status, body)
				}
			}
			if n := strings.Count(strings.Join(world.Commands(), " "), "eval"); n > 2 { // one may be of another task of the bridge
				t.Errorf("two probes cost %q", world.Commands())
			}
			world.Redis().Do(t.Context(), "replicaof", "no", "one")
			world.Redis().ConfigSet(t.Context(), "maxmemory", "0")
			world.Redis().ConfigSet(t.Context(), "min-replicas-to-write", "0")
		})
	}
}

// Health is about CM, too: where it is not reached, nobody can begin. It is asked
// nothing that could be billed, and seldom.
func TestHealthKnowsWhetherCMIsThere(t *testing.T) {
	var asked atomic.Int32
	var status atomic.Int32
	status.Store(http.StatusNotFound)
	cm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1); r.Method != http.MethodGet || r.URL.Path != "/itsme/v1/" || r.ContentLength > 0 {
			t.Errorf("CM is asked %s %s", r.Method, r.URL)
		}
		w.WriteHeader(int(status.Load()))
	}))
	defer cm.Close()
	const gone = `{"healthy":false,"problems":{"cm":"it is not reached: nobody can begin a login"}}`
	b := running(t, func(text string) string { return strings.Replace(text, "${CM}", cm.URL+"/itsme/v1/", 1) })
	for range 3 {
		b.saysAt("/health", http.StatusOK, `{"healthy":true}`)
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("CM was asked %d times, want once", n)
	}
	status.Store(http.StatusBadGateway)
	b.Advance(time.Minute)
	b.saysAt("/health", http.StatusServiceUnavailable, gone)
	status.Store(http.StatusUnauthorized)
	b.Advance(time.Minute)
	b.saysAt("/health", http.StatusOK, `{"healthy":true}`)
	cm.Close()
	b.Advance(time.Minute)
	b.saysAt("/health", http.StatusServiceUnavailable, gone)
	b.saysAt("/readyz", http.StatusOK, `{"ready":true}`)
}

// What waiting cannot mend ends it at once, in words that name the setting.
func TestItDoesNotWaitForWhatWaitingCannotMend(t *testing.T) {
	for name, row := range map[string]struct {
		says, path string
	}{
		"a password is wanted":     {"NOAUTH Authentication required.", "redis.password"},
		"a user may do too little": {"NOPERM this user has no permissions to run the 'eval' command", "redis.username"},
		"a replica":                {"READONLY You can't write against a read only replica.", "redis.addresses"},
		"an old Redis":             {"ERR unknown command 'EVAL'", "redis.addresses"},
		"a node of a Cluster":      {"MOVED 3999 127.0.0.1:6381", "redis.mode"},
	} {
		t.Run(name, func(t *testing.T) {
			g := storagetest.StartGuarded(t, "single", storagetest.Guard{}, storagetest.Guard{})
			g.Redis.SetError(row.says)
			world := storagetest.New(t)
			b := prepare(t, world, func(text string) string { return strings.Replace(text, "${REDIS}", g.Address, 1) })
			settings, err := b.parse()
			if err != nil {
				t.Fatal(err)
			}
			if seen := app.Inspect(t.Context(), settings, world.Now); seen.Refused == nil || !strings.HasPrefix(seen.Refused.Error(), row.path+": ") {
				t.Errorf("check: %+v", seen)
			}
			if _, err := app.OpenSigningKeys(t.Context(), settings, world.Now); err == nil || !strings.HasPrefix(err.Error(), row.path+": ") {
				t.Errorf("keys: %v", err)
			}
			if _, err := app.RevokeLogins(t.Context(), settings, "", world.Now); err == nil || !strings.HasPrefix(err.Error(), row.path+": ") {
				t.Errorf("revoke: %v", err)
			}
			b.start()
			if err := b.end(); err == nil || !strings.HasPrefix(err.Error(), row.path+": ") {
				t.Errorf("serve: %v", err)
			}
		})
	}
}

// The whole bridge works on the oldest Redis that will do.
func TestAWholeLoginOnTheLeastRedis(t *testing.T) {
	b := prepare(t, storagetest.Least(t), nil)
	b.furnish()
	b.start()
	b.ready()
	answer := b.Exchange(b.Login(nil).Get("code"), nil)
	token, _ := answer.JSON()["access_token"].(string)
	if told := b.UserInfo(token).JSON(); told["given_name"] != "Lucas" {
		t.Errorf("%d %s, then %v", answer.Status, answer.Body, told)
	}
	b.saysAt("/health", http.StatusOK, `{"healthy":true}`)
}

// A replica that holds nothing is read without an error: check tries to write.
func TestCheckFindsAnEmptyReplica(t *testing.T) {
	world := storagetest.Real(t)
	settings := configured(t, world, nil)
	if err := world.Redis().Do(t.Context(), "replicaof", "127.0.0.1", "1").Err(); err != nil {
		t.Fatal(err)
	}
	if seen := app.Inspect(t.Context(), settings, world.Now); seen.Refused == nil || !strings.HasPrefix(seen.Refused.Error(), "redis.addresses: ") {
		t.Errorf("%+v", seen)
	}
}
