//go:build products && chaos

package chaos_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/providertest"
)

// TestTwoTabs has two tabs of one login come back at the same moment, at two replicas or at one, while CM
// holds its answer. One of them asks CM, which gives an identity once; both lead on to the same code.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	tabs := [][2]int{{0, 1}, {0, 0}}
	lines := newTable(len(tabs))
	t.Cleanup(func() {
		lines.write(t, "Two tabs of one login come back at once, and CM holds its answer:\n\n"+
			"| tabs at | logins | status calls while both wait | most for one login | completed | approvals |\n|---|---|---|---|---|---|\n")
	})
	for i, at := range tabs {
		name := map[bool]string{true: "one replica", false: "two replicas"}[at[0] == at[1]]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoTabs(t, at, func(logins, calls, most, done, approvals int) {
				lines.line(i, "| %s | %d | %d | %d | %d | %d |", name, logins, calls, most, done, approvals)
			})
		})
	}
}

// pairs are how many logins have two tabs each, all at once.
const pairs = 8

func twoTabs(t *testing.T, at [2]int, tell func(logins, calls, most, done, approvals int)) {
	t.Helper()
	w := start(t, 2, single(startRedis(t).address), "lease: 10s", "lease: 1m", "drain_delay: 2s", "drain_delay: 2s, drain: 90s, write: 2m",
		"status_timeout: 30s", "status_timeout: 1m")
	asked := newQueue()
	w.cm.fail(asked.hold, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	backs, people := make([]string, pairs), make([]*person, pairs)
	waiting := make(chan *providertest.Answer, 2*pairs)
	for n := range pairs {
		people[n] = w.person(n)
		people[n].quick = true
		backs[n] = people[n].approved(ctx, t)
		for _, replica := range at {
			go func() { waiting <- people[n].tab(ctx, w.replicas[replica], backs[n]) }()
		}
	}
	for range 2 * pairs {
		if a := <-waiting; a == nil || a.Page() != "waiting" {
			t.Errorf("a tab is told %+v, want the waiting page", a)
		}
	}
	calls, most, done, approvals := 0, 0, 0, 0
	for _, n := range asked.times() {
		calls, most = calls+n, max(most, n)
	}
	if most != 1 || calls != pairs {
		t.Errorf("CM was asked %d times for %d logins, %d times for one of them", calls, pairs, most)
	}
	asked.release()
	for n, p := range people {
		first, second := p.led(ctx, w.replicas[at[0]], backs[n]), p.led(ctx, w.replicas[at[1]], backs[n])
		if first == "" || first != second {
			t.Errorf("the tabs of login %d do not lead to the same", n)
		}
		if end, begins := p.app.open(ctx, first); begins || end != completed {
			t.Errorf("login %d ends %s (begins again: %t):\n%s", n, end, begins, strings.Join(p.story, "\n"))
			continue
		}
		done, approvals = done+1, approvals+p.approvals
	}
	tell(pairs, calls, most, done, approvals)
}

// approved is a person who has approved: where itsme sends the browser.
func (p *person) approved(ctx context.Context, t *testing.T) (back string) {
	t.Helper()
	answer, err := p.send(ctx, p.app.begin())
	if err != nil {
		t.Fatal(err)
	}
	to, _, ok := onward(answer)
	if !ok || !strings.HasPrefix(to.address, p.w.cm.url()) {
		t.Fatalf("the login does not lead to itsme: %d, page %q", answer.Status, answer.Page())
	}
	return p.atItsme(ctx, to).address
}

// tab opens an address in another tab, at one replica. It is nil where there is no answer.
func (p *person) tab(ctx context.Context, at *replica, address string) *providertest.Answer {
	var dialer net.Dialer
	transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, at.address)
	}}
	defer transport.CloseIdleConnections()
	client := http.Client{Jar: p.client.Jar, Transport: transport, CheckRedirect: p.client.CheckRedirect}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil
	}
	r.Header = http.Header{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Fetch-User": {"?1"}, "Accept-Language": {"en"}}
	answer, err := read(client.Do(r))
	if err != nil {
		return nil
	}
	return answer
}

// led is where a tab leads in the end, at the client; "": nowhere.
func (p *person) led(ctx context.Context, at *replica, address string) string {
	for ctx.Err() == nil {
		if a := p.tab(ctx, at, address); a != nil && strings.HasPrefix(a.Leads(), callback) {
			return a.Leads()
		}
		wait(ctx, 500*time.Millisecond)
	}
	return ""
}
