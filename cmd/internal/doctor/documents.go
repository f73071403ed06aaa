package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"itsme-bridge/cmd/internal/echo"
	"itsme-bridge/keys"
	"itsme-bridge/provider/discovery"
	"itsme-bridge/provider/edge"
)

const discoveryPath = "/.well-known/openid-configuration"

// unanswered is the finding of an answer that is none of the bridge's; ok: it may be.
func unanswered(got answer, err error) (f Finding, ok bool) {
	switch {
	case err != nil:
		return bad(why(err)), false
	case got.status >= 300 && got.status < 400:
		return bad(fmt.Sprintf("it is redirected (%d) to %s, and applications do not follow", got.status, hostOf(got.header.Get("Location"))),
			"serve it at the issuer itself, or write the issuer as it is served"), false
	case got.status != http.StatusOK:
		return bad(fmt.Sprintf("it is answered with %d", got.status), "pass everything below the issuer on to the bridge, with its path as it is"), false
	}
	return f, true
}

// silent is why nothing can be said of the issuer, if the bridge is not behind it.
func (p *patient) silent() (f Finding, yes bool) {
	if b := p.bridge(); b.running == nil && !b.standIn {
		return cannot(b.deaf, b.advice), true
	}
	return f, false
}

func checkDiscovery(_ context.Context, p *patient) []Finding {
	got, err := p.discovery()
	if f, ok := unanswered(got, err); !ok {
		if silent, yes := p.silent(); yes {
			return one(silent)
		}
		return one(f)
	}
	want, err := p.described()
	if err != nil {
		return one(bad(err.Error(), "look at the configuration"))
	}
	if !bytes.Equal(got.body, want) {
		names := differences(got.body, want)
		if _, err := p.signing(); err != nil && names == "id_token_signing_alg_values_supported" { // which the keys decide, too
			return one(skip("the signing keys cannot be read, and all else is as this configuration makes it: see keys.ages"))
		}
		return one(bad("discovery at the issuer is another than this configuration makes: "+names, p.reconcile(got)))
	}
	if got.packed {
		return one(fine("discovery arrives to the byte; a proxy compresses it, which does no harm"))
	}
	return one(fine("discovery arrives to the byte (%d of them)", len(want)))
}

// reconcile is what helps where discovery is another.
func (p *patient) reconcile(got answer) string {
	if cached(got) > 0 {
		return "a cache answers with an old copy (Age: " + got.header.Get("Age") + "): let it keep none, or no longer than Cache-Control says"
	}
	return "restart the bridge or send it SIGHUP, if it has read another configuration; else let no proxy change what it answers (nginx: sub_filter)"
}

// differences names the members that differ.
func differences(got, want []byte) string {
	var is, should map[string]any
	if json.Unmarshal(got, &is) != nil || json.Unmarshal(want, &should) != nil {
		return "it is no JSON"
	}
	if is["issuer"] != should["issuer"] {
		return fmt.Sprintf("its issuer is %v", is["issuer"])
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(should)) {
		if !reflect.DeepEqual(is[name], should[name]) {
			names = append(names, name)
		}
		delete(is, name)
	}
	names = append(names, slices.Sorted(maps.Keys(is))...)
	if len(names) == 0 {
		return "the same members, in other bytes"
	}
	return strings.Join(names, ", ")
}

// checkCaching looks at what lets applications keep a copy, and only so long.
func checkCaching(ctx context.Context, p *patient) []Finding {
	got, err := p.discovery()
	if err != nil || got.status != http.StatusOK {
		return one(skip("discovery is not served"))
	}
	want := fmt.Sprintf("public, max-age=%.0f", discovery.MaxAge.Seconds())
	age := cached(got)
	switch control := got.header.Get("Cache-Control"); {
	case control != want:
		return one(warn("Cache-Control of discovery arrives as "+quoted(control)+", and the bridge says "+quoted(want), "let the proxy pass it on (nginx: no expires and no add_header Cache-Control there)"))
	case age > discovery.MaxAge:
		return one(bad(fmt.Sprintf("a cache answers with a copy of discovery that is %s old", age), "let it keep none for longer than Cache-Control says"))
	}
	tag := edge.NewDocument(got.body).ETag
	if arrived := got.header.Get("ETag"); strings.TrimPrefix(arrived, "W/") != tag {
		return one(warn("ETag of discovery arrives as "+quoted(arrived), "let the proxy pass it on; without it every copy is fetched whole"))
	}
	again, err := p.ask(ctx, question{path: discoveryPath, header: map[string]string{"If-None-Match": tag}})
	if err == nil && again.status != http.StatusNotModified {
		return one(warn(fmt.Sprintf("whoever has a copy of discovery is answered with %d, and not with 304", again.status), "let the proxy pass If-None-Match on"))
	}
	if kept, _ := p.keeps(ctx, echo.Ordinary, discoveryPath); kept {
		return one(warn("a cache keeps discovery, as it may for "+discovery.MaxAge.String()+"; after a change of clients it answers with what was",
			"see that it keeps it no longer than Cache-Control says (nginx: no proxy_ignore_headers, and no proxy_cache_valid above that)"))
	}
	return one(fine("Cache-Control and ETag arrive, and a copy that is right is not sent again"))
}

func quoted(text string) string {
	if text == "" {
		return "nothing"
	}
	return `"` + text[:min(len(text), 60)] + `"`
}

// checkPublished holds the keys at the issuer against those that sign.
func checkPublished(ctx context.Context, p *patient) []Finding {
	if p.bridge().running == nil {
		return one(skip(none + ", and nobody publishes keys"))
	}
	got, err := p.ask(ctx, question{path: discovery.JWKSPath})
	if f, ok := unanswered(got, err); !ok {
		return one(f)
	}
	var set struct {
		Keys []struct {
			ID string `json:"kid"`
		} `json:"keys"`
	}
	if json.Unmarshal(got.body, &set) != nil {
		return one(bad("the key set at the issuer is no JSON", "let no proxy change what the bridge answers"))
	}
	list, err := p.signing()
	if err != nil {
		return one(skip("the signing keys cannot be read: see keys.ages"))
	}
	published := map[string]bool{}
	for _, k := range set.Keys {
		published[k.ID] = true
	}
	for _, k := range list {
		switch {
		case (k.State == keys.Current || k.State == keys.Next) && !published[k.ID]:
			return one(bad(fmt.Sprintf("the key set at the issuer lacks a key that is %s (%s)", k.State, k.Algorithm), "let no cache keep it for longer than Cache-Control says; look whether the issuer leads to this deployment"))
		case k.State == keys.Revoked && published[k.ID]:
			return one(bad("the key set at the issuer still has a key that is revoked", "empty the cache that answers; let it keep no copy for longer than Cache-Control says"))
		}
	}
	return one(fine("the key set at the issuer has the %d keys that sign or will", len(set.Keys)))
}

// published are the algorithms of the keys that are published, or none where nobody can tell.
func (p *patient) published() []keys.Algorithm {
	list, _ := p.signing() // keys.ages says what stands in the way
	return slices.DeleteFunc(keys.Algorithms(), func(a keys.Algorithm) bool {
		return !slices.ContainsFunc(list, func(k keys.Info) bool { return k.Algorithm == a && k.State != keys.Revoked })
	})
}
