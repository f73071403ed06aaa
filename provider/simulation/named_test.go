package simulation_test

import (
	"slices"
	"strings"
	"testing"
)

// story is one that has gone wrong once, or does where a line that protects somebody is taken away.
type story struct {
	name string
	plan plan
	list []string // the choices that matter; all other steps are what is due
	paid int      // transactions; 0: any number
	told int      // clients that hear of a logout; 0: any number
}

func named() []story {
	return []story{
		{"a thief has a code, and not its verifier", plan{seed: 68, browsers: 1, replicas: 1, refresh: true, public: true}, []string{
			"a thief sends the code of s1",
		}, 0, 0},
		{"two tabs come back from itsme at the same instant", plan{seed: 275, browsers: 1, replicas: 2}, []string{
			"b1 leaves itsme", "b1 is opened twice", "b1 returns CM get",
		}, 0, 0},
		{"a person leaves the login that another tab comes back to, on the page of the click that began it", plan{seed: 100000020262760, browsers: 2, replicas: 1, ask: true, script: true, push: true}, []string{
			"s2 pushes its request", "b2 tries again commit+say", "r1 is killed", "b2 clicks twice", "b2 tries again (2) unsay+uncount", "b2 approves t1",
			"b2/2 presses leave", "b2 leaves itsme",
		}, 0, 0},
		{"somebody else opens the return link", plan{seed: 456, browsers: 2, replicas: 1}, []string{
			"b1 leaves itsme", "b2 opens the link of b1",
		}, 0, 0},
		{"Redis forgets the login while CM's answer is on its way", plan{seed: 4, browsers: 1, replicas: 1}, []string{
			"b1 returns CM get is answered slowly", "Redis forgets everything", "b1 returns CM get brings its answer",
		}, 0, 0},
		{"the browser hangs up while CM's answer is on its way", plan{seed: 5, browsers: 1, replicas: 1}, []string{
			"b1 returns CM get is answered slowly", "b1 returns hangs up",
		}, 0, 0},
		{"a replica is told to stop while CM's answer is on its way", plan{seed: 6, browsers: 1, replicas: 2}, []string{
			"b1 returns CM get is answered slowly", "r2 is told to stop",
		}, 0, 0},
		{"a code is sent twice at the same instant", plan{seed: 7, browsers: 1, replicas: 2}, []string{
			"s1 redeems its code", "s1 sends its code a second time", "s1 redeems get", "s1 redeems once more get",
		}, 0, 0},
		{"a code is sent twice, and Redis loses the answer to both", plan{seed: 8, browsers: 1, replicas: 1}, []string{
			"s1 redeems its code", "s1 sends its code a second time", "s1 redeems commit loses its answer", "s1 redeems once more commit loses its answer",
		}, 0, 0},
		{"CM takes twenty seconds, longer than the lease lasts by itself", plan{seed: 9, browsers: 1, replicas: 2}, []string{
			"b1 returns CM get is answered after twenty seconds",
		}, 1, 0},
		{"a replica is told to stop, and CM takes twenty seconds", plan{seed: 10, browsers: 1, replicas: 2}, []string{
			"b1 returns CM get is answered after twenty seconds", "r2 is told to stop", "r2 drains", "r2 ends",
		}, 1, 0},
		{"another client has the code, and shows all that the right one does", plan{seed: 11, browsers: 1, replicas: 1}, []string{
			"another client sends the code of s1", "another client redeems for s1 is answered", "s1 redeems its code",
			"another client sends the code of s1", "s1 asks for claims",
		}, 1, 0},
		{"a thief binds the refresh token of a public client to a key", plan{seed: 12, browsers: 1, replicas: 1, refresh: true, public: true}, []string{
			"a thief with a key refreshes with the token of s1", "a thief with a key goes on for s1",
		}, 1, 0},
		{"a replica of Redis takes over that knows the code to be redeemed, and not that the login is over", plan{seed: 102026112902113, browsers: 1, replicas: 1, refresh: true}, []string{
			"s1 redeems its code", "b1 is opened twice", "s1 redeems commit loses its answer",
			"b1/2 returns lease+get+getrange loses its answer", "a replica of Redis takes over that lags a little",
		}, 1, 0},
		{"an old refresh token comes again, and Redis forgets that before anybody is told", plan{seed: 179595797810368, browsers: 1, replicas: 1, refresh: true, public: true, reuse: true, again: 1}, []string{
			"s1 refreshes (2) commit is answered slowly", "a replica of Redis takes over that lags",
		}, 2, 0},
		{"a pushed request is opened in two tabs before either has an answer", plan{seed: 13, browsers: 1, replicas: 2, push: true}, []string{
			"b1 begins", "b1 is opened twice",
		}, 2, 0},
		{"a pushed request is opened twice, once its cookie is there", plan{seed: 14, browsers: 1, replicas: 2, push: true}, []string{
			"b1 authorizes is answered", "b1 is opened twice",
		}, 1, 0},
		{"another client comes with a pushed request, before its own does", plan{seed: 15, browsers: 1, replicas: 1, push: true, public: true}, []string{
			"s1 pushes its request is answered", "another client sends b1 with the request that s1 has pushed",
		}, 1, 0},
		{"the answer to a request that is pushed is lost", plan{seed: 16, browsers: 1, replicas: 1, push: true}, []string{
			"s1 pushes its request loses its answer",
		}, 1, 0},
		{"the write of a pushed request arrives once more when a login of it is over", plan{seed: 18, browsers: 1, replicas: 1, push: true}, []string{
			"s1 pushes its request commit hangs", "b1 returns commit", "s1 pushes its request commit arrives late", "b1 goes back",
		}, 1, 0},
		{"a person goes back to a pushed request while CM's answer is on its way, and scripts watch", plan{seed: 19, browsers: 1, replicas: 1, push: true, script: true}, []string{
			"b1 returns hangs up", "b1 goes back",
		}, 1, 0},
		{"a person who is remembered opens a pushed request in two tabs", plan{seed: 20, browsers: 1, replicas: 1, push: true, stay: true, again: 1}, []string{
			"b1/2 begins once more", "b1/2 is opened twice",
		}, 1, 0},
		{"a person is remembered, and then logs out", plan{seed: 21, browsers: 1, replicas: 2, stay: true, again: 2}, []string{
			"s2 asks userinfo is answered", "b1 logs out of s2", "b1 comes again",
		}, 2, 0},
		{"the answer to a logout is lost", plan{seed: 22, browsers: 1, replicas: 2, stay: true, again: 1}, []string{
			"s1 asks userinfo is answered", "b1 logs out of s1", "b1 logs out of s1 loses its answer", "b1 comes again",
		}, 2, 0},
		{"Redis has ended a session, and its answer is lost", plan{seed: 23, browsers: 1, replicas: 1, stay: true, again: 1}, []string{
			"s1 asks userinfo is answered", "b1 logs out of s1", "b1 logs out of s1 commit loses its answer", "b1 comes again",
		}, 2, 0},
		{"a thief sends somebody to a logout with the ID token of somebody else", plan{seed: 24, browsers: 2, replicas: 1, stay: true, again: 1}, []string{
			"s1 asks userinfo is answered", "s2 asks userinfo is answered", "a thief sends b2 to a logout of s1", "b2 comes again",
		}, 2, 0},
		{"another client brings the ID token of a person who is remembered", plan{seed: 25, browsers: 1, replicas: 1, stay: true, again: 1}, []string{
			"s1 asks userinfo is answered", "a thief sends b1 to a logout of s1 for another client", "b1 comes again",
		}, 1, 0},
		{"a server that may not logs a person out", plan{seed: 26, browsers: 1, replicas: 1, stay: true, again: 1}, []string{
			"s1 asks userinfo is answered", "the server logs out of s1", "b1 comes again",
		}, 1, 0},
		{"a server that may logs a person out", plan{seed: 27, browsers: 1, replicas: 1, stay: true, byServer: true, again: 1}, []string{
			"s1 asks userinfo is answered", "the server logs out of s1", "b1 comes again",
		}, 2, 0},
		{"a login is written after its replica was killed", plan{seed: 29, browsers: 1, replicas: 1, ask: true, stay: true, again: 1}, []string{
			"b1 tries again commit+say hangs", "r1 is killed", "b1 tries again commit+say arrives late",
		}, 1, 0},
		{"a person goes back to a login after a logout, and its code is still unused", plan{seed: 30, browsers: 1, replicas: 1, refresh: true, stay: true, again: 2}, []string{
			"b1/3 returns is answered", "b1 logs out of s1", "b1 logs out of s1 is answered", "20s pass", "b1 says yes to the logout",
			"b1 says yes to the logout is answered", "b1/3 is opened twice",
		}, 2, 0},
		{"the answer to a form brings a code, and the person logs out by its token", plan{seed: 32, browsers: 1, replicas: 1, ask: true, stay: true, parts: true}, []string{
			"b1 returns lease+get+getrange", "20s pass", "b1 presses leave",
		}, 1, 0},
		{"Redis forgets a logout", plan{seed: 28, browsers: 1, replicas: 1, stay: true, again: 1}, []string{
			"s1 asks userinfo is answered", "b1 logs out of s1", "b1 logs out of s1 is answered", "a replica of Redis takes over that lags a little", "b1 comes again",
		}, 2, 0},
		{"a pushed request is opened more often than it may begin something", plan{seed: 31, browsers: 2, replicas: 1, push: true}, []string{
			"b1 authorizes is answered", "b2 opens the request that s1 has pushed", "b2 opens the request that s1 has pushed", "b2 opens the request that s1 has pushed",
		}, 4, 0}, // one of them b2's own
		{"a pushed request has expired before the browser comes", plan{seed: 17, browsers: 1, replicas: 1, push: true}, []string{
			"s1 pushes its request is answered", "1m10s pass",
		}, 1, 0},
		{"two clients hear of a logout, and the answer of one is lost", plan{seed: 33, browsers: 1, replicas: 1, stay: true, parts: true, hears: true, share: true}, []string{
			"r1 by itself tells app of the end of t1, and loses its answer",
		}, 1, 3},
		{"a replica is killed that was about to tell of a logout", plan{seed: 34, browsers: 1, replicas: 2, stay: true, parts: true, hears: true, share: true}, []string{
			"r1 by itself claim", "r1 is killed",
		}, 1, 2},
		{"a replica is killed that has told of a logout, and not written that down", plan{seed: 35, browsers: 1, replicas: 1, stay: true, parts: true, hears: true}, []string{
			"r1 by itself tells app of the end of t1", "r1 is killed",
		}, 1, 2},
		{"a replica is killed that has ended a session, and told nobody", plan{seed: 46, browsers: 1, replicas: 1, stay: true, parts: true, hears: true}, []string{
			"b1 logs out of s1 commit", "r1 is killed",
		}, 1, 1},
		{"a replica is told to stop, and a client does not answer", plan{seed: 36, browsers: 1, replicas: 2, stay: true, parts: true, hears: true}, []string{
			"r1 by itself tells app of the end of t1, and hangs", "r1 is told to stop", "r1 drains", "r1 ends",
		}, 1, 1},
		{"a client takes what it is told when nobody waits any more", plan{seed: 37, browsers: 1, replicas: 1, stay: true, parts: true, hears: true}, []string{
			"r1 by itself tells app of the end of t1, and hangs", "time passes", "r1 by itself tells app of the end of t1 arrives late",
		}, 1, 2},
		{"a client refuses what it is told", plan{seed: 38, browsers: 1, replicas: 1, stay: true, parts: true, hears: true}, []string{
			"r1 by itself tells app of the end of t1, and is answered 400",
		}, 1, 1},
		{"a client hears nothing for a day, and a replica is killed meanwhile", plan{seed: 39, browsers: 1, replicas: 2, stay: true, parts: true, hears: true, deaf: true}, []string{
			"r1 by itself tells app of the end of t1", "r1 by itself again", "r2 is killed",
		}, 1, 0},
		{"a person visits another application while they log out", plan{seed: 40, browsers: 1, replicas: 1, stay: true, hears: true, share: true}, []string{
			"s1 asks userinfo is answered", "b1 logs out of s1", "b1 logs out of s1 get", "b1 logs out of s1 get",
			"b1 visits the other application", "b1 visits the other application get", "b1 visits the other application commit",
		}, 1, 2},
		{"a slot moves while a logout is written", plan{seed: 41, browsers: 1, replicas: 1, stay: true, parts: true, hears: true, cluster: true}, []string{
			"b1 logs out of s1 add meets a slot that moves", "b1 logs out of s1 commit meets a slot that moves", "r1 by itself claim meets a slot that moves",
			"r1 by itself remove meets a slot that moves",
		}, 1, 1},
		{"one node of a Cluster forgets a little, and the other nothing", plan{seed: 42, browsers: 1, replicas: 1, cluster: true}, []string{
			"b1 returns CM get", "a replica of the first node of Redis takes over that lags",
		}, 0, 0},
		{"a thief pushes what another client may not, and sends somebody with it", plan{seed: 43, browsers: 2, replicas: 1, push: true}, []string{
			"a thief pushes the request_uri of s1", "another client pushes a request, and sends b2 with it as s1",
			"a thief sends b1 with the request that s1 has pushed, and more beside it",
		}, 0, 0},
		{"a thief logs in by a request that somebody else's client has pushed", plan{seed: 44, browsers: 2, replicas: 1, push: true}, []string{
			"s1 pushes its request is answered", "b2 logs in by the request that s1 has pushed", "b2/2 returns is answered",
		}, 0, 0},
		{"a thief pushes a request without a secret, and with a wrong one", plan{seed: 45, browsers: 1, replicas: 1, push: true}, []string{
			"a thief pushes a request without a secret of s1", "a thief pushes a request with a wrong secret of s1",
		}, 1, 0},
	}
}

// Each story goes as its list says, and no promise is broken.
func TestStoriesByName(t *testing.T) {
	x := newTeller(t)
	for _, row := range named() {
		chosen := &replay{list: row.list}
		s := x.tell(row.plan, chosen)
		if len(s.problems) > 0 {
			t.Errorf("%s: %q", row.name, s.problems)
		}
		if chosen.at < len(row.list) {
			t.Errorf("%s: %q could not happen after %q", row.name, row.list[chosen.at], s.taken)
		}
		if row.paid > 0 && s.logins != row.paid {
			t.Errorf("%s: %d transactions", row.name, s.logins)
		}
		if row.told > 0 && s.notices != row.told {
			t.Errorf("%s: %d clients hear of a logout", row.name, s.notices)
		}
		if s.oddities == 0 || !slices.ContainsFunc(s.taken, func(choice string) bool { return strings.HasSuffix(choice, " redeems is answered") }) {
			t.Errorf("%s: nothing happened: %q", row.name, s.taken)
		}
	}
}

// A promise that is not kept is found, and its story is told as shortly as it can be.
func TestAStoryIsShrunk(t *testing.T) {
	x := newTeller(t)
	long := plan{seed: 9, browsers: 3, replicas: 3, odd: 1}
	s := x.tell(long, &replay{list: []string{"time passes", "r2 is killed"}})
	if len(s.problems) > 0 {
		t.Fatalf("%q", s.problems)
	}
	x.flaw = func(w *world) {
		if slices.Contains(w.taken, "r2 is killed") && !slices.Contains(w.taken, "r2 begins again") {
			w.promises.broken("r2 is dead")
		}
	}
	s = x.tell(long, &replay{list: []string{"b2 begins", "time passes", "b1 returns commit+say", "r2 is killed"}})
	short := x.shrunk(s)
	if want := []string{"r2 is killed"}; !slices.Equal(short.taken, want) || short.plan.browsers != 1 || short.plan.replicas != 2 {
		t.Errorf("%q with %+v, of %d choices", short.taken, short.plan, len(s.taken))
	}
}
