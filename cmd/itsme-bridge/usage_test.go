package main_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/ledger"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// billed is a configuration with one client, on a Redis where transactions of three are counted.
func billed(t *testing.T, notes map[string]string) (file string, now time.Time) {
	t.Helper()
	world := storagetest.New(t)
	file = filepath.Join(t.TempDir(), "config.yaml")
	text := fmt.Sprintf(exemplary, "127.0.0.1:1", "127.0.0.1:2", sandbox.NewServer(t).URL, world.Address()) // where nobody listens
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := storage.ParseKey("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
	if err != nil {
		t.Fatal(err)
	}
	store, err := storage.Open(storage.Options{Mode: "single", Addresses: []string{world.Address()}, Prefix: "itsme-bridge:"}, storage.NewKeyring(key))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	now = time.Now()
	l, records := ledger.New(store, time.Now), storage.NewBucket[string](store, "record")
	there := map[string]*client.Client{}
	for id, words := range notes {
		there[id] = new(client.Client)
		for i := range words {
			h := storage.NewHandle()
			note := ledger.Note{
				Login:   ledger.Login{Client: id, ID: h.ID(), Began: now, Expires: now.Add(4 * time.Minute)},
				Attempt: 1, At: now, Word: ledger.Word(words[i]),
			}
			if ok, err := l.Commit(t.Context(), note, records.Set(h, "", time.Hour)); err != nil || !ok {
				t.Fatal(ok, err)
			}
		}
	}
	l.Register(there)
	if err := l.Collect(t.Context(), nil); err != nil { // as a bridge does that has these clients
		t.Fatal(err)
	}
	return file, now.UTC()
}

const usageColumns = "started success wrong_person no_data cancelled failed expired unavailable refused left abandoned open in_doubt not_started"

// The same numbers, for people and for machines, in the columns that help names.
func TestUsage(t *testing.T) {
	file, now := billed(t, map[string]string{"example": "SSSCwDU", "other": "SC"})
	day, month := now.Format("2006-01-02"), now.Format("2006-01")
	code, stdout, stderr := run(t, "usage", "--config", file, "--client", "example")
	if code != 0 || stderr != "" {
		t.Fatalf("%d\n%s", code, stderr)
	}
	for _, want := range []string{
		month + ", by days in UTC", "client example\n", "started  success  cancelled  open  in_doubt  not_started",
		day + "        5        3          1     1         1            1\n",
		"all clients: 5 transactions started, 60.0 % success, 20.0 % cancelled, 0.0 % abandoned; nobody knows of 1 more whether CM made them, " +
			"so that an invoice for what was started is right between 5 and 6; of 1 it is not decided yet what becomes of them\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, stdout)
		}
	}
	if _, all, _ := run(t, "usage", "--config", file); !strings.Contains(all, "client other\n") || !strings.Contains(all, "7 transactions started") {
		t.Errorf("of all clients, also of one that is gone:\n%s", all)
	}

	_, stdout, _ = run(t, "usage", "--config", file, "--csv", "--month", month)
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if err != nil || len(rows) != 3 || !slices.Equal(rows[0], strings.Fields("client day "+usageColumns)) ||
		!slices.Equal(rows[1], strings.Fields("example "+day+" 5 3 0 0 1 0 0 0 0 0 0 1 1 1")) ||
		!slices.Equal(rows[2], strings.Fields("other "+day+" 2 1 0 0 1 0 0 0 0 0 0 0 0 0")) {
		t.Errorf("%v\n%s", err, stdout)
	}

	var document struct {
		Month   string
		Total   map[string]int
		Clients []struct {
			Client string
			Total  map[string]int
			Days   []struct {
				Day    string
				Counts map[string]int
			}
		}
	}
	_, stdout, _ = run(t, "usage", "--config", file, "--json")
	if err := json.Unmarshal([]byte(stdout), &document); err != nil {
		t.Fatal(err)
	}
	if document.Month != month || document.Total["started"] != 7 || len(document.Total) != len(strings.Fields(usageColumns)) ||
		len(document.Clients) != 2 || document.Clients[0].Total["success"] != 3 ||
		document.Clients[1].Days[0].Day != day || document.Clients[1].Days[0].Counts["cancelled"] != 1 {
		t.Errorf("%+v", document)
	}
	_, help, _ := run(t, "usage", "--help")
	for name := range strings.FieldsSeq(usageColumns) {
		if !strings.Contains(help, "\n  "+name+" ") {
			t.Errorf("help does not explain %s", name)
		}
	}
}

// What was asked for in vain, or wrongly.
func TestUsageSaysWhatIsWrong(t *testing.T) {
	file, now := billed(t, nil)
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	this, next, oldest, older := first.Format("2006-01"), first.AddDate(0, 1, 0).Format("2006-01"),
		first.AddDate(0, -13, 0).Format("2006-01"), first.AddDate(0, -14, 0).Format("2006-01")
	for _, row := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"nothing yet", nil, 0, this + ": no transaction is counted\n"},
		{"nothing of a client", []string{"--client", "example"}, 0, this + ": no transaction is counted\n"},
		{"the oldest month", []string{"--month", oldest}, 0, oldest + ": no transaction is counted\n"},
		{"an older one", []string{"--month", older}, 2, "--month is " + older + ", and counts are kept for thirteen months; the oldest are of " + oldest},
		{"one to come", []string{"--month", next}, 2, "--month is " + next + ", which is still to come; this month is " + this + ", in UTC"},
		{"no month", []string{"--month", "november"}, 2, `--month is "november"; write a year and a month, such as ` + this},
		{"a month that there is not", []string{"--month", "2026-13"}, 2, `--month is "2026-13"; write a year`},
		{"two forms", []string{"--csv", "--json"}, 2, "write either --csv or --json"},
		{"a client that there is not", []string{"--client", "another"}, 1, `has no client "another", and nothing is counted of one in ` + this},
		{"no configuration", []string{"--config", ""}, 2, "--config is missing"},
		{"no Redis", []string{"--config", "away"}, 1, "redis is unavailable"},
	} {
		t.Run(row.name, func(t *testing.T) {
			args := append([]string{"usage", "--config", file}, row.args...)
			if i := slices.Index(args, "away"); i > 0 {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				args[i] = filepath.Join(t.TempDir(), "config.yaml")
				_, after, _ := strings.Cut(string(text), `addresses: ["`)
				address, _, _ := strings.Cut(after, `"`)
				if err := os.WriteFile(args[i], []byte(strings.ReplaceAll(string(text), address, "127.0.0.1:1")), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			code, stdout, stderr := run(t, args...)
			if code != row.code || !strings.Contains(stdout+stderr, row.says) {
				t.Errorf("%d, want %d and %q\n%s%s", code, row.code, row.says, stdout, stderr)
			}
			if row.code != 0 && stdout != "" && !slices.Contains(row.args, "--json") {
				t.Errorf("on standard output: %s", stdout)
			}
		})
	}
}

func TestMonthsAreCompleted(t *testing.T) {
	_, stdout, _ := run(t, "__complete", "usage", "--month", "")
	lines := strings.Fields(stdout)
	if len(lines) != 15 || lines[0] != time.Now().UTC().Format("2006-01") {
		t.Errorf("%q", lines)
	}
}
