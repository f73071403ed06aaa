//go:build products

package docker_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest"
)

// within is the folder of the images, for the test that runs in a network of its own.
const within = "ITSME_BRIDGE_TEST_IMAGES"

const issuer = "http://127.0.0.1:8080"

// client is an application, in the place of "clients: []".
const client = `clients:
  - id: app
    name: The app
    home: http://127.0.0.1:8082/
    secret: kX2vQ8rT5wY1zB4nM7jH0gF3dS6aP9cE
    redirect_uris: ["http://127.0.0.1:8082/callback"]
    scopes: [profile]
`

// Without a container engine: what README.md says is done, what compose.yaml says is started from the
// unpacked images, confined as it says, in a network in which its ports are free; and a person logs in.
func TestAFirstLoginByWhatComposeSays(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("NOT TESTED: only root can make a network and change its root")
	}
	if images := os.Getenv(within); images != "" {
		firstLogin(t, images)
		return
	}
	images := built(t)
	again := exec.Command("unshare", "--net", "--", "sh", "-euc", `ip link set lo up; exec "$@"`, "sh",
		os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=5m")
	again.Env = append(os.Environ(), within+"="+images)
	out, err := again.CombinedOutput()
	t.Logf("%s", out)
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatal(err)
	}
}

func firstLogin(t *testing.T, images string) {
	t.Helper()
	began := time.Now()
	root := func(name string) string {
		folder := t.TempDir()
		l := layout{t, filepath.Join(images, name)}
		_, m, _ := l.image("linux/amd64")
		l.unpack(m, folder)
		return folder
	}
	bridge, simulator := root("itsme-bridge"), root("itsme-sandbox")
	// As an engine's resolver has it.
	if err := os.WriteFile(filepath.Join(bridge, "etc/hosts"), []byte("127.0.0.1 redis\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	work := prepared(t, filepath.Join(bridge, "usr/bin"))
	p, said, err := compose(t, filepath.Join(work, "compose.yaml"), nil, "simulator")
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	redis := p.start(t, "redis", "", nil)
	redis.Await("Ready to accept connections", 1)
	p.start(t, "simulator", simulator, []string{"/usr/bin/itsme-sandbox", "--listen", "0.0.0.0:8081", "--exposed"}).Until("http://127.0.0.1:8081/control/personas")
	serving := p.start(t, "bridge", bridge, []string{"/usr/bin/itsme-bridge"})
	serving.Until(issuer + "/.well-known/openid-configuration")
	logIn(t)
	t.Logf("from the guide's first line to a login: %s", time.Since(began).Round(100*time.Millisecond))
	for _, args := range [][]string{{"healthcheck"}, {"check"}, {"keys", "list"}, {"keys", "rotate"}, {"revoke", "--client", "app"}} {
		if out, err := p.container("bridge", bridge, append([]string{"/usr/bin/itsme-bridge"}, args...)).CombinedOutput(); err != nil {
			t.Errorf("%q: %v\n%s", args, err, out)
		}
	}
	logIn(t)
	if text := serving.Said(); strings.Contains(text, "NOPERM") || strings.Contains(text, `"level":"ERROR"`) {
		t.Errorf("the bridge says\n%s", text)
	}
	serving.End()
	if out, err := p.container("bridge", bridge, []string{"/usr/bin/itsme-bridge", "healthcheck"}).CombinedOutput(); err == nil {
		t.Errorf("it is ended, and healthy: %s", out)
	}
}

// prepared is what README.md's commands leave behind, called by somebody who is not root.
func prepared(t *testing.T, path string) string {
	t.Helper()
	work := t.TempDir()
	script := `cp -r compose.yaml redis "$0"; chown -R 65532:65532 "$0"; cd "$0"
exec setpriv --reuid 65532 --regid 65532 --clear-groups sh -euc "$1"`
	command := exec.Command("sh", "-euc", script, work, e2e.Guide(t, "README.md").Fence("sh prepare"))
	command.Env = append(os.Environ(), "PATH="+path+":"+os.Getenv("PATH"))
	for folder := work; len(folder) > len(os.TempDir()); folder = filepath.Dir(folder) { // this user has to get there
		_ = os.Chmod(folder, 0o755)
	}
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	file := filepath.Join(work, "bridge/config.yaml")
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), "clients: []") {
		t.Fatalf("%v\n%s", err, text)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), "clients: []", client, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return work
}

// start starts a service, with what it is called by unless the file says.
func (p project) start(t *testing.T, name, root string, entry []string) *e2e.Process {
	t.Helper()
	return e2e.Run(t, name, p.container(name, root, slices.Concat(entry, p.Services[name].Entrypoint, p.Services[name].Command)))
}

// container is a command in what the service's container would be. Without a root: on what looks like this
// machine and of which nothing stays.
func (p project) container(name, root string, command []string) *exec.Cmd {
	s := p.Services[name]
	var script strings.Builder
	script.WriteString("mount --make-rprivate /; mount -t tmpfs none /mnt; mkdir /mnt/upper /mnt/work /mnt/root\n")
	if root == "" {
		script.WriteString("mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root\n")
		script.WriteString("mkdir -p /mnt/root/data /mnt/root/etc/redis /mnt/root/run/secrets /mnt/root/run/redis; mount --bind /dev /mnt/root/dev\n")
	} else {
		script.WriteString("mount --bind '" + root + "' /mnt/root\n")
	}
	for _, v := range s.Volumes {
		script.WriteString("mount --bind '" + v.Source + "' /mnt/root" + v.Target + "\n")
		if v.ReadOnly {
			script.WriteString("mount -o remount,bind,ro /mnt/root" + v.Target + "\n")
		}
	}
	for _, secret := range s.Secrets {
		at := "/mnt/root/run/secrets/" + secret.Source
		script.WriteString("touch " + at + "; mount --bind '" + p.Secrets[secret.Source].File + "' " + at + "\n")
	}
	for _, t := range s.Tmpfs {
		target, options, _ := strings.Cut(t, ":")
		script.WriteString("mount -t tmpfs -o " + options + " none /mnt/root" + target + "\n")
	}
	if s.ReadOnly {
		script.WriteString("mount -o remount,ro,bind /mnt/root\n")
	}
	script.WriteString(`exec setpriv --no-new-privs chroot --userspec=` + s.User + ` --groups= /mnt/root "$@"`)
	c := exec.Command("unshare", append([]string{"--mount", "--", "sh", "-euc", script.String(), "sh"}, command...)...)
	c.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "ITSME_BRIDGE_CONFIG=/etc/itsme-bridge/config.yaml"}
	for key, value := range s.Environment {
		c.Env = append(c.Env, key+"="+value)
	}
	return c
}

// logIn goes from the application to the simulator, approves, and redeems the code.
func logIn(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		t.Fatal(err)
	}
	c := oauth2.Config{
		ClientID: "app", ClientSecret: "kX2vQ8rT5wY1zB4nM7jH0gF3dS6aP9cE", RedirectURL: "http://127.0.0.1:8082/callback",
		Scopes: []string{"openid", "profile"}, Endpoint: provider.Endpoint(),
	}
	verifier := oauth2.GenerateVerifier()
	browser := (&providertest.Server{T: t, Issuer: issuer}).Browser()
	page := browser.Get(c.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier)))
	if !strings.HasPrefix(page.Leads(), "http://127.0.0.1:8081/") {
		t.Fatalf("it does not lead to the simulator: %d %q\n%s", page.Status, page.Leads(), page.Body)
	}
	control(t, http.MethodPost, "decide", `{"outcome": "success"}`)
	var transactions []sandbox.Transaction
	if err := json.Unmarshal(control(t, http.MethodGet, "transactions", ""), &transactions); err != nil || len(transactions) == 0 {
		t.Fatalf("%v, %d transactions", err, len(transactions))
	}
	back := browser.Get(transactions[len(transactions)-1].RedirectURL)
	for range 5 {
		if to := back.Leads(); strings.HasPrefix(to, issuer) || strings.HasPrefix(to, "/") {
			back = browser.Get(to)
		}
	}
	to, err := url.Parse(back.Leads())
	if err != nil || to.Query().Get("code") == "" {
		t.Fatalf("there is no code: %d %q\n%s", back.Status, back.Leads(), back.Body)
	}
	token, err := c.Exchange(ctx, to.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil || info.Subject == "" {
		t.Fatalf("%v %v", info, err)
	}
}

func control(t *testing.T, method, what, body string) []byte {
	t.Helper()
	r, err := http.NewRequest(method, "http://127.0.0.1:8081/control/"+what, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s: %d %v %s", what, answer.StatusCode, err, text)
	}
	return text
}
