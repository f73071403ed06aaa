package client

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// exchange is one HTTP request and its answer, as the visitor reads them.
type exchange struct {
	Title    string
	Note     string // what it is for
	Way      string // who asks whom
	Line     string // "POST /token"
	Status   string // "200 OK"; empty where nobody answered
	Request  string
	Response string
}

// trace is what a login said and heard, in order.
type trace struct {
	issuer string

	mu        sync.Mutex
	exchanges []exchange
}

func newTrace(issuer string) *trace { return &trace{issuer: issuer} }

func (t *trace) add(e exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.exchanges = append(t.exchanges, e)
}

func (t *trace) all() []exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]exchange(nil), t.exchanges...)
}

// client is an HTTP client that writes down what goes through it.
func (t *trace) client(base *http.Client) *http.Client {
	recording := *base
	recording.Transport = recorder{t, base.Transport}
	return &recording
}

// recorder is the transport of a login.
type recorder struct {
	trace *trace
	next  http.RoundTripper
}

// mostBody bounds what is read of an answer; what the bridge says is far smaller.
const mostBody = 1 << 20

func (rec recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	e := rec.trace.describe(r)
	next := rec.next
	if next == nil {
		next = http.DefaultTransport
	}
	response, err := next.RoundTrip(r)
	if err != nil {
		e.Response = "no answer: " + err.Error()
		rec.trace.add(e)
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, mostBody))
	_ = response.Body.Close() // it has been read
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	e.Status = response.Status
	e.Response = written("HTTP/1.1 "+response.Status, response.Header, string(body))
	rec.trace.add(e)
	return response, nil
}

// describe is an exchange of which the request is known.
func (t *trace) describe(r *http.Request) exchange {
	e := exchange{Way: "this application → the bridge", Line: r.Method + " " + r.URL.Path, Request: requestText(r)}
	switch {
	case strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration"):
		e.Title, e.Note = "Discovery", "Where the bridge’s endpoints are, and what it can do. All that a client must know beforehand is the issuer; most keep this document for a while."
	case r.Method == http.MethodPost:
		e.Title, e.Note = "Token request", "The code, together with the application’s secret and the verifier of its challenge, becomes tokens. A code works once."
	case r.Header.Get("Authorization") != "":
		e.Title, e.Note = "Userinfo", "The access token opens the claims that the scopes allow."
	default:
		e.Title, e.Note = "Keys", "The public keys that check the ID token’s signature. Clients keep them as long as Cache-Control says."
	}
	return e
}

func requestText(r *http.Request) string {
	var body []byte
	if r.GetBody != nil {
		if reader, err := r.GetBody(); err == nil {
			body, _ = io.ReadAll(io.LimitReader(reader, mostBody)) // it is in memory
		}
	}
	header := r.Header.Clone()
	header.Set("Host", r.URL.Host)
	form, err := url.ParseQuery(string(body))
	if err != nil || len(body) == 0 {
		return written(target(r.Method, r.URL), header, string(body))
	}
	return written(target(r.Method, r.URL), header, formText(form))
}

// departure is the click, answered with the way to the bridge.
func departure(r *http.Request, to string) exchange {
	return exchange{
		Title: "Authorization request", Way: "your browser → this application → the bridge",
		Note:   "Your click. The answer sends the browser to the bridge, with what is asked for and what the answer will be tied to.",
		Line:   r.Method + " " + r.URL.Path,
		Status: "303 See Other",
		Request: written(target(r.Method, r.URL), http.Header{
			"Host": {r.Host}, "Content-Type": r.Header["Content-Type"],
		}, formText(r.PostForm)),
		Response: written("HTTP/1.1 303 See Other", http.Header{"Location": {urlText(to)}}, ""),
	}
}

// journey stands for what the client never sees.
func journey() exchange {
	return exchange{
		Title: "At the bridge and at itsme", Way: "your browser → the bridge → itsme → the bridge",
		Note: "The bridge sends the browser on to itsme, where the person decides, and takes the identity from there, once. The application sees none of this.",
	}
}

// arrival is the browser coming back with the answer.
func arrival(r *http.Request, answer url.Values, page string) exchange {
	request := written(target(r.Method, r.URL), http.Header{"Host": {r.Host}}, "")
	if r.Method == http.MethodPost {
		request = written(target(r.Method, r.URL), http.Header{
			"Host": {r.Host}, "Content-Type": r.Header["Content-Type"],
		}, formText(answer))
	}
	return exchange{
		Title: "Authorization response", Way: "the bridge → your browser → this application",
		Note:     "The browser brings a code that lives a minute and opens nothing by itself. The state finds the login that it belongs to; the application answers once it has done what follows.",
		Line:     r.Method + " " + r.URL.Path,
		Status:   "303 See Other",
		Request:  request,
		Response: written("HTTP/1.1 303 See Other", http.Header{"Location": {page}}, ""),
	}
}
