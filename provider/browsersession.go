package provider

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/storage"
)

// BrowserSession is a person's approval, to be used for more than one login. It
// is opened by the secret in a cookie of the browser that the approval came back
// to. Its id is that of the login, so that one commit writes both.
type BrowserSession struct {
	SID        string            `json:"sid"`                  // the id, sealed: what every client is told, while a login's id shows where it was
	ClientID   string            `json:"client_id"`            // whose login it was
	UserID     string            `json:"user_id"`              // CM's
	Attributes map[string]string `json:"attributes,omitempty"` // of the person, as far as Granted needs them
	Granted    []string          `json:"granted,omitempty"`    // the claims that the login was granted, by their names
	AuthTime   time.Time         `json:"auth_time"`            // of the approval
	Expires    time.Time         `json:"exp"`                  // our clock decides, whatever becomes of the TTL
}

// remember makes a session of the approval that a verdict is about, where there
// are sessions.
func (p *Provider) remember(v *verdict, h storage.Handle, i *itsme.Identity) {
	if p.config.Session.TTL == 0 {
		return
	}
	l := &v.login
	granted := l.Request.claims(&l.Terms)
	v.grant.SID = p.store.Keyring().Seal("sid", []byte(h.ID()))
	v.session = &BrowserSession{
		SID:        v.grant.SID,
		ClientID:   l.Terms.ID,
		UserID:     i.UserID,
		Attributes: attributesFor(granted, i),
		Granted:    granted,
		AuthTime:   v.grant.AuthTime,
		Expires:    l.Outcome.At.Add(p.config.Session.TTL),
	}
	l.Outcome.Session = storage.NewSecret(h.ID()).Text()
}

// sessionWrites keep the session of a verdict, and who is to hear of its end.
func (p *Provider) sessionWrites(d *verdict) []storage.Write {
	if d.session == nil {
		return nil
	}
	h, _ := storage.ParseHandle(d.login.Outcome.Session) // our own
	writes := []storage.Write{p.browserSessions.Set(h, *d.session, p.config.Session.TTL)}
	if p.hears(d.grant.ClientID) {
		first := Audience{Served: []Served{{ClientID: d.grant.ClientID, Subject: d.grant.Subject}}}
		writes = append(writes, p.audiences.Set(storage.HandleOf(h.ID(), ""), first, p.config.Session.TTL))
	}
	return writes
}

// claims are the names of all claims that the request was granted, wherever they are told.
func (q *Request) claims(t *Terms) []string {
	var names []string
	for _, row := range table() {
		if q.inUserinfo(row) || q.inIDToken(t)(row) {
			names = append(names, row.name)
		}
	}
	return names
}

// attributes are what the claims of a person are made of, by the names of those
// that say nothing else.
func attributes(i *itsme.Identity) map[string]*string {
	return map[string]*string{
		"name":           &i.FullName,
		"given_name":     &i.GivenName,
		"family_name":    &i.FamilyName,
		"gender":         &i.Gender,
		"birthdate":      &i.Birthdate,
		"locale":         &i.Locale,
		"email":          &i.EmailAddress,
		"phone_number":   &i.PhoneNumber,
		"street_address": &i.Address.StreetAddress,
		"postal_code":    &i.Address.PostalCode,
		"locality":       &i.Address.City,
		"country":        &i.Address.CountryCode,
	}
}

// attributesFor are those of which the granted claims are made. Whether one is
// verified is told only where there is one.
func attributesFor(granted []string, i *itsme.Identity) map[string]string {
	kept := map[string]string{}
	for name, value := range attributes(i) {
		whole := scopeOf(name) == "address" && slices.Contains(granted, "address")
		if *value != "" && (whole || slices.Contains(granted, name) || slices.Contains(granted, name+"_verified")) {
			kept[name] = *value
		}
	}
	return kept
}

// person is the session's person, as CM would tell of them again.
func (s *BrowserSession) person() *itsme.Identity {
	i := &itsme.Identity{UserID: s.UserID}
	for name, value := range attributes(i) {
		*value = s.Attributes[name]
	}
	return i
}

// stay is one look at a browser's session, and at who is to hear of its end.
type stay struct {
	handle   storage.Handle
	session  storage.Record[BrowserSession]
	audience storage.Record[Audience]
}

// alive reports whether the session is there, by our clock.
func (s *stay) alive(now time.Time) bool { return s.session.OK && now.Before(s.session.Value.Expires) }

// stayOf looks at a session. One that will never open is none: the person logs
// in once more, and has another.
func (p *Provider) stayOf(ctx context.Context, h storage.Handle) (*stay, error) {
	s := &stay{handle: h}
	err := p.store.Do(ctx, p.browserSessions.Read(h, &s.session), p.audiences.Read(storage.HandleOf(h.ID(), ""), &s.audience))
	switch {
	case errors.Is(err, storage.ErrUnavailable):
		return nil, unavailable(err)
	case err != nil:
		event(ctx).Add(slog.String("session_error", err.Error()))
		return &stay{handle: h}, nil
	}
	return s, nil
}

// sessionCookie is one for all clients, unlike those of logins. Its path is always
// "/", so its name tells issuers on one host apart.
func (p *Provider) sessionCookie() string {
	return p.cookiePrefix() + "session" + strings.ReplaceAll(p.issuer.Path, "/", "+")
}

// sessionOf is the session that the browser's cookie names. Without sessions, no
// cookie is one.
func (p *Provider) sessionOf(r *http.Request) (storage.Handle, bool) {
	if p.config.Session.TTL == 0 {
		return storage.Handle{}, false
	}
	c, err := r.Cookie(p.sessionCookie())
	if err != nil {
		return storage.Handle{}, false
	}
	return storage.ParseHandle(c.Value)
}

// giveSession gives the browser the session of an outcome, for as long as it lasts.
func (p *Provider) giveSession(w http.ResponseWriter, o *Outcome) {
	if o.Session == "" {
		return
	}
	if left := p.config.Session.TTL - p.now().Sub(o.At); left >= time.Second {
		http.SetCookie(w, p.cookie(p.sessionCookie(), o.Session, int(left/time.Second)))
	}
}

// takeSession takes the cookie of a session that is over from the browser.
func (p *Provider) takeSession(w http.ResponseWriter) {
	http.SetCookie(w, p.cookie(p.sessionCookie(), "", -1))
}

// supersede ends the session that the browser had before this login gave it
// another. Nobody hears of it: nobody has logged out. If it does not succeed, no
// browser holds its cookie any more, and it ends by itself.
func (p *Provider) supersede(r *http.Request, d *verdict) {
	old, ok := p.sessionOf(r)
	if !ok || d.session == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Second)
	defer cancel()
	if err := p.browserSessions.Delete(ctx, old); err != nil {
		event(ctx).Add(slog.String("supersede", err.Error()))
	}
}
