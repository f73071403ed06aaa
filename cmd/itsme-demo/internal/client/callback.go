package client

import (
	"net/http"
	"net/url"
)

// callback takes the bridge's answer, in whichever response mode it comes.
func (c *Client) callback(w http.ResponseWriter, r *http.Request) {
	answer := r.URL.Query()
	if r.Method == http.MethodPost {
		if err := r.ParseForm(); err != nil {
			c.refuse(w, http.StatusBadRequest, "The answer cannot be read.")
			return
		}
		answer = r.PostForm
	}
	if r.Method == http.MethodGet && !answer.Has("code") && !answer.Has("error") {
		c.fragment(w) // what stands behind a # never leaves the browser
		return
	}
	l, ok := c.sessions.of(r).find(func(l *login) bool { return l.state == answer.Get("state") })
	if !ok {
		c.refuse(w, http.StatusBadRequest, "This answer belongs to no login that this browser began here. "+
			"Perhaps it began in another browser, or the demo has been started anew meanwhile.")
		return
	}
	c.take(r, l, answer)
	http.Redirect(w, r, l.page(), http.StatusSeeOther)
}

// take lets the first answer decide. Whoever brings it again, by a reload or a
// double click, is led to what came of it.
func (c *Client) take(r *http.Request, l *login, answer url.Values) {
	l.answering.Lock()
	defer l.answering.Unlock()
	if l.over() {
		return
	}
	l.trace.add(journey())
	l.trace.add(arrival(r, answer, l.page()))
	l.end(c.believe(l.context(r.Context(), c), l, answer))
}
