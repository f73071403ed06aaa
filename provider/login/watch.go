package login

import (
	"encoding/json"
	"net/http"
	"time"
)

// watches reports whether it is the script of a waiting page that asks. It asks at
// the page's own address, which does all that it does for a reload: so it needs the
// same two halves, and CM is asked no more often. Only the answer is another one,
// and no outcome is in it: that is for the page, which finds it in Redis.
//
// Scripts of other sites cannot read it, and to browsers that say so they are no
// scripts of ours: what they get is the page.
func watches(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return r.Header.Get("Accept") == "application/json" && (site == "" || site == "same-origin")
}

// standing is how a login stands for the script of a waiting page: see wait.js.
type standing struct {
	Done bool  `json:"done,omitempty"` // there is nothing to wait for: the page says what there is
	Wait int64 `json:"wait,omitempty"` // seconds until it may ask again
	Left int64 `json:"left,omitempty"` // seconds that it goes on at most
	More bool  `json:"more,omitempty"` // a person can make that longer
}

// settled is the answer where the page has something else to say.
func settled(w http.ResponseWriter) { standing{Done: true}.write(w) }

// still is the answer where there is something to wait for.
func (s *screens) still(w http.ResponseWriter, l *Login, pause time.Duration) {
	standing{
		Wait: int64(max(pause, time.Second) / time.Second),
		Left: int64(s.limit(l) / time.Second),
		More: l.extensible() && !l.Attempt.Until.IsZero(),
	}.write(w)
}

func (a standing) write(w http.ResponseWriter) {
	body, _ := json.Marshal(a) // it always encodes
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // a browser that has hung up is nobody's error
}

// limit is how long a login is waited for at most, in whole seconds; zero where
// that is not known.
func (s *screens) limit(l *Login) time.Duration {
	return max(0, l.until().Sub(s.now()).Round(time.Second))
}

// until is when a login is not waited for any more.
func (l *Login) until() time.Time {
	if until := l.Attempt.Until; !until.IsZero() && until.Before(l.Expires) {
		return until
	}
	return l.Expires
}
