package sandbox

import (
	"net/http"
	"sync"
)

// Hold is one answer with information that waits: the information is gone
// already, and nobody has got it yet.
type Hold struct {
	reached chan struct{}
	release chan struct{}
	once    sync.Once
}

// Hold makes the next answer to GET /status that gives out information wait
// until Release, or until its caller hangs up. Called again, the one after it.
func (s *Server) Hold() *Hold {
	h := &Hold{reached: make(chan struct{}), release: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holds = append(s.holds, h)
	return h
}

// Reached is closed when the answer waits.
func (h *Hold) Reached() <-chan struct{} { return h.reached }

// Release lets the answer go. It may be called more than once.
func (h *Hold) Release() { h.once.Do(func() { close(h.release) }) }

func (h *Hold) wait(r *http.Request) {
	close(h.reached)
	select {
	case <-h.release:
	case <-r.Context().Done():
	}
}

// takeHold is the hold of the next answer, or nil.
func (s *Server) takeHold() *Hold {
	if len(s.holds) == 0 {
		return nil
	}
	h := s.holds[0]
	s.holds = s.holds[1:]
	return h
}
