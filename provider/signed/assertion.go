package signed

import (
	"slices"
	"time"
)

// AssertionRules is what a client assertion is held to.
type AssertionRules struct {
	ClientID   string
	Audiences  []string // any of these is us: the issuer, the endpoint that is called
	OnlyIssuer string   // if not empty, aud must be this, as a single string (FAPI 2.0 Security Profile §5.3.2.1)
	Now        time.Time
}

// Assertion is a client assertion that is right in itself. It must work only once: its ID must be remembered until it
// expires.
type Assertion struct {
	ID      string
	Expires time.Time // at most [MaxLife] and [Leeway] ahead
}

// ReadAssertion reads a payload that the client's key has signed (RFC 7523 §3, OpenID Connect Core §9). Every error is
// an *Error.
func ReadAssertion(payload []byte, r AssertionRules) (Assertion, error) {
	o, err := readClaims(payload)
	if err != nil {
		return Assertion{}, err
	}
	for _, name := range []string{"iss", "sub"} {
		if value, _ := o.text(name); value == "" || value != r.ClientID {
			return Assertion{}, wrong("The claim " + name + " is not the client_id.")
		}
	}
	if err := r.checkAudience(o); err != nil {
		return Assertion{}, err
	}
	expires, err := r.checkLife(o)
	if err != nil {
		return Assertion{}, err
	}
	id, err := o.id()
	if err != nil {
		return Assertion{}, err
	}
	return Assertion{ID: id, Expires: expires}, nil
}

func (r AssertionRules) checkAudience(o object) error {
	list, single := o.audience()
	if r.OnlyIssuer != "" {
		if !single || list[0] != r.OnlyIssuer {
			return wrong("The claim aud is not the issuer, as a single string.")
		}
		return nil
	}
	if !slices.ContainsFunc(list, func(one string) bool { return slices.Contains(r.Audiences, one) }) {
		return wrong("The claim aud names neither the issuer nor this endpoint.")
	}
	return nil
}

// checkLife bounds what somebody who finds an assertion can do with it, and how long its jti must be remembered.
func (r AssertionRules) checkLife(o object) (expires time.Time, err error) {
	if expires, err = o.required("exp"); err != nil {
		return time.Time{}, err
	}
	if err := o.checkTimes(r.Now); err != nil {
		return time.Time{}, err
	}
	if expires.After(r.Now.Add(MaxLife + Leeway)) { // some clients' last exactly that long, from their clock on
		return time.Time{}, wrong("The claim exp lies too far in the future.")
	}
	if issued, ok, _ := o.moment("iat"); ok && issued.Before(r.Now.Add(-MaxLife)) {
		return time.Time{}, wrong("The claim iat lies too far in the past.")
	}
	return expires, nil
}
