package reference_test

import (
	"os"
	"slices"
	"testing"

	"itsme-bridge/cmd/internal/config/reference"
)

func TestTheCopyIsTheReference(t *testing.T) {
	original, err := os.ReadFile("../../../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if string(original) != reference.Text() {
		t.Error("config.yaml has changed since: go generate ./cmd/internal/config/reference")
	}
}

func TestEntries(t *testing.T) {
	for _, row := range []struct {
		path, value, sentence string
		unused                bool
	}{
		{"listen", "127.0.0.1:8080", "Where to listen", false},
		{"tls", "", "TLS by the bridge itself: 1.3, and 1.2 with forward secrecy", true},
		{"tls.cert_file", "/etc/itsme-bridge/tls.crt", "PEM, with the certificates between it and the root", true},
		{"timeouts.read", "20s", "", false},
		{"redis", "", "6.0 or later", false},
		{"redis.prefix", `"itsme-bridge:"`, "of every key", false},
		{"redis.timeouts.dial", "2s", "none of them over 2500ms: a write must fit twice into its 5s", false},
		{"redis.tls.server_name", "redis.example.be", "", true},
		{"subjects.salt", "HAitstpZs4UJrzEAy48s07IzrY3pgBZP0PF5MoI/jTQ=", "", false}, // EXAMPLE is of the value
		{"itsme.token", "3f1d6c0e-5f2b-4c8a-9a54-0d6f6b7d2c11", "the merchant token", false},
		{"clients[].id", "example", "", false},
		{"clients[].secret_file", "/run/secrets/example", "", true},
		{"clients[].id_token_claims", "false", "true: the claims stand in the ID token too", false},
		{"clients[].profile", "fapi2", "FAPI 2.0 Security Profile, all of it at once: private_key_jwt, pushed requests, PKCE, DPoP, PS256 unless signing_alg says ES256 or EdDSA, redirect URIs by https", true},
	} {
		e, ok := reference.Find(row.path)
		if !ok || e.Value != row.value || e.Sentence() != row.sentence || e.Unused != row.unused {
			t.Errorf("%s: %t %+v %q", row.path, ok, e, e.Sentence())
		}
	}
	if _, ok := reference.Find("clients[].nothing"); ok {
		t.Error("there is an entry of nothing")
	}
	e, _ := reference.Find("issuer")
	if want := []string{"The URL that clients know this bridge by; they compare it character by character. https, or http on loopback. It may have a path."}; !slices.Equal(e.Above, want) {
		t.Errorf("above issuer stands %q", e.Above)
	}
}

// A first configuration has the reference's words, and none of its values unless asked for.
func TestFirst(t *testing.T) {
	text, err := reference.First(
		reference.Setting{Path: "listen", Value: "127.0.0.1:80"},
		reference.Setting{Path: "redis.mode", Value: "cluster"},
		reference.Setting{Path: "redis.username"},
		reference.Setting{Path: "itsme.token", Value: "secret"},
		reference.Setting{Path: "clients", Value: "[]"},
	)
	const want = `# Where to listen.
listen: 127.0.0.1:80

redis: # 6.0 or later
  mode: cluster # single, sentinel, cluster
  #username: itsme-bridge # of an ACL user, with the rights ~itsme-bridge:* +@read +@write +@scripting +@connection -@dangerous +select (and +cluster in a Cluster)

# CM's itsme API.
itsme:
  token: secret # the merchant token

# Who may log people in. ` + "`itsme-bridge client new`" + ` prints an entry.
clients: []
`
	if err != nil || text != want {
		t.Errorf("%v\n%s", err, text)
	}
	if _, err := reference.First(reference.Setting{Path: "redis.mood", Value: "bad"}); err == nil {
		t.Error("it has a setting that there is not")
	}
}
