package simulation_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// op is something on its way from a replica to Redis or to CM. It waits until the story lets it arrive.
type op struct {
	key     string    // the same in every run of a story
	at      time.Time // of its departure
	number  int       // in the order of departure
	from    *replica
	sender  sender
	arrive  func() arrival // what the other side does with it
	first   func() arrival // what it does with the first command alone
	answers chan arrival
	gone    bool       // nobody waits for its answer any more
	hangs   bool       // it does not arrive while somebody waits
	slow    *arrival   // it has arrived, and this answer is on its way
	due     time.Time  // not before this may the answer arrive
	status  bool       // it asks CM for what CM gives once
	posts   bool       // it asks CM for a transaction
	notice  *notice    // it tells a client of a logout
	redis   int        // how many commands it is; 0: it is no matter of Redis
	writes  bool       // one of them is a script
	words   [][]string // the commands

	waited    time.Duration // until nobody waited any more
	about     *transaction  // that it asks CM for, since it has arrived
	overtaken bool          // time has passed at once while it was under way: its lease may have ended meanwhile
}

// arrival is what the other side has answered.
type arrival struct {
	replies  []reply
	response *http.Response
	err      error
}

type reply struct {
	value any
	err   error
}

// sender is who has asked the bridge for what an op belongs to.
type sender struct {
	name    string
	browser *browser // nil: the client's server, or nobody
	session *session // that the browser asks for
	act     bool     // a person has done something for it
	paid    *int     // transactions that were made for it
	request *exchange
	since   time.Time
}

type senderKey struct{}

func senderOf(ctx context.Context) sender {
	s, ok := ctx.Value(senderKey{}).(sender)
	if !ok {
		return sender{name: "by itself", paid: new(int)}
	}
	return s
}

// What an op fails by.
var ( // read only
	errNoConnection = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	errTimeout      = &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}
	errKilled       = errors.New("the replica was killed")
)

// redisPatience is how long a command waits for its answer, as with the usual options of storage.
const redisPatience = 2 * time.Second

// wait parks an op until its answer arrives, or patience ends. A request that is cancelled goes on waiting, as go-redis
// does, unless the way notices.
func (w *world) wait(o *op, patience time.Duration, cancelled <-chan struct{}) arrival {
	switch {
	case o.from.starting:
		return o.arrive()
	case o.from.dead():
		<-w.over
		return arrival{err: errKilled}
	}
	w.depart(o)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	var got arrival
	select {
	case got = <-o.answers:
	case <-timer.C:
		got.err = errTimeout
		w.forsake(o)
	case <-cancelled:
		got.err = context.Canceled
		w.forsake(o)
	case <-o.from.killed:
		w.forsake(o)
	}
	if o.from.dead() { // nothing that it does is seen by anybody
		<-w.over
		got = arrival{err: errKilled}
	}
	return got
}

// depart puts an op on its way, and wakes the story.
func (w *world) depart(o *op) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.departed++
	o.at = time.Now()
	o.number, o.answers = w.departed, make(chan arrival, 1)
	w.ops = append(w.ops, o)
	select {
	case w.news <- struct{}{}:
	default:
	}
}

func (w *world) forsake(o *op) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o.gone, o.waited = true, time.Since(o.at)
	if o.sender.request != nil {
		o.sender.request.hurt = true
	}
}

// redisHook stands in the place of the connections of a replica to Redis.
type redisHook struct{ replica *replica }

// DialHook is part of redis.Hook. Nobody dials.
func (h redisHook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook is part of redis.Hook.
func (h redisHook) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		return h.send(ctx, []redis.Cmder{command})
	}
}

// ProcessPipelineHook is part of redis.Hook.
func (h redisHook) ProcessPipelineHook(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return h.send
}

func (h redisHook) send(ctx context.Context, commands []redis.Cmder) error {
	w := h.replica.world
	patience := redisPatience
	if end, bounded := ctx.Deadline(); bounded {
		patience = min(patience, time.Until(end)+time.Microsecond) // by then ctx has ended, too
	}
	got := arrival{err: ctx.Err()}
	if got.err == nil {
		o := &op{from: h.replica, sender: senderOf(ctx), redis: len(commands)}
		o.key = o.sender.name + " " + w.nameOf(commands)
		o.words = make([][]string, len(commands))
		for i, c := range commands {
			o.words[i] = wordsOf(c.Args())
			o.writes = o.writes || c.Name() == "eval"
		}
		o.arrive = func() arrival { return w.memory.answer(o.words, nil) }
		o.first = func() arrival { return w.memory.answer(o.words[:1], nil) }
		got = w.wait(o, patience, nil)
	}
	return hand(commands, got)
}

// answer runs commands one after the other, but for those that fail.
func (m *memory) answer(commands [][]string, failing func(words []string) error) arrival {
	replies := make([]reply, len(commands))
	for i, words := range commands {
		if failing != nil {
			if err := failing(words); err != nil {
				replies[i] = reply{err: err}
				continue
			}
		}
		value, err := m.do(words)
		if errors.Is(err, errAbsent) {
			err = redis.Nil
		}
		replies[i] = reply{value, err}
	}
	return arrival{replies: replies}
}

// hand gives the replies that there are to the commands, and the error to the rest, as go-redis does.
func hand(commands []redis.Cmder, got arrival) error {
	var first error
	for i, c := range commands {
		err := got.err
		if i < len(got.replies) {
			err = got.replies[i].err
			switch c := c.(type) {
			case interface{ SetVal(val any) }:
				if got.replies[i].value != nil {
					c.SetVal(got.replies[i].value)
				}
			case *redis.StringCmd:
				text, _ := got.replies[i].value.(string)
				c.SetVal(text)
			}
		}
		c.SetErr(err)
		if first == nil {
			first = err
		}
	}
	if got.err != nil {
		return got.err
	}
	return first
}

// nameOf is what commands are for.
func (w *world) nameOf(commands []redis.Cmder) string {
	var names []string
	for _, c := range commands {
		name := c.Name()
		if args := c.Args(); name == "eval" {
			name = cmp.Or(w.memory.scripts[textOf(args[1])], w.memory.texts[textOf(args[1])])
		}
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	return strings.Join(names, "+")
}

// cmTransport is the way of a replica to CM.
type cmTransport struct{ replica *replica }

// RoundTrip is part of http.RoundTripper.
func (c cmTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w, ctx := c.replica.world, r.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	body, _ := io.ReadAll(r.Body)
	_ = r.Body.Close()
	o := &op{from: c.replica, sender: senderOf(ctx), status: r.Method == http.MethodGet, posts: r.Method == http.MethodPost}
	o.key = o.sender.name + " CM " + strings.ToLower(r.Method)
	o.arrive = func() arrival { return w.cm.answer(o, r.URL.Path, body) }
	got := w.wait(o, time.Hour, ctx.Done())
	return got.response, got.err
}
