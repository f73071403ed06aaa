package breaker

import (
	"cmp"
	"container/list"
	"time"
)

// Call is one that was let through.
type Call struct {
	gate  *Gate
	who   string
	from  string
	began time.Time
	place *list.Element // among the timely; nil: it is late
}

// calls are those under way.
type calls struct {
	timely list.List // of *Call, the oldest first
	late   int
}

func (c *calls) begin(g *Gate, who, from string, now time.Time) *Call {
	call := &Call{gate: g, who: who, from: cmp.Or(from, who), began: now}
	call.place = c.timely.PushBack(call)
	return call
}

// grownLate are the calls that have begun before, and were not late so far.
func (c *calls) grownLate(before time.Time) (grown []*Call) {
	for oldest := c.timely.Front(); oldest != nil; oldest = c.timely.Front() {
		call := oldest.Value.(*Call)
		if !call.began.Before(before) {
			break
		}
		c.timely.Remove(oldest)
		call.place = nil
		c.late++
		grown = append(grown, call)
	}
	return grown
}

// end takes a call out, and reports whether it was timely.
func (c *calls) end(call *Call) bool {
	if call.place == nil {
		c.late--
		return false
	}
	c.timely.Remove(call.place)
	call.place = nil
	return true
}

// full reports whether there is no place for another: so many are timely, or twice as many
// under way in all. Late ones keep their places, and never take the last ones of the timely.
func (c *calls) full(p *Policy) bool {
	timely := c.timely.Len()
	return timely >= p.AtOnce || timely+c.late >= 2*p.AtOnce && timely >= p.Spare
}
