package pages

import "strings"

// wait is what the waiting page's script is told. Its words are filled in as time
// passes.
type wait struct {
	Pause, Left                                          int64 // seconds; Left is zero where there is no limit
	Limited, Still, Soon, Last, Extended, Offline, Again string
	Units                                                string // one second, seconds, one minute, minutes, with bars between
}

// wait is nil on every page but Waiting.
func (p Page) wait(lang words) *wait {
	if p.Kind != Waiting {
		return nil
	}
	return &wait{
		Pause: max(1, wholeSeconds(p.Refresh)), Left: max(0, wholeSeconds(p.Limit)),
		Limited: lang.limited, Still: lang.wait.still, Soon: lang.wait.soon, Last: lang.wait.last,
		Extended: lang.wait.extended, Offline: lang.wait.offline, Again: lang.wait.online,
		Units: strings.Join(append(lang.seconds[:], lang.minutes[:]...), "|"),
	}
}
