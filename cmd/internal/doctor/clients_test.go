package doctor_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/doctor"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/keys"
	"itsme-bridge/storage/storagetest"
)

// with is a configuration with more in it.
func with(t *testing.T, file, find, put string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), find) != 1 {
		t.Fatalf("%q stands there %d times", find, strings.Count(string(text), find))
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), find, put, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestClients(t *testing.T) {
	asked := make(chan string, 100)
	theirs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		switch r.URL.Path {
		case "/keys":
			_, _ = w.Write([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
		case "/none":
			_, _ = w.Write([]byte(`{"keys":[]}`))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer theirs.Close()
	const gone = "http://127.0.0.1:1"
	for _, row := range []struct {
		name, more string
		check      string
		want       doctor.Verdict
		saw        string
	}{
		{"keys", "auth_method: private_key_jwt, jwks_uri: " + theirs.URL + "/keys", "client.jwks_uri", doctor.OK, "1 keys"},
		{"no keys", "auth_method: private_key_jwt, jwks_uri: " + theirs.URL + "/none", "client.jwks_uri", doctor.Problem, "no key"},
		{"not found", "auth_method: private_key_jwt, jwks_uri: " + theirs.URL + "/nowhere", "client.jwks_uri", doctor.Warning, "HTTP 404"},
		{"nobody there", "auth_method: private_key_jwt, jwks_uri: " + gone + "/keys", "client.jwks_uri", doctor.Warning, "refused"},
		{"requests", "auth_method: private_key_jwt, jwks_uri: " + theirs.URL + "/keys, request_uris: [" + theirs.URL + "/requests/]", "client.request_uris", doctor.OK, "nothing was fetched"},
		{"no requests", "auth_method: private_key_jwt, jwks_uri: " + theirs.URL + "/keys, request_uris: [" + gone + "/requests/]", "client.request_uris", doctor.Warning, "refused"},
		{"logout", "auth_method: none, backchannel_logout_uri: " + theirs.URL + "/logout", "client.backchannel_logout_uri", doctor.OK, "no logout was sent"},
		{"no logout", "auth_method: none, backchannel_logout_uri: " + gone + "/logout", "client.backchannel_logout_uri", doctor.Warning, "refused"},
		{"a place", "auth_method: none", "client.places", doctor.OK, "a.example"},
		{"no place", "auth_method: none, home: https://nowhere.example/", "client.places", doctor.Warning, "nowhere.example"},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := with(t, write(t, sandbox.NewServer(t).URL, `{mode: single, addresses: ["127.0.0.1:1"]}`), "auth_method: none", row.more)
			with(t, file, "clients:", "session: {ttl: 1h}\nclients:")
			if strings.Contains(row.more, "home:") {
				with(t, file, ` home: "https://a.example/",`, "")
			}
			is := find(t, look(t, file, only("client")), row.check)
			if is.Verdict != row.want || !strings.Contains(is.Saw, row.saw) || is.About != "example" || (is.Advice == "") != (row.want == doctor.OK) {
				t.Errorf("%+v", is)
			}
		})
	}
	close(asked)
	for path := range asked {
		if path == "/logout" || strings.HasPrefix(path, "/requests") {
			t.Errorf("%s was asked for", path)
		}
	}
}

// A proxy that is not trusted, and one that is too much.
func TestAddressesBehindAProxy(t *testing.T) {
	redis := fmt.Sprintf(`{mode: single, addresses: [%q]}`, storagetest.Serve(t))
	for _, row := range []struct {
		name    string
		proxies string
		through bool
		want    doctor.Verdict
		saw     string
	}{
		{"a proxy that is not listed", "[192.0.2.7]", true, doctor.Problem, "which trusted_proxies has not"},
		{"a proxy that is", "[127.0.0.1]", true, doctor.OK, "says whom"},
		{"no proxy", "[]", false, doctor.OK, "nothing stands between"},
		{"no proxy, and everybody here is trusted", "[127.0.0.1]", false, doctor.Problem, "nothing stands between"},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := with(t, write(t, sandbox.NewServer(t).URL, redis), "clients:", "trusted_proxies: "+row.proxies+"\nclients:")
			if row.through {
				before := httptest.NewServer(passing(t, listenOf(t, file)))
				defer before.Close()
				text := "issuer: http://" + listenOf(t, file)
				with(t, file, text, "issuer: "+before.URL)
			}
			if is := find(t, look(t, file, only("proxy")), "proxy.address"); is.Verdict != row.want || !strings.Contains(is.Saw, row.saw) {
				t.Errorf("%+v", is)
			}
		})
	}
}

// A key that should have had a successor by now is named.
func TestAges(t *testing.T) {
	w := storagetest.ServeOnPort(t)
	file := write(t, sandbox.NewServer(t).URL, fmt.Sprintf(`{mode: single, addresses: [%q]}`, w))
	if is := find(t, look(t, file, only("keys")), "keys.ages"); is.Verdict != doctor.OK || !strings.Contains(is.Saw, "first start makes them") {
		t.Errorf("%+v", is)
	}
	serve(t, file)
	for after, want := range map[time.Duration]doctor.Verdict{0: doctor.OK, 27 * 24 * time.Hour: doctor.OK, 29 * 24 * time.Hour: doctor.Warning} {
		report := look(t, file, only("keys"), func(o *doctor.Options) { o.Now = func() time.Time { return time.Now().Add(after) } })
		if is := find(t, report, "keys.ages"); is.Verdict != want || is.About != "RS256" {
			t.Errorf("%s: %+v", after, is)
		}
	}
}

// What runs is held against the file and this program.
func TestABridgeThatRuns(t *testing.T) {
	file := write(t, sandbox.NewServer(t).URL, fmt.Sprintf(`{mode: single, addresses: [%q]}`, storagetest.Serve(t, "--maxmemory", "64mb", "--appendonly", "yes")))
	serve(t, file)
	report := look(t, file)
	for _, f := range report.Checks {
		if f.Verdict == doctor.Problem || f.Verdict == doctor.Warning || f.Unchecked || f.ID[:3] == "bri" && f.Verdict != doctor.OK {
			t.Errorf("%+v", f)
		}
	}
	with(t, file, "name: A", "name: B")
	if is := find(t, look(t, file, only("bridge")), "bridge.configuration"); is.Verdict != doctor.Warning || !strings.Contains(is.Advice, "SIGHUP") {
		t.Errorf("%+v", is)
	}
	report = look(t, file, only("bridge"), func(o *doctor.Options) { o.Version = "v2" })
	if is := find(t, report, "bridge.running"); is.Verdict != doctor.Warning || !strings.Contains(is.Saw, "is v1, and this program is v2") {
		t.Errorf("%+v", is)
	}
	with(t, file, "name: B", "name: B, locale: nl, signing_alg: ES256")
	if is := find(t, look(t, file, only("issuer")), "issuer.discovery"); is.Verdict != doctor.Problem || !strings.Contains(is.Saw, "id_token_signing_alg_values_supported") {
		t.Errorf("%+v", is)
	}
}

// Discovery lists the algorithm of a key that was published ahead, before a client has it, and nothing is wrong with that.
func TestABridgeWithAKeyAhead(t *testing.T) {
	address := storagetest.ServeOnPort(t)
	file := write(t, sandbox.NewServer(t).URL, fmt.Sprintf(`{mode: single, addresses: [%q]}`, address))
	settings, err := config.Load(file, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	signing, err := app.OpenSigningKeys(t.Context(), settings, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer signing.Close()
	if err := signing.Rotate(t.Context(), keys.RS256, keys.ES256); err != nil {
		t.Fatal(err)
	}
	serve(t, file)
	for _, id := range []string{"issuer.discovery", "issuer.keys"} {
		if is := find(t, look(t, file, only("issuer")), id); is.Verdict != doctor.OK {
			t.Errorf("%+v", is)
		}
	}
	with(t, file, address, "127.0.0.1:1") // where nobody can tell which keys there are
	if is := find(t, look(t, file, only("issuer")), "issuer.discovery"); is.Verdict != doctor.Skipped {
		t.Errorf("without Redis: %+v", is)
	}
}

// A bridge that has stopped asking CM for transactions says so, also where CM can be reached.
func TestABridgeThatDoesNotAskCM(t *testing.T) {
	cm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(cm.Close)
	file := write(t, cm.URL, fmt.Sprintf(`{mode: single, addresses: [%q]}`, storagetest.ServeOnPort(t)))
	with(t, file, "master_key:", "start: direct\nmaster_key:")
	if is := find(t, look(t, file, only("bridge")), "bridge.upstream"); is.Verdict != doctor.Skipped {
		t.Errorf("where none runs: %+v", is)
	}
	serve(t, file)
	if is := find(t, look(t, file, only("bridge")), "bridge.upstream"); is.Verdict != doctor.OK {
		t.Errorf("%+v", is)
	}
	settings, err := config.Load(file, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		begin(t, settings.Provider.Issuer)
	}
	if is := find(t, look(t, file, only("bridge")), "bridge.upstream"); is.Verdict != doctor.Warning || !strings.Contains(is.Saw, "1 of the merchant tokens") {
		t.Errorf("%+v", is)
	}
}

// begin is somebody who begins a login, in vain.
func begin(t *testing.T, issuer string) {
	t.Helper()
	query := url.Values{
		"client_id": {"example"}, "redirect_uri": {"https://a.example/"}, "response_type": {"code"}, "scope": {"openid"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, issuer+"/authorize?"+query.Encode(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%d", answer.StatusCode)
	}
}
