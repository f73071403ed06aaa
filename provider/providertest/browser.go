package providertest

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// Browser is a browser without eyes: it keeps cookies, says what a browser says
// of its navigations, and follows nothing by itself.
type Browser struct {
	s      *Server
	client http.Client
	Header http.Header // of every request
}

// Browser is a new browser, or a new profile of one.
func (s *Server) Browser() *Browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.T.Fatal(err)
	}
	return &Browser{
		s: s,
		client: http.Client{
			Jar:           jar,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		Header: http.Header{
			"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Fetch-User": {"?1"}, "Accept-Language": {"en"},
		},
	}
}

// Get opens an address.
func (b *Browser) Get(address string) *Answer {
	b.s.T.Helper()
	return b.send(http.MethodGet, address, nil)
}

// Post sends a form.
func (b *Browser) Post(address string, form url.Values) *Answer {
	b.s.T.Helper()
	return b.send(http.MethodPost, address, form)
}

// Submit presses the button of the form on a page whose action ends so.
func (b *Browser) Submit(page *Answer, action string) *Answer {
	b.s.T.Helper()
	to, fields, ok := page.Form(action)
	if !ok {
		b.s.T.Fatalf("the page has no form to %s: %d\n%s", action, page.Status, page.Body)
	}
	return b.Post(to, fields)
}

func (b *Browser) send(method, address string, form url.Values) *Answer {
	b.s.T.Helper()
	answer, err := b.try(b.s.T.Context(), method, address, form)
	if err != nil {
		b.s.T.Fatalf("%s %s: %v", method, address, err)
	}
	return answer
}

// try may be called from any goroutine.
func (b *Browser) try(ctx context.Context, method, address string, form url.Values) (*Answer, error) {
	if strings.HasPrefix(address, "/") {
		origin, _ := url.Parse(b.s.Issuer)
		address = origin.Scheme + "://" + origin.Host + address
	}
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header = b.Header.Clone()
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if r.Header.Get("Origin") == "" { // of a page of ours; another site's is the test's to say
			r.Header.Set("Origin", r.URL.Scheme+"://"+r.URL.Host)
		}
	}
	return answerOf(b.client.Do(r))
}

// Try is Get for many goroutines at once.
func (b *Browser) Try(address string) (*Answer, error) {
	return b.try(b.s.T.Context(), http.MethodGet, address, nil)
}

// Cookies are those that this browser would send us.
func (b *Browser) Cookies() []*http.Cookie {
	origin, err := url.Parse(b.s.Issuer)
	if err != nil {
		b.s.T.Fatal(err)
	}
	return b.client.Jar.Cookies(origin)
}

// Secrets are the values of the cookies that this browser would send us.
func (b *Browser) Secrets() []string {
	var values []string
	for _, cookie := range b.Cookies() {
		values = append(values, cookie.Value)
	}
	return values
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

func answerOf(r *http.Response, err error) (*Answer, error) {
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return &Answer{Status: r.StatusCode, Header: r.Header, Body: string(body)}, err
}

// Location is where a redirect leads; empty without one.
func (a *Answer) Location() string { return a.Header.Get("Location") }

var ( // read only
	refreshTo = regexp.MustCompile(`(?i)<meta http-equiv="?refresh"? content="?\d+;\s*url=([^"]*)"`)
	formTag   = regexp.MustCompile(`(?is)<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>`)
	inputTag  = regexp.MustCompile(`(?is)<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"`)
	kindAttr  = regexp.MustCompile(`data-page="([^"]*)"`)
)

// Leads is where the answer leads a browser, by a redirect or by a page that navigates.
func (a *Answer) Leads() string {
	if to := a.Location(); to != "" {
		return to
	}
	if found := refreshTo.FindStringSubmatch(a.Body); found != nil {
		return html.UnescapeString(found[1])
	}
	return ""
}

// Form finds the form whose action ends so.
func (a *Answer) Form(action string) (string, url.Values, bool) {
	for _, form := range formTag.FindAllStringSubmatch(a.Body, -1) {
		to := html.UnescapeString(form[1])
		if !strings.HasSuffix(to, action) {
			continue
		}
		fields := url.Values{}
		for _, input := range inputTag.FindAllStringSubmatch(form[2], -1) {
			fields.Add(html.UnescapeString(input[1]), html.UnescapeString(input[2]))
		}
		return to, fields, true
	}
	return "", nil, false
}

// Page is the kind of the page, as its body element says it.
func (a *Answer) Page() string {
	if found := kindAttr.FindStringSubmatch(a.Body); found != nil {
		return found[1]
	}
	return ""
}

// JSON is the body as an object.
func (a *Answer) JSON() map[string]any {
	object := map[string]any{}
	_ = json.Unmarshal([]byte(a.Body), &object)
	return object
}

// Wants fails the test unless the answer has this status and error code.
func (a *Answer) Wants(t testing.TB, status int, code string) {
	t.Helper()
	got, _ := a.JSON()["error"].(string)
	if a.Status != status || got != code {
		t.Errorf("%d %q, want %d %q\n%s", a.Status, got, status, code, a.Body)
	}
}

// Leave opens an address and hangs up when the function that it returns is called.
func (b *Browser) Leave(address string) (leave func()) { return b.leave(http.MethodGet, address, nil) }

// LeaveForm is Submit by a browser that hangs up when the function that it returns is called.
func (b *Browser) LeaveForm(page *Answer, action string) (leave func()) {
	b.s.T.Helper()
	to, fields, ok := page.Form(action)
	if !ok {
		b.s.T.Fatalf("the page has no form to %s: %d\n%s", action, page.Status, page.Body)
	}
	return b.leave(http.MethodPost, to, fields)
}

func (b *Browser) leave(method, address string, form url.Values) (leave func()) {
	ctx, cancel := context.WithCancel(b.s.T.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = b.try(ctx, method, address, form)
	}()
	return func() {
		cancel()
		<-done
	}
}
