package provider

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"itsme-bridge/storage"
)

// Clients hear of a logout by a POST of ours (Back-Channel Logout 1.0 §2.5). The
// person does not wait for it: what is to be said is put into an outbox in Redis,
// before the session ends, and said by whichever replica comes to it. So each
// client hears at least once, also if it is away for hours, and we for minutes.

// forgetting is how long it is remembered that a session has ended: whoever
// looked at it before has answered by then, and the code of its login is dead
// (see redeliver; a code lives no longer).
const forgetting = time.Minute

// endSession ends a session by its sid; what is none of ours ends nothing. Its
// audience is to hear of it first: if we stop in between, the next try says it
// twice, which does no harm.
func (p *Provider) endSession(ctx context.Context, sid string) error {
	id, ok := p.store.Keyring().Open("sid", sid)
	if p.config.Session.TTL == 0 || !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.config.WriteBudget)
	defer cancel()
	h := storage.HandleOf(string(id), "")
	for {
		var was storage.Record[Audience]
		err := p.store.Do(ctx, p.audiences.Read(h, &was))
		if err != nil && !errors.Is(err, storage.ErrUnavailable) {
			return p.endUnheard(ctx, h.ID(), err)
		}
		if err == nil {
			err = p.announce(ctx, sid, was.Value.Served)
		}
		if err != nil {
			return broken(err)
		}
		// Somebody who has joined since must hear too, and without the session
		// nobody joins any more.
		ended, err := p.store.Commit(ctx,
			p.audiences.Replace(h, was, Audience{Ended: true}, forgetting), p.browserSessions.Drop(h.ID()))
		if err != nil {
			return broken(err)
		}
		if ended {
			return nil
		}
	}
}

// endUnheard ends a session whose audience nobody can read any more.
func (p *Provider) endUnheard(ctx context.Context, id string, cause error) error {
	event(ctx).Add(slog.String("audience", cause.Error()))
	ended := p.audiences.Set(storage.HandleOf(id, ""), Audience{Ended: true}, forgetting)
	if _, err := p.store.Commit(ctx, ended, p.browserSessions.Drop(id)); err != nil {
		return broken(err)
	}
	return nil
}

// logoutToken is Back-Channel Logout §2.4. There is no nonce, so that nobody
// takes it for an ID token.
type logoutToken struct {
	Issuer   string              `json:"iss"`
	Subject  string              `json:"sub"`
	Audience string              `json:"aud"`
	IssuedAt int64               `json:"iat"`
	Expires  int64               `json:"exp"`
	ID       string              `json:"jti"`
	Events   map[string]struct{} `json:"events"`
	SID      string              `json:"sid"`
}

const (
	logoutTokenLife = 2 * time.Minute // the most that §4 recommends
	logoutEvent     = "http://schemas.openid.net/event/backchannel-logout"
)

// tellLogout is one POST of a logout token (§2.5, §2.8). Mute is a client that
// gave no answer at all.
func (p *Provider) tellLogout(ctx context.Context, c *Client, n *Notice) (mute bool, err error) {
	if p.outbound == nil {
		return false, errors.New("provider: nothing reaches the client")
	}
	now := p.now()
	payload, err := json.Marshal(logoutToken{
		Issuer: p.config.Issuer, Subject: n.Subject, Audience: c.ID,
		IssuedAt: now.Unix(), Expires: now.Add(logoutTokenLife).Unix(), ID: rand.Text(),
		Events: map[string]struct{}{logoutEvent: {}}, SID: n.SID,
	})
	if err != nil {
		return false, fmt.Errorf("provider: encode logout token: %w", err)
	}
	token, err := p.signer.SignTyped(ctx, c.SigningAlg, "logout+jwt", payload)
	if err != nil {
		return false, fmt.Errorf("provider: sign logout token: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, noticePost)
	defer cancel()
	status, err := p.outbound.Post(ctx, c.BackChannelLogoutURI, url.Values{"logout_token": {token}})
	if err != nil {
		return true, err //nolint:wrapcheck // it names the host
	}
	if status != http.StatusOK && status != http.StatusNoContent {
		return false, fmt.Errorf("provider: the client answered with HTTP %d", status)
	}
	return false, nil
}
