package clientauth

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// Guard lets clients in: it holds each call to the rules of its endpoint, and
// finds out who calls.
type Guard struct {
	issuer    edge.Issuer
	audiences []string // what a client assertion may call us, beside the endpoint that it is brought to
	clients   *client.Registry
	store     *storage.Store
	ceilings  *ceilings.Ceilings
	now       func() time.Time
}

// New makes a guard of an issuer's endpoints.
func New(
	issuer edge.Issuer, audiences []string, clients *client.Registry, store *storage.Store, ceilings *ceilings.Ceilings, now func() time.Time,
) *Guard {
	return &Guard{issuer: issuer, audiences: audiences, clients: clients, store: store, ceilings: ceilings, now: now}
}

// Endpoint is what is known of an endpoint before a request is decoded.
type Endpoint struct {
	Path       string   // below the issuer
	AnyOrigin  bool     // scripts of every origin may call it
	Proofs     bool     // clients may prove that they have a key (RFC 9449 §5, §10.1)
	Issues     bool     // access tokens come from here: some clients must
	Parameters []string // those that mean something here; others are ignored
	Rules      []Rule   // in the order in which they are checked
}

// Rule is one condition that a request must meet before it is answered. The decoders
// of libraries hide what some of them look for: they take the last of repeated parameters,
// read the URL like the body, and let one authentication overwrite another.
type Rule struct {
	Name  string
	Check func(*Call) *oauth.Error
}

// Serve runs an endpoint behind its rules.
func (g *Guard) Serve(e Endpoint, answer func(context.Context, *Call) error) edge.Handler {
	every := http.Header{}
	g.issuer.Private(every)
	if e.AnyOrigin {
		edge.AllowAnyOrigin(every)
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		maps.Copy(w.Header(), every)
		edge.Bound(w, r, edge.MaxBody)
		c := &Call{Endpoint: e, W: w, R: r, guard: g}
		for _, rule := range e.Rules {
			if refused := rule.Check(c); refused != nil {
				c.follow(r.Context())
				edge.EventOf(r.Context()).Add(slog.String("check", rule.Name))
				return refused
			}
		}
		c.follow(r.Context())
		return answer(r.Context(), c)
	}
}

// ClientRules are the rules of an endpoint where clients authenticate, and then
// some of its own.
func ClientRules(more ...Rule) []Rule {
	return append([]Rule{
		{"method", postOnly},
		{"form", formBody},
		{"parameters in the URL", nothingInURL},
		{"repeated parameters", nothingTwice},
		{"authorization header", basicHeader},
		{"one client authentication", oneAuthentication},
	}, more...)
}

// Parameters are those that a client authenticates with (RFC 6749
// §2.3.1, RFC 7521 §4.2).
func Parameters() []string {
	return []string{"client_id", "client_secret", "client_assertion", "client_assertion_type"}
}

// BearerRules are the rules of an endpoint that is called with an access token.
func BearerRules() []Rule {
	return []Rule{
		{"method", getOrPost},
		{"form", formIfAny},
		{"parameters in the URL", nothingInURL},
		{"repeated parameters", nothingTwice},
		{"one access token", oneBearer},
	}
}

// only lets some methods through.
func only(c *Call, allowed ...string) *oauth.Error {
	if slices.Contains(allowed, c.R.Method) {
		return nil
	}
	c.W.Header().Set("Allow", strings.Join(allowed, ", "))
	return oauth.Fail(http.StatusMethodNotAllowed, oauth.InvalidRequest, "This method is not allowed here.")
}

// postOnly: RFC 6749 §3.2, RFC 7009 §2.1, RFC 7662 §2.1.
func postOnly(c *Call) *oauth.Error { return only(c, http.MethodPost) }

// getOrPost: OpenID Connect Core §5.3.1.
func getOrPost(c *Call) *oauth.Error { return only(c, http.MethodGet, http.MethodPost) }

// formBody: RFC 6749 §4.1.3 and Appendix B.
func formBody(c *Call) *oauth.Error {
	if !edge.IsForm(c.R) {
		return oauth.BadRequest("The body must be application/x-www-form-urlencoded.")
	}
	return readForm(c)
}

// formIfAny reads a form where there is one. A body of another kind has no
// parameters, and a GET has no body (RFC 6750 §2.2).
func formIfAny(c *Call) *oauth.Error {
	if c.R.Method != http.MethodPost || !edge.IsForm(c.R) {
		return nil
	}
	return readForm(c)
}

func readForm(c *Call) *oauth.Error {
	body, err := io.ReadAll(c.R.Body)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return oauth.Fail(http.StatusRequestEntityTooLarge, oauth.InvalidRequest, "The body is too large.")
	}
	if err != nil {
		return oauth.BadRequest("The body did not arrive whole.") // the cause names the addresses of both ends
	}
	var refused *oauth.Error
	c.Form, refused = edge.Decode(string(body), c.Endpoint.Parameters)
	return refused
}

// nothingInURL: RFC 6749 §2.3.1 and §3.2, RFC 6750 §2.3 as of RFC 9700 §4.3.2.
// Whatever an endpoint knows has no place in a URL, where proxies log it.
func nothingInURL(c *Call) *oauth.Error {
	if c.R.URL.RawQuery == "" {
		return nil
	}
	query, refused := edge.Decode(c.R.URL.RawQuery, c.Endpoint.Parameters)
	if refused != nil {
		return refused
	}
	for _, name := range c.Endpoint.Parameters {
		if query.Has(name) {
			return oauth.BadRequest("The parameter " + name + " must not be in the URL.")
		}
	}
	return nil
}

// nothingTwice: RFC 6749 §3.2, a parameter must not be included more than once.
func nothingTwice(c *Call) *oauth.Error {
	for _, name := range c.Endpoint.Parameters {
		if len(c.Form[name]) > 1 {
			return oauth.BadRequest("The parameter " + name + " is repeated.")
		}
	}
	return nil
}

// Required names the first parameter that is missing. One without a value
// counts as missing (RFC 6749 §3.2).
func Required(names ...string) func(*Call) *oauth.Error {
	return func(c *Call) *oauth.Error {
		for _, name := range names {
			if c.Form.Get(name) == "" {
				return oauth.BadRequest("The parameter " + name + " is missing.")
			}
		}
		return nil
	}
}
