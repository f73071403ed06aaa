package app_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

func TestWhoMayJoin(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	said := func(ago time.Duration, ids ...string) map[string]time.Time {
		keys := map[string]time.Time{}
		for _, id := range ids {
			keys[id] = now.Add(-ago)
		}
		return keys
	}
	const day = 24 * time.Hour
	for _, row := range []struct {
		name    string
		found   app.Agreement
		ids     []string // the current key first
		salt    string
		keys    []string // in the agreement afterwards
		changed bool
		refused string
	}{
		{"the first", app.Agreement{}, []string{"a", "b"}, "s", []string{"a", "b"}, true, ""},
		{"one like the others", app.Agreement{Salt: "s", Keys: said(time.Hour, "a")}, []string{"a"}, "s", []string{"a"}, false, ""},
		{"one that says it again after a day", app.Agreement{Salt: "s", Keys: said(day, "a")}, []string{"a"}, "s", []string{"a"}, true, ""},
		{"step one: accept", app.Agreement{Salt: "s", Keys: said(time.Hour, "a")}, []string{"a", "b"}, "s", []string{"a", "b"}, true, ""},
		{"step two: current", app.Agreement{Salt: "s", Keys: said(time.Hour, "a", "b")}, []string{"b", "a"}, "s", []string{"a", "b"}, false, ""},
		{"step two before step one", app.Agreement{Salt: "s", Keys: said(time.Hour, "a")}, []string{"b", "a"}, "s", []string{"a"}, false, "master_key.current"},
		{"a key that nobody knows", app.Agreement{Salt: "s", Keys: said(time.Hour, "a")}, []string{"c"}, "s", []string{"a"}, false, "master_key.current"},
		{"an old key is forgotten", app.Agreement{Salt: "s", Keys: map[string]time.Time{"a": now.Add(-7 * day), "b": now}}, []string{"b"}, "s", []string{"b"}, true, ""},
		{"and not before", app.Agreement{Salt: "s", Keys: map[string]time.Time{"a": now.Add(-7*day + time.Second), "b": now}}, []string{"b"}, "s", []string{"a", "b"}, false, ""},
		{"after a long sleep", app.Agreement{Salt: "s", Keys: said(100*day, "a")}, []string{"a"}, "s", []string{"a"}, true, ""},
		{"another salt", app.Agreement{Salt: "s", Keys: said(time.Hour, "a")}, []string{"a"}, "t", []string{"a"}, false, "subjects.salt"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, changed, err := row.found.Join(row.ids, row.salt, now)
			if refusal, _ := errors.AsType[*app.RefusedError](err); (refusal == nil) != (row.refused == "") || refusal != nil && refusal.Path != row.refused {
				t.Errorf("refused: %v", err)
			}
			if keys := slices.Sorted(maps.Keys(got.Keys)); !slices.Equal(keys, row.keys) || changed != row.changed {
				t.Errorf("%q, changed: %t", keys, changed)
			}
			if err == nil && got.Salt != row.salt {
				t.Errorf("the salt is %q", got.Salt)
			}
		})
	}
}

const (
	secondKey = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
	thirdKey  = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8="
)

// withKeys is the configuration with other master keys.
func withKeys(current string, accept ...string) func(string) string {
	return func(text string) string {
		return strings.Replace(text, `master_key: {current: "${MASTER_KEY}"}`, `master_key: {current: "`+current+`", accept: ["`+strings.Join(accept, `", "`)+`"]}`, 1)
	}
}

// The master key changes in two steps, and nobody skips one.
func TestTheMasterKeyChangesInTwoSteps(t *testing.T) {
	world := storagetest.New(t)
	b := prepare(t, world, nil)
	b.start()
	b.ready()
	for _, step := range []struct {
		name    string
		change  func(string) string
		refused string
	}{
		{"a stranger", withKeys(secondKey, secondKey), "master_key: what is in Redis was sealed with another key than "},
		{"step two before step one", withKeys(secondKey, configtest.MasterKey), "master_key.current: the key "},
		{"step one", withKeys(configtest.MasterKey, secondKey), ""},
		{"another one's step two", withKeys(thirdKey, configtest.MasterKey, secondKey), "master_key.current: the key "},
		{"step two", withKeys(secondKey, configtest.MasterKey), ""},
	} {
		t.Run(step.name, func(t *testing.T) {
			replica := prepare(t, world, step.change)
			config, err := replica.parse()
			if err != nil {
				t.Fatal(err)
			}
			seen := app.Inspect(t.Context(), config, world.Now) // what check says before
			replica.start()
			if step.refused == "" {
				replica.ready()
				if seen.Refused != nil || seen.Unknown != nil {
					t.Errorf("check: %+v", seen)
				}
				return
			}
			if err := replica.end(); err == nil || !strings.HasPrefix(err.Error(), step.refused) {
				t.Errorf("%v", err)
			}
			if seen.Refused == nil || !strings.HasPrefix(seen.Refused.Error(), step.refused) {
				t.Errorf("check: %+v", seen)
			}
		})
	}
}

// Once a replica has started with the new key, nothing that lasts needs the old one: neither the signing keys, nor
// what was revoked, nor what replicas agree on. What people and applications hold still does, and that lasts a day.
func TestTheOldMasterKeyIsNeededNoLongerThanTokensLast(t *testing.T) {
	world, revoked := storagetest.New(t), false
	for _, change := range []func(string) string{
		withKeys(configtest.MasterKey, secondKey), withKeys(secondKey, configtest.MasterKey), withKeys(secondKey, secondKey),
	} {
		replica := prepare(t, world, change)
		config, err := replica.parse()
		if err != nil {
			t.Fatal(err)
		}
		if seen := app.Inspect(t.Context(), config, world.Now); seen.Refused != nil {
			t.Errorf("check: %v", seen.Refused)
		}
		replica.start()
		replica.ready()
		if !revoked {
			revoked = true // once, under the first key
			if _, err := app.RevokeLogins(t.Context(), config, "app", world.Now); err != nil {
				t.Fatal(err)
			}
		}
		replica.stop()
		if err := replica.end(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestInspectChangesNothing(t *testing.T) {
	world := storagetest.New(t)
	b := prepare(t, world, nil)
	config, err := b.parse()
	if err != nil {
		t.Fatal(err)
	}
	if seen := app.Inspect(t.Context(), config, world.Now); seen != (app.Inspection{}) {
		t.Errorf("%+v", seen)
	}
	world.Advance(10 * time.Second) // the key of its probe is gone
	if dump := world.Dump(); len(dump) > 0 {
		t.Errorf("it wrote %q", slices.Sorted(maps.Keys(dump)))
	}
	world.Faults().Down()
	defer world.Faults().Up()
	if seen := app.Inspect(t.Context(), config, world.Now); !errors.Is(seen.Unknown, storage.ErrUnavailable) || seen.Refused != nil {
		t.Errorf("without Redis: %+v", seen)
	}
}

// A Redis that may throw data away is spoken of wherever operators look.
func TestARedisThatForgets(t *testing.T) {
	world := storagetest.Real(t)
	if err := world.Redis().ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err(); err != nil {
		t.Fatal(err)
	}
	b := prepare(t, world, nil)
	b.start()
	b.ready()
	const want = "maxmemory-policy is allkeys-lru: a full Redis throws logins away, fetched identities too; set noeviction"
	if line := b.journal.await(t, "Redis may forget logins"); line["cause"] != want {
		t.Error(line)
	}
	if status, body := b.ask("/readyz"); status != 200 || body != `{"ready":true,"warnings":{"redis":"`+want+`"}}` {
		t.Errorf("%d %s", status, body)
	}
	config, err := b.parse()
	if err != nil {
		t.Fatal(err)
	}
	if seen := app.Inspect(t.Context(), config, world.Now); seen.Forgets != want {
		t.Errorf("%+v", seen)
	}
}
