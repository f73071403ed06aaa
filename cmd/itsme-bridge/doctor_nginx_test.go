package main_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/doctor"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/storage/storagetest"
)

// front is a bridge that an nginx may stand in front of, as Debian has it.
type front struct {
	folder  string
	public  string // host:port of nginx
	listen  string // of the bridge
	trusted *storagetest.Authority
}

// fronted is its configuration.
const fronted = `
issuer: https://%[1]s
listen: %[2]s
trusted_proxies: [127.0.0.1]
operations: {listen: "%[3]s"}
timeouts: {drain_delay: 0s}
itsme: {url: "%[4]s", token: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9}
redis: {mode: single, addresses: ["%[5]s"]}
master_key: {current: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}
subjects: {salt: a-salt-of-the-tests-that-is-random-enough-0123456789, fingerprint: 76b2c85d07ca9801}
clients: [{id: example, name: A, home: "https://127.0.0.1/", auth_method: none, redirect_uris: ["https://127.0.0.1/"], scopes: []}]
`

// around is what stands around the server of deploy/DOCTOR.md, so that an nginx runs in a folder of its own.
const around = `
daemon off; master_process off; pid nginx.pid; error_log error.log;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  proxy_cache_path cache keys_zone=copies:1m;
  %s
}
`

// guided is the server that deploy/DOCTOR.md shows, with the addresses and files of a front.
func (f *front) guided(t *testing.T) string {
	t.Helper()
	for _, block := range fencesOf(doctorGuide(t)) {
		if block.info == "nginx" {
			return fmt.Sprintf(around, strings.NewReplacer(
				"listen 443 ssl;", "listen "+f.public+" ssl;", "http://127.0.0.1:8080", "http://"+f.listen,
				"/etc/ssl/login.example.be.crt", "front.crt", "/etc/ssl/login.example.be.key", "front.key",
			).Replace(block.text))
		}
	}
	t.Fatal("the guide shows no nginx")
	return ""
}

func doctorGuide(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "deploy/DOCTOR.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func newFront(t *testing.T) *front {
	t.Helper()
	if _, err := exec.LookPath("nginx"); err != nil {
		const missing = "nginx is not installed: this test DID NOT RUN behind a real proxy"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	f := &front{folder: t.TempDir(), public: free(t), listen: free(t), trusted: storagetest.NewAuthority(t)}
	text := fmt.Sprintf(fronted, f.public, f.listen, free(t), sandbox.NewServer(t).URL, storagetest.ServeOnPort(t))
	f.write(t, "config.yaml", text)
	f.write(t, "authority.pem", string(f.trusted.PEM()))
	pair := f.trusted.IssueUntil(t, "127.0.0.1", time.Now().Add(90*24*time.Hour))
	f.write(t, "front.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})))
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	f.write(t, "front.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	return f
}

func (f *front) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(f.folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// serve runs the bridge until the test ends.
func (f *front) serve(t *testing.T) {
	t.Helper()
	d, err := begin(f.folder, nil, "serve", "--config", "config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.kill)
	if err := d.await(`"msg":"serving"`); err != nil {
		t.Fatal(err)
	}
}

// nginx runs one with a configuration until the test ends.
func (f *front) nginx(t *testing.T, text string) {
	t.Helper()
	f.write(t, "nginx.conf", text)
	_ = os.RemoveAll(filepath.Join(f.folder, "cache"))
	ctx, end := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, "nginx", "-p", f.folder, "-c", filepath.Join(f.folder, "nginx.conf"))
	var said strings.Builder
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }()
	t.Cleanup(func() { end(); <-ended })
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", f.public); err == nil {
			_ = connection.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("nginx does not start: %s", said.String())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("nginx does not listen: %s", said.String())
		}
	}
}

// doctor runs the command, and gives what it says of each check, and its exit code.
func (f *front) doctor(t *testing.T, args ...string) (map[string]doctor.Finding, int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self)
	c.Args = append([]string{name, "doctor", "--json", "--config", "config.yaml"}, args...)
	c.Dir, c.Env = f.folder, append(os.Environ(), "SSL_CERT_FILE="+filepath.Join(f.folder, "authority.pem"))
	out, _ := c.Output() // its exit code says what there is to say
	var report doctor.Report
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	found := map[string]doctor.Finding{}
	for _, one := range report.Checks {
		found[one.ID] = one
	}
	return found, c.ProcessState.ExitCode()
}

// Behind an nginx as the guide shows it nothing is wrong; and each setting that breaks
// something is named by its check.
func TestDoctorBehindNginx(t *testing.T) {
	f := newFront(t)
	right := f.guided(t)
	within := func(more string) func(string) string {
		return func(text string) string {
			return strings.Replace(text, "proxy_buffer_size 8k;", "proxy_buffer_size 8k; "+more, 1)
		}
	}
	instead := func(old, other string) func(string) string {
		return func(text string) string {
			if strings.Count(text, old) != 1 {
				t.Fatalf("%q stands %d times there", old, strings.Count(text, old))
			}
			return strings.Replace(text, old, other, 1)
		}
	}
	const forwarded = "X-Forwarded-For $proxy_add_x_forwarded_for"
	rows := []struct {
		name   string
		change func(string) string
		check  string // that has the verdict
		want   doctor.Verdict
		saw    string
		also   []string // other checks that are not fine then
	}{
		{"as the guide shows it", func(s string) string { return s }, "proxy.arrival", doctor.OK, "arrive, from 127.0.0.1", nil},
		{"the address alone", instead(forwarded, "X-Forwarded-For $remote_addr"), "proxy.address", doctor.OK, "says whom", nil},
		{"HTTP/2 and gzip", func(s string) string {
			return strings.Replace(within("gzip on; gzip_types application/json; gzip_proxied any;")(s), " ssl;", " ssl http2;", 1)
		}, "issuer.discovery", doctor.OK, "compresses", nil},
		{"no X-Forwarded-For", instead("proxy_set_header "+forwarded+";", `proxy_set_header X-Forwarded-For "";`), "proxy.address", doctor.Problem, "sends no X-Forwarded-For", nil},
		{"a stranger's X-Forwarded-For", instead(forwarded, "X-Forwarded-For $http_x_forwarded_for"), "proxy.address", doctor.Problem, "what a stranger writes", nil},
		{"no Authorization", within(`proxy_set_header Authorization "";`), "proxy.authorization", doctor.Problem, "does not arrive", nil},
		{"small buffers for requests", instead("4 32k", "4 8k"), "proxy.request", doctor.Problem, "414", nil},
		{"small buffers for answers", instead("proxy_buffer_size 8k;", "proxy_buffer_size 2k; proxy_buffers 8 2k; proxy_busy_buffers_size 4k;"), "proxy.response", doctor.Problem, "502", nil},
		{"another Host", instead("Host $http_host", "Host bridge.internal"), "proxy.host", doctor.OK, `"bridge.internal"`, nil},
		{"cookies of another path", within("proxy_cookie_path / /login;"), "proxy.response", doctor.Problem, "cookies are changed", nil},
		{"another Location", within("proxy_redirect https://" + f.public + "/ https://www.example.be/;"), "proxy.response", doctor.Problem, "Location", nil},
		{"pages of its own", within("proxy_intercept_errors on; error_page 401 /sorry; } location = /sorry { return 401 sorry;"), "proxy.refusals", doctor.Problem, "another body", []string{"proxy.copies"}},
		{"no WWW-Authenticate", within("proxy_hide_header WWW-Authenticate;"), "proxy.refusals", doctor.Problem, "WWW-Authenticate", nil},
		{"an answer to OPTIONS", within("if ($request_method = OPTIONS) { return 204; }"), "proxy.method", doctor.Problem, "OPTIONS does not arrive", nil},
		{"every method is GET", within("proxy_method GET;"), "proxy.method", doctor.Problem, "arrives as GET", nil},
		{"no bodies", within(`proxy_pass_request_body off; proxy_set_header Content-Length "";`), "proxy.method", doctor.Problem, "body", nil},
		{"a cache for everything", within("proxy_cache copies; proxy_cache_valid any 1d; proxy_ignore_headers Cache-Control Expires Set-Cookie;"), "proxy.copies", doctor.Problem, "no-store", []string{"issuer.caching"}},
		{"a cache for what may be kept", within("proxy_cache copies;"), "issuer.caching", doctor.Warning, "a cache keeps discovery", nil},
		{"another Cache-Control", within("expires 1h;"), "issuer.caching", doctor.Warning, "Cache-Control of discovery", []string{"proxy.refusals"}},
		{"other bytes", within("sub_filter pairwise public; sub_filter_types application/json;"), "issuer.discovery", doctor.Problem, "subject_types_supported", []string{"issuer.caching"}},
		{"a redirect", within("return 301 https://www.example.be$request_uri;"), "issuer.discovery", doctor.Problem, "www.example.be", []string{"issuer.caching", "issuer.keys", "proxy.arrival"}},
	}
	try := func(t *testing.T, standIn bool) {
		t.Helper()
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				f.nginx(t, row.change(right))
				found, _ := f.doctor(t, "--only", "issuer", "--only", "proxy")
				if is := found[row.check]; is.Verdict != row.want || !strings.Contains(is.Saw, row.saw) || (is.Advice == "") != (row.want == doctor.OK) {
					t.Errorf("%+v", is)
				}
				for id, is := range found {
					if id != row.check && !slices.Contains(row.also, id) && (is.Verdict == doctor.Problem || is.Verdict == doctor.Warning || is.Unchecked) {
						t.Errorf("beside it: %+v", is)
					}
				}
				if is := found["issuer.keys"]; standIn != (is.Verdict == doctor.Skipped) && !slices.Contains(row.also, "issuer.keys") {
					t.Errorf("%+v", is)
				}
			})
		}
	}
	t.Run("before the first start", func(t *testing.T) { try(t, true) })
	t.Run("beside a bridge that runs", func(t *testing.T) {
		f.serve(t)
		try(t, false)
		t.Run("all checks", func(t *testing.T) {
			f.nginx(t, right)
			found, code := f.doctor(t)
			for id, is := range found {
				if is.Verdict == doctor.Problem || is.Unchecked {
					t.Errorf("%s: %+v", id, is)
				}
			}
			if code != 0 || found["bridge.running"].Verdict != doctor.OK || found["bridge.configuration"].Verdict != doctor.OK || found["bridge.health"].Verdict != doctor.OK {
				t.Errorf("%d %+v", code, found["bridge.running"])
			}
		})
		t.Run("nothing in front", func(t *testing.T) {
			found, code := f.doctor(t)
			if code != 1 || found["issuer.discovery"].Verdict != doctor.Problem || found["proxy.arrival"].Verdict != doctor.Problem || found["issuer.certificate"].Verdict != doctor.Problem {
				t.Errorf("%d %+v", code, found["proxy.arrival"])
			}
		})
	})
}
