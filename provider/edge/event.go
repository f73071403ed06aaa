package edge

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/trace"

	"itsme-bridge/provider/audit"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
	"itsme-bridge/storage"
)

// Event is what one request leaves in the log: one line, to which everybody on
// the way may add. Attributes only, patterns instead of URLs, and never a
// secret or a person.
type Event struct {
	// Reference is what a page shows, so that a person can quote it. It finds every
	// line of the login that the request belongs to; outside of a login, this line.
	Reference string

	own   string // reference of this request alone, drawn here
	login string // name of the login in the log; empty outside of one
	attrs []slog.Attr
	room  [4]slog.Attr // of attrs: most lines need no more
	level slog.Level   // at least
	err   error
	span  trace.Span // nil: nobody traces the request
	from  netip.Addr // whom the request comes from; invalid: nobody knows

	chosen     string        // language that a form asks for; empty: none
	language   func() string // that the person chose before; nil: nobody has said
	found      string        // where the pages of this answer are found again
	keeps      string        // parameter of the query that leads back to them; empty: none does
	repeatable bool          // the request may be made once more for a page in another language

	held time.Duration // how long the request waited for something to happen

	attack  oauth.Attack // which the request may be part of; empty: none
	genuine bool         // the login is there, and whoever asks has shown what opens it
	always  bool         // the line is written, however many say the same

	edge     *Edge           // which the request came by; nil outside of one
	log      *slog.Logger    // for what outlives the request
	answered <-chan struct{} // closed when what outlives the request does so; nil for the request itself
}

// Add adds attributes to the line.
func (e *Event) Add(attrs ...slog.Attr) { e.attrs = append(e.attrs, attrs...) }

// Warn lets an operator see the line of a request that has been answered as well as
// it could be.
func (e *Event) Warn() { e.level = max(e.level, slog.LevelWarn) }

// Refuse says that the request was refused, and which attack it may be part of. Who
// returns an error says so with that: see [oauth.Error.Of].
func (e *Event) Refuse(a oauth.Attack) { e.attack = a }

// Always has the line, and the event in the audit stream, written however many others say
// the same: something came of the request.
func (e *Event) Always() { e.always = true }

// Genuine says that the request belongs to a login that there is, and that whoever sent it has
// shown what opens it: a cookie, a code, a token. Its line is written, if it goes well, however
// many others say the same. That a request names a login is no reason: anybody can make a name up.
func (e *Event) Genuine() { e.genuine = true }

// OfLogin says which login the request belongs to, by the id of its handle or of
// its kin: a pushed request, its code, its tokens. All of them have one name in the
// log, which is a hash, so that the log holds no part of what opens something.
func (e *Event) OfLogin(id string) {
	if storage.IsID(id) {
		e.login = LoginName(id)
		e.Reference = e.login
	}
}

// LoginName is what the log calls a login, by its id or that of its kin.
func LoginName(id string) string {
	sum := sha256.Sum256([]byte("login " + storage.KinOf(id)))
	var name [16]byte // of 10 bytes: somewhat more than is shown
	base32.StdEncoding.Encode(name[:], sum[:10])
	return string(name[:referenceSize])
}

// Held says that the request has waited on purpose, and begins anew: what was added
// before is forgotten. Its answer is measured without that time.
func (e *Event) Held(d time.Duration) {
	e.held += d
	e.attrs = []slog.Attr{slog.String("held", milliseconds(e.held))}
}

// IsHeld reports whether the request has waited on purpose.
func (e *Event) IsHeld() bool { return e.held > 0 }

// Names are the attributes by which the request, its login and its trace are found.
func (e *Event) Names() []slog.Attr { return e.named(make([]slog.Attr, 0, 3)) }

// named adds them to others.
func (e *Event) named(attrs []slog.Attr) []slog.Attr {
	attrs = append(attrs, slog.String("reference", e.own))
	if e.login != "" {
		attrs = append(attrs, slog.String("login", e.login))
	}
	if id := e.Trace(); id != "" {
		attrs = append(attrs, slog.String("trace", id))
	}
	return attrs
}

// referenceSize is short enough for a person to read it out: 50 bits.
const referenceSize = 10

// newEvent draws the reference of a request.
func (x *Edge) newEvent() *Event {
	own := rand.Text()[:referenceSize]
	e := &Event{Reference: own, own: own, edge: x, log: x.log}
	e.attrs = e.room[:0]
	return e
}

// lookOf is how the pages of a client look here.
func (e *Event) lookOf(clientID string) *pages.Look {
	if e.edge == nil {
		return nil
	}
	return e.edge.lookOf(clientID)
}

type eventKey struct{}

// EventOf is the line of the request that ctx belongs to.
func EventOf(ctx context.Context) *Event {
	if e, ok := ctx.Value(eventKey{}).(*Event); ok {
		return e
	}
	return new(Event) // outside of a request nobody reads it
}

// Logged runs a handler, answers its error with fail, and writes the line.
func (x *Edge) Logged(pattern string, h Handler, fail Failure) http.HandlerFunc {
	x.metrics.expect(pattern)
	return func(w http.ResponseWriter, r *http.Request) {
		began := x.now()
		e := x.newEvent()
		ctx := context.WithValue(r.Context(), eventKey{}, e)
		ctx, e.span = x.begin(ctx, r, pattern)
		r = r.WithContext(ctx)
		out := &statusWriter{ResponseWriter: w}
		defer func() {
			if lost := recover(); lost != nil {
				panicked(out, r, lost, fail)
			}
			x.report(r, pattern, out.status, x.now().Sub(began), e)
		}()
		if err := x.opened(h)(out, r); err != nil {
			e.err = err
			fail(out, r, oauth.Told(err))
		}
	}
}

// report writes the line and counts the request.
func (x *Edge) report(r *http.Request, pattern string, status int, took time.Duration, e *Event) {
	x.metrics.request(pattern, status, max(0, took-e.held))
	level := e.level
	attrs := append(make([]slog.Attr, 0, 20), // of a size that needs no heap
		slog.String("method", method(r)),
		slog.String("route", pattern),
		slog.Int("status", status),
		slog.String("took", milliseconds(took)),
	)
	attrs = append(e.named(attrs), e.attrs...)
	if e.err != nil {
		failed := oauth.Told(e.err)
		level = max(level, levelOf(status, failed))
		attrs = append(attrs, failure(e.err)...)
		e.attack = cmp.Or(failed.Attack(), e.attack)
	}
	x.tellPassed(r.Context(), x.now())
	k := kind{route: pattern, client: e.client(), reason: string(e.attack), code: codeOf(e.err), status: status}
	if e.attack != "" {
		attrs = append(attrs, slog.String("refused", string(e.attack)))
		x.metrics.refuse(e.attack)
		x.refuses(r.Context(), e, k)
	}
	if x.writes(e, k) {
		x.log.LogAttrs(r.Context(), level, "request", attrs...)
	}
	e.finish(status, codeOf(e.err))
}

// codeOf is the code that the world is told of an error; empty: there is none.
func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return cmp.Or(oauth.Told(err).Code, "unauthorized") // that has no code (RFC 6750 §3.1)
}

// refusal is what the audit stream says of a request that was refused.
func (e *Event) refusal(k kind) audit.Event {
	return audit.Event{Name: audit.Refused, Reason: k.reason, Route: k.route, Client: k.client, Login: e.login, Reference: e.own}
}

// client is that of the request, by the line; empty where it is of none. It is a
// registered one, for the log holds no other.
func (e *Event) client() (id string) {
	for _, attr := range e.attrs {
		if attr.Key == "client" {
			id = attr.Value.String()
		}
	}
	return id
}

// failure is what the log says of an error.
func failure(err error) []slog.Attr {
	failed := oauth.Told(err)
	attrs := []slog.Attr{slog.String("error", failed.Code), slog.String("error_description", failed.Description)}
	if cause := failed.Unwrap(); cause != nil {
		attrs = append(attrs, slog.String("cause", cause.Error()))
	}
	return attrs
}

// levelOf is how loud an error is.
func levelOf(status int, failed *oauth.Error) slog.Level {
	switch {
	case failed.IsOrdinary():
		return slog.LevelInfo
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	default:
		return slog.LevelWarn
	}
}

// milliseconds is a duration with its unit, the same for short and for long ones.
func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64) + "ms"
}

// method keeps words of a stranger's own making out of the log.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodPost, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete, http.MethodPatch:
		return r.Method
	default:
		return "other"
	}
}

// statusWriter remembers the status for the line.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
