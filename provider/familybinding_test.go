package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/storage/storagetest"
)

// proven is a refresh request with a proof of a key.
func proven(h *holder, token, id string) *message {
	m := refreshing(token).by(id)
	m.header["Dpop"] = []string{h.proof(http.MethodPost, "/token", "")}
	return m
}

// RFC 9449 §5, RFC 9700 §4.14.2: where a refresh, and not the exchange of the
// code, has bound a family to a key, whoever brings one of its older tokens
// without that key is the second who has it. Then the family ends, also within
// the grace. Where the tokens were bound from the code on, a found one ends nothing.
func TestAFamilyThatARefreshHasBound(t *testing.T) {
	const late, bound, betrayed = time.Minute + time.Second, "bound to another key", "used before"
	for _, row := range []struct {
		name     string
		fromCode bool          // the binding
		turns    int           // of the holder of the key, after the first tokens
		token    int           // which token comes: 0 is the first
		wait     time.Duration // before it does
		key      string        // "", "own" or "another"
		says     string        // "": tokens
	}{
		{name: "the owner's token, without a key, at once", turns: 1, says: betrayed},
		{name: "the owner's token, without a key, after the grace", turns: 1, wait: late, says: betrayed},
		{name: "the owner's token, with a key of the owner's", turns: 1, key: "another", says: betrayed},
		{name: "an older one", turns: 3, says: betrayed},
		{name: "one that was bound already, without its key", turns: 3, token: 2, says: betrayed},
		{name: "the newest, without its key", turns: 2, token: 2, says: bound},
		{name: "the newest, with another key", turns: 2, token: 2, key: "another", says: bound},
		{name: "the newest, with its key", turns: 2, token: 2, key: "own"},
		{name: "the one before, with its key, in the grace", turns: 2, token: 1, key: "own"},
		{name: "the one before, with its key, after the grace", turns: 2, token: 1, wait: late, key: "own", says: betrayed},
		{name: "bound from the code on: an older one without its key", fromCode: true, turns: 2, says: bound},
		{name: "bound from the code on: an older one with another key", fromCode: true, turns: 2, key: "another", says: bound},
		{name: "bound from the code on: an older one with its key", fromCode: true, turns: 2, key: "own", says: betrayed},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newLasting(t, storagetest.New(t))
			keys := map[string]*holder{"own": b.holder(), "another": b.holder()}
			all := []reply{b.begun("native")}
			if row.fromCode {
				all = []reply{b.send(keys["own"].exchange(b.code(offline("native"))).by("native"))}
			}
			for range row.turns {
				next := b.send(proven(keys["own"], all[len(all)-1].refresh(t), "native"))
				next.want(t, http.StatusOK, "")
				all = append(all, next)
			}
			b.Advance(row.wait)
			m := refreshing(all[row.token].refresh(t)).by("native")
			if h := keys[row.key]; h != nil {
				m = proven(h, all[row.token].refresh(t), "native")
			}
			answer := b.send(m)
			if row.says == "" {
				answer.want(t, http.StatusOK, "")
				return
			}
			answer.want(t, http.StatusBadRequest, "invalid_grant")
			if !strings.Contains(answer.body, row.says) {
				t.Errorf("it says %s", answer.body)
			}
			if lives := b.stands(all[0].refresh(t)); lives != (row.says == bound) {
				t.Errorf("the family lives: %t", lives)
			}
			if told := strings.Contains(b.log.String(), `"refresh_token_reused":true`); told != (row.says == betrayed) {
				t.Errorf("the log tells of it: %t", told)
			}
		})
	}
}

// Two refresh with the same token at the same instant, and the one who is faster
// has bound the family to a key that the other has not.
func TestAFamilyIsBoundWhileSomebodyRefreshes(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	h, first := b.holder(), b.begun("native")
	var theirs reply
	race := func() { theirs = b.send(proven(h, first.refresh(t), "native")) }
	b.signing.Store(&race)
	b.send(refreshing(first.refresh(t)).by("native")).want(t, http.StatusBadRequest, "invalid_grant")
	theirs.want(t, http.StatusOK, "")
	if b.stands(first.refresh(t)) {
		t.Error("the family lives on")
	}
}
