package simulation_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/login"
	"itsme-bridge/provider/providertest"
	remembering "itsme-bridge/provider/session"
)

// None of them is a multiple of another: of two timers that are due at the same instant nobody chooses the first.
const (
	leaseLife      = 15100 * time.Millisecond
	statusPatience = 29700 * time.Millisecond
)

const (
	issuer   = "https://bridge.example"
	prefix   = "sim:"
	deadline = 4 * time.Minute

	codeLife  = time.Minute
	tokenLife = 5 * time.Minute

	cmAddress  = "https://cm.example/"
	cmPatience = 5 * time.Second
	merchant   = "00000000-0000-0000-0000-000000000000"
)

// world is all there is in one story.
type world struct {
	plan     plan
	pem      string // the file of the key that signs
	signer   *keys.Static
	memory   *memory
	cm       *cm
	server   *server
	promises *promises
	flaw     func(*world)
	replicas []*replica
	browsers []*browser

	mu       sync.Mutex // over what follows
	ops      []*op
	departed int
	sent     []*exchange

	undrained error // what a replica could not end

	news     chan struct{} // something has departed or ended
	over     chan struct{} // closed: the dead may go
	names    map[string]int
	step     int
	past     []map[string]value // what Redis held before its latest writes, the oldest first
	asked    int                // exchanges so far
	latest   option             // oddity
	oddities int
	wrong    bool            // something has gone wrong, or somebody has done something odd
	logged   strings.Builder // by all replicas
	taken    []string        // the choices
	lines    []string        // the story
	began    time.Time       //
}

// exchange is one HTTP request to a replica, and its answer.
type exchange struct {
	name   string
	to     *replica
	from   sender
	path   string
	login  string // that a browser asks about
	known  bool   // it shows the cookie of that
	cancel context.CancelFunc
	answer *providertest.Answer // nil: none yet
	then   func(*providertest.Answer)
	seen   bool     // by the promises
	spent  bool     // it has spent a code
	grant  *session // whose code it brings
	again  bool     // which had given tokens before
	thief  bool     // who has no right to it

	pushes   *session  // whose request it pushes
	uses     *pushing  // that it names
	foreign  bool      // for another client than its own
	coded    bool      // it has written a code
	hurt     bool      // by a fault of Redis or CM
	comes    bool      // for a login
	stay     string    // the browser's session
	written  time.Time // Redis has last carried out a write of it
	farewell *farewell // it is a wish to log somebody out
	visits   bool      // the other application
	steals   bool      // it pushes what nobody may

	session *session // whose refresh token it brings
	turn    string   // which
	late    bool     // an old one had come again before

	overtaken bool // time has passed at once before it was answered: no write was repeated so long
}

// open begins the replicas and the browsers of a plan.
func (w *world) open() {
	p := w.plan
	w.promises, w.cm, w.server = newPromises(w), &cm{world: w}, &server{world: w}
	for i := range p.replicas {
		name := fmt.Sprintf("r%d", i+1)
		w.replicas = append(w.replicas, w.start(name, slices.Contains(strings.Fields(p.old), name)))
	}
	for i := range p.browsers {
		b := &browser{world: w, name: fmt.Sprintf("b%d", i+1), jar: map[string]string{}}
		b.person = personOf(b.name)
		w.browsers = append(w.browsers, b)
		b.begin("")
	}
}

func (p plan) config() provider.Config {
	start := authorize.StartAuto
	if p.ask {
		start = authorize.StartAsk
	}
	var remembers remembering.Policy
	if p.stay {
		remembers = remembering.Policy{TTL: stayLife, Share: p.share}
	}
	return provider.Config{
		Session: remembers,
		Issuer:  issuer, Salt: []byte("a salt of thirty-two bytes and more"),
		Start: start, ReturnShape: login.ReturnPath, MaxAttempts: 3,
		Limits:      ceilings.Limits{Window: time.Minute, PerAddress: 1000, PerClient: 1000, Total: 10000},
		AccessToken: tokenLife, IDToken: tokenLife, Code: codeLife, PushedRequest: pushLife,
		RefreshToken: 24 * time.Hour, RefreshGrace: time.Minute,
		Lease: leaseLife, Upstream: cmPatience, Status: statusPatience, WriteBudget: 4900 * time.Millisecond,
	}
}

const (
	callback = "https://app.example/callback"
	home     = "https://app.example/"

	secret = "app-secret-that-nobody-could-ever-guess-0123456789"
)

// client is the relying party of a story.
func (p plan) client() client.Client {
	c := client.Client{
		Terms: client.Terms{
			ID: "app", Name: "The App", Home: home, Service: itsme.Login, Deadline: deadline,
			Subject: client.Pairwise, Sector: "app.example", SigningAlg: keys.EdDSA,
		},
		AuthMethod: client.ClientSecretBasic, SecretHashes: [][32]byte{sha256.Sum256([]byte(secret))},
		RedirectURIs: []string{callback}, PostLogoutRedirectURIs: []string{goodbye}, LogoutByServer: p.byServer, Scopes: strings.Fields("openid profile email phone address"),
	}
	if p.refresh {
		c.Scopes = append(c.Scopes, client.OfflineAccess)
	}
	if p.public {
		c.AuthMethod, c.SecretHashes = client.None, nil
	}
	if p.hears {
		c.BackChannelLogoutURI = appHears
	}
	return c
}

// another is a client of the same application, which has nothing to do with the story: nothing but its name and secret
// tells it apart. Where clients hear of logouts it knows people by other names.
func (p plan) another() client.Client {
	c := plan{}.client()
	c.ID, c.Name, c.PostLogoutRedirectURIs = "other", "Another App", []string{elsewhere}
	if p.hears {
		c.Sector, c.BackChannelLogoutURI = "other.example", otherHears
	}
	return c
}

// signerOf makes a key that signs quickly, and its file.
func signerOf(t testing.TB) (name string, signer *keys.Static) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600); err != nil {
		t.Fatal(err)
	}
	signer, err = keys.FromPEM(time.Now, keys.Files{Keys: []string{name}})
	if err != nil {
		t.Fatal(err)
	}
	return name, signer
}

// alive are the replicas that take requests.
func (w *world) alive() []*replica {
	return slices.DeleteFunc(slices.Clone(w.replicas), func(r *replica) bool { return r.dead() || r.stopping })
}

// send sends a request to a replica, each time to the next one.
func (w *world) send(from sender, r *http.Request, then func(*providertest.Answer)) *exchange {
	alive := w.alive()
	to := alive[w.asked%len(alive)]
	w.asked++
	w.names[from.name]++
	if n := w.names[from.name]; n > 1 {
		from.name = fmt.Sprintf("%s (%d)", from.name, n)
	}
	x := &exchange{name: from.name, to: to, path: r.URL.Path, then: then}
	from.paid, from.since, from.request = new(int), time.Now(), x
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), senderKey{}, from))
	x.from, x.cancel = from, cancel
	w.mu.Lock()
	w.sent = append(w.sent, x)
	to.handling++
	w.mu.Unlock()
	w.tell("%s at %s", from.name, to)
	go func() {
		recorder := httptest.NewRecorder()
		to.bridge.ServeHTTP(recorder, r.WithContext(ctx))
		w.mu.Lock()
		defer w.mu.Unlock()
		to.handling--
		x.answer = &providertest.Answer{Status: recorder.Code, Header: recorder.Header(), Body: recorder.Body.String()}
		select {
		case w.news <- struct{}{}:
		default:
		}
	}()
	return x
}

// tell adds a line to the story.
func (w *world) tell(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf("%8.3f  %s", time.Since(w.began).Seconds(), fmt.Sprintf(format, args...)))
}

// settle waits until nothing moves any more by itself. A little time passes, never the same, so that no two timers
// are ever due at the same instant: their order would be nobody's choice.
func (w *world) settle() {
	w.step++
	time.Sleep(time.Millisecond + time.Duration(w.step*7919%999_983))
	synctest.Wait()
}

// rest lets time pass until something departs, or the time is over.
func (w *world) rest(d time.Duration) {
	select {
	case <-w.news:
	default:
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-w.news:
	case <-timer.C:
	}
}

// end lets all that is still under way come to its end.
func (w *world) end() {
	w.mu.Lock()
	sent := slices.Clone(w.sent)
	w.mu.Unlock()
	for _, r := range w.replicas {
		if !r.dead() {
			close(r.killed)
		}
	}
	close(w.over)
	for _, x := range sent {
		x.cancel()
	}
	time.Sleep(time.Hour) // whatever they wait for
	synctest.Wait()
}
