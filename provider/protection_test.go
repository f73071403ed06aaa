package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	. "itsme-bridge/provider/providertest"
)

// response is one kind of answer.
type response struct {
	name   string
	status int
	page   string // which page it is; "": it is none
	config func(*provider.Config)
	get    func(v *visitor) *Answer
}

// ofLogins are what a browser may get in the course of a login.
func ofLogins() []response {
	returning := func(script sandbox.Script) func(*visitor) *Answer {
		return func(v *visitor) *Answer { return v.returns(script) }
	}
	lateBy := func(d time.Duration) func(*visitor) *Answer {
		return func(v *visitor) *Answer {
			back := v.begin(sandbox.Script{})
			v.Advance(d)
			return v.get(back)
		}
	}
	stopped := sandbox.Script{Outcome: itsme.Cancelled}
	return []response{
		{name: "a redirect to itsme", status: 303, get: func(v *visitor) *Answer { return v.authorize(nil) }},
		{name: "the way to itsme by a form", status: 200, page: "navigate", get: func(v *visitor) *Answer { return v.post("/authorize", Request(nil)) }},
		{name: "the Continue page", status: 200, page: "continue", get: (*visitor).asked},
		{name: "after Continue", status: 200, page: "navigate", get: func(v *visitor) *Answer { return v.submit(v.asked(), "/itsme/continue") }},
		{name: "Continue without cookies", status: 400, page: "no_cookies", get: func(v *visitor) *Answer {
			page := v.asked()
			v.forget()
			return v.submit(page, "/itsme/continue")
		}},
		{name: "Continue, reloaded", status: 303, get: func(v *visitor) *Answer { v.asked(); return v.get("/itsme/continue") }},
		{
			name: "above a ceiling", status: 429, page: "too_many", config: func(c *provider.Config) { c.Limits.Total = 1 },
			get: func(v *visitor) *Answer { v.authorize(nil); return v.authorize(nil) },
		},
		{name: "a code", status: 303, get: returning(sandbox.Script{Outcome: itsme.Success})},
		{name: "a code, by form_post", status: 200, page: "form_post", get: func(v *visitor) *Answer {
			v.Sandbox.Next(sandbox.Script{Outcome: itsme.Success})
			v.authorize(set("response_mode", "form_post"))
			return v.get(v.ReturnURL())
		}},
		{name: "itsme has not decided", status: 200, page: "waiting", get: returning(sandbox.Script{})},
		{name: "cancelled", status: 200, page: "cancelled", get: returning(stopped)},
		{name: "failed", status: 200, page: "failed", get: returning(sandbox.Script{Outcome: itsme.Failure})},
		{name: "expired", status: 200, page: "expired", get: returning(sandbox.Script{Outcome: itsme.Expired})},
		{name: "no data", status: 200, page: "no_data", get: returning(sandbox.Script{Outcome: itsme.Success, NoData: true})},
		{name: "CM does not answer", status: 503, page: "unavailable", get: returning(sandbox.Script{Fault: sandbox.HTML500})},
		{name: "CM refuses", status: 502, page: "refused", get: returning(sandbox.Script{Fault: sandbox.BadRequest})},
		{name: "after Try again", status: 200, page: "navigate", get: func(v *visitor) *Answer { return v.submit(v.returns(stopped), "/itsme/retry") }},
		{name: "after leaving", status: 200, page: "navigate", get: func(v *visitor) *Answer { return v.submit(v.returns(stopped), "/itsme/leave") }},
		{name: "where a login is", status: 200, page: "navigate", get: func(v *visitor) *Answer {
			return v.get("/itsme/login/" + loginID(v.begin(sandbox.Script{})))
		}},
		{name: "after the deadline", status: 200, page: "expired", get: lateBy(5 * time.Minute)},
		{name: "hours later", status: 410, page: "late", get: lateBy(2 * time.Hour)},
		{name: "once the code is used", status: 200, page: "finished", get: func(v *visitor) *Answer { v.signIn(); return v.get(v.ReturnURL()) }},
		{name: "another browser's return", status: 403, page: "other_browser", get: func(v *visitor) *Answer {
			back := v.begin(sandbox.Script{})
			v.forget()
			return v.get(back)
		}},
	}
}

// ofOthers are what else a browser may get.
func ofOthers() []response {
	from := func(name, value string) func(*visitor) *Answer {
		return func(v *visitor) *Answer {
			return v.send(http.MethodGet, "/authorize?"+Request(nil).Encode(), nil, func(r *http.Request) { r.Header.Set(name, value) })
		}
	}
	return []response{
		{name: "an error for the client", status: 303, get: func(v *visitor) *Answer { return v.authorize(del("scope")) }},
		{name: "an error for the client, by form_post", status: 200, page: "form_post", get: func(v *visitor) *Answer {
			return v.authorize(all(del("scope"), set("response_mode", "form_post")))
		}},
		{name: "an error for the person", status: 400, page: "bad_request", get: func(v *visitor) *Answer { return v.authorize(del("client_id")) }},
		{name: "within a frame", status: 403, page: "bad_request", get: from("Sec-Fetch-Dest", "iframe")},
		{name: "fetched ahead", status: 503, page: "unavailable", get: from("Sec-Purpose", "prefetch")},
		{name: "a form from another site", status: 200, page: "resubmit", get: func(v *visitor) *Answer {
			return v.send(http.MethodPost, "/authorize", Request(nil), func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
		}},
		{name: "half a return address", status: 400, page: "bad_request", get: func(v *visitor) *Answer { return v.get("/itsme/return") }},
		{name: "a form of nobody's", status: 400, page: "bad_request", get: func(v *visitor) *Answer { return v.post("/itsme/leave", url.Values{}) }},
		{name: "a record that cannot be opened", status: 500, page: "server_error", get: func(v *visitor) *Answer {
			back := v.begin(sandbox.Script{})
			damage(v.t, v.Server)
			return v.get(back)
		}},
		{name: "Redis is away", status: 503, page: "unavailable", get: func(v *visitor) *Answer {
			back := v.begin(sandbox.Script{})
			v.Faults().Down()
			defer v.Faults().Up()
			return v.get(back)
		}},
		{name: "the logout page", status: 200, page: "logout", get: func(v *visitor) *Answer { v.signIn(); return v.get("/logout") }},
		{name: "logged out", status: 200, page: "logged_out", get: func(v *visitor) *Answer { v.signIn(); return v.submit(v.get("/logout"), "/itsme/logout") }},
		{name: "a logout, back to the client", status: 303, get: func(v *visitor) *Answer {
			return v.get("/logout?" + loggingOut(v.tokenOf("id_token"), nil).Encode())
		}},
		{name: "a logout, reloaded", status: 303, get: func(v *visitor) *Answer { return v.get("/itsme/logout") }},
		{name: "no such login", status: 404, page: "not_found", get: func(v *visitor) *Answer { return v.get("/itsme/login/x") }},
		{name: "no such address", status: 404, page: "not_found", get: func(v *visitor) *Answer { return v.get("/nothing") }},
	}
}

// ofClients are what a client may get that calls without a browser.
func ofClients() []response {
	token := func(path string) func(*visitor) *Answer {
		return func(v *visitor) *Answer { return v.call(path, url.Values{"token": {v.tokenOf("access_token")}}) }
	}
	stranger := func(v *visitor) *Answer {
		return direct(v.t, v.Server, http.MethodPost, v.Config.Issuer+"/token", url.Values{"grant_type": {"authorization_code"}, "code": {"x"}}, nil)
	}
	return []response{
		{name: "/par", status: 201, get: func(v *visitor) *Answer { return v.call("/par", Request(nil)) }},
		{name: "/par, refused", status: 400, get: func(v *visitor) *Answer { return v.call("/par", Request(del("scope"))) }},
		{name: "/token", status: 200, get: (*visitor).signIn},
		{name: "/token, refused", status: 400, get: func(v *visitor) *Answer { return v.call("/token", url.Values{"grant_type": {"x"}}) }},
		{name: "/token, by a stranger", status: 401, get: stranger},
		{name: "/token, too large", status: 413, get: func(v *visitor) *Answer {
			return v.call("/token", url.Values{"grant_type": {strings.Repeat("x", 1<<20)}})
		}},
		{name: "/token, by GET", status: 405, get: func(v *visitor) *Answer { return v.get("/token") }},
		{name: "/userinfo", status: 200, get: func(v *visitor) *Answer { return v.bears(v.tokenOf("access_token")) }},
		{name: "/userinfo, without a token", status: 401, get: func(v *visitor) *Answer { return v.get("/userinfo") }},
		{name: "/userinfo, with a wrong one", status: 401, get: func(v *visitor) *Answer { return v.bears("x") }},
		{name: "/introspect", status: 200, get: token("/introspect")},
		{name: "/revoke", status: 200, get: token("/revoke")},
	}
}

// ofEverybody are documents that anybody may keep.
func ofEverybody() []response {
	again := func(path string) func(*visitor) *Answer {
		return func(v *visitor) *Answer {
			tag := v.get(path).Header.Get("ETag")
			return v.send(http.MethodGet, path, nil, func(r *http.Request) { r.Header.Set("If-None-Match", tag) })
		}
	}
	var rows []response
	for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/keys"} {
		rows = append(rows,
			response{name: path, status: 200, get: func(v *visitor) *Answer { return v.get(path) }},
			response{name: path + " by HEAD", status: 200, get: func(v *visitor) *Answer { return v.send(http.MethodHead, path, nil, nil) }},
			response{name: path + " once more", status: 304, get: again(path)})
	}
	return rows
}

// Every answer says who may keep it, frame it, and learn from it; on https, that
// browsers are to stay there.
func TestProtectiveHeaders(t *testing.T) {
	person := map[string]string{
		"Cache-Control":           "no-store",
		"Referrer-Policy":         "strict-origin",
		"X-Content-Type-Options":  "nosniff",
		"X-Frame-Options":         "DENY",
		"Content-Security-Policy": "default-src 'none';|frame-ancestors 'none'|base-uri 'none'",
	}
	client := map[string]string{"Cache-Control": "no-store", "Pragma": "no-cache", "X-Content-Type-Options": "nosniff"}
	everybody := map[string]string{"Cache-Control": "public, max-age=", "X-Content-Type-Options": "nosniff"}
	for _, group := range []struct {
		responses []response
		headers   map[string]string // what each holds, all of it
	}{
		{ofLogins(), person},
		{ofOthers(), person},
		{ofClients(), client},
		{ofEverybody(), everybody},
	} {
		for _, row := range group.responses {
			t.Run(row.name, func(t *testing.T) {
				for _, issuer := range []string{"", "https://login.example"} {
					row.check(t, issuer, group.headers)
				}
			})
		}
	}
}

// check gets the response from a provider with this issuer, or with the test's own.
func (r *response) check(t *testing.T, issuer string, headers map[string]string) {
	t.Helper()
	v := visiting(t, func(c *provider.Config) {
		if issuer != "" {
			c.Issuer = issuer
		}
		if r.config != nil {
			r.config(c)
		}
	})
	answer := r.get(v)
	if answer.Status != r.status || answer.Page() != r.page {
		t.Fatalf("%q: %d %q, want %d %q\n%s", issuer, answer.Status, answer.Page(), r.status, r.page, answer.Body)
	}
	for name, parts := range headers {
		for part := range strings.SplitSeq(parts, "|") {
			if got := answer.Header.Get(name); !strings.Contains(got, part) {
				t.Errorf("%q: %s is %q, want %q", issuer, name, got, part)
			}
		}
	}
	strict := answer.Header.Get("Strict-Transport-Security")
	if issuer == "" && strict != "" || issuer != "" && strict != "max-age=31536000" {
		t.Errorf("%q: Strict-Transport-Security is %q", issuer, strict)
	}
	if answer.Header.Get("Cross-Origin-Opener-Policy") != "" {
		t.Errorf("%q: a login in a popup needs its opener", issuer)
	}
}
