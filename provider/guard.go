package provider

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// rule is one condition that a request must meet before op decodes it, since
// op's decoder hides what it looks for: it takes the last of repeated
// parameters, reads the URL like the body, and lets one authentication
// overwrite another.
type rule struct {
	name  string
	check func(*call) *Error
}

// guarded runs an endpoint of op behind its rules.
func (p *Provider) guarded(backend http.Handler, rules rules) handler {
	return p.ruled(rules, func(ctx context.Context, c *call) error { return c.answer(ctx, backend) })
}

// ruled runs an endpoint behind its rules.
func (p *Provider) ruled(rules rules, serve func(context.Context, *call) error) handler {
	e := rules()
	return func(w http.ResponseWriter, r *http.Request) error {
		p.private(w.Header())
		if e.anyOrigin {
			allowAnyOrigin(w.Header())
		}
		r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
		c := &call{endpoint: e, w: w, r: r}
		for _, rule := range e.rules {
			if refused := rule.check(c); refused != nil {
				event(r.Context()).Add(slog.String("check", rule.name))
				return refused
			}
		}
		return serve(context.WithValue(r.Context(), callKey{}, c), c)
	}
}

// private sets what every answer to a client carries (RFC 6749 §5.1).
func (p *Provider) private(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Pragma", "no-cache")
	p.strict(header)
}

// strict sets what every answer without a page carries.
func (p *Provider) strict(header http.Header) {
	header.Set("X-Content-Type-Options", "nosniff")
	if p.secure() {
		header.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// only lets some methods through.
func only(c *call, allowed ...string) *Error {
	if slices.Contains(allowed, c.r.Method) {
		return nil
	}
	c.w.Header().Set("Allow", strings.Join(allowed, ", "))
	return fail(http.StatusMethodNotAllowed, invalidRequest, "This method is not allowed here.")
}

// postOnly: RFC 6749 §3.2, RFC 7009 §2.1, RFC 7662 §2.1.
func postOnly(c *call) *Error { return only(c, http.MethodPost) }

// getOrPost: OpenID Connect Core §5.3.1.
func getOrPost(c *call) *Error { return only(c, http.MethodGet, http.MethodPost) }

// isForm reports whether the body is one that parameters are read from.
func isForm(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "application/x-www-form-urlencoded"
}

// formBody: RFC 6749 §4.1.3 and Appendix B.
func formBody(c *call) *Error {
	if !isForm(c.r) {
		return badRequest("The body must be application/x-www-form-urlencoded.")
	}
	return readForm(c)
}

// formIfAny reads a form where there is one. A body of another kind has no
// parameters, and a GET has no body (RFC 6750 §2.2).
func formIfAny(c *call) *Error {
	if c.r.Method != http.MethodPost || !isForm(c.r) {
		return nil
	}
	return readForm(c)
}

func readForm(c *call) *Error {
	body, err := io.ReadAll(c.r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return fail(http.StatusRequestEntityTooLarge, invalidRequest, "The body is too large.")
	}
	if err != nil {
		return badRequest("The body did not arrive whole.") // the cause names the addresses of both ends
	}
	if c.form, err = url.ParseQuery(string(body)); err != nil {
		return badRequest("The body is not a well-formed form.") // the cause quotes it
	}
	return nil
}

// nothingInURL: RFC 6749 §2.3.1 and §3.2, RFC 6750 §2.3 as of RFC 9700 §4.3.2.
// Whatever an endpoint knows has no place in a URL, where proxies log it.
func nothingInURL(c *call) *Error {
	var err error
	if c.query, err = url.ParseQuery(c.r.URL.RawQuery); err != nil {
		return badRequest("The query of the URL is malformed.")
	}
	for _, name := range c.endpoint.parameters {
		if c.query.Has(name) {
			return badRequest("The parameter " + name + " must not be in the URL.")
		}
	}
	return nil
}

// nothingTwice: RFC 6749 §3.2, a parameter must not be included more than once.
func nothingTwice(c *call) *Error {
	for _, name := range c.endpoint.parameters {
		if len(c.form[name]) > 1 {
			return badRequest("The parameter " + name + " is repeated.")
		}
	}
	return nil
}

// required names the first parameter that is missing. One without a value
// counts as missing (RFC 6749 §3.2).
func required(names ...string) func(*call) *Error {
	return func(c *call) *Error {
		for _, name := range names {
			if c.form.Get(name) == "" {
				return badRequest("The parameter " + name + " is missing.")
			}
		}
		return nil
	}
}
