package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"itsme-bridge/keys"
)

func checkAges(_ context.Context, p *patient) []Finding {
	list, err := p.signing()
	if err != nil {
		if _, away := p.redis(); away != nil {
			return one(skip(withoutRedis))
		}
		return one(bad(err.Error(), "see redis.agreement"))
	}
	if len(list) == 0 {
		return one(fine("there are no signing keys yet; the first start makes them"))
	}
	if p.settings.Signing.InFiles() {
		return one(fine("%d keys from files; their rotation is yours", len(list)))
	}
	var found []Finding
	for _, k := range list {
		if k.State == keys.Current {
			found = append(found, p.age(k, list).about(string(k.Algorithm)))
		}
	}
	if len(found) == 0 {
		return one(bad("no key signs now", "itsme-bridge keys rotate; and look at the clock here"))
	}
	return found
}

// age is about a key that signs, and the one after it.
func (p *patient) age(k keys.Info, list []keys.Info) Finding {
	policy, now := p.settings.Signing.Policy, p.Now()
	since := now.Sub(k.Signs)
	for _, next := range list {
		if next.State != keys.Next || next.Algorithm != k.Algorithm {
			continue
		}
		if ahead := next.Signs.Sub(next.Published); ahead < policy.MaxAge {
			return warn(fmt.Sprintf("the next key signs on %s, and will have been published for %s: shorter than applications keep their copy of /keys", day(next.Signs), ahead),
				"raise keys.publish_ahead")
		}
		return fine("signs since %s; the next key is published, and signs on %s", day(k.Signs), day(next.Signs))
	}
	due := k.Signs.Add(policy.Every - policy.Ahead)
	if now.After(due.Add(time.Hour)) {
		return warn(fmt.Sprintf("signs since %s (%.0f days), and its successor should have been published on %s", day(k.Signs), since.Hours()/24, day(due)),
			"let a bridge run, which rotates by itself; if one does, look at its log for the signing keys")
	}
	return fine("signs since %s; the next key is published on %s and signs on %s", day(k.Signs), day(due), day(k.Signs.Add(policy.Every)))
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

func checkAlgorithms(_ context.Context, p *patient) []Finding {
	seen := p.inspection()
	switch {
	case seen.Keys != "":
		saw, advice, _ := strings.Cut(seen.Keys, "; ")
		return one(warn(saw, advice))
	case seen.Refused != nil || seen.Unknown != nil:
		return one(skip("the signing keys cannot be read"))
	}
	var names []string
	for _, a := range p.settings.Clients.Algorithms() {
		names = append(names, string(a))
	}
	return one(fine("clients get what is signed with %s, and can know the keys", strings.Join(names, ", ")))
}
