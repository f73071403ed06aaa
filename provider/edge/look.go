package edge

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
)

// Pictures is where the pictures of our pages are, below the issuer.
const Pictures = "/itsme/look/"

// outgrown is how long pictures are still served that no look has any more: a page that
// was sent before a change asks for them a moment later, and by a slow line.
const outgrown = time.Hour

// wardrobe is the looks that count, and the pictures that open pages may still ask for. It
// is replaced whole, so that a page sees one state of it.
type wardrobe struct {
	current  atomic.Pointer[looks]
	dressing sync.Mutex
}

type looks struct {
	operator *pages.Look
	clients  map[string]*pages.Look
	pictures map[string]hung // by name
}

// hung is a picture, and until when it is served; zero: as long as a look has it.
type hung struct {
	picture *pages.Image
	until   time.Time
}

// Dress replaces the looks of all pages, without disturbing a request. A client's own look
// stands over the operator's.
func (x *Edge) Dress(all pages.Looks) {
	x.wardrobe.dressing.Lock()
	defer x.wardrobe.dressing.Unlock()
	now, next := x.now(), &looks{clients: map[string]*pages.Look{}, pictures: map[string]hung{}}
	if before := x.wardrobe.current.Load(); before != nil {
		for name, h := range before.pictures {
			if h.until.IsZero() {
				h.until = now.Add(outgrown)
			}
			if now.Before(h.until) {
				next.pictures[name] = h
			}
		}
	}
	put := func(l pages.Look) *pages.Look {
		l.Images = x.issuer.Path() + Pictures
		for _, picture := range l.Pictures() {
			next.pictures[picture.Name] = hung{picture: picture}
		}
		return &l
	}
	next.operator = put(all.Operator)
	for id, own := range all.Clients {
		next.clients[id] = put(own.Over(all.Operator))
	}
	x.wardrobe.current.Store(next)
}

// lookOf is how the pages of a client look, or those of nobody's; nil before [Edge.Dress].
func (x *Edge) lookOf(clientID string) *pages.Look {
	now := x.wardrobe.current.Load()
	if now == nil {
		return nil
	}
	if own := now.clients[clientID]; own != nil {
		return own
	}
	return now.operator
}

// Picture answers with a picture of our pages.
func (x *Edge) Picture(w http.ResponseWriter, r *http.Request) error {
	if now := x.wardrobe.current.Load(); now != nil {
		if h, ok := now.pictures[r.PathValue("id")]; ok && (h.until.IsZero() || x.now().Before(h.until)) {
			h.picture.Write(w, r)
			return nil
		}
	}
	return oauth.Fail(http.StatusNotFound, "not_found", "There is no such picture.").Ordinary()
}
