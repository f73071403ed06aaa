package document

import (
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// Duration is a time such as 5m, 30s, 1h30m or 30d, from least to most.
func (v Value) Duration(fallback, least, most time.Duration) time.Duration {
	v.note(KindDuration)
	text, ok := v.read()
	if !ok {
		return fallback
	}
	d, ok := parseDuration(text)
	switch {
	case !ok:
		v.Wrong("%s is not a time; write it as 30s, 5m, 2h or 30d", v.Quoted())
	case d < least:
		v.Wrong("%s is too short; at least %s", Duration(d), Duration(least))
	case d > most:
		v.Wrong("%s is too long; at most %s", Duration(d), Duration(most))
	default:
		return d
	}
	return fallback
}

// parseDuration reads days before what Go's own durations know.
func parseDuration(text string) (time.Duration, bool) {
	days := int64(0)
	if number, rest, ok := strings.Cut(text, "d"); ok {
		n, err := strconv.ParseInt(number, 10, 16)
		if err != nil || n < 0 {
			return 0, false
		}
		if days, text = n, rest; text == "" {
			text = "0s"
		}
	}
	d, err := time.ParseDuration(text)
	sum := time.Duration(days)*day + d
	return sum, err == nil && d >= 0 && sum >= d // else it overflowed
}

// Duration is a time as it is written in a document.
func Duration(d time.Duration) string {
	if d > 0 && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
