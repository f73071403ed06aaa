package remote_test

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"itsme-bridge/provider/remote"
)

// A host that strangers make slow, by request objects, keeps neither its key set nor a logout waiting.
func TestErrandsDoNotWaitForEachOther(t *testing.T) {
	reached, answer := make(chan struct{}, 8), make(chan struct{})
	h := secure(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/slow" {
			saying(`{"keys":[]}`)(w, r)
			return
		}
		reached <- struct{}{}
		<-answer
	})
	o := h.options()
	o.Timeout = time.Minute
	client := remote.New(o)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // of those who would wait
	defer cancel()
	var slow sync.WaitGroup
	for range 8 {
		slow.Go(func() { _, _, _ = client.Fetch(t.Context(), h.URL+"/slow", "*/*", 64) })
	}
	for range 8 {
		<-reached
	}
	if _, err := remote.NewKeySets(client, newClock().now).Keys(ctx, h.URL+"/keys", ""); err != nil {
		t.Errorf("the key set: %v", err)
	}
	if status, err := client.Post(ctx, h.URL+"/logout", url.Values{}); status != http.StatusOK || err != nil {
		t.Errorf("a logout: %d %v", status, err)
	}
	close(answer)
	slow.Wait()
}
