//go:build products

package kubernetes_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// notice is how long a cluster and the proxy in front take to hear that a pod is about to go.
const notice = time.Second

// proxy is what leads to the pods that it knows of, in turn. Like most, it keeps connections and sends no request twice.
type proxy struct {
	*httptest.Server

	mu     sync.Mutex
	pods   []*url.URL
	turn   int
	lost   atomic.Int64 // requests that a pod did not answer
	passed atomic.Int64
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	p := new(proxy)
	p.Server = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(p.next())
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(*http.Response) error { p.passed.Add(1); return nil },
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, _ error) {
			if r.Context().Err() == nil { // who asked is still there
				p.lost.Add(1)
			}
			w.WriteHeader(http.StatusBadGateway)
		},
	})
	t.Cleanup(p.Close)
	return p
}

func (p *proxy) next() *url.URL {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turn++
	return p.pods[p.turn%len(p.pods)]
}

func (p *proxy) add(pod *url.URL) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pods = append(p.pods, pod)
}

func (p *proxy) remove(pod *url.URL) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pods = slices.DeleteFunc(slices.Clone(p.pods), func(other *url.URL) bool { return other == pod })
}

// rollout is a Deployment whose pods are processes.
type rollout struct {
	t     *testing.T
	proxy *proxy
	cm    *sandbox.TestServer
	redis string
	delay string // timeouts.drain_delay
}

// running is one pod of it.
type running struct {
	process *e2e.Process
	url     *url.URL
	grace   time.Duration // terminationGracePeriodSeconds
}

// start starts a pod, from what the chart makes of the values, and waits until its readiness probe succeeds.
func (r *rollout) start() running {
	r.t.Helper()
	public, operations := e2e.Port(r.t), e2e.Port(r.t)
	hash := sha256.Sum256([]byte(providertest.AppSecret))
	more := filepath.Join(r.t.TempDir(), "more.yaml")
	values := fmt.Sprintf(`
config:
  issuer: %s
  listen: 0.0.0.0:%s
  operations: {listen: "0.0.0.0:%s"}
  timeouts: {drain_delay: %s}
  redis: {addresses: [%q]}
  itsme: {url: "%s/itsme/v1/"}
  limits: {per_address: 60000, per_client: 60000, total: 60000}
  log: {level: error}
  clients:
    - id: app
      name: The app
      home: https://app.example/
      secret_hash: sha256:%x
      redirect_uris: ["https://app.example/callback"]
      scopes: [profile, email, phone, address]
`, r.proxy.URL, public, operations, r.delay, r.redis, r.cm.URL, hash)
	if err := os.WriteFile(more, []byte(values), 0o600); err != nil {
		r.t.Fatal(err)
	}
	rendered := render(r.t, "chart", "testdata/dev.yaml", more)
	spec := rendered.of(r.t, "Deployment", "").sub("spec/template/spec")
	p := newPod(r.t, rendered, spec)
	config := string(read(r.t, filepath.Join(p.config, "config.yaml")))
	config = strings.ReplaceAll(config, "0.0.0.0", "127.0.0.1")                            // not for the network of this machine
	config = regexp.MustCompile("(?m)^ *password_file: .*\n").ReplaceAllString(config, "") // the test's Redis asks for none
	put(r.t, p.config, "config.yaml", config)
	pod := running{
		process: e2e.Run(r.t, "itsme-bridge", exec.Command(e2e.Binary(r.t), p.args()...)),
		url:     &url.URL{Scheme: "http", Host: "127.0.0.1:" + public},
	}
	seconds, _ := spec.get("terminationGracePeriodSeconds").(int)
	pod.grace = time.Duration(seconds) * time.Second
	pod.process.Until("http://127.0.0.1:" + operations + p.container.text("readinessProbe/httpGet/path"))
	return pod
}

// replace does what Kubernetes does with maxUnavailable 0 and maxSurge 1: a new pod, and once it is
// ready the end of an old one, of which the proxy hears only after a while.
func (r *rollout) replace(old running) (running, error) {
	fresh := r.start()
	r.proxy.add(fresh.url)
	heard := make(chan struct{})
	time.AfterFunc(notice, func() {
		r.proxy.remove(old.url)
		close(heard)
	})
	err := old.process.Stop(old.grace)
	<-heard
	return fresh, err
}

// Two pods are replaced one after the other while people log in: every request is answered, and a
// login that began before ends after. Without timeouts.drain_delay requests are lost, so this test can tell.
func TestARollingUpdateLosesNoRequest(t *testing.T) {
	for _, row := range []struct {
		name, delay string
		loses       bool
	}{
		{"with a delay", "2s", false},
		{"without", "0s", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := &rollout{t: t, proxy: newProxy(t), cm: sandbox.NewServer(t, sandbox.Options{Now: time.Now}), redis: storagetest.ServeOnPort(t), delay: row.delay}
			pods := []running{r.start(), r.start()}
			for _, pod := range pods {
				r.proxy.add(pod.url)
			}
			people := &providertest.Server{T: t, Issuer: r.proxy.URL, Sandbox: r.cm}
			early := people.Browser()
			back := early.Begin(nil)
			people.Approve()

			done := make(chan error, 1)
			go func() {
				for i := range pods {
					var err error
					if pods[i], err = r.replace(pods[i]); err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
			err := r.load(people, done, row.loses)
			if err != nil {
				t.Fatal(err)
			}
			lost, passed := r.proxy.lost.Load(), r.proxy.passed.Load()
			t.Logf("%d requests were answered, %d were lost", passed, lost)
			if row.loses != (lost > 0) || passed < 100 {
				t.Errorf("%d requests were answered, %d were lost", passed, lost)
			}
			if code := people.Response(early.Get(back)).Get("code"); !row.loses {
				people.Exchange(code, nil).Wants(t, http.StatusOK, "")
			}
		})
	}
}

// load sends requests until the rollout is done: of applications, and whole logins unless some are bound to be lost.
func (r *rollout) load(people *providertest.Server, done <-chan error, quietly bool) error {
	var stop atomic.Bool
	var applications sync.WaitGroup
	for range 4 {
		applications.Go(func() {
			for !stop.Load() {
				_, _ = people.TryExchange("no code", nil)
				_, _ = people.Call("/.well-known/openid-configuration", nil, nil)
			}
		})
	}
	defer applications.Wait()
	defer stop.Store(true)
	for {
		select {
		case err := <-done:
			return err
		case <-time.After(50 * time.Millisecond):
			if !quietly {
				people.Exchange(people.Login(nil).Get("code"), nil).Wants(r.t, http.StatusOK, "")
			}
		}
	}
}
