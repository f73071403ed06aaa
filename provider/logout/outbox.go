package logout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/session"
	"itsme-bridge/storage"
)

// Notice is a client that has still to hear of a logout.
type Notice struct {
	session.Served
	SID   string    `json:"sid"`
	Since time.Time `json:"since"`           // of the logout
	Tries int       `json:"tries,omitempty"` // that have failed
}

const (
	noticeLife   = 24 * time.Hour           // a client that is away for longer does not hear
	noticePost   = 5 * time.Second          // one POST
	noticeSettle = 5 * time.Second          // to write down what came of it
	noticesAbout = 4                        // at the same time
	noticesPass  = 4 * noticesAbout         // in one pass of Deliver, which so is over in 40 s
	noticeLease  = time.Minute              // longer than that
	outboxLife   = noticeLife + 2*time.Hour // longer than any pause: to give up is our decision
)

// errMute is why a client is not told that did not answer when it was told of another logout.
var errMute = errors.New("provider: the client has not answered just now")

// errDeaf is why a client is not told that is not registered any more, or not for that.
var errDeaf = errors.New("provider: the client does not want to hear of logouts any more")

// noticePause is how long a client is left alone that could not be told for the nth time.
func noticePause(tries int) time.Duration {
	pauses := [...]time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}
	return pauses[min(max(tries, 1), len(pauses))-1]
}

// announce puts into the outbox what the served are to hear. The id of a notice
// follows from what it is about, so that the same twice is one.
func (l *Logouts) announce(ctx context.Context, sid string, served []session.Served) error {
	now := l.now()
	var notices []storage.Item[Notice]
	for _, s := range served {
		if l.clients.Hears(s.ClientID) {
			id := l.keyring.MAC("notice", sid, s.ClientID, s.Subject)
			notices = append(notices, storage.Item[Notice]{ID: id, Value: Notice{Served: s, SID: sid, Since: now}})
		}
	}
	if err := l.outbox.Add(ctx, now, notices...); err != nil {
		return err //nolint:wrapcheck // storage has named the operation
	}
	if len(notices) > 0 {
		l.wake()
	}
	return nil
}

// wake lets Run begin its next pass at once.
func (l *Logouts) wake() {
	select {
	case l.leaving <- struct{}{}:
	default: // it is about to
	}
}

// Run tells clients of logouts until ctx ends: at once of those that come
// to this replica, and every so often of all that are due. Then nothing is lost:
// what was not told is told by somebody else, or later. Passed hears of each
// pass; nil if nothing stood in its way.
func (l *Logouts) Run(ctx context.Context, every time.Duration, passed func(error)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := l.Deliver(ctx); ctx.Err() == nil {
			passed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-l.leaving:
		}
	}
}

// Deliver tells clients of the logouts that are due now, a few of them,
// and returns in less than a minute. Where no client wants to hear of any, it
// asks nobody anything. Of two replicas that do so, each tells others.
func (l *Logouts) Deliver(ctx context.Context) error {
	if !l.clients.AnybodyHears() {
		return nil
	}
	due, err := l.outbox.Claim(ctx, l.now(), noticeLease, noticesPass)
	var telling sync.WaitGroup
	turn := make(chan struct{}, noticesAbout)
	for _, notice := range due {
		turn <- struct{}{}
		telling.Go(func() {
			defer func() { <-turn }()
			l.deliver(ctx, notice)
		})
	}
	telling.Wait()
	if len(due) == noticesPass { // there may be more
		l.wake()
	}
	if err != nil {
		return fmt.Errorf("provider: logouts: %w", err)
	}
	return nil
}

// Untold is how many notices wait in the outbox.
func (l *Logouts) Untold(ctx context.Context) (int64, error) {
	if !l.clients.AnybodyHears() {
		return 0, nil
	}
	return l.outbox.Depth(ctx) //nolint:wrapcheck // storage has named the operation
}

// deliver tells one client, and writes down what came of it. A pass that is
// told to end leaves the rest as they are: their claims end by themselves.
func (l *Logouts) deliver(ctx context.Context, due storage.Item[Notice]) {
	notice := &due.Value
	ctx, span := l.begin(ctx, notice)
	defer func() { // not End itself, which would tell of a panic
		if span != nil {
			span.End()
		}
	}()
	told := errDeaf
	if client, ok := l.clients.Find(notice.ClientID); ok && client.BackChannelLogoutURI != "" {
		told = l.tellUnlessMute(ctx, client, notice)
	}
	if told != nil && ctx.Err() != nil {
		return // it is we who have stopped
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noticeSettle)
	defer cancel()
	if told == nil {
		l.settled(ctx, notice, slog.LevelInfo, delivered, nil, l.outbox.Done(ctx, due))
		return
	}
	notice.Tries++
	next := l.now().Add(noticePause(notice.Tries))
	if errors.Is(told, errDeaf) || next.Sub(notice.Since) > noticeLife {
		l.settled(ctx, notice, slog.LevelError, givenUp, told, l.outbox.Done(ctx, due))
		return
	}
	_, err := l.outbox.Again(ctx, due, next)
	l.settled(ctx, notice, slog.LevelWarn, failed, told, err)
}

// mute are the clients that have not answered, and until when they are left
// alone. Otherwise one that hangs would keep all others waiting.
type mute struct {
	mu    sync.Mutex
	until map[string]time.Time // by client id
}

// tellUnlessMute tells a client, unless it is left alone.
func (l *Logouts) tellUnlessMute(ctx context.Context, c *client.Client, n *Notice) error {
	l.mute.mu.Lock()
	left := l.now().Before(l.mute.until[c.ID])
	l.mute.mu.Unlock()
	if left {
		return errMute
	}
	mute, err := l.tellLogout(ctx, c, n)
	if mute {
		l.mute.mu.Lock()
		l.mute.until[c.ID] = l.now().Add(noticePause(1))
		l.mute.mu.Unlock()
	}
	return err
}

// settled says in the log and in a metric what came of a notice; never whom it was about.
func (l *Logouts) settled(ctx context.Context, n *Notice, level slog.Level, result string, told, written error) {
	l.notices.WithLabelValues(n.ClientID, edge.OneOf(result, delivered, failed, givenUp)).Inc()
	attrs := []slog.Attr{slog.String("client", n.ClientID), slog.String("result", result), slog.Int("tries", n.Tries)}
	if told != nil {
		attrs = append(attrs, slog.String("cause", told.Error()))
	}
	if written != nil { // so it will be told again
		attrs = append(attrs, slog.String("storage", written.Error()))
	}
	if id := recorded(ctx, result); id != "" {
		attrs = append(attrs, slog.String("trace", id))
	}
	l.log.LogAttrs(ctx, level, "logout notice", attrs...)
}
