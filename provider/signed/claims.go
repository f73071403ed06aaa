package signed

import (
	"encoding/json"
	"math"
	"slices"
	"time"
)

const (
	// Leeway is how far a client's clock may be ahead of ours.
	Leeway = 10 * time.Second
	// MaxLife is how long an assertion may be valid, and a request object of a client that must say how long.
	MaxLife = time.Hour
	// MaxID is the most bytes of a jti. Somebody must remember it until the token has expired.
	MaxID = 256
)

// readClaims reads a payload that has been verified.
func readClaims(payload []byte) (object, error) {
	o, ok := readObject(payload)
	if !ok {
		return nil, wrong("The payload is not a JSON object with each member once.")
	}
	return o, nil
}

// moment reads a NumericDate: seconds, perhaps with a fraction (RFC 7519 §2). Absence is no error.
func (o object) moment(name string) (at time.Time, ok bool, err error) {
	if !o.has(name) {
		return time.Time{}, false, nil
	}
	const last = 1 << 40 // what is beyond need not be a time that computers know
	var seconds *float64 // null leaves it nil
	if json.Unmarshal(o[name], &seconds) != nil || seconds == nil || *seconds < 0 || *seconds > last {
		return time.Time{}, false, wrong("The claim " + name + " is not a number of seconds since 1970.")
	}
	whole, fraction := math.Modf(*seconds)
	return time.Unix(int64(whole), int64(fraction*1e9)), true, nil
}

// required is moment for a claim that must be there.
func (o object) required(name string) (time.Time, error) {
	at, ok, err := o.moment(name)
	if err == nil && !ok {
		err = wrong("The claim " + name + " is missing.")
	}
	return at, err
}

// checkTimes holds to exp, nbf and iat, each if it is there (RFC 7519 §4.1.4 to §4.1.6).
func (o object) checkTimes(now time.Time) error {
	for _, name := range []string{"iat", "nbf"} {
		at, _, err := o.moment(name)
		if err != nil {
			return err
		}
		if at.After(now.Add(Leeway)) {
			return wrong("The claim " + name + " lies in the future.")
		}
	}
	expires, ok, err := o.moment("exp")
	if err != nil {
		return err
	}
	if ok && !now.Before(expires) {
		return wrong("The claim exp lies in the past.")
	}
	return nil
}

// audience reads aud, a string or an array of strings (RFC 7519 §4.1.3).
func (o object) audience() (list []string, single bool) {
	if one, ok := o.text("aud"); ok {
		return []string{one}, true
	}
	var many []*string // null would be an empty string
	if json.Unmarshal(o["aud"], &many) != nil || slices.Contains(many, nil) {
		return nil, false
	}
	for _, one := range many {
		list = append(list, *one)
	}
	return list, false
}

// id reads jti, which tells this token from all others of its issuer (RFC 7519 §4.1.7).
func (o object) id() (string, error) {
	id, ok := o.text("jti")
	switch {
	case !ok || id == "":
		return "", wrong("The claim jti is missing.")
	case len(id) > MaxID:
		return "", wrong("The claim jti is too long.")
	}
	return id, nil
}
