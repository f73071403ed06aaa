package login

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/request"
	"itsme-bridge/storage"
)

// A browser carries a trail of the logins that it began: whose they are, in which
// language, and how they were asked for. So a page can lead on, and the same
// request can begin anew, where Redis does not answer or has forgotten them. It is
// one cookie, sealed under the server's key: nobody can read or make one, and it
// opens nothing.
type trails struct {
	issuer  edge.Issuer
	clients *client.Registry
	keyring storage.Keyring
	now     func() time.Time
}

// step is one login of a trail.
type step struct {
	Login  string `json:"i"` // id
	Client string `json:"c"`
	Locale string `json:"l"`           // of its pages: as asked for, or as the person has chosen since
	Began  int64  `json:"t"`           // Unix time
	Waits  bool   `json:"w,omitempty"` // for a click: nothing has begun yet
	Again  string `json:"a,omitempty"` // the authorization request, as a query; empty where it cannot simply be repeated
}

// Limits in bytes. The cookie stands in the header of an answer, which proxies keep in
// a buffer of 4 KiB. Sealed and encoded, the steps grow by a third.
const (
	longestTrail = 1400 // all steps
	longestAgain = 1000 // one request
)

// add puts a login at the end of the browser's trail. What makes it too long goes:
// requests first, then whole steps, the oldest of each.
func (t trails) add(w http.ResponseWriter, r *http.Request, h storage.Handle, a *request.Asking, waits bool) {
	steps := slices.DeleteFunc(t.of(r), func(s step) bool { return s.Login == h.ID() || t.age(s) > memory })
	next := step{h.ID(), a.Client.ID, a.Locale, t.now().Unix(), waits, again(a)}
	t.give(w, append(steps, next))
	t.giveWhose(w, r, next)
}

// speak rewrites the language of a login in the browser's trail, or in what else remembers it
// there.
func (t trails) speak(w http.ResponseWriter, r *http.Request, login, locale string) {
	steps := t.of(r)
	i := slices.IndexFunc(steps, func(s step) bool { return s.Login == login })
	if i >= 0 {
		steps[i].Locale = locale
		t.give(w, steps)
	} else if s, ok := t.whose(r, login); ok {
		s.Locale = locale
		t.setWhose(w, s)
	}
}

// give gives the browser a trail that fits into its cookie, in place of one that the answer
// holds already.
func (t trails) give(w http.ResponseWriter, steps []step) {
	name := t.name()
	for cut := 0; ; cut++ {
		plain, _ := json.Marshal(steps) // it always encodes
		if len(plain) <= longestTrail {
			cookies := w.Header()["Set-Cookie"]
			w.Header()["Set-Cookie"] = slices.DeleteFunc(cookies, func(c string) bool { return strings.HasPrefix(c, name+"=") })
			http.SetCookie(w, t.issuer.Cookie(name, t.keyring.Seal("trail", plain), int(memory/time.Second)))
			return
		}
		if cut < len(steps)-1 {
			steps[cut].Again = ""
		} else {
			steps = steps[1:]
		}
	}
}

// age is how long ago a login began, or was shown to wait for a click.
func (t trails) age(s step) time.Duration { return t.now().Sub(time.Unix(s.Began, 0)) }

// name is that of one cookie for all logins at this issuer.
func (t trails) name() string { return t.issuer.CookieName("trail") }

// of is the trail of a browser; of one that brings none, or no genuine one, it is empty.
func (t trails) of(r *http.Request) (steps []step) {
	cookie, err := r.Cookie(t.name())
	if err != nil {
		return nil
	}
	plain, ok := t.keyring.Open("trail", cookie.Value)
	if !ok || json.Unmarshal(plain, &steps) != nil {
		return nil
	}
	return steps
}

// step finds a login in the browser's trail, or whose it is at least.
func (t trails) step(r *http.Request, login string) (step, bool) {
	steps := t.of(r)
	i := slices.IndexFunc(steps, func(s step) bool { return s.Login == login })
	if i < 0 {
		return t.whose(r, login)
	}
	return steps[i], true
}

// again is a request as it can be asked for once more. One that was pushed or
// signed has been used up, or is its client's to repeat; and what says who the
// person is stays out of an address of ours.
func again(a *request.Asking) string {
	if a.Source != (request.Source{}) || a.Parameters.Has("id_token_hint") || a.Parameters.Has("claims") {
		return ""
	}
	query := make([]byte, 0, 1+longestAgain) // of a size that needs no heap
	for _, name := range request.Parameters() {
		if values := a.Parameters[name]; len(values) > 0 && name != "login_hint" {
			query = append(append(append(query, '&'), name...), '=')
			query = append(query, url.QueryEscape(values[0])...)
		}
	}
	if len(query) > 1+longestAgain {
		return ""
	}
	return string(bytes.TrimPrefix(query, []byte("&")))
}
