package echo

import (
	"crypto/rand"
	"crypto/subtle"
	"io"
	"net/http"
	"net/netip"
	"strings"
)

// Parameter is that of the query which carries a word.
const Parameter = "itsme_doctor"

// NumberField is the field of an answer that carries the number of its arrival. A copy
// that a cache has kept carries an old one.
const NumberField = "Itsme-Doctor"

const (
	wordSize    = 26       // of rand.Text
	mostBody    = 64 << 10 // bytes that are counted
	mostEntries = 20       // of X-Forwarded-For
)

// Watch looks for awaited words in what passes to a handler.
func (e *Echo) Watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.open.Load() == 0 {
			next.ServeHTTP(w, r)
			return
		}
		word, ok := wordIn(r.URL.RawQuery)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		arrival := e.arrivalOf(r, word)
		answer, ok := e.note(word, arrival)
		if ok {
			w.Header().Set(NumberField, arrival.Number)
		}
		if !ok || answer == Ordinary {
			next.ServeHTTP(w, r)
			return
		}
		size, _ := io.Copy(io.Discard, io.LimitReader(r.Body, mostBody)) // what does not come is not counted
		e.measured(word, arrival.Number, int(size))
		answer.write(w, e.issuer)
	})
}

// wordIn finds the word in a query.
func wordIn(query string) (word string, ok bool) {
	_, rest, ok := strings.Cut(query, Parameter+"=")
	if !ok || len(rest) < wordSize {
		return "", false
	}
	return rest[:wordSize], true
}

// arrivalOf is what has come, but for the size of its body.
func (e *Echo) arrivalOf(r *http.Request, word string) Arrival {
	a := Arrival{
		Number: rand.Text(), Peer: r.RemoteAddr, Method: r.Method, Host: r.Host, Line: len(r.RequestURI),
		Cookies:    len(r.Cookies()),
		Authorized: subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(Authorization(word))) == 1,
	}
	for name, values := range r.Header {
		for _, value := range values {
			a.Header += len(name) + len(": \r\n") + len(value)
		}
	}
	for entry := range strings.SplitSeq(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",") {
		if entry = strings.TrimSpace(entry); entry != "" && len(a.Forwarded) < mostEntries {
			a.Forwarded = append(a.Forwarded, entry)
		}
	}
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		a.Trusted = e.addresses.Trusts(peer.Addr())
	}
	if address := e.addresses.Of(r); address.IsValid() {
		a.Address = address.String()
	}
	return a
}
