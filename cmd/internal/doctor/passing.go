package doctor

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"itsme-bridge/cmd/internal/echo"
)

func checkAuthorization(ctx context.Context, p *patient, _ arriving) Finding {
	way, err := p.send(ctx, echo.Refusing, question{path: "/userinfo", header: map[string]string{"Authorization": ""}})
	switch {
	case err != nil:
		return cannot(err.Error(), "run doctor again")
	case len(way.came) == 0:
		return bad("a request with Authorization does not arrive; it is answered with "+outcome(way), "let the proxy leave Authorization to the bridge (nginx: no auth_basic below the issuer)")
	case !way.came[0].Authorized:
		return bad("Authorization does not arrive as it is sent: no client can authenticate by it, and no access token is seen", `let the proxy pass it on (nginx: no proxy_set_header Authorization)`)
	}
	return fine("Authorization arrives as it is sent")
}

// How large requests are that the bridge takes, and that browsers and brokers send.
const (
	largeHeader = 8 << 10
	largeLine   = 24 << 10 // a state of 8 KiB, every byte of it encoded
)

func checkRequestSize(ctx context.Context, p *patient, _ arriving) Finding {
	var crumbs []string // as people have them who log in often
	for i := range 4 {
		crumbs = append(crumbs, fmt.Sprintf("%sdoctor%d=%s", p.issuer.CookiePrefix(), i, strings.Repeat("x", largeHeader/8)))
	}
	way, err := p.send(ctx, echo.Refusing, question{path: "/authorize", header: map[string]string{
		"Cookie": strings.Join(crumbs, "; "), "X-Itsme-Doctor": strings.Repeat("x", largeHeader/2),
	}})
	switch {
	case err != nil:
		return cannot(err.Error(), "run doctor again")
	case len(way.came) == 0:
		return bad(fmt.Sprintf("a request with %d KiB of header does not arrive; it is answered with %s", largeHeader>>10, outcome(way)), "let the proxy take more (nginx: large_client_header_buffers 4 32k)")
	case way.came[0].Header < largeHeader || way.came[0].Cookies < len(crumbs):
		return bad(fmt.Sprintf("of %d cookies, %d arrive", len(crumbs), way.came[0].Cookies), "let the proxy pass cookies on, all of them")
	}
	b := p.bridge()
	word, err := b.ear.Expect(ctx, echo.Refusing)
	if err != nil {
		return cannot(err.Error(), "run doctor again")
	}
	long := question{path: "/authorize?" + echo.Parameter + "=" + word + "&state=" + strings.Repeat("%7B", largeLine/3)}
	for range tries {
		way.got, way.err = p.ask(ctx, long)
		if way.came, err = b.ear.Arrived(ctx, word); err != nil || len(way.came) > 0 || ctx.Err() != nil {
			break
		}
	}
	switch {
	case err != nil:
		return cannot(err.Error(), "run doctor again")
	case len(way.came) == 0:
		return bad(fmt.Sprintf("a request line of %d KiB does not arrive; it is answered with %s. Brokers nest their own requests in a state of 8 KiB", largeLine>>10, outcome(way)),
			"let the proxy take more (nginx: large_client_header_buffers 4 32k)")
	case way.came[0].Line < largeLine:
		return bad(fmt.Sprintf("of a request line of %d KiB, %d bytes arrive", largeLine>>10, way.came[0].Line), "let the proxy pass the query on as it is")
	}
	return fine("%d KiB of header and a request line of %d KiB arrive", largeHeader>>10, largeLine>>10)
}

func checkResponseSize(ctx context.Context, p *patient, _ arriving) Finding {
	way, err := p.send(ctx, echo.Leading, question{path: "/authorize"})
	status, want := echo.Leading.Header(p.issuer)
	switch {
	case err != nil:
		return cannot(err.Error(), "run doctor again")
	case len(way.came) == 0:
		return bad("a request to /authorize does not arrive; it is answered with "+outcome(way), "pass everything below the issuer on to the bridge")
	case way.err != nil || way.got.status != status:
		return bad("an answer with 3.5 KiB of header comes back as "+outcome(way)+": people see that in place of a login", "give the proxy a larger buffer for headers (nginx: proxy_buffer_size 8k)")
	case way.got.header.Get("Location") != want.Get("Location"):
		return bad("the Location of a redirect is changed on the way", "let the proxy pass it on (nginx: proxy_redirect off)")
	case !slices.Equal(way.got.header.Values("Set-Cookie"), want.Values("Set-Cookie")):
		return bad("cookies are changed on the way: "+cookieChange(way.got.header.Values("Set-Cookie"), want.Values("Set-Cookie")),
			"let the proxy pass Set-Cookie on (nginx: no proxy_cookie_path, _domain or _flags, no proxy_hide_header)")
	}
	return fine("an answer with 3.5 KiB of header comes back whole: its Location and its cookies")
}

// cookieChange says what of cookies has changed, without their values.
func cookieChange(got, want []string) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d of %d arrive", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			_, is, _ := strings.Cut(got[i], ";")
			_, should, _ := strings.Cut(want[i], ";")
			return fmt.Sprintf("%s, where the bridge says %s", quoted(strings.TrimSpace(is)), quoted(strings.TrimSpace(should)))
		}
	}
	return "their order"
}

func checkRefusals(ctx context.Context, p *patient, _ arriving) Finding {
	way, err := p.send(ctx, echo.Refusing, question{method: http.MethodPost, path: "/token", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: "grant_type=doctor"})
	status, want := echo.Refusing.Header(p.issuer)
	switch {
	case err != nil:
		return cannot(err.Error(), "run doctor again")
	case len(way.came) == 0:
		return bad("a POST to /token does not arrive; it is answered with "+outcome(way), "pass everything below the issuer on to the bridge")
	case way.err != nil || way.got.status != status || string(way.got.body) != echo.Refused:
		return bad(fmt.Sprintf("a refusal (%d, with JSON) comes back as %s with another body: applications do not learn what was wrong", status, outcome(way)),
			"let the proxy put no pages of its own in place of the bridge's (nginx: proxy_intercept_errors off)")
	case way.got.header.Get("WWW-Authenticate") != want.Get("WWW-Authenticate"):
		return bad("WWW-Authenticate does not come back: applications do not learn how to authenticate", "let the proxy pass it on (nginx: no proxy_hide_header)")
	case !strings.Contains(way.got.header.Get("Cache-Control"), "no-store"):
		return bad("Cache-Control: no-store does not come back: browsers and caches keep what is private", "let the proxy pass it on (nginx: no proxy_hide_header, no expires)")
	}
	return fine("a refusal comes back as it is, with its body and WWW-Authenticate")
}

// checkCopies asks twice for the same: what is private must come from the bridge each time.
func checkCopies(ctx context.Context, p *patient, _ arriving) Finding {
	switch kept, known := p.keeps(ctx, echo.Refusing, "/authorize"); {
	case !known:
		return cannot("too few of the answers came from the bridge that was asked: other replicas gave them, or none came", "see the other checks of the proxy; run doctor where each replica runs")
	case kept:
		return bad("a cache keeps what is private (Cache-Control: no-store), and gives it to whoever asks next", "let it keep what Cache-Control allows alone (nginx: no proxy_ignore_headers)")
	}
	return fine("what is private is kept by nobody on the way")
}

// keeps reports whether something on the way answers the second of two equal requests
// with a copy. Not known: too few came from the bridge that hears.
func (p *patient) keeps(ctx context.Context, a echo.Answer, path string) (kept, known bool) {
	b := p.bridge()
	if b.ear == nil {
		return false, false
	}
	word, err := b.ear.Expect(ctx, a)
	if err != nil {
		return false, false
	}
	seen := map[string]bool{}
	for range tries {
		got, err := p.ask(ctx, question{path: path + "?" + echo.Parameter + "=" + word})
		if err != nil {
			continue
		}
		switch number := got.header.Get(echo.NumberField); {
		case number == "": // another replica
		case seen[number]:
			return true, true
		default:
			seen[number] = true
		}
		if len(seen) == 2 {
			return false, true
		}
	}
	return false, false
}
