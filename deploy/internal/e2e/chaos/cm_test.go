//go:build products && chaos

package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

// cm is the simulator of CM's API. Whoever approves is somebody of their own.
type cm struct {
	address string
	sandbox *sandbox.Server

	mu      sync.Mutex
	server  *http.Server            // nil while it is away
	asked   map[string]*transaction // by the address of its page
	byToken map[string]*transaction
	posts   map[string]int // calls for a transaction that have come, by the merchant token
	before  fault          // happens to a call before it has taken effect
	after   fault          // and to its answer
}

// transaction is what a person finds at itsme.
type transaction struct {
	token, redirect string
	person          *person // who has approved it
	given           bool    // who that is has been given out
}

// fault is what happens to a call of the API instead of its answer; without a true it is
// answered after all.
type fault func(w http.ResponseWriter, r *http.Request) bool

func startCM(t testing.TB) *cm {
	t.Helper()
	c := &cm{
		sandbox: sandbox.New(sandbox.Options{Now: time.Now}),
		asked:   map[string]*transaction{}, byToken: map[string]*transaction{}, posts: map[string]int{},
	}
	c.listen(t, "127.0.0.1:0")
	t.Cleanup(c.leave)
	return c
}

func (c *cm) listen(t testing.TB, address string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: c, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.server, c.address = server, listener.Addr().String()
}

// leave ends it: nobody listens there any more.
func (c *cm) leave() {
	c.mu.Lock()
	server := c.server
	c.mu.Unlock()
	_ = server.Close()
}

// hangUp ends the connections that wait for another call.
func (c *cm) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.server.SetKeepAlivesEnabled(false)
	c.server.SetKeepAlivesEnabled(true)
}

// back lets it listen again where it did.
func (c *cm) back(t testing.TB) { t.Helper(); c.listen(t, c.address) }

func (c *cm) url() string { return "http://" + c.address }

// fail chooses what happens to calls from now on.
func (c *cm) fail(before, after fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before, c.after = before, after
}

func (c *cm) faults() (before, after fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.before, c.after
}

// call is what is known of a call to CM.
type call struct {
	token string // the merchant token that it brings; "": it is a status call
	given bool   // its answer says who somebody is
}

// callKey finds it in a request.
type callKey struct{}

func callOf(r *http.Request) *call { return r.Context().Value(callKey{}).(*call) }

// whenGiven is a fault of the answers that say who somebody is: CM gives that once.
func whenGiven(f fault) fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		return callOf(r).given && f(w, r)
	}
}

// ServeHTTP answers the bridge.
func (c *cm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	before, after := c.faults()
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	about := &call{token: c.sees(r, body)}
	r = r.WithContext(context.WithValue(r.Context(), callKey{}, about))
	if before != nil && before(w, r) {
		return
	}
	answer := httptest.NewRecorder()
	c.sandbox.ServeHTTP(answer, r)
	said := answer.Body.Bytes()
	if r.Method == http.MethodPost {
		c.started(body, said)
	} else {
		said, about.given = c.disclosed(r.URL.Path, said)
	}
	if after != nil && after(w, r) {
		return
	}
	w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(said)
}

// sees counts a call for a transaction, whatever becomes of it.
func (c *cm) sees(r *http.Request, body []byte) (token string) {
	var asked struct{ Token string }
	if r.Method != http.MethodPost || json.Unmarshal(body, &asked) != nil {
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.posts[asked.Token]++
	return asked.Token
}

// seen is how many calls for a transaction have come with a merchant token; "": with any.
func (c *cm) seen(token string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for with, times := range c.posts {
		if token == "" || with == token {
			n += times
		}
	}
	return n
}

func (c *cm) started(asked, said []byte) {
	var request struct {
		RedirectURL string `json:"redirectUrl"`
	}
	var answer struct {
		Token string `json:"transactionToken"`
		URL   string `json:"authenticationUrl"`
	}
	if json.Unmarshal(asked, &request) != nil || json.Unmarshal(said, &answer) != nil || answer.Token == "" {
		return
	}
	t := &transaction{token: answer.Token, redirect: request.RedirectURL}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[answer.URL], c.byToken[answer.Token] = t, t
}

// disclosed is an answer with whoever has approved in it.
func (c *cm) disclosed(path string, said []byte) (with []byte, given bool) {
	var answer map[string]any
	if json.Unmarshal(said, &answer) != nil || answer["userId"] == nil {
		return said, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.byToken[path[strings.LastIndex(path, "/")+1:]]
	if t == nil || t.person == nil {
		return said, false
	}
	t.given = true
	answer["userId"], answer["name"] = t.person.id, map[string]string{"fullName": t.person.name}
	said, _ = json.Marshal(answer)
	return said, true
}

// approve is a person who says yes in the app. It returns where itsme sends the browser,
// and false where they have approved that transaction before.
func (c *cm) approve(page string, p *person) (redirect string, once bool) {
	c.mu.Lock()
	t := c.asked[page]
	if t == nil {
		c.mu.Unlock()
		return "", false
	}
	once = t.person == nil
	t.person = p
	c.mu.Unlock()
	_ = c.sandbox.Decide(t.token, itsme.Success, "")
	return t.redirect, once
}

// gave reports whether it has given out who this is.
func (c *cm) gave(p *person) (given bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.byToken {
		given = given || t.given && t.person == p
	}
	return given
}

// calls is how many calls of its API there were.
func (c *cm) calls() (n int) {
	for _, t := range c.sandbox.Transactions() {
		n += 1 + t.Fetches
	}
	return n
}

// starts is how many transactions there were.
func (c *cm) starts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.byToken)
}
