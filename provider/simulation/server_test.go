package simulation_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"itsme-bridge/provider/providertest"
)

// server is the client's.
type server struct {
	world    *world
	sessions []*session
}

// session is what the client's server keeps of one login.
type session struct {
	server  *server
	name    string
	browser *browser
	state   string
	nonce   string
	pushed  *pushing // its request; nil: the browser brings it all
	proof   string   // the code_verifier
	code    string
	tokens  *tokens // the newest that arrived
	next    *act
	waiting int // answers
	tries   int
	done    bool
	failed  bool
	settled bool // the bridge has answered it

	consents bool   // the person is always asked
	hint     string // the latest ID token
	partings int    // wishes to log out by it

	leaves bool // the person has gone back to the application

	lost       bool                 // an answer of the token endpoint did not arrive
	taker      *taker               // of its refresh token; nil: nobody
	disturbed  bool                 // somebody has used what the session lives by
	ended      time.Time            // an old refresh token has come again: no refresh token works any more; zero: none has
	redeemedAt time.Time            // when the code was first sent
	made       map[string]time.Time // access tokens
	turns      []turn
}

// tokens are an answer of the token endpoint.
type tokens struct {
	access, refresh, id string
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// open begins a login.
func (s *server) open(b *browser) *session {
	n := len(s.sessions)
	x := &session{
		server: s, made: map[string]time.Time{}, name: fmt.Sprintf("s%d", n+1), browser: b,
		state: fmt.Sprintf("state-%d", n+1), nonce: fmt.Sprintf("nonce-%d", n+1), proof: made("verifier", s.world.plan.seed, n) + "-of-a-verifier",
	}
	x.consents = s.world.plan.refresh && (!s.world.plan.stay || n%2 == 0) // who is asked to consent is not remembered
	s.sessions = append(s.sessions, x)
	s.world.promises.secret(x.proof)
	return x
}

// parameters are what the client asks for.
func (x *session) parameters() url.Values {
	sum := sha256.Sum256([]byte(x.proof))
	scope := "openid profile email phone address"
	q := url.Values{
		"client_id": {"app"}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {scope}, "state": {x.state}, "nonce": {x.nonce},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	if x.consents {
		q.Set("scope", scope+" offline_access")
		q.Set("prompt", "consent")
	}
	return q
}

// address is where the browser is sent.
func (x *session) address() string {
	if x.pushed != nil {
		return x.pushed.address("app")
	}
	return issuer + "/authorize?" + x.parameters().Encode()
}

// receive takes an authorization response. It is false where there is nothing to hope for.
func (s *server) receive(b *browser, q url.Values) bool {
	at := slices.IndexFunc(s.sessions, func(x *session) bool { return x.state == q.Get("state") })
	if at < 0 || s.sessions[at].browser != b { // the state belongs to another browser: the client refuses it
		return false
	}
	x := s.sessions[at]
	switch {
	case x.done, x.code != "" && !x.failed:
		return true
	case q.Get("code") == "" || x.failed:
		x.failed = true
		return false
	}
	x.code = q.Get("code")
	s.world.promises.secret(x.code)
	x.then(0, "redeems its code", x.redeem)
	return true
}

func (x *session) then(after time.Duration, name string, do func()) {
	x.next = &act{name: x.name + " " + name, after: time.Now().Add(after), do: do}
}

// post is a form for the bridge, from nobody yet.
func (x *session) post(path string, form url.Values) *http.Request {
	r, err := http.NewRequest(http.MethodPost, issuer+path, strings.NewReader(form.Encode()))
	if err != nil {
		panic(err)
	}
	r.RemoteAddr, r.RequestURI = "127.0.0.1:2000", path
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// send sends a form to the token endpoint.
func (x *session) send(name string, form url.Values, then func(*providertest.Answer)) *exchange {
	public := x.server.world.plan.public
	if public {
		form.Set("client_id", "app")
	}
	r := x.post("/token", form)
	if !public {
		r.SetBasicAuth("app", secret)
	}
	return x.sendOut(name, r, then)
}

func (x *session) sendOut(name string, r *http.Request, then func(*providertest.Answer)) *exchange {
	x.waiting++
	return x.server.world.send(sender{name: x.name + " " + name}, r, func(a *providertest.Answer) {
		x.waiting--
		then(a)
	})
}

func (x *session) codeForm() url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {x.code}, "redirect_uri": {callback}, "code_verifier": {x.proof}}
}

const mostCalls = 8

// redeem exchanges the code for tokens.
func (x *session) redeem() {
	x.next = nil
	x.sendCode("redeems", x.redeemed)
}

func (x *session) sendCode(name string, then func(*providertest.Answer)) {
	if x.redeemedAt.IsZero() {
		x.redeemedAt = time.Now()
	}
	e := x.send(name, x.codeForm(), then)
	e.grant, e.again = x, x.server.world.promises.granted[x.code] > 0
}

func (x *session) redeemed(a *providertest.Answer) {
	x.tries++
	switch {
	case x.tokens != nil || x.failed: // another call was faster
	case a == nil || a.Status == http.StatusServiceUnavailable:
		x.lost = x.lost || a == nil
		if x.tries > mostCalls {
			x.fail("gives up")
			return
		}
		x.then(time.Second, "redeems its code again", x.redeem)
	case a.Status != http.StatusOK:
		x.server.world.promises.refused(x, x.code, a)
		x.fail("is refused")
	default:
		x.take(a)
		x.then(0, "asks for claims", x.ask)
	}
}

func (x *session) take(a *providertest.Answer) {
	text := func(name string) string { s, _ := a.JSON()[name].(string); return s }
	x.hint = cmp.Or(text("id_token"), x.hint)
	x.tokens = &tokens{access: text("access_token"), refresh: text("refresh_token"), id: text("id_token")}
}

// fail shows the person an error of the application, in the tab that they came by.
func (x *session) fail(how string) {
	x.failed, x.next = true, nil
	x.server.world.tell("%s %s", x.name, how)
	if !x.browser.loggedIn() {
		x.browser.begin(" anew since " + x.name + " " + how)
	}
}

// ask asks for the claims.
func (x *session) ask() {
	x.next = nil
	token, late := x.tokens.access, !x.ended.IsZero()
	r := x.post("/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	x.sendOut("asks userinfo", r, func(a *providertest.Answer) { x.told(token, late, a) })
}

func (x *session) told(token string, late bool, a *providertest.Answer) {
	x.tries++
	switch {
	case x.done || x.failed:
	case a == nil || a.Status == http.StatusServiceUnavailable:
		if x.tries > 2*mostCalls {
			x.fail("gives up")
			return
		}
		x.then(time.Second, "asks for claims again", x.ask)
	case a.Status != http.StatusOK:
		x.server.world.promises.refused(x, token, a)
		x.fail("is refused its claims")
	default:
		x.server.world.promises.claims(x, late, a)
		x.done = true
		x.server.world.tell("%s knows who is before %s", x.name, x.browser.name)
		if b := x.browser; x.server.world.plan.share { // some do so in the very moment that they log out in
			after := time.Duration(1+2*(len(x.server.sessions)%2)) * time.Second
			b.later = append(b.later, &act{name: b.name + " visits the other application", after: time.Now().Add(after), do: b.visit})
		}
		if x.server.world.plan.parts {
			x.logsOut()
		}
		x.browser.comeAgain()
		if x.tokens.refresh != "" {
			x.then(time.Second, "refreshes", func() { x.next = nil; x.refresh(x.tokens.refresh) })
		}
	}
}
