package doctor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/doctor"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/storage/storagetest"
)

func TestMain(m *testing.M) {
	app.SilenceLibraries()
	m.Run()
}

// look runs the checks, as on a day when the clock is right and a.example has an address.
func look(t *testing.T, file string, change ...func(*doctor.Options)) doctor.Report {
	t.Helper()
	o := doctor.Options{
		File: file, Environment: func(string) (string, bool) { return "", false }, Now: time.Now, Version: "v1",
		Lookup: func(_ context.Context, host string) ([]string, error) {
			if host == "a.example" {
				return []string{"192.0.2.1"}, nil
			}
			return nil, errors.New("no such name")
		},
	}
	for _, c := range change {
		c(&o)
	}
	report, err := doctor.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	report.Print(&said)
	for _, secret := range []string{"AAECAwQF", "a-salt-of-the-tests", "0a1b2c3d", password} {
		if strings.Contains(said.String(), secret) {
			t.Errorf("%s is said", secret)
		}
	}
	for line := range strings.Lines(said.String()) {
		if len([]rune(line)) > 160 {
			t.Errorf("a long line: %s", line)
		}
	}
	return report
}

// find is the finding of a check: the first that is not fine, if there is one.
func find(t *testing.T, r doctor.Report, id string) (found doctor.Finding) {
	t.Helper()
	for _, f := range r.Checks {
		if f.ID == id && (found.ID == "" || found.Verdict == doctor.OK) {
			found = f
		}
	}
	if found.ID == "" {
		t.Fatalf("there is no %s among %d", id, len(r.Checks))
	}
	return found
}

// Before the first start, with everything in order, nothing is wrong.
func TestEverythingInOrder(t *testing.T) {
	redis := fmt.Sprintf(`{mode: single, addresses: [%q]}`, storagetest.Serve(t, "--maxmemory", "64mb", "--appendonly", "yes"))
	report := look(t, write(t, sandbox.NewServer(t).URL, redis))
	for _, f := range report.Checks {
		if f.Verdict == doctor.Problem || f.Verdict == doctor.Warning || f.Unchecked || f.Saw == "" || f.Title == "" {
			t.Errorf("%+v", f)
		}
	}
	if report.Result != "fine" || len(report.Checks) < 45 {
		t.Errorf("%s, %d checks", report.Result, len(report.Checks))
	}
}

func TestTheFile(t *testing.T) {
	missing := look(t, filepath.Join(t.TempDir(), "nowhere.yaml"))
	if f := find(t, missing, "config"); f.Verdict != doctor.Problem || missing.Result != "wrong" || f.Advice == "" {
		t.Errorf("%+v", missing)
	}
	name := write(t, "production", "{mode: several, addresses: []}")
	wrong := look(t, name)
	if f := find(t, wrong, "config"); f.Verdict != doctor.Problem || !strings.Contains(f.Saw, "redis.mode") || len(wrong.Checks) < 2 {
		t.Errorf("%+v", wrong)
	}
	right := write(t, sandbox.NewServer(t).URL, `{mode: single, addresses: ["127.0.0.1:1"]}`)
	for mode, want := range map[os.FileMode]doctor.Verdict{0o600: doctor.OK, 0o620: doctor.Problem, 0o602: doctor.Problem} {
		if err := os.Chmod(right, mode); err != nil {
			t.Fatal(err)
		}
		if f := find(t, look(t, right, only("files")), "files"); f.Verdict != want || want == doctor.Problem && !strings.Contains(f.Advice, "chmod go-w "+right) {
			t.Errorf("%o: %+v", mode, f)
		}
	}
	if err := os.Chmod(right, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(right), 0o777); err != nil {
		t.Fatal(err)
	}
	if f := find(t, look(t, right, only("files")), "files"); f.Verdict != doctor.Problem || !strings.Contains(f.Saw, "0777") {
		t.Errorf("its folder: %+v", f)
	}
	if f := find(t, look(t, "../../../config.yaml", only("secrets")), "secrets"); f.Verdict != doctor.Warning || !strings.Contains(f.Advice, "itsme-bridge init") {
		t.Errorf("the example's secrets: %+v", f)
	}
}

func only(names ...string) func(*doctor.Options) {
	return func(o *doctor.Options) { o.Only = names }
}

func TestOnlyWhatIsAskedFor(t *testing.T) {
	file := write(t, sandbox.NewServer(t).URL, `{mode: single, addresses: ["127.0.0.1:1"]}`)
	report := look(t, file, only("clock", "system.files"))
	for _, f := range report.Checks {
		if !strings.HasPrefix(f.ID, "clock.") && f.ID != "system.files" {
			t.Errorf("%+v", f)
		}
	}
	if len(report.Checks) != 4 {
		t.Errorf("%+v", report)
	}
	if _, err := doctor.Run(t.Context(), doctor.Options{File: file, Now: time.Now, Only: []string{"clocks"}}); !errors.Is(err, doctor.ErrNoSuchCheck) {
		t.Errorf("%v", err)
	}
}

func TestCM(t *testing.T) {
	redis := `{mode: single, addresses: ["127.0.0.1:1"]}`
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	if f := find(t, look(t, write(t, dead.URL, redis), only("cm")), "cm.reached"); f.Verdict != doctor.Problem || !strings.Contains(f.Advice, "itsme.proxy") {
		t.Errorf("%+v", f)
	}
	cm := sandbox.NewServer(t)
	transact := func(o *doctor.Options) { o.Only, o.Transaction = []string{"cm"}, true }
	host := strings.TrimPrefix(cm.URL, "http://")
	if f := find(t, look(t, write(t, cm.URL, redis), transact), "cm.transaction"); f.Verdict != doctor.OK || !strings.HasSuffix(f.Saw, "to "+host) {
		t.Errorf("%+v", f)
	}
	if f := find(t, look(t, write(t, cm.URL, redis), only("cm")), "cm.transaction"); f.Verdict != doctor.Skipped || f.Unchecked {
		t.Errorf("nobody has asked for a transaction: %+v", f)
	}
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
	defer refusing.Close()
	if f := find(t, look(t, write(t, refusing.URL, redis), transact), "cm.transaction"); f.Verdict != doctor.Problem || !strings.Contains(f.Advice, "itsme.token") {
		t.Errorf("%+v", f)
	}
}

func TestClocks(t *testing.T) {
	redis := fmt.Sprintf(`{mode: single, addresses: [%q]}`, storagetest.Serve(t))
	file := write(t, sandbox.NewServer(t).URL, redis)
	for away, want := range map[time.Duration]doctor.Verdict{0: doctor.OK, 10 * time.Second: doctor.Warning, -10 * time.Second: doctor.Warning, 2 * time.Minute: doctor.Problem} {
		report := look(t, file, only("clock"), func(o *doctor.Options) { o.Now = func() time.Time { return time.Now().Add(away) } })
		for _, id := range []string{"clock.redis", "clock.cm", "clock.issuer"} {
			if f := find(t, report, id); f.Verdict != want || (f.Advice == "") != (want == doctor.OK) {
				t.Errorf("%s: %+v", away, f)
			}
		}
	}
}

// Whatever hangs, it ends; and what matters and could not be looked at is told apart.
func TestItEndsInTime(t *testing.T) {
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	began := time.Now()
	redis := fmt.Sprintf(`{mode: single, addresses: [%q]}`, silent.Addr())
	file := write(t, "http://"+silent.Addr().String(), redis)
	report := look(t, file, only("redis", "cm", "bridge", "keys"))
	if took := time.Since(began); took > 40*time.Second {
		t.Errorf("it took %s", took)
	}
	for _, id := range []string{"redis.reached", "cm.reached"} {
		if f := find(t, report, id); f.Verdict != doctor.Problem {
			t.Errorf("%+v", f)
		}
	}
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", listenOf(t, file))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	report = look(t, file, only("bridge"))
	if f := find(t, report, "bridge.running"); f.Verdict != doctor.Skipped || !f.Unchecked || report.Result != "not_checked" || f.Advice == "" {
		t.Errorf("%+v %s", f, report.Result)
	}
}

// A check that does not heed its deadline holds nothing up.
func TestACheckThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		found := doctor.Within(t.Context(), func() {
			select {
			case <-release:
			case <-time.After(time.Hour):
			}
		})
		close(release)
		if len(found) != 1 || !found[0].Unchecked || !strings.Contains(found[0].Saw, "15s") {
			t.Errorf("%+v", found)
		}
	})
}

// listenOf is where the bridge of a configuration listens.
func listenOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "listen: ")
	listen, _, _ := strings.Cut(rest, "\n")
	return listen
}
