package pages

// mood is what a page is like, seen before it is read. Each has a glyph of its own;
// colour only repeats what the glyph says.
type mood string

const (
	handset mood = "phone"   // the person needs the phone
	asks    mood = "asks"    // the person has to do or to decide something
	moving  mood = "moving"  // the page goes on by itself
	done    mood = "done"    // what was wanted has happened
	stopped mood = "stopped" // by the person
	late    mood = "late"    // too late, or too early
	wrong   mood = "wrong"   // something failed that the person could not help
)

// mood is that of the pages of a kind.
func (k Kind) mood() mood {
	switch k {
	case Continue:
		return handset
	case Waiting, Navigate, FormPost, Resubmit:
		return moving
	case Finished, LoggedOut:
		return done
	case Cancelled:
		return stopped
	case Expired, Late, TooMany:
		return late
	case Failed, Unavailable, Refused, NoData, Forgotten, BadRequest, ServerError:
		return wrong
	case OtherBrowser, NoCookies, NotFound, Logout, Front:
		return asks
	default:
		return wrong
	}
}
