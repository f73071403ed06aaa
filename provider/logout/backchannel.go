package logout

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/session"
)

// Clients hear of a logout by a POST of ours (Back-Channel Logout 1.0 §2.5). The
// person does not wait for it: what is to be said is put into an outbox in Redis,
// before the session ends, and said by whichever replica comes to it. So each
// client hears at least once, also if it is away for hours, and we for minutes.

// end ends a session by its sid. Its audience is to hear of it first.
func (l *Logouts) end(ctx context.Context, sid string) error {
	return l.sessions.End(ctx, sid, func(ctx context.Context, served []session.Served) error {
		return l.announce(ctx, sid, served)
	})
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
func (l *Logouts) tellLogout(ctx context.Context, c *client.Client, n *Notice) (mute bool, err error) {
	if l.poster == nil {
		return false, errors.New("provider: nothing reaches the client")
	}
	now := l.now()
	payload, err := json.Marshal(logoutToken{
		Issuer: l.issuer.String(), Subject: n.Subject, Audience: c.ID,
		IssuedAt: now.Unix(), Expires: now.Add(logoutTokenLife).Unix(), ID: rand.Text(),
		Events: map[string]struct{}{logoutEvent: {}}, SID: n.SID,
	})
	if err != nil {
		return false, fmt.Errorf("provider: encode logout token: %w", err)
	}
	token, err := l.signer.SignTyped(ctx, c.SigningAlg, "logout+jwt", payload)
	if err != nil {
		return false, fmt.Errorf("provider: sign logout token: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, noticePost)
	defer cancel()
	status, err := l.poster.Post(ctx, c.BackChannelLogoutURI, url.Values{"logout_token": {token}})
	if err != nil {
		return true, err //nolint:wrapcheck // it names the host
	}
	if status != http.StatusOK && status != http.StatusNoContent {
		return false, fmt.Errorf("provider: the client answered with HTTP %d", status)
	}
	return false, nil
}
