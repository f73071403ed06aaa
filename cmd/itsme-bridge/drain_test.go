package main_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

const drained = `issuer: http://%[1]s
listen: %[1]s
operations: {listen: off}
timeouts: {drain_delay: 0s}
itsme: {url: "%[2]s", token: "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}
redis: {mode: single, addresses: ["%[3]s"]}
master_key: {current: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}
subjects: {salt: a-salt-of-the-tests-that-is-random-enough-0123456789, fingerprint: 76b2c85d07ca9801}
clients:
  - id: app
    name: The app
    home: https://app.example/
    secret: app-secret-that-nobody-could-ever-guess-0123456789
    redirect_uris: ["https://app.example/callback"]
    scopes: [profile, email, phone, address]
`

// SIGTERM comes while CM has given an identity out and nobody has it yet: the
// person still gets the code, and the next process exchanges it.
func TestSIGTERMLosesNoLogin(t *testing.T) {
	world, cm, address := storagetest.New(t), sandbox.NewServer(t), free(t)
	folder := t.TempDir()
	file := filepath.Join(folder, "config.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, drained, address, cm.URL, world.Address()), 0o600); err != nil {
		t.Fatal(err)
	}
	start := func() *daemon {
		t.Helper()
		d, err := begin(folder, nil, "serve", "--config", file)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.kill)
		if err := d.await(`"msg":"serving"`); err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := start()
	s := &providertest.Server{World: world, T: t, Issuer: "http://" + address, Sandbox: cm}
	browser := s.Browser()
	back := browser.Begin(nil)
	s.Approve()
	hold := cm.Hold()
	defer hold.Release()
	type outcome struct {
		answer *providertest.Answer
		err    error
	}
	returned := make(chan outcome, 1)
	go func() {
		answer, err := browser.Try(back)
		returned <- outcome{answer, err}
	}()
	<-hold.Reached()
	if err := d.signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := d.await(`"msg":"draining"`); err != nil {
		t.Fatal(err)
	}
	hold.Release()
	got := <-returned
	if got.err != nil {
		t.Fatalf("the person was cut off: %v", got.err)
	}
	code := s.Response(got.answer).Get("code")
	if exit, err := d.exit(); err != nil || exit != 0 {
		t.Errorf("exit code %d, %v", exit, err)
	}
	start()
	s.Exchange(code, nil).Wants(t, http.StatusOK, "")
	for _, secret := range append(sandbox.Personas()[0].Values(), code, providertest.AppSecret) {
		if strings.Contains(d.said.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}
