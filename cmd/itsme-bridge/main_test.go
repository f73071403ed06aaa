package main_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"itsme-bridge/cmd/internal/app"
	main "itsme-bridge/cmd/itsme-bridge"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/storage/storagetest"
)

func TestMain(m *testing.M) {
	app.SilenceLibraries() // as main does
	testscript.Main(m, map[string]func(){name: main.Main})
}

// TestScripts runs the real binary: what it prints, and how it ends.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               surroundings,
		Deadline:            time.Now().Add(4 * patience), // whatever hangs
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits-with": exitsWith, "serve": serve, "says": says, "signal": signal, "exits": exits, "get": get, "json": jsonHas,
		},
	})
}

// surroundings are a Redis, a simulator of CM's API and free ports for a script.
func surroundings(e *testscript.Env) error {
	t := e.T().(testing.TB) //nolint:forcetypeassert // testscript.Run makes it of our *testing.T
	world := storagetest.New(t)
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	for _, pair := range [][2]string{
		{"REDIS", world.Address()},
		{"CM", sandbox.NewServer(t).URL},
		{"LISTEN", free(t)},
		{"OPERATIONS", free(t)},
		{"NOBODY", free(t)},
		{"MASTER_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
		{"SECOND_KEY", "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="},
		{"SALT", "a-salt-of-the-tests-that-is-random-enough-0123456789"},
		{"CM_TOKEN", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"},
		{"CLIENT_SECRET", "a-client-secret-that-nobody-will-ever-guess-98765"},
		{"ROOT", root},
	} {
		e.Setenv(pair[0], pair[1])
	}
	e.Setenv("ISSUER", "http://"+e.Getenv("LISTEN"))
	e.Values[slot{}] = new(*daemon)
	return putKey(filepath.Join(e.WorkDir, "rsa.pem"))
}

// putKey writes a signing key.
func putKey(file string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600)
}

// slot is where a script keeps what it has started.
type slot struct{}

// free is an address where nobody listens.
func free(t testing.TB) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
