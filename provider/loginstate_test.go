package provider_test

import (
	"strings"
	"testing"

	"itsme-bridge/keys"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage"
)

// What the tests of one login look at: its cookie, its lease, and where it stands.

// withoutRSA is a server that makes no RSA keys, which takes long. It signs no ID
// token for App: its logins end with the code.
func withoutRSA(t *testing.T, o Options) *Server {
	t.Helper()
	o.Signing = []keys.Algorithm{keys.ES256}
	return With(t, o)
}

// loginCookieOf is the name of the cookie that an answer gives a new login, and the login's id.
func loginCookieOf(t *testing.T, a *Answer) (name, id string) {
	t.Helper()
	set := a.Header["Set-Cookie"]
	if len(set) == 0 {
		t.Fatalf("%d, page %q sets no cookie", a.Status, a.Page())
	}
	name, _, _ = strings.Cut(set[len(set)-1], "=")
	return name, name[strings.LastIndex(name, "-")+1:]
}

// secretOf is the secret of the only login that a browser has begun.
func secretOf(t *testing.T, b *Browser) string {
	t.Helper()
	for _, value := range b.Secrets() {
		if storage.IsID(value) { // of the same form
			return value
		}
	}
	t.Fatal("the browser has no login")
	return ""
}

// takeLease takes a login's lease, as another request does that is at it, until
// the function that it returns is called.
func takeLease(t *testing.T, s *Server, id string) (giveBack func()) {
	t.Helper()
	lease := s.Store.NewLease("lease", id)
	if err := s.Store.Do(t.Context(), lease.Acquire(s.Config.Lease)); err != nil || !lease.Held() {
		t.Fatal("no lease", err)
	}
	return func() {
		if _, err := s.Store.Commit(t.Context(), lease.Release(0)); err != nil {
			t.Fatal(err)
		}
	}
}

// leasesIn are the keys of the leases that Redis holds.
func leasesIn(s *Server) []string {
	var keys []string
	for key := range s.Dump() {
		if strings.Contains(key, "lease:") {
			keys = append(keys, key)
		}
	}
	return keys
}

// standsAt is the address that shows where a login stands.
func standsAt(s *Server, id string) string { return s.Issuer + "/itsme/login/" + id }

// idIn is the id of the login in a return URL, by path or by query.
func idIn(back string) string { return strings.TrimPrefix(loginID(back), "return?login=") }

// proofIn takes a return URL apart: everything before the proof of its attempt, and that.
func proofIn(back string) (before, proof string) {
	dot := strings.LastIndex(back, ".") + 1
	return back[:dot], back[dot:]
}
