package client_test

import (
	"crypto/rand"
	"crypto/rsa"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"itsme-bridge/cmd/itsme-demo/internal/client"
)

// visitor is a browser at the demo's application.
type visitor struct {
	t      *testing.T
	url    string
	client *http.Client
	bridge *bridge
}

func newVisitor(t *testing.T) *visitor {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	b := newBridge(t, now)
	var handler http.Handler
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(site.Close)
	c, err := client.New(client.Config{
		URL: site.URL, Issuer: b.URL, ID: clientID, Secret: clientSecret, HTTP: site.Client(), Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	handler = c
	return another(&visitor{t: t, url: site.URL, bridge: b})
}

// another is a browser of its own, with no cookie yet.
func another(v *visitor) *visitor {
	v.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.t.Fatal(err)
	}
	fresh := *v
	fresh.client = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &fresh
}

func (v *visitor) do(method, path string, form url.Values, more ...string) (*http.Response, string) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	response, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return response, string(body)
}

// begin clicks the button, and reads what the bridge would be asked.
func (v *visitor) begin(form url.Values) url.Values {
	v.t.Helper()
	response, body := v.do("POST", "/login", form)
	to, err := response.Location()
	if err != nil || !strings.HasPrefix(to.String(), v.bridge.URL+"/authorize?") {
		v.t.Fatalf("%d, %v, %v\n%s", response.StatusCode, err, to, body)
	}
	v.bridge.nonce = to.Query().Get("nonce")
	return to.Query()
}

// answered brings an answer of the bridge, and reads the page that it leads to.
func (v *visitor) answered(answer url.Values) string {
	v.t.Helper()
	response, body := v.do("GET", "/callback?"+answer.Encode(), nil)
	return v.follow(response, body)
}

func (v *visitor) follow(response *http.Response, body string) string {
	v.t.Helper()
	if response.StatusCode != http.StatusSeeOther {
		return body
	}
	_, body = v.do("GET", response.Header.Get("Location"), nil)
	return body
}

// good is the answer to a request.
func (v *visitor) good(asked url.Values) url.Values {
	return url.Values{"code": {"a-code-that-nobody-may-read"}, "state": {asked.Get("state")}, "iss": {v.bridge.URL}}
}

func everything() url.Values {
	return url.Values{"scope": {"profile", "email", "phone", "address"}, "response_mode": {"query"}}
}

func TestALoginShowsWhatTheBridgeSays(t *testing.T) {
	v := newVisitor(t)
	asked := v.begin(everything())
	page := v.answered(v.good(asked))
	for _, want := range []string{
		`<h1 id="hello">Hello, Lucas.</h1>`,
		`<dd id="claim-name">Lucas &lt;Maes&gt;</dd>`,
		`<dd id="claim-email_verified">false</dd>`,
		"<dd id=\"claim-address\">Rue Neuve 1\n1000 Bruxelles</dd>",
		`<dd id="claim-sub">person-1</dd>`,
		"itsme® has none of this person", // no phone number
		"&#34;kid&#34;: &#34;k1&#34;",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	for _, secret := range []string{clientSecret, accessToken, "a-code-that-nobody-may-read", v.bridge.forms.Get("code_verifier")} {
		if secret == "" || strings.Contains(page, secret) {
			t.Errorf("the page shows %q", secret)
		}
	}
	if oauth2.S256ChallengeFromVerifier(v.bridge.forms.Get("code_verifier")) != asked.Get("code_challenge") {
		t.Error("the verifier is not the challenge's")
	}
	if v.bridge.forms.Get("redirect_uri") != asked.Get("redirect_uri") || asked.Get("redirect_uri") != v.url+"/callback" {
		t.Errorf("redirect URIs: %q, %q", asked.Get("redirect_uri"), v.bridge.forms.Get("redirect_uri"))
	}
}

func TestTheExchangesStandInTheirOrder(t *testing.T) {
	v := newVisitor(t)
	page := v.answered(v.good(v.begin(everything())))
	rest := page
	for _, title := range []string{
		"Discovery", "Authorization request", "At the bridge and at itsme", "Authorization response", "Token request", "Keys", "Userinfo",
	} {
		_, after, found := strings.Cut(rest, "<strong>"+title+"</strong>")
		if !found {
			t.Fatalf("%s is not there, or not after the one before it:\n%s", title, page)
		}
		rest = after
	}
}

func TestChoicesBecomeParameters(t *testing.T) {
	for _, row := range []struct {
		name string
		form url.Values
		want url.Values // empty: not sent
	}{
		{"usual", everything(), url.Values{"scope": {"openid profile email phone address"}, "code_challenge_method": {"S256"}, "response_type": {"code"}, "prompt": nil, "response_mode": nil, "ui_locales": nil, "login_hint": nil}},
		{"no scope", url.Values{}, url.Values{"scope": {"openid"}}},
		{"one scope", url.Values{"scope": {"email"}}, url.Values{"scope": {"openid email"}}},
		{"a scope that is not on the form", url.Values{"scope": {"root"}}, url.Values{"scope": {"openid"}}},
		{"register", url.Values{"create": {"yes"}}, url.Values{"prompt": {"create"}}},
		{"language", url.Values{"ui_locales": {"nl"}}, url.Values{"ui_locales": {"nl"}}},
		{"form_post", url.Values{"response_mode": {"form_post"}}, url.Values{"response_mode": {"form_post"}}},
		{"fragment", url.Values{"response_mode": {"fragment"}}, url.Values{"response_mode": {"fragment"}}},
		{"hint", url.Values{"login_hint": {" 0471 23 45 67 "}}, url.Values{"login_hint": {"0471 23 45 67"}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			asked := newVisitor(t).begin(row.form)
			for name, want := range row.want {
				if !slices.Equal(asked[name], want) {
					t.Errorf("%s = %q, want %q", name, asked[name], want)
				}
			}
			for _, name := range []string{"state", "nonce", "code_challenge"} {
				if len(asked.Get(name)) < 26 {
					t.Errorf("%s = %q", name, asked.Get(name))
				}
			}
		})
	}
}

func TestWhatIsNotBelieved(t *testing.T) {
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claims := func(name string, value any) func(*visitor, url.Values) {
		return func(v *visitor, _ url.Values) { v.bridge.bend = func(c map[string]any) { c[name] = value } }
	}
	for _, row := range []struct {
		name string
		bend func(*visitor, url.Values)
		want string // the check
	}{
		{"an answer of another issuer", func(_ *visitor, a url.Values) { a.Set("iss", "https://evil.example") }, "iss"},
		{"an answer of nobody", func(_ *visitor, a url.Values) { a.Del("iss") }, "iss"},
		{"an error of another issuer", func(_ *visitor, a url.Values) { a.Set("iss", "https://evil.example"); a.Set("error", "access_denied") }, "iss"},
		{"another nonce", func(v *visitor, _ url.Values) { v.bridge.nonce = "of another login" }, "nonce"},
		{"no nonce", claims("nonce", nil), "nonce"},
		{"another audience", claims("aud", "another"), "id_token"},
		{"another issuer in the token", claims("iss", "https://evil.example"), "id_token"},
		{"an old token", claims("exp", 1), "id_token"},
		{"another key", func(v *visitor, _ url.Values) { v.bridge.key = stranger }, "id_token"},
		{"another access token", claims("at_hash", "x"), "at_hash"},
		{"another person at userinfo", func(v *visitor, _ url.Values) { v.bridge.claims["sub"] = "person-2" }, "sub"},
		{"no ID token", func(v *visitor, _ url.Values) {
			v.bridge.token = func(w http.ResponseWriter) bool {
				answer(w, map[string]any{"access_token": accessToken, "token_type": "Bearer"})
				return true
			}
		}, "id_token"},
	} {
		t.Run(row.name, func(t *testing.T) {
			v := newVisitor(t)
			good := v.good(v.begin(everything()))
			row.bend(v, good)
			page := v.answered(good)
			if !strings.Contains(page, `<code id="error">`+row.want+`</code>`) || strings.Contains(page, "claim-") {
				t.Errorf("the check %s did not stop it:\n%s", row.want, page)
			}
		})
	}
}

func TestErrorsOfTheBridge(t *testing.T) {
	v := newVisitor(t)
	asked := v.begin(url.Values{"scope": {"email"}, "response_mode": {"form_post"}, "login_hint": {"0471234567"}})
	page := v.answered(url.Values{
		"error": {"access_denied"}, "error_description": {"The person cancelled the login."}, "state": {asked.Get("state")}, "iss": {v.bridge.URL},
	})
	for _, want := range []string{
		"You are not logged in", `<code id="error">access_denied</code>`, "The person cancelled the login.",
		`name="scope" value="email"`, `name="response_mode" value="form_post"`, `name="login_hint" value="0471234567"`, `id="again"`, // leads on, with the same wishes
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}

	v.bridge.token = func(w http.ResponseWriter) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_grant","error_description":"The code is not valid."}`)
		return true
	}
	page = v.answered(v.good(v.begin(everything())))
	if !strings.Contains(page, `<code id="error">invalid_grant</code>`) || !strings.Contains(page, "400 Bad Request") {
		t.Errorf("the token endpoint's error is not shown:\n%s", page)
	}
}

func TestABridgeThatIsAway(t *testing.T) {
	v := newVisitor(t)
	v.bridge.server.Close()
	page := v.follow(v.do("POST", "/login", everything()))
	if !strings.Contains(page, "The bridge does not answer") || !strings.Contains(page, "no answer") || !strings.Contains(page, `id="again"`) {
		t.Error(page)
	}
}

func TestAnAnswerCountsOnce(t *testing.T) {
	v := newVisitor(t)
	good := v.good(v.begin(everything()))
	first := v.answered(good)
	again := v.answered(good) // the reload of the return page
	if first != again || len(v.bridge.codes) != 1 {
		t.Errorf("%d exchanges of the code", len(v.bridge.codes))
	}
}

func TestAnAnswerIsForTheBrowserThatAsked(t *testing.T) {
	v := newVisitor(t)
	good := v.good(v.begin(everything()))
	thief := another(v)
	thief.begin(everything())
	if page := thief.answered(good); !strings.Contains(page, "belongs to no login") || len(v.bridge.codes) > 0 {
		t.Error(page)
	}
	v.bridge.nonce = "" // the thief's
	forged := maps.Clone(good)
	forged.Set("state", "guessed")
	if page := v.answered(forged); !strings.Contains(page, "belongs to no login") {
		t.Error(page)
	}
}

func TestAPageOfALoginIsItsBrowsersAlone(t *testing.T) {
	v := newVisitor(t)
	response, _ := v.do("GET", "/callback?"+v.good(v.begin(everything())).Encode(), nil)
	page := response.Header.Get("Location")
	if response, body := v.do("GET", page, nil); response.StatusCode != http.StatusOK || !strings.Contains(body, "Lucas") {
		t.Fatal(response.StatusCode, body)
	}
	if response, body := another(v).do("GET", page, nil); response.StatusCode != http.StatusNotFound || strings.Contains(body, "Lucas") {
		t.Error(response.StatusCode, body)
	}
	here, _ := url.Parse(v.url)
	kept := v.client.Jar.Cookies(here)
	if response, _ := v.do("POST", "/forget", nil); response.StatusCode != http.StatusSeeOther || len(v.client.Jar.Cookies(here)) > 0 {
		t.Error(response.StatusCode, v.client.Jar.Cookies(here))
	}
	v.client.Jar.SetCookies(here, kept) // a browser that does not forget
	if response, _ := v.do("GET", page, nil); response.StatusCode != http.StatusNotFound {
		t.Error("forgotten, and yet", response.StatusCode)
	}
}

func TestTwoLoginsAtOnce(t *testing.T) {
	v := newVisitor(t)
	first, second := v.begin(everything()), v.begin(everything())
	for _, asked := range []url.Values{first, second} {
		v.bridge.nonce = asked.Get("nonce")
		if page := v.answered(v.good(asked)); !strings.Contains(page, "Hello, Lucas") {
			t.Error(page)
		}
	}
}

func TestFormPostAndFragment(t *testing.T) {
	v := newVisitor(t)
	page := v.follow(v.do("POST", "/callback", v.good(v.begin(everything())), "Sec-Fetch-Site", "cross-site", "Origin", v.bridge.URL))
	if !strings.Contains(page, "Hello, Lucas") {
		t.Error(page)
	}
	response, page := v.do("GET", "/callback", nil)
	if !strings.Contains(page, "location.hash") || !strings.Contains(response.Header.Get("Content-Security-Policy"), "script-src 'nonce-") {
		t.Error(response.Header, page)
	}
}

func TestAnotherSiteBeginsNoLogin(t *testing.T) {
	v := newVisitor(t)
	for _, path := range []string{"/login", "/forget"} {
		if response, _ := v.do("POST", path, everything(), "Sec-Fetch-Site", "cross-site"); response.StatusCode != http.StatusForbidden {
			t.Errorf("POST %s from another site: %d", path, response.StatusCode)
		}
	}
}

func TestAnotherNameOfThisMachineLeadsHere(t *testing.T) {
	v := newVisitor(t)
	own := v.url
	v.url = strings.Replace(own, "127.0.0.1", "localhost", 1)
	response, _ := v.do("GET", "/?x=1", nil)
	if to := response.Header.Get("Location"); to != own+"/?x=1" {
		t.Errorf("%d %q", response.StatusCode, to)
	}
	if response, _ := v.do("POST", "/login", everything()); response.StatusCode != http.StatusMisdirectedRequest {
		t.Error(response.StatusCode)
	}
}

func TestEveryPageIsFencedIn(t *testing.T) {
	v := newVisitor(t)
	for path, status := range map[string]int{"/": 200, "/nowhere": 404, "/logins/unknown": 404, "/style.css": 200, "/icon.svg": 200, "/callback?code=x&state=y": 400} {
		response, body := v.do("GET", path, nil)
		if response.StatusCode != status || body == "" {
			t.Errorf("%s: %d", path, response.StatusCode)
		}
		if csp := response.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("%s: %q", path, csp)
		}
		if strings.Contains(body, "//cdn") || strings.Contains(body, `src="http`) {
			t.Errorf("%s fetches from elsewhere", path)
		}
	}
}
