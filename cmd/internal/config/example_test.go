package config_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/cmd/internal/config/reference"
)

func TestTheExampleWorksAsItStands(t *testing.T) {
	c, err := config.Parse("config.yaml", []byte(Example(t)), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings()) > 0 {
		t.Error(c.Warnings())
	}
	if c.Upstream.BaseURL != "http://127.0.0.1:8081/itsme/v1/" || !c.Upstream.AllowLoopback || c.Redis.Addresses[0] != "127.0.0.1:6379" {
		t.Error("the example does not speak to the simulator and to Redis on this machine")
	}
}

// Every secret of the example is refused for the world, and no other hash is in the list.
func TestTheExamplesSecretsAreRefusedForTheWorld(t *testing.T) {
	text := Change(t, Example(t), "issuer: http://127.0.0.1:8080\n", "issuer: https://login.example.be\n")
	_, err := config.Parse("a.yaml", []byte(text), Environment)
	var paths []string
	for _, line := range strings.Split(Problems(t, err), "\n") {
		place, said, _ := strings.Cut(line, ": is ")
		if said != "the example's, which everybody knows, and others can reach this bridge; make your own" {
			t.Errorf("said: %s", line)
		}
		paths = append(paths, place[strings.Index(place, " ")+1:])
	}
	if want := []string{"master_key.current", "subjects.salt", "itsme.token", "clients[0].secret"}; !slices.Equal(paths, want) {
		t.Errorf("refused: %q, want %q", paths, want)
	}
	if n := len(config.PublicSecrets()); n != len(paths) {
		t.Errorf("%d hashes for %d secrets", n, len(paths))
	}
	if n := strings.Count(Example(t), "EXAMPLE"); n != len(paths) {
		t.Errorf("%d values are called EXAMPLE, and %d are secrets", n, len(paths))
	}
}

// Nor may their hashes be used, or the secrets where others stand.
func TestTheExamplesSecretsAreRefusedElsewhere(t *testing.T) {
	secret := regexp.MustCompile(`secret: (\S+) # EXAMPLE`).FindStringSubmatch(Example(t))[1]
	master := regexp.MustCompile(`current: (\S+) # EXAMPLE`).FindStringSubmatch(Example(t))[1]
	const said = "is the example's, which everybody knows, and others can reach this bridge; make your own"
	hashes := config.PublicSecrets()
	refused(t, []difference{
		{"by its hash", secretLine, "    secret_hash: sha256:" + hashes[3] + "\n", "19: clients[0].secret_hash: " + said},
		{"by its hash, in capitals", secretLine, "    secret_hash: sha256:" + strings.ToUpper(hashes[3]) + "\n", "19: clients[0].secret_hash: " + said},
		{"as a password", "  mode: single\n", "  mode: single\n  password: " + secret + "\n", "6: redis.password: " + said},
		{"as an accepted key", "  current: ${MASTER_KEY}\n", "  current: ${MASTER_KEY}\n  accept: [" + master + "]\n", "9: master_key.accept[0]: " + said},
		{"as an accepted key, otherwise written", "  current: ${MASTER_KEY}\n", "  current: ${MASTER_KEY}\n  accept: [" + strings.TrimSuffix(master, "=") + "]\n", "9: master_key.accept[0]: " + said},
		{"as a client's token, in capitals", scopesLine, scopesLine + "    itsme_token: 3F1D6C0E-5F2B-4C8A-9A54-0D6F6B7D2C11\n", "22: clients[0].itsme_token: " + said},
		{"as a client's token", scopesLine, scopesLine + "    itsme_token: 3f1d6c0e-5f2b-4c8a-9a54-0d6f6b7d2c11\n", "22: clients[0].itsme_token: " + said},
	})
}

// A listener that others can reach is for others, whatever the issuer is.
func TestTheExamplesSecretsStayOnThisMachine(t *testing.T) {
	text := Change(t, Example(t), "listen: 127.0.0.1:8080\n", "listen: 0.0.0.0:8080\n")
	_, err := config.Parse("a.yaml", []byte(text), Environment)
	if said := Problems(t, err); !strings.Contains(said, "master_key.current: is the example's") {
		t.Errorf("said: %s", said)
	}
}

// What the example writes down as the default is the default.
func TestTheExampleTellsTheDefaults(t *testing.T) {
	told, usual := parse(t, Example(t)), parse(t, base)
	told.Server.Timeouts.DrainDelay = 5 * time.Second // the comment says so
	for _, part := range []struct {
		name        string
		told, usual any
	}{
		{"timeouts", told.Server.Timeouts, usual.Server.Timeouts},
		{"operations", told.Operations, usual.Operations},
		{"log", told.Log, usual.Log},
		{"redis", told.Redis, usual.Redis},
		{"keys", told.Signing, usual.Signing},
		{"return_url", told.Provider.ReturnShape, usual.Provider.ReturnShape},
		{"itsme.timeout", told.Upstream.Timeout, usual.Upstream.Timeout},
		{"itsme.status_timeout", told.Upstream.StatusTimeout, usual.Upstream.StatusTimeout},
		{"limits", told.Provider.Limits, usual.Provider.Limits},
		{"start", told.Provider.Start, usual.Provider.Start},
		{"max_attempts", told.Provider.MaxAttempts, usual.Provider.MaxAttempts},
		{"access_token", told.Provider.AccessToken, usual.Provider.AccessToken},
		{"id_token", told.Provider.IDToken, usual.Provider.IDToken},
		{"code", told.Provider.Code, usual.Provider.Code},
		{"pushed_request", told.Provider.PushedRequest, usual.Provider.PushedRequest},
		{"refresh_token", told.Provider.RefreshToken, usual.Provider.RefreshToken},
		{"refresh_idle", told.Provider.RefreshIdle, usual.Provider.RefreshIdle},
		{"refresh_grace", told.Provider.RefreshGrace, usual.Provider.RefreshGrace},
		{"session", told.Provider.Session, usual.Provider.Session},
		{"outbound.ca_file", told.Outbound.Authorities, usual.Outbound.Authorities},
		{"lease", told.Provider.Lease, usual.Provider.Lease},
		{"login", told.Clients[1].Deadline, usual.Clients[0].Deadline},
	} {
		if !reflect.DeepEqual(part.told, part.usual) {
			t.Errorf("%s: the example says %+v, and the default is %+v", part.name, part.told, part.usual)
		}
	}
	first, second := told.Clients[0], usual.Clients[0]
	first.ID, first.Name, first.Home, first.Sector = second.ID, second.Name, second.Home, second.Sector
	first.SecretHashes, first.RedirectURIs, first.Scopes = second.SecretHashes, second.RedirectURIs, second.Scopes
	if !reflect.DeepEqual(first, second) {
		t.Errorf("the example's client is %+v, and the default is %+v", first, second)
	}
}

// The example names every key that there is, in use or not, and no other.
func TestTheExampleIsTheReference(t *testing.T) {
	all := reference.Everything()
	known, problems := config.Known("config.yaml", []byte(all), Environment)
	for _, p := range problems {
		if strings.Contains(p.Text, "unknown key") || strings.Contains(p.Text, "twice") {
			t.Error(p)
		}
	}
	var tree yaml.Node
	if err := yaml.Unmarshal([]byte(all), &tree); err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	walk(tree.Content[0], "", written)
	for _, path := range known {
		if !written[path] {
			t.Errorf("the example says nothing of %s", path)
		}
	}
	if len(known) < 110 {
		t.Errorf("only %d keys are known: is this the whole example?", len(known))
	}
}

// walk collects the paths of all keys, as config.Known has them.
func walk(n *yaml.Node, path string, found map[string]bool) {
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			walk(item, path+"[]", found)
		}
	case yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			at := strings.TrimPrefix(path+"."+n.Content[i].Value, ".")
			found[at] = true
			walk(n.Content[i+1], at, found)
		}
	default:
	}
}
