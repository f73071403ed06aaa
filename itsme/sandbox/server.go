package sandbox

import (
	"crypto/rand"
	"html/template"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"itsme-bridge/itsme"
)

// MerchantToken is a token of the form that CM issues. Any other GUID will do
// unless Options.Tokens says otherwise.
const MerchantToken = "3f1d6c0e-5f2b-4c8a-9a54-0d6f6b7d2c11" //nolint:gosec // opens nothing but this simulator

// maxTransactions is how many transactions are remembered; the oldest go first.
const maxTransactions = 10_000

// Options shape a Server. The zero value is a simulator whose clock stands still.
type Options struct {
	Now func() time.Time // nil: a clock that stands still, so that nothing expires
	Log *slog.Logger     // one line per call of the API; nil: none

	URL     string       // where browsers reach the Server, without a path; "": as the caller of the API addressed it
	Tokens  []string     // the merchant tokens that exist; none: every GUID
	Auto    itsme.Status // what every transaction that nothing else chooses for comes to at once; "": the page asks
	Persona string       // who approves where nothing else says so; "": Full

	OpenTTL time.Duration // how long a transaction stays open; 0: for ever
	DataTTL time.Duration // how long information can be fetched after success; 0: for ever

	ShowRedirectURL      bool   // the pages show redirectUrl to whoever holds authenticationUrl
	RedirectEveryBrowser bool   // a finished transaction sends on everybody who holds authenticationUrl, and not only the browser that finished it
	ReturnQuery          string // appended to redirectUrl on the way back, as "a=b&c=d"
}

// Server is the simulator. It is safe for concurrent use.
type Server struct {
	options  Options
	mux      *http.ServeMux
	template *template.Template

	mu       sync.Mutex
	starts   int
	byToken  map[string]*transaction
	byTicket map[string]*transaction
	order    []*transaction // oldest first
	next     []Script       // for the transactions to come, one each
	always   Script         // for those after them
	holds    []*Hold
}

// New makes a simulator. It panics if the options name a persona that does not exist.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = func() time.Time { return time.Time{} }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		options: o, template: parsePage(),
		byToken: map[string]*transaction{}, byTicket: map[string]*transaction{},
	}
	s.Always(Script{Persona: o.Persona, Outcome: o.Auto})
	s.mux = s.routes()
	return s
}

// ServeHTTP answers the API below / and /itsme/v1/, the pages and the control endpoint.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, base := range []string{"", "/itsme/v1"} {
		mux.HandleFunc(base+"/transactions", only(http.MethodPost, s.create))
		mux.HandleFunc(base+"/status/{token}", only(http.MethodGet, s.status))
	}
	mux.HandleFunc("GET /app/{ticket}", s.showPage)
	mux.HandleFunc("POST /app/{ticket}", s.answerPage)

	mux.HandleFunc("GET /{$}", s.help)
	mux.HandleFunc("GET /control/{$}", s.help)
	mux.HandleFunc("GET /control/personas", s.listPersonas)
	mux.HandleFunc("GET /control/transactions", s.listTransactions)
	mux.HandleFunc("DELETE /control/transactions", s.forget)
	mux.HandleFunc("POST /control/next", s.setNext)
	mux.HandleFunc("POST /control/always", s.setAlways)
	mux.HandleFunc("POST /control/decide", s.setDecision)
	return mux
}

// only answers other methods as an API does. In particular a HEAD, which a
// pattern for GET would let in, gives nothing out.
func only(method string, handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method {
			w.Header().Set("Allow", method)
			refuse(w, http.StatusMethodNotAllowed, "method not allowed")
			return
		}
		handle(w, r)
	}
}

// remember keeps a new transaction, and forgets the oldest where there are too many.
func (s *Server) remember(t *transaction) {
	t.view.Token, t.ticket = rand.Text()+rand.Text(), rand.Text()
	s.byToken[t.view.Token], s.byTicket[t.ticket] = t, t
	s.order = append(s.order, t)
	if len(s.order) > maxTransactions {
		oldest := s.order[0]
		s.order = s.order[1:]
		delete(s.byToken, oldest.view.Token)
		delete(s.byTicket, oldest.ticket)
	}
}
