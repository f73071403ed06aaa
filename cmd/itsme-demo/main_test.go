package main_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/oauth2"

	demo "itsme-bridge/cmd/itsme-demo"
)

// ran is a demo that should not get far: its exit code, and what it said.
func ran(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := command(ctx, args...).CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return exit.ExitCode(), string(out)
	case err != nil:
		t.Fatal(err)
	}
	return 0, string(out)
}

func TestMistakesAreExplained(t *testing.T) {
	for _, row := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"help", []string{"--help"}, 0, "-port"},
		{"an unknown flag", []string{"--prot", "1"}, 1, "-prot"},
		{"an argument", []string{"now"}, 1, `unexpected argument "now"`},
		{"no number", []string{"--port", "http"}, 1, "-port"},
		{"a negative port", []string{"--port", "-1"}, 1, "--port -1: want 1 to 65533"},
		{"no room for three", []string{"--port", "65534"}, 1, "--port 65534: want 1 to 65533"},
		{"a file that is not there", []string{"--port", "0", "--config", "/nowhere.yaml"}, 1, "/nowhere.yaml"},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, said := ran(t, row.args...)
			if code != row.code || !strings.Contains(said, row.want) || strings.Contains(said, "ready") {
				t.Errorf("exit %d, want %d and %q:\n%s", code, row.code, row.want, said)
			}
		})
	}
}

// Each of the three ports in turn belongs to somebody else.
func TestATakenPortIsNamed(t *testing.T) {
	for i, party := range []string{"the bridge", "the itsme simulator", "the demo application"} {
		t.Run(party, func(t *testing.T) {
			var said string
			for range 10 { // a port that was free may be taken by the time the demo wants it
				port := oneOfThree(t, i)
				code, out := ran(t, "--port", strconv.Itoa(port-i))
				if said = out; code != 1 {
					t.Fatalf("exit %d:\n%s", code, said)
				}
				if strings.Contains(said, "port "+strconv.Itoa(port)+", for "+party+", is taken") && strings.Contains(said, "--port") {
					return
				}
			}
			t.Errorf("the port is not named:\n%s", said)
		})
	}
}

// oneOfThree takes one of three ports in a row until the test ends; the others are free.
func oneOfThree(t *testing.T, which int) int {
	t.Helper()
	for {
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = taken.Close() })
		port, free := taken.Addr().(*net.TCPAddr).Port, true
		for i := range 3 {
			if i == which {
				continue
			}
			other, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port-which+i))
			if free = free && err == nil; err == nil {
				_ = other.Close()
			}
		}
		if free {
			return port
		}
	}
}

func TestReadyMeansThatAllThreeAnswer(t *testing.T) {
	p := started(t)
	for _, address := range []string{
		p.issuer + "/.well-known/openid-configuration", p.issuer + "/keys", p.simulator + "/control/personas", p.application + "/",
	} {
		response, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK || !strings.HasPrefix(address, "http://127.0.0.1:") {
			t.Errorf("%s: %s", address, response.Status)
		}
	}
	said := p.said()
	if !strings.HasSuffix(said, "\nready\n") || !strings.Contains(said, "NOT FOR PRODUCTION") || !strings.Contains(said, "nobody's data is real") {
		t.Errorf("it said:\n%s", said)
	}
	if complaints := p.errors.String(); complaints != "" {
		t.Errorf("it complained:\n%s", complaints)
	}
}

func TestReadyWaits(t *testing.T) {
	asked := 0
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(late.Close)
	if err := demo.Answers(t.Context(), late.URL); err != nil || asked != 3 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := demo.Answers(ctx, late.URL); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestSignalsEndItWell(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			p := started(t)
			if err := p.command.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-p.ended:
				if p.ended <- err; err != nil {
					t.Error(err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("it goes on")
			}
			for _, address := range []string{p.issuer, p.simulator, p.application} {
				if response, err := http.Get(address); err == nil {
					response.Body.Close()
					t.Errorf("%s still answers", address)
				}
			}
		})
	}
}

// follower is a browser without eyes.
func follower(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 30 * time.Second}
}

func TestAutoLogsInByRedirectsAlone(t *testing.T) {
	p := started(t, "--auto")
	response, err := follower(t).PostForm(p.application+"/login", url.Values{"scope": {"profile", "email"}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), `<h1 id="hello">Hello, Lucas.</h1>`) {
		t.Errorf("%s\n%s", response.Status, page)
	}
	if seen := p.only(); seen.Fetches != 1 {
		t.Errorf("CM saw %+v", seen)
	}
}

// writeFile writes a file of the test's own.
func writeFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "clients.yaml")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const anotherClient = `clients:
  - id: mine
    name: My application
    home: http://127.0.0.1:3000/
    secret: kX2vQ8rT5wY1zB4nM7jH0gF3dS6aP9cE
    redirect_uris: [http://127.0.0.1:3000/callback]
    scopes: [email]
`

func TestAnyClientCanBePointedAtIt(t *testing.T) {
	p := started(t, "--auto", "--config", writeFile(t, anotherClient))
	mine := oauth2.Config{
		ClientID: "mine", ClientSecret: "kX2vQ8rT5wY1zB4nM7jH0gF3dS6aP9cE", RedirectURL: "http://127.0.0.1:3000/callback",
		Scopes: []string{"openid", "profile", "email"}, Endpoint: oauth2.Endpoint{AuthURL: p.issuer + "/authorize", TokenURL: p.issuer + "/token"},
	}
	verifier := oauth2.GenerateVerifier()
	browser := follower(t)
	browser.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), mine.RedirectURL) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	response, err := browser.Get(mine.AuthCodeURL("a state", oauth2.S256ChallengeOption(verifier)))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	back, err := response.Location()
	if err != nil {
		t.Fatal(response.Status, err)
	}
	token, err := mine.Exchange(t.Context(), back.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if scope := token.Extra("scope"); scope != "openid email" {
		t.Errorf("granted %v, may have openid email", scope)
	}
}

func TestClientsThatCannotBe(t *testing.T) {
	for _, row := range []struct{ name, file, want string }{
		{"the demo's own id", strings.Replace(anotherClient, "id: mine", "id: demo", 1), "the id demo is the demo application's own"},
		{"no home", strings.Replace(anotherClient, "    home: http://127.0.0.1:3000/\n", "", 1), "clients.yaml:2: clients[0].home"},
		{"a whole configuration", "issuer: https://login.example.be\n" + anotherClient, "a file with clients: alone"},
		{"nothing", "", "a file with clients: alone"},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, said := ran(t, "--port", "0", "--config", writeFile(t, row.file))
			if code != 1 || !strings.Contains(said, row.want) {
				t.Errorf("exit %d, want %q:\n%s", code, row.want, said)
			}
		})
	}
}

func TestKeysGrowOld(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	gone, err := demo.Ages(ctx, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if !gone {
		t.Error("a key outlives its TTL")
	}
}
