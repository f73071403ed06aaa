//go:build products

// Package keycloak_test logs people in through a real Keycloak, set up by what
// `itsme-bridge client new --for keycloak` writes.
//
//	server_test.go       the one Keycloak of all tests, and its administrator
//	realm_test.go        a realm with the identity provider, and who logs in there
//	application_test.go  what people log in to: a client of the realm
//	printed_test.go      the printed commands, as an operator pastes them
//	guide_test.go        what README.md says of them, and of the traps
//	login_test.go        what Keycloak knows of a person, now and the next time
//	refused_test.go      cancel, failure, expiry, back, and a setup that fails
//	methods_test.go      client authentication, userinfo, Trust Email, what is passed on
//	logout_test.go       logout from both sides
//	keys_test.go         keys that rotate and are revoked
package keycloak_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"itsme-bridge/deploy/internal/e2e"
)

// password is that of the administrator whom deploy/tools/e2e-keycloak has made.
const password = "admin"

// server is a Keycloak.
type server struct {
	url     string
	process *e2e.Process
	folder  string // of its database

	mu    sync.Mutex
	token string
	until time.Time
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, end := range atEnd {
		end()
	}
	os.Exit(code)
}

// atEnd is what is to be done when all tests have run.
var atEnd []func()

// launched is the one Keycloak of all tests: it takes its time to start.
var launched = sync.OnceValues(func() (*server, error) {
	folder, err := os.MkdirTemp("", "keycloak")
	if err != nil {
		return nil, err
	}
	atEnd = append(atEnd, func() { _ = os.RemoveAll(folder) })
	s := &server{folder: folder}
	if err := s.launch(); err != nil {
		return nil, err
	}
	atEnd = append(atEnd, s.process.End)
	return s, s.process.Answers(s.url + "/realms/master")
})

// home is where Keycloak is installed. It is set before the first Keycloak is launched.
var home string

// keycloak is the Keycloak that runs.
func keycloak(t *testing.T) *server {
	t.Helper()
	home = e2e.Tool(t, "keycloak")
	s, err := launched()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// launch starts a Keycloak with a database of its own: a copy of the one that was made when it was installed.
func (s *server) launch() error {
	database, err := os.ReadFile(filepath.Join(home, "data/h2/keycloakdb.mv.db"))
	if err == nil {
		err = os.WriteFile(filepath.Join(s.folder, "keycloakdb.mv.db"), database, 0o600)
	}
	if err != nil {
		return err
	}
	port, err := e2e.FreePort()
	if err != nil {
		return err
	}
	s.url = "http://127.0.0.1:" + port
	command := exec.Command(filepath.Join(home, "bin/kc.sh"), "start", "--optimized", "--cache=local",
		"--http-enabled=true", "--http-host=127.0.0.1", "--http-port="+port, "--hostname-strict=false",
		"--db-url=jdbc:h2:file:"+filepath.Join(s.folder, "keycloakdb")+";NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=0")
	command.Env = append(os.Environ(), "JAVA_OPTS="+javaOptions)
	s.process, err = e2e.Launch("Keycloak", command)
	return err
}

// javaOptions are for a short life on a small machine.
const javaOptions = "-Xms64m -Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -Dfile.encoding=UTF-8"

// ask asks the administration's API. What it answers goes into answer, unless that is nil.
func (s *server) ask(t *testing.T, method, path string, body, answer any) {
	t.Helper()
	var sent io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		sent = bytes.NewReader([]byte(body))
	default:
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, s.url+"/admin/realms"+path, sent)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.administrator(t))
	request.Header.Set("Content-Type", "application/json")
	said, err := send(request)
	if err != nil {
		t.Fatalf("Keycloak: %s %s: %v", method, path, err)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(said, answer); err != nil {
		t.Fatalf("Keycloak: %s %s: %v:\n%s", method, path, err, said)
	}
}

// administrator is a token of the administrator, which lives for a minute.
func (s *server) administrator(t *testing.T) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Now().Before(s.until) {
		return s.token
	}
	asked := time.Now()
	response, err := http.PostForm(s.url+"/realms/master/protocol/openid-connect/token", url.Values{
		"grant_type": {"password"}, "client_id": {"admin-cli"}, "username": {"admin"}, "password": {password},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Token    string `json:"access_token"`
		Lifetime int    `json:"expires_in"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Token == "" {
		t.Fatalf("Keycloak: the administrator gets no token: %s %v", response.Status, err)
	}
	s.token, s.until = answer.Token, asked.Add(time.Duration(answer.Lifetime)*time.Second/2)
	return s.token
}

// send sends a request that must succeed.
func send(request *http.Request) ([]byte, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s: %s", response.Status, said)
	}
	return said, err
}
