package provider_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// visitor is a browser without a network between, so that the issuer may be on
// https. It asks a provider with sessions.
type visitor struct {
	*Server

	t   *testing.T
	jar http.CookieJar
	at  string // the address of the page that it got last
}

// visiting is a visitor of a provider of its own.
func visiting(t *testing.T, change func(*provider.Config)) *visitor {
	t.Helper()
	v := &visitor{t: t, Server: withSessions(t, Options{
		Signing: []keys.Algorithm{keys.ES256},
		App:     func(c *client.Client) { parting(c); c.SigningAlg = keys.ES256 },
		Config:  change,
	})}
	v.forget()
	return v
}

// forget loses all cookies, as another browser has none.
func (v *visitor) forget() {
	v.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.t.Fatal(err)
	}
	v.jar = jar
}

// send sends a request to the issuer, with its cookies.
func (v *visitor) send(method, target string, form url.Values, change func(*http.Request)) *Answer {
	v.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = v.Config.Issuer + target
	}
	v.at = target
	answer := direct(v.t, v.Server, method, target, form, func(r *http.Request) {
		for _, cookie := range v.jar.Cookies(r.URL) {
			r.AddCookie(cookie)
		}
		if change != nil {
			change(r)
		}
	})
	if to, err := url.Parse(target); err == nil {
		v.jar.SetCookies(to, (&http.Response{Header: answer.Header}).Cookies())
	}
	return answer
}

func (v *visitor) get(target string) *Answer {
	v.t.Helper()
	return v.send(http.MethodGet, target, nil, nil)
}

func (v *visitor) post(target string, form url.Values) *Answer {
	v.t.Helper()
	return v.send(http.MethodPost, target, form, func(r *http.Request) { r.Header.Set("Origin", v.Config.Issuer) })
}

// submit presses the button of the form on a page whose action ends so.
func (v *visitor) submit(page *Answer, action string) *Answer {
	v.t.Helper()
	to, fields, ok := page.Form(action)
	if !ok {
		v.t.Fatalf("no form to %s: %d\n%s", action, page.Status, page.Body)
	}
	return v.post(to, fields)
}

func (v *visitor) authorize(change func(url.Values)) *Answer {
	v.t.Helper()
	return v.get("/authorize?" + Request(change).Encode())
}

// asked is the Continue page.
func (v *visitor) asked() *Answer {
	v.t.Helper()
	return v.send(http.MethodGet, "/authorize?"+Request(nil).Encode(), nil, inDoubt)
}

// inDoubt makes a request one of which nobody can tell whether a person made it.
func inDoubt(r *http.Request) {
	r.Header.Del("Sec-Fetch-Mode")
	r.Header.Del("Sec-Fetch-Dest")
}

// begin begins a login, and returns where itsme will send the browser back to.
func (v *visitor) begin(script sandbox.Script) string {
	v.t.Helper()
	v.Sandbox.Next(script)
	if answer := v.authorize(nil); answer.Status != http.StatusSeeOther {
		v.t.Fatalf("no login: %d\n%s", answer.Status, answer.Body)
	}
	return v.ReturnURL()
}

// returns is what a browser gets that comes back from a login that goes so.
func (v *visitor) returns(script sandbox.Script) *Answer {
	v.t.Helper()
	return v.get(v.begin(script))
}

// signIn goes the whole way, and gives the answer of the token endpoint.
func (v *visitor) signIn() *Answer {
	v.t.Helper()
	code := v.Response(v.returns(sandbox.Script{Outcome: itsme.Success})).Get("code")
	return v.call("/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {Callback}, "code_verifier": {Verifier},
	})
}

// tokenOf is a token of a new login: access_token or id_token.
func (v *visitor) tokenOf(kind string) string {
	v.t.Helper()
	answer := v.signIn()
	token, _ := answer.JSON()[kind].(string)
	if token == "" {
		v.t.Fatalf("no %s: %d %s", kind, answer.Status, answer.Body)
	}
	return token
}

// call is a POST of App.
func (v *visitor) call(path string, form url.Values) *Answer {
	v.t.Helper()
	return direct(v.t, v.Server, http.MethodPost, v.Config.Issuer+path, form, func(r *http.Request) { r.SetBasicAuth(App, AppSecret) })
}

// bears asks the userinfo endpoint.
func (v *visitor) bears(token string) *Answer {
	v.t.Helper()
	return direct(v.t, v.Server, http.MethodGet, v.Config.Issuer+"/userinfo", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) })
}
