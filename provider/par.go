package provider

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"itsme-bridge/storage"
)

// Pushed is an authorization request that a client has pushed (RFC 9126). It is
// opened by its request_uri.
//
// The request_uri is used up when a login that it began is over, and not by the
// first visit: people reload, and previews look first. So it remembers the
// logins that it began. The same browser is led back to its own; another one
// begins another, while transactions are left.
type Pushed struct {
	ClientID   string    `json:"client_id"`
	Parameters string    `json:"parameters"` // as a query: what the request object held, if it had one
	Signed     bool      `json:"signed,omitempty"`
	Expires    time.Time `json:"exp"`  // after that it begins nothing
	Dies       time.Time `json:"dies"` // after that it is forgotten: until then the same browser finds its login
	Logins     []string  `json:"logins,omitempty"`
	Starts     int       `json:"starts,omitempty"` // transactions, of all logins
	Done       bool      `json:"done,omitempty"`   // one of the logins is over
}

// requestURIPrefix makes a handle a request_uri (RFC 9126 §2.2).
const requestURIPrefix = "urn:ietf:params:oauth:request_uri:"

// push is the pushed authorization request endpoint (RFC 9126 §2): every check
// of an authorization request, and the client's authentication before them.
func (p *Provider) push(ctx context.Context, c *call) error {
	client, err := p.authenticate(ctx, c)
	if err != nil {
		return err
	}
	if err := p.countPush(ctx, client); err != nil {
		return err
	}
	h := storage.NewHandle()
	a, err := p.ask(ctx, pushedParameters(c.form, client), source{Pushed: h.Text()}, "")
	if err != nil {
		return err
	}
	if e := c.bindRequest(a); e != nil {
		return e
	}
	now := p.now()
	expires := now.Add(p.config.PushedRequest)
	dies := expires.Add(patience + client.Deadline) // a click may be late, and a retry later still
	err = p.pushed.Put(ctx, h, Pushed{
		ClientID: client.ID, Parameters: a.parameters.Encode(), Signed: a.source.Signed, Expires: expires, Dies: dies,
	}, dies.Sub(now))
	if err != nil {
		return broken(err)
	}
	body, _ := json.Marshal(struct { // a string and a number always encode
		RequestURI string `json:"request_uri"`
		ExpiresIn  int64  `json:"expires_in"` // seconds
	}{requestURIPrefix + h.Text(), int64(p.config.PushedRequest / time.Second)})
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(http.StatusCreated)
	_, _ = c.w.Write(body) // a client that has hung up is nobody's error
	return nil
}

// pushedParameters are what was sent, without what the client authenticates with.
func pushedParameters(form url.Values, client *Client) url.Values {
	parameters := url.Values{"client_id": {client.ID}}
	for _, name := range known() {
		if name != "client_id" && form.Has(name) {
			parameters[name] = form[name]
		}
	}
	return parameters
}

// takePushed puts a pushed request in the place of the one that names it.
// Whatever stands beside its request_uri is ignored (RFC 9126 §4, RFC 9101 §6.3).
func (p *Provider) takePushed(ctx context.Context, a *asking, uri string) *Error {
	h, ok := storage.ParseHandle(strings.TrimPrefix(uri, requestURIPrefix))
	if !ok {
		return badRequestURI("The request_uri is unknown or has expired.")
	}
	found, ok, err := p.pushed.Get(ctx, h)
	switch {
	case err != nil:
		return worldly(broken(err))
	case !ok:
		return badRequestURI("The request_uri is unknown or has expired.")
	case found.ClientID != a.client.ID:
		return badRequestURI("The request_uri was made for another client.")
	}
	a.parameters, _ = url.ParseQuery(found.Parameters) // our own encoding
	a.source = source{Signed: found.Signed, Pushed: h.Text()}
	a.pushed = &found
	return nil
}

// resume leads a browser back to the login that it began with the same
// request_uri. For everybody else the request_uri must still be good.
func (p *Provider) resume(w http.ResponseWriter, r *http.Request, a *asking) (done bool, err error) {
	if a.pushed == nil {
		return false, nil
	}
	for _, c := range p.loginCookies(r) {
		if !slices.Contains(a.pushed.Logins, c.handle.ID()) {
			continue
		}
		v, err := p.look(r.Context(), c.handle)
		if err != nil {
			return true, a.told(err)
		}
		if !v.login.OK && !v.lease.Busy() { // who was about to begin it died
			continue
		}
		return true, p.present(w, r, v)
	}
	if a.pushed.Done || !p.now().Before(a.pushed.Expires) {
		return true, a.told(badRequestURI("The request_uri has been used, or has expired."))
	}
	return false, nil
}

// spend takes one of the transactions that a pushed request may start. It is not
// ok if none is left, or a login is over by now; then nothing is counted either.
func (p *Provider) spend(ctx context.Context, client, pushed, login string) (ok bool, err error) {
	if pushed == "" {
		return true, nil
	}
	ok, err = p.amend(ctx, pushed, func(was *Pushed) bool {
		if was.Done || was.Starts >= p.config.MaxAttempts {
			return false
		}
		if !slices.Contains(was.Logins, login) {
			was.Logins = append(slices.Clone(was.Logins), login)
		}
		was.Starts++
		return true
	})
	if !ok {
		p.uncount(ctx, client)
	}
	return ok, err
}

// consume uses a login's pushed request up, once the login is over. If that does
// not succeed, the request_uri expires by itself within its minute.
func (p *Provider) consume(ctx context.Context, l *Login) {
	if l.Request.Pushed == "" || l.Outcome == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.config.WriteBudget)
	defer cancel()
	if _, err := p.amend(ctx, l.Request.Pushed, func(was *Pushed) bool { was.Done = true; return true }); err != nil {
		event(ctx).Add(slog.String("consume", err.Error()))
	}
}

// useUp uses a pushed request up that is answered at once. It is not ok if
// somebody else has done so.
func (p *Provider) useUp(ctx context.Context, pushed string) (ok bool, err error) {
	if pushed == "" {
		return true, nil
	}
	return p.amend(ctx, pushed, func(was *Pushed) bool {
		ok := !was.Done
		was.Done = true
		return ok
	})
}

// amend changes a pushed request, by compare-and-swap. It is not ok if the
// change does not want to, or there is nothing to change any more.
func (p *Provider) amend(ctx context.Context, pushed string, change func(*Pushed) bool) (ok bool, err error) {
	h, _ := storage.ParseHandle(pushed) // our own
	for {
		var was storage.Record[Pushed]
		if err := p.store.Do(ctx, p.pushed.Read(h, &was)); err != nil {
			return false, broken(err)
		}
		next, left := was.Value, was.Value.Dies.Sub(p.now())
		if !was.OK || left <= 0 || !change(&next) {
			return false, nil
		}
		if written, err := p.store.Commit(ctx, p.pushed.Replace(h, was, next, left)); err != nil {
			return false, broken(err)
		} else if written {
			return true, nil
		}
	}
}

// badRequestURI is invalid_request_uri of OpenID Connect Core §3.1.2.6 and RFC 9101 §7.
func badRequestURI(description string) *Error {
	return fail(http.StatusBadRequest, "invalid_request_uri", description)
}
