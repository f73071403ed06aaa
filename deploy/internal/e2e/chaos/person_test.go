//go:build products && chaos

package chaos_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"time"

	"itsme-bridge/provider/providertest"
)

// ending is what becomes of a login.
type ending int

const (
	completed ending = iota
	ledOn
	lost
	wrong
)

func (e ending) String() string { return [...]string{"completed", "led on", "lost", "wrong"}[e] }

// person logs in, once, with a browser of their own.
type person struct {
	w        *world
	id, name string // as CM knows them
	client   http.Client
	app      *session // at the client that they log in to

	quick     bool // they think nothing
	approvals int
	thought   time.Duration
	met       bool   // something was asked of the bridge while it had its fault
	failed    int    // requests without an answer, or with a server's error
	at        string // where they are: what was asked of the bridge last
	mu        sync.Mutex
	story     []string
}

func (w *world) person(n int) *person { return w.personAt(appID, n) }

// personAt is a person who logs in to a client.
func (w *world) personAt(client string, n int) *person {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	p := &person{w: w, id: fmt.Sprintf("user-%s-%s-%06d", w.salt, client, n), name: fmt.Sprintf("Person %s %s %d", w.salt, client, n)}
	p.client = http.Client{
		Jar: jar, Transport: w.transport, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	p.app = &session{w: w, p: p, at: w.clients[client], begun: map[string]string{}}
	return p
}

// pause is how long a person thinks: some of them longer than others, so that a fault
// finds people at every step.
func (p *person) pause(ctx context.Context, most time.Duration) {
	if p.quick {
		return
	}
	d := time.Duration(rand.Int64N(int64(most)))
	p.thought += d
	wait(ctx, d)
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// login goes on until the client knows who this is, or nothing leads on.
func (p *person) login(ctx context.Context) ending {
	next := p.app.begin()
	for ctx.Err() == nil {
		answer, err := p.send(ctx, next)
		if broken(answer, err) {
			wait(ctx, 500*time.Millisecond)
			continue // a reload
		}
		to, pressed, ok := onward(answer)
		if !ok {
			p.tell("a dead end")
			return lost
		}
		if pressed != "" {
			p.tell("presses " + pressed)
			p.pause(ctx, patience(answer))
		}
		wait(ctx, to.after)
		switch {
		case strings.HasPrefix(to.address, p.w.cm.url()):
			next = p.atItsme(ctx, to)
		case strings.HasPrefix(to.address, app):
			end, begins := p.app.open(ctx, to.address)
			if !begins {
				return end
			}
			p.pause(ctx, 500*time.Millisecond)
			next = p.app.begin()
		case strings.HasPrefix(to.address, "/"):
			to.address = p.w.issuer + to.address
			next = to
		default:
			next = to
		}
	}
	p.tell("no end")
	return lost
}

// patience is how long a person thinks at most before they press what a page offers. In a
// long run, where many wait, they do so for longer at one that says that it does not work.
func patience(page *providertest.Answer) time.Duration {
	if long() && page.Status >= http.StatusInternalServerError {
		return 8 * time.Second
	}
	return time.Second
}

// atItsme approves in the app, unless that is done, and is sent back.
func (p *person) atItsme(ctx context.Context, page step) step {
	p.pause(ctx, time.Second)
	redirect, once := p.w.cm.approve(page.address, p)
	if redirect == "" {
		p.tell("no such transaction")
		return p.app.begin()
	}
	if once {
		p.approvals++
		p.tell("approves")
	}
	return step{address: redirect}
}

func (p *person) send(ctx context.Context, s step) (*providertest.Answer, error) {
	if p.w.faulty.Load() {
		p.met = true
	}
	method := http.MethodGet
	if s.form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, s.address, strings.NewReader(s.form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header = http.Header{
		"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Fetch-User": {"?1"}, "Accept-Language": {"en"},
	}
	if s.form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", p.w.issuer)
	}
	p.goes(r)
	answer, err := read(p.client.Do(r))
	p.tell(told(s, answer, err))
	p.fails(answer, err)
	return answer, err
}

// goes notes what is asked of the bridge, such as /itsme/return.
func (p *person) goes(r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = r.URL.Path
	if parts := strings.Split(p.at, "/"); len(parts) > 3 {
		p.at = strings.Join(parts[:3], "/")
	}
}

// where is what was asked of the bridge last.
func (p *person) where() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

// fails counts an answer that nobody should get.
func (p *person) fails(a *providertest.Answer, err error) {
	if err != nil || a.Status >= http.StatusInternalServerError {
		p.failed++
	}
}

func read(r *http.Response, err error) (*providertest.Answer, error) {
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return &providertest.Answer{Status: r.StatusCode, Header: r.Header, Body: string(body)}, err
}

// tell adds to the story of this login; what is told twice in a row is told once.
func (p *person) tell(what string) {
	if n := len(p.story); n > 0 && p.story[n-1] == what {
		return
	}
	p.story = append(p.story, what)
}
