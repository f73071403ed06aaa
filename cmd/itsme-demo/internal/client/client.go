package client

import (
	"net/http"
	"net/url"
	"time"
)

// Config is what a Client needs to know, and to stand on.
type Config struct {
	URL       string // where it is itself; no path
	Issuer    string
	ID        string
	Secret    string
	Simulator string // shown to the visitor; may be empty

	HTTP *http.Client
	Now  func() time.Time
}

// Client is the demo's application. It is an http.Handler.
type Client struct {
	config   Config
	host     string
	sessions *sessions
	handler  http.Handler
}

// New makes a Client. It asks nobody anything before the first login.
func New(c Config) (*Client, error) {
	own, err := url.Parse(c.URL)
	if err != nil {
		return nil, err
	}
	client := &Client{config: c, host: own.Host, sessions: newSessions("demo-" + own.Port())}
	client.handler = client.routes()
	return client, nil
}

func (c *Client) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }

func (c *Client) redirectURI() string { return c.config.URL + "/callback" }

// routes is every address of the application.
func (c *Client) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", c.start)
	mux.HandleFunc("POST /login", c.login)
	mux.HandleFunc("GET /callback", c.callback)
	mux.HandleFunc("POST /callback", c.callback)
	mux.HandleFunc("GET /logins/{id}", c.show)
	mux.HandleFunc("POST /forget", c.forget)
	mux.HandleFunc("GET /style.css", asset("style.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /icon.svg", asset("icon.svg", "image/svg+xml"))
	mux.HandleFunc("/", c.notFound)

	// A form of another site begins no login here and ends none; only the answer
	// may come from elsewhere, by form_post.
	own := http.NewCrossOriginProtection()
	own.AddInsecureBypassPattern("POST /callback")
	return c.common(own.Handler(mux))
}

// common is what every request passes. A visitor who comes by another name of
// this machine is led to the one that the answers come back to: the cookie
// belongs to it.
func (c *Client) common(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Referrer-Policy", "strict-origin")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Content-Security-Policy", policy)
		switch {
		case r.Host == c.host:
			r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
			next.ServeHTTP(w, r)
		case r.Method == http.MethodGet:
			here := url.URL{Scheme: "http", Host: c.host, Path: r.URL.Path, RawQuery: r.URL.RawQuery}
			http.Redirect(w, r, here.String(), http.StatusTemporaryRedirect)
		default:
			http.Error(w, "This is "+c.config.URL+".", http.StatusMisdirectedRequest)
		}
	})
}

// policy names no form-action: browsers hold the redirects that follow a form
// against it too, and those lead to the bridge and on to itsme.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'"
