package request

import "sync"

// A budget bounds how many request objects of one client are fetched at the same
// time: whoever knows a slow address below its request_uris can make us wait for
// it as often as they like. Who finds nothing left does not wait, and other
// clients do not notice.
type budget struct {
	mu   sync.Mutex
	busy map[string]int // by client
}

// perClient is how many fetches one client has at a time.
const perClient = 4

// take is not ok where the client has none left. Whoever takes one gives it back.
func (b *budget) take(client string) (giveBack func(), ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.busy[client] >= perClient {
		return nil, false
	}
	b.busy[client]++
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.busy[client]--; b.busy[client] == 0 {
			delete(b.busy, client)
		}
	}, true
}
