package doctor

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"itsme-bridge/cmd/internal/echo"
)

// tries is how often a request is sent that may reach another replica each time.
const tries = 6

// passage is what became of a request with a word.
type passage struct {
	came []echo.Arrival // at the bridge that hears
	got  answer         // the last
	err  error
}

// send sends a request with a word until it arrives, within some tries.
func (p *patient) send(ctx context.Context, a echo.Answer, q question) (way passage, err error) {
	b := p.bridge()
	word, err := b.ear.Expect(ctx, a)
	if err != nil {
		return way, err
	}
	path := q.path
	q.path = path + "?" + echo.Parameter + "=" + word
	if header, ok := q.header["Authorization"]; ok && header == "" {
		q.header["Authorization"] = echo.Authorization(word)
	}
	for range tries {
		way.got, way.err = p.ask(ctx, q)
		if way.came, err = b.ear.Arrived(ctx, word); err != nil || len(way.came) > 0 || ctx.Err() != nil {
			return way, err
		}
	}
	return way, nil
}

// arriving is what is known of the way to the bridge, once one request has come by it.
type arriving struct {
	echo.Arrival
	direct bool   // nothing stands between
	deaf   string // why nothing can be said; empty: it has arrived
	advice string
	bad    bool // and that is a problem by itself
}

// firstArrival sends the plainest request there is.
func (p *patient) firstArrival(ctx context.Context) arriving {
	b := p.bridge()
	if b.ear == nil {
		return arriving{deaf: b.deaf, advice: b.advice}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	way, err := p.send(ctx, echo.Refusing, question{path: "/userinfo", header: map[string]string{"X-Forwarded-For": forged}})
	switch {
	case err != nil:
		return arriving{deaf: err.Error(), advice: "run doctor again"}
	case len(way.came) == 0 && way.err != nil:
		saw, advice := why(way.err)
		return arriving{deaf: "the issuer: " + saw, advice: advice, bad: true}
	case len(way.came) == 0:
		return arriving{
			deaf:   fmt.Sprintf("a request to %s was answered with %d, and did not arrive at the bridge that was asked: another replica has it, or something in front", p.issuer.At("/userinfo"), way.got.status),
			advice: "run doctor where each replica runs, or let the load balancer have this one alone; and pass everything below the issuer on to the bridge, its query too",
		}
	}
	return arriving{Arrival: way.came[0], direct: way.came[0].Peer == way.got.from}
}

func checkArrival(_ context.Context, p *patient) []Finding {
	a := p.arriving()
	switch {
	case a.deaf != "" && a.bad:
		return one(bad(a.deaf, a.advice))
	case a.deaf != "":
		return one(cannot(a.deaf, a.advice))
	case a.direct:
		return one(fine("requests to the issuer arrive, and nothing stands between"))
	}
	return one(fine("requests to the issuer arrive, from %s", peerOf(a.Arrival)))
}

func peerOf(a echo.Arrival) string {
	host, _, err := net.SplitHostPort(a.Peer)
	if err != nil {
		return a.Peer
	}
	return host
}

// arrived is a check of what arrives.
func arrived(look func(ctx context.Context, p *patient, first arriving) Finding) func(context.Context, *patient) []Finding {
	return func(ctx context.Context, p *patient) []Finding {
		first := p.arriving()
		if first.deaf != "" {
			return one(skip("see proxy.arrival"))
		}
		return one(look(ctx, p, first))
	}
}

// forged is an address of nobody (RFC 5737), as a stranger might write it.
const forged = "203.0.113.77"

// checkAddress is about limits: who counts as whom.
func checkAddress(_ context.Context, p *patient, a arriving) Finding {
	peer := peerOf(a.Arrival)
	last := ""
	if n := len(a.Forwarded); n > 0 {
		last = a.Forwarded[n-1]
	}
	switch {
	case a.direct && !a.Trusted:
		return fine("nothing stands between, and what strangers write as X-Forwarded-For does not count")
	case a.direct:
		return bad("nothing stands between, and trusted_proxies has "+peer+": whoever comes from there chooses the address that limits.per_address counts",
			"take it out of trusted_proxies")
	case !a.Trusted:
		return bad("requests come from "+peer+", which trusted_proxies has not: everybody counts as one address, and limits.per_address stops all together",
			"write trusted_proxies: ["+peer+"], or the range of the proxies")
	case last == "":
		return bad("the proxy at "+peer+" sends no X-Forwarded-For: everybody counts as one address", "have it add the address (nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for)")
	case a.Address == forged && !ours(before(a.Forwarded, forged)):
		return bad("the proxy at "+peer+" passes on what a stranger writes as X-Forwarded-For: everybody chooses the address that limits.per_address counts",
			"have it add the address that it sees (nginx: $proxy_add_x_forwarded_for), or write that alone ($remote_addr)")
	case a.Address == peer && !ours(peer):
		return bad("the X-Forwarded-For of the proxy at "+peer+" holds no address that can be read, or trusted proxies alone", "have it add the address that it sees, and list in trusted_proxies the proxies alone")
	}
	return fine("the proxy at %s says whom a request comes from, and what strangers write there does not count", peer)
}

// before is the entry that stands behind another: of whoever sent that one.
func before(forwarded []string, entry string) string {
	if i := slices.Index(forwarded, entry); i >= 0 && i+1 < len(forwarded) {
		return forwarded[i+1]
	}
	return ""
}

// ours reports whether an address is one of this machine, from which doctor's own
// requests come: where that is trusted, what it writes counts.
func ours(entry string) bool {
	address, err := netip.ParseAddr(entry)
	if err != nil {
		return false
	}
	found, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return address.IsLoopback() || slices.ContainsFunc(found, func(a net.Addr) bool {
		prefix, err := netip.ParsePrefix(a.String())
		return err == nil && prefix.Addr().Unmap() == address.Unmap()
	})
}

func checkHost(_ context.Context, p *patient, a arriving) Finding {
	if a.Host != p.url.Host {
		return fine("Host arrives as %s and not as %s, which does no harm: the bridge knows its issuer", quoted(a.Host), p.url.Host)
	}
	return fine("Host arrives as it is sent")
}

func checkMethods(ctx context.Context, p *patient, _ arriving) Finding {
	const form = "grant_type=doctor&filler="
	for _, q := range []question{
		{method: http.MethodHead, path: discoveryPath},
		{method: http.MethodOptions, path: "/token", header: map[string]string{"Origin": "https://app.example.be", "Access-Control-Request-Method": "POST"}},
		{method: http.MethodPost, path: "/token", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: form + strings.Repeat("x", 4<<10)},
	} {
		way, err := p.send(ctx, echo.Refusing, q)
		switch {
		case err != nil:
			return cannot(err.Error(), "run doctor again")
		case len(way.came) == 0:
			return bad(fmt.Sprintf("%s does not arrive; it is answered with %s", q.method, outcome(way)), "let the proxy pass every method on (nginx: no limit_except, and no answer to OPTIONS of its own)")
		case q.method == http.MethodHead && way.came[0].Method == http.MethodGet: // as caches ask
		case way.came[0].Method != q.method:
			return bad(q.method+" arrives as "+way.came[0].Method, "let the proxy pass the method on (nginx: no proxy_method, no rewrite)")
		case q.body != "" && way.came[0].Body != len(q.body):
			return bad(fmt.Sprintf("of the body of a POST, %d of %d bytes arrive", way.came[0].Body, len(q.body)), "let the proxy pass the body on (nginx: no proxy_pass_request_body off)")
		}
	}
	return fine("HEAD, OPTIONS and POST arrive")
}

// outcome is how a request ended that has not arrived.
func outcome(way passage) string {
	if way.err != nil {
		saw, _ := why(way.err)
		return saw
	}
	return strconv.Itoa(way.got.status)
}
