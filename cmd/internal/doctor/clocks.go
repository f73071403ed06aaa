package doctor

import (
	"context"
	"net/http"
	"time"

	"itsme-bridge/storage"
)

// How far clocks may lie apart. Applications commonly allow a token a minute or less.
const (
	apart    = 2 * time.Second
	tooApart = 30 * time.Second
)

// between is the finding of another's clock. A Date is a second wide, and took its time.
func (p *patient) between(whose string, at time.Time, round time.Duration) Finding {
	skew := p.Now().Sub(at).Round(time.Second)
	saw := "the clock here and that of " + whose + " agree to " + max(skew.Abs(), time.Second).String()
	const advice = "let both machines keep their clocks by NTP (timedatectl, chronyc tracking)"
	switch away := skew.Abs(); {
	case away >= tooApart+round:
		return bad("the clock here and that of "+whose+" are "+skew.Abs().String()+" apart: applications refuse tokens as not yet or no longer valid", advice)
	case away >= apart+round:
		return warn("the clock here and that of "+whose+" are "+skew.Abs().String()+" apart: strict applications refuse tokens from the future", advice)
	}
	return fine("%s", saw)
}

func checkRedisClock(ctx context.Context, p *patient, x *storage.Examiner) Finding {
	began := p.Now()
	at, err := x.Time(ctx)
	if err == nil {
		return p.between("Redis", at, p.Now().Sub(began))
	}
	if _, refused := x.RefusalIn(err); refused {
		return fine("not allowed to ask (TIME), which the bridge does not need")
	}
	return ofRedis(err)
}

func checkCMClock(_ context.Context, p *patient) []Finding {
	began := p.Now()
	seen, err := p.cm()
	if err != nil || seen.Date.IsZero() {
		return one(skip("CM does not say what time it is"))
	}
	return one(p.between("CM", seen.Date, p.Now().Sub(began)+time.Second))
}

func checkIssuerClock(_ context.Context, p *patient) []Finding {
	began := p.Now()
	got, err := p.discovery()
	if err != nil {
		return one(skip("the issuer does not answer"))
	}
	at, err := http.ParseTime(got.header.Get("Date"))
	if err != nil {
		return one(skip("the issuer does not say what time it is"))
	}
	return one(p.between("what answers for the issuer", at, p.Now().Sub(began)+time.Second+cached(got)))
}

// cached is how old a copy may be that a cache answers with.
func cached(got answer) time.Duration {
	age, err := time.ParseDuration(got.header.Get("Age") + "s")
	if err != nil {
		return 0
	}
	return age
}
