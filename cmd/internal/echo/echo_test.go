package echo_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/echo"
)

const issuer = "https://login.example.be"

// world is an echo before a handler, and beside it the operations listener.
type world struct {
	*echo.Echo
	public, operations *httptest.Server
	now                time.Time
}

func begin(t *testing.T, proxies ...string) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	var err error
	if w.Echo, err = echo.New(issuer, proxies, func() time.Time { return w.now }); err != nil {
		t.Fatal(err)
	}
	w.public = httptest.NewServer(w.Watch(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(body)
	})))
	t.Cleanup(w.public.Close)
	mux := http.NewServeMux()
	w.Routes(mux, func() echo.Running { return echo.Running{Version: "v1"} })
	w.operations = httptest.NewServer(mux)
	t.Cleanup(w.operations.Close)
	return w
}

func (w *world) send(t *testing.T, method, target, body string, header http.Header) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.public.URL+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header.Clone()
	if header == nil {
		r.Header = http.Header{}
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

func TestItTellsWhatArrived(t *testing.T) {
	w := begin(t, "127.0.0.1")
	word := w.Expect(echo.Refusing)
	answer := w.send(t, http.MethodPost, "/token?"+echo.Parameter+"="+word, "grant_type=x", http.Header{
		"Authorization": {echo.Authorization(word)}, "X-Forwarded-For": {"203.0.113.7, 198.51.100.9"}, "Cookie": {"a=b; c=d"},
	})
	came := w.Arrived(word)
	if len(came) != 1 {
		t.Fatalf("%+v", came)
	}
	a := came[0]
	if a.Method != "POST" || !a.Authorized || !a.Trusted || a.Address != "198.51.100.9" || len(a.Forwarded) != 2 || a.Cookies != 2 || a.Body != len("grant_type=x") {
		t.Errorf("%+v", a)
	}
	if a.Line != len("/token?"+echo.Parameter+"=")+len(word) || a.Header < 60 || a.Host == "" {
		t.Errorf("%+v", a)
	}
	if answer.Header.Get(echo.NumberField) != a.Number || answer.StatusCode != http.StatusUnauthorized || answer.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
	if body, _ := io.ReadAll(answer.Body); string(body) != echo.Refused {
		t.Errorf("%s", body)
	}
}

// The longest header that the bridge sends, and no longer.
func TestALeadingAnswerIsAsLongAsTheBridges(t *testing.T) {
	w := begin(t)
	answer := w.send(t, http.MethodGet, "/?"+echo.Parameter+"="+w.Expect(echo.Leading), "", nil)
	size := len(answer.Header.Get("Location"))
	for _, cookie := range answer.Header.Values("Set-Cookie") {
		size += len("Set-Cookie: \r\n") + len(cookie)
	}
	if answer.StatusCode != http.StatusSeeOther || size < 3400 || size > 3500 {
		t.Errorf("%d, %d bytes", answer.StatusCode, size)
	}
}

// Whoever has no word gets what everybody gets, and leaves nothing.
func TestWithoutAnAwaitedWordNothingHappens(t *testing.T) {
	w := begin(t)
	quiet := func(name, target string) {
		t.Helper()
		answer := w.send(t, http.MethodPost, target, "a body", nil)
		body, _ := io.ReadAll(answer.Body)
		if answer.StatusCode != http.StatusTeapot || answer.Header.Get(echo.NumberField) != "" || string(body) != "a body" {
			t.Errorf("%s: %d %v %s", name, answer.StatusCode, answer.Header, body)
		}
	}
	quiet("nobody awaits anything", "/?"+echo.Parameter+"=ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	word := w.Expect(echo.Refusing)
	quiet("another word", "/?"+echo.Parameter+"=ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	quiet("a part of one", "/?"+echo.Parameter+"="+word[:20])
	quiet("no parameter", "/?word="+word)
	if came := w.Arrived(word); len(came) != 0 {
		t.Errorf("%+v", came)
	}
	w.now = w.now.Add(time.Minute)
	quiet("too late", "/?"+echo.Parameter+"="+word)
	if came := w.Arrived(word); len(came) != 0 {
		t.Errorf("too late: %+v", came)
	}
}

func TestAnOrdinaryAnswerIsTheHandlersWithANumber(t *testing.T) {
	w := begin(t)
	word := w.Expect(echo.Ordinary)
	answer := w.send(t, http.MethodPost, "/?"+echo.Parameter+"="+word, "a body", nil)
	body, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusTeapot || answer.Header.Get(echo.NumberField) == "" || string(body) != "a body" {
		t.Errorf("%d %v %s", answer.StatusCode, answer.Header, body)
	}
}

func TestWordsAndArrivalsAreBounded(t *testing.T) {
	w := begin(t)
	first := w.Expect(echo.Refusing)
	for range 6 {
		w.send(t, http.MethodGet, "/?"+echo.Parameter+"="+first, "", nil)
	}
	if came := w.Arrived(first); len(came) != 4 {
		t.Errorf("%d arrivals", len(came))
	}
	for range 63 {
		w.Expect(echo.Ordinary)
	}
	if len(w.Arrived(first)) != 4 {
		t.Error("a word is forgotten while there is room")
	}
	second := w.Expect(echo.Refusing)
	w.send(t, http.MethodGet, "/?"+echo.Parameter+"="+second, "", nil)
	if len(w.Arrived(first)) != 0 || len(w.Arrived(second)) != 1 {
		t.Error("not the oldest word is forgotten for the newest")
	}
}

func TestTheOperationsListenerIsAsked(t *testing.T) {
	w := begin(t)
	remote := echo.Remote{Address: strings.TrimPrefix(w.operations.URL, "http://")}
	if running, err := remote.Running(t.Context()); err != nil || running.Version != "v1" {
		t.Errorf("%+v %v", running, err)
	}
	word, err := remote.Expect(t.Context(), echo.Refusing)
	if err != nil {
		t.Fatal(err)
	}
	w.send(t, http.MethodHead, "/?"+echo.Parameter+"="+word, "", nil)
	if came, err := remote.Arrived(t.Context(), word); err != nil || len(came) != 1 || came[0].Method != "HEAD" {
		t.Errorf("%+v %v", came, err)
	}
	if _, err := remote.Expect(t.Context(), "another"); err == nil {
		t.Error("an answer that there is not")
	}
	// A page of another site cannot send JSON without being asked for leave, and there is none.
	answer, err := http.Post(w.operations.URL+"/doctor/expect", "text/plain", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("a form is read: %d", answer.StatusCode)
	}
}
