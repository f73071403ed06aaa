package login

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/storage"
)

// cookies are those of logins: one for each, so that a second tab does not
// overwrite the first. A cookie's name carries when the login began and which it
// is; its value is the secret that opens it.
type cookies struct {
	issuer edge.Issuer
	now    func() time.Time
}

// maxLogins is how many logins one browser may have open; then the oldest gives way
// to one that a person begins.
const maxLogins = 8

// memory is how long the cookie and the label live: longer than the login, so
// that a person who comes late is told by name where to go.
const memory = 24 * time.Hour

// What stands in a cookie's name in place of when the login began: such logins are
// the first to give way.
const (
	unborn = 0 // it waits for a click, and nobody has done anything in it yet
	over   = 1 // the client has been told how it ended
)

// underWay is how old a login can be that somebody is still about to finish.
const underWay = 10 * time.Minute

// give gives the browser the secret of a login that begins now.
func (c cookies) give(w http.ResponseWriter, r *http.Request, h storage.Handle) {
	c.add(w, c.all(r), h, c.now().Unix())
}

// giveUnborn does so for a login that waits for a click.
func (c cookies) giveUnborn(w http.ResponseWriter, r *http.Request, h storage.Handle) {
	c.add(w, c.all(r), h, unborn)
}

// retire lets the cookie of a login that is over give way before all that are not.
func (c cookies) retire(w http.ResponseWriter, r *http.Request, h storage.Handle) {
	open := c.all(r)
	for _, held := range open {
		if held.handle.ID() == h.ID() && held.began != over {
			c.add(w, open, h, over)
		}
	}
}

// add makes room among those that are open, also for a cookie of the same login under
// another name. A login that is under way gives way to one that a person begins, and not
// to one that waits.
func (c cookies) add(w http.ResponseWriter, open []loginCookie, h storage.Handle, began int64) {
	for i, held := range open {
		full := len(open)-i >= maxLogins && (began > over || !c.isUnderWay(held))
		if full || held.handle.ID() == h.ID() {
			http.SetCookie(w, c.issuer.Cookie(held.name, "", -1))
		}
	}
	name := strconv.AppendInt(append(make([]byte, 0, 64), c.issuer.CookiePrefix()...), began, 36) // of a size that needs no heap
	http.SetCookie(w, c.issuer.Cookie(string(name)+"-"+h.ID(), h.Secret(), int(memory/time.Second)))
}

func (c cookies) isUnderWay(l loginCookie) bool {
	return l.began > over && c.now().Sub(time.Unix(l.began, 0)) < underWay
}

// crowded reports whether one more login would push out one that is under way.
func (c cookies) crowded(r *http.Request) bool {
	busy := 0
	for _, held := range c.all(r) {
		if c.isUnderWay(held) {
			busy++
		}
	}
	return busy >= maxLogins
}

// loginCookie is one login that this browser began.
type loginCookie struct {
	name   string
	began  int64
	handle storage.Handle
}

// all are the logins that this browser began, the oldest first.
func (c cookies) all(r *http.Request) []loginCookie {
	var found []loginCookie
	for _, cookie := range r.Cookies() {
		rest, ours := strings.CutPrefix(cookie.Name, c.issuer.CookiePrefix())
		if !ours {
			continue
		}
		start, id, _ := strings.Cut(rest, "-")
		began, err := strconv.ParseInt(start, 36, 64)
		handle, ok := storage.ParseHalves(id, cookie.Value)
		if err == nil && ok {
			found = append(found, loginCookie{name: cookie.Name, began: began, handle: handle})
		}
	}
	slices.SortStableFunc(found, func(a, b loginCookie) int { return cmp.Compare(a.began, b.began) })
	return found
}

// of finds the cookie of one login.
func (c cookies) of(r *http.Request, id string) (storage.Handle, bool) {
	for _, held := range c.all(r) {
		if held.handle.ID() == id {
			return held.handle, true
		}
	}
	return storage.Handle{}, false
}

// age is how long ago a login of this browser began that is under way, as its cookie says;
// of any other it is more than a cookie's life.
func (c cookies) age(r *http.Request, h storage.Handle) time.Duration {
	for _, held := range c.all(r) {
		if held.handle.ID() == h.ID() && held.began > over {
			return max(0, c.now().Sub(time.Unix(held.began, 0)))
		}
	}
	return memory + 1
}

// hasBegun reports whether a login of this browser does not wait for a click any more: it is
// under way, or over.
func (c cookies) hasBegun(r *http.Request, h storage.Handle) bool {
	return slices.ContainsFunc(c.all(r), func(held loginCookie) bool {
		return held.handle.ID() == h.ID() && held.began != unborn
	})
}
