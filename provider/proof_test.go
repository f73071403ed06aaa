package provider_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/login"
	. "itsme-bridge/provider/providertest"
)

// Promise 2 needs two halves. The cookie is one; the other comes from itsme alone.

// early is a way of a person on which the current attempt's return never comes.
type early struct {
	name  string
	asks  bool // first, with a page for a click
	pages []string
	walk  func(w *walk)
}

// walk is a person on such a way, with every answer that was seen.
type walk struct {
	t    *testing.T
	s    *Server
	b    *Browser
	seen []*Answer
}

func (w *walk) see(a *Answer) *Answer {
	w.seen = append(w.seen, a)
	return a
}

func (w *walk) get(address string) *Answer { return w.see(w.b.Get(address)) }

func (w *walk) submit(page *Answer, action string) *Answer {
	w.t.Helper()
	return w.see(w.b.Submit(page, action))
}

// while shows what there is to be seen while another request holds the lease.
func (w *walk) while(id string, look func()) {
	w.t.Helper()
	giveBack := takeLease(w.t, w.s, id)
	defer giveBack()
	look()
}

// firstWays are those of a first attempt.
func firstWays() []early {
	return []early{
		{"a click", true, []string{"continue", "navigate", "navigate"}, func(w *walk) {
			w.submit(w.see(w.b.Authorize(nil)), "/itsme/continue")
			w.get(standsAt(w.s, idIn(w.s.ReturnURL())))
		}},
		{"a click beside another one", true, []string{"continue", "waiting", "waiting", "navigate"}, func(w *walk) {
			page := w.see(w.b.Authorize(nil))
			_, id := loginCookieOf(w.t, page)
			w.while(id, func() { w.get(w.submit(page, "/itsme/continue").Leads()) })
			w.submit(page, "/itsme/continue")
		}},
		{"a click without a cookie", true, []string{"no_cookies", "navigate"}, func(w *walk) {
			_, form, _ := plain(w.s).Authorize(nil).Form("/itsme/continue")
			w.submit(w.see(w.b.Post(w.s.Issuer+"/itsme/continue", form)), "/itsme/continue")
		}},
		{"above the ceiling", false, []string{"too_many", "too_many", "navigate"}, func(w *walk) {
			w.fill()
			again := w.submit(w.see(w.b.Authorize(nil)), "/itsme/continue")
			w.s.Advance(time.Minute)
			w.submit(again, "/itsme/continue")
		}},
		{"at itsme, while another request is at it", false, []string{"waiting"}, func(w *walk) {
			id := idIn(w.b.Begin(nil))
			w.while(id, func() { w.get(standsAt(w.s, id)) })
		}},
		{"a pushed request, opened again", false, []string{"", "navigate", "waiting"}, func(w *walk) {
			address := pushed(w.t, w.s, nil)
			w.get(address)
			w.get(address)
			w.while(idIn(w.s.ReturnURL()), func() { w.get(address) })
		}},
		{"another browser opens the return URL", false, []string{"other_browser"}, func(w *walk) {
			back := w.b.Begin(nil)
			w.see(w.s.Browser().Get(back))
		}},
	}
}

// secondWays are those of an attempt that began with "try again".
func secondWays() []early {
	return []early{
		{"itsme fails at first", false, []string{"unavailable", "navigate"}, func(w *walk) {
			w.s.Sandbox.Next(sandbox.Script{StartFault: sandbox.HTML500})
			w.submit(w.see(w.b.Authorize(nil)), "/itsme/retry")
		}},
		{"the second attempt", false, []string{"cancelled", "waiting", "waiting", "navigate", "navigate", "waiting", "waiting"}, func(w *walk) {
			w.s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
			first := w.b.Begin(nil)
			page, id := w.get(first), idIn(first)
			w.while(id, func() { w.get(w.submit(page, "/itsme/retry").Leads()) })
			w.submit(page, "/itsme/retry")
			w.get(first)
			w.while(id, func() {
				w.get(first)
				w.get(standsAt(w.s, id))
			})
		}},
		{"the second attempt, above the ceiling", false, []string{"cancelled", "too_many", "navigate"}, func(w *walk) {
			page := w.see(cancelled(w.s, w.b))
			w.fill()
			again := w.submit(page, "/itsme/retry")
			w.s.Advance(time.Minute)
			w.submit(again, "/itsme/retry")
		}},
		{"Redis is away", false, []string{"cancelled", "unavailable", "unavailable", "navigate"}, func(w *walk) {
			page := w.see(cancelled(w.s, w.b))
			w.s.Faults().Down()
			w.submit(page, "/itsme/retry")
			w.get(standsAt(w.s, idIn(w.s.ReturnURL())))
			w.s.Faults().Up()
			w.submit(page, "/itsme/retry")
		}},
	}
}

// fill begins so many logins that no other may begin in this minute.
func (w *walk) fill() {
	for w.s.Browser().Authorize(nil).Page() != "too_many" {
		if w.s.Sandbox.Starts() > 10 {
			w.t.Fatal("there is no ceiling")
		}
	}
}

// Whoever holds the cookie, and not the proof, gets it from no page of ours: not
// the proof itself, nor anything else that is taken for it.
func TestNoPageBeforeTheReturnGivesTheProofAway(t *testing.T) {
	for _, shape := range []login.ReturnShape{login.ReturnPath, login.ReturnQuery} {
		for _, way := range slices.Concat(firstWays(), secondWays()) {
			t.Run(string(shape)+"/"+way.name, func(t *testing.T) {
				s := withoutRSA(t, Options{Config: func(c *provider.Config) { c.ReturnShape, c.Limits.PerAddress = shape, 5 }})
				w := &walk{t: t, s: s, b: s.Browser()}
				if way.asks {
					w.b = plain(s)
				}
				way.walk(w)
				var pages []string
				for _, a := range w.seen {
					pages = append(pages, a.Page())
				}
				if !slices.Equal(pages, way.pages) {
					t.Fatalf("the pages are %q, want %q", pages, way.pages)
				}
				w.wantNoProof()
			})
		}
	}
}

// wantNoProof tries what was seen as the proof of the current attempt.
func (w *walk) wantNoProof() {
	w.t.Helper()
	back := w.s.ReturnURL()
	before, proof := proofIn(back)
	w.s.Approve()
	for _, a := range w.seen {
		for _, word := range wordsLike(proof, a) {
			if word == proof {
				w.t.Errorf("page %q holds the proof", a.Page())
			}
			if answer := w.b.Get(before + word); answer.Page() != "other_browser" {
				w.t.Errorf("what page %q holds is taken for the proof: page %q, leads to %q", a.Page(), answer.Page(), answer.Leads())
			}
		}
	}
	if n := w.s.Sandbox.Fetches(last(w.s).Token); n != 0 {
		w.t.Errorf("CM was asked %d times", n)
	}
	if keys := leasesIn(w.s); len(keys) > 0 {
		w.t.Errorf("a lease was taken: %q", keys)
	}
	if w.s.Response(w.b.Get(back)).Get("code") == "" {
		w.t.Error("with the proof: no code")
	}
}

// wordsLike are the words in an answer that are as long as a proof, in the characters of one.
func wordsLike(proof string, a *Answer) []string {
	text := a.Body
	for _, values := range a.Header {
		text += "\n" + strings.Join(values, "\n")
	}
	words := regexp.MustCompile(`[\w-]+`).FindAllString(text, -1)
	return slices.DeleteFunc(words, func(word string) bool { return len(word) != len(proof) })
}

// A proof and a form's token are two secrets, and each is of one login only: none
// stands in for another, also where one browser holds all of them.
func TestNoSecretStandsInForAnother(t *testing.T) {
	s := withoutRSA(t, Options{})
	b := s.Browser()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 1})
	mine := b.Begin(nil)
	my := formIn(t, b.Get(mine))
	s.Advance(time.Second)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 1})
	theirs := b.Begin(nil)
	their := formIn(t, b.Get(theirs))
	s.Advance(time.Second)
	before, myProof := proofIn(mine)
	_, theirProof := proofIn(theirs)
	asked := s.Sandbox.Fetches(last(s).Token)

	for name, proof := range map[string]string{"the token of a form": my.Get("token"), "another login's proof": theirProof, "another login's token": their.Get("token")} {
		if answer := b.Get(before + proof); answer.Page() != "other_browser" {
			t.Errorf("%s as proof: page %q, leads to %q", name, answer.Page(), answer.Leads())
		}
	}
	for _, action := range []string{"/itsme/retry", "/itsme/leave"} {
		for name, token := range map[string]string{"the proof": myProof, "another login's proof": theirProof, "another login's token": their.Get("token")} {
			form := url.Values{"login": my["login"], "attempt": my["attempt"], "token": {token}}
			if answer := b.Post(s.Issuer+action, form); answer.Page() != "other_browser" || answer.Leads() != "" {
				t.Errorf("%s as token at %s: page %q, leads to %q", name, action, answer.Page(), answer.Leads())
			}
		}
	}
	if n := s.Sandbox.Fetches(last(s).Token); n != asked || len(leasesIn(s)) > 0 || s.Sandbox.Starts() != 2 {
		t.Errorf("CM was asked %d times, want %d; %d transactions; leases %q", n, asked, s.Sandbox.Starts(), leasesIn(s))
	}
	for _, back := range []string{mine, theirs} {
		if s.Response(b.Get(back)).Get("code") == "" {
			t.Error("a login does not finish any more")
		}
	}
}

// formIn are the fields of a page's form about its login.
func formIn(t *testing.T, page *Answer) url.Values {
	t.Helper()
	_, fields, ok := page.Form("/itsme/leave")
	if !ok {
		t.Fatalf("page %q has no such form", page.Page())
	}
	return fields
}
