package itsme_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"itsme-bridge/itsme"
)

// secrets are what no text may hold.
func secrets() []string {
	i := lucasMaes()
	return []string{
		merchantToken, transactionToken, authentication, redirectURL, phoneNumber, "T1cK3t", "PR00F", phoneNumber[1:],
		i.UserID, i.GivenName, i.FamilyName, i.Birthdate, i.EmailAddress, i.Address.StreetAddress, i.Address.City,
	}
}

// forms are the secrets as they are, escaped, in hexadecimal, and as numbers.
var forms = sync.OnceValue(func() []string {
	var all []string
	for _, secret := range secrets() {
		numbers := strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]")
		all = append(all, strings.ToLower(secret), strings.ToLower(url.QueryEscape(secret)), hex.EncodeToString([]byte(secret)), numbers)
	}
	return all
})

// search looks for the secrets in a text.
func search(t *testing.T, how, text string) {
	t.Helper()
	lower := strings.ToLower(text)
	for _, form := range forms() {
		if strings.Contains(lower, form) {
			t.Errorf("%s shows %q: %s", how, form, text)
		}
	}
}

// failures are errors of every kind, from answers that are full of secrets.
func failures(t *testing.T) map[string]error {
	t.Helper()
	all := map[string]error{}
	spilling := `{"message": "` + strings.Join(secrets()[:5], " ") + `"}`
	for name, change := range map[string]func(*itsme.Config){
		"refused":     saying(http.StatusBadRequest, spilling),
		"unavailable": saying(http.StatusBadGateway, spilling),
		"odd":         saying(http.StatusTeapot, spilling),
		"bad answer":  saying(http.StatusOK, strings.Replace(lucas, `"success"`, `7`, 1)),
		"bad host":    saying(http.StatusOK, strings.Replace(created, "https://", "ftp://", 1)),
		"taken":       saying(http.StatusOK, strings.Replace(lucas, "userId", "nobody", 1)),
		"transport": func(c *itsme.Config) {
			c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: errors.New(spilling)}
			})
		},
	} {
		_, all["start, "+name] = newClient(t, change).Start(t.Context(), start())
		_, all["status, "+name] = newClient(t, change).Status(t.Context(), transactionToken)
	}
	return all
}

func TestNothingPrintsASecret(t *testing.T) {
	transaction := itsme.Transaction{Token: transactionToken, AuthenticationURL: authentication}
	s := start()
	s.Token = merchantToken
	result := itsme.Result{Status: itsme.Success, Raw: "success", Identity: lucasMaes()}
	values := map[string]any{
		"Config": itsme.Config{BaseURL: "production", Token: merchantToken}, "Client": newClient(t, nil),
		"Start": s, "Transaction": transaction, "Result": result, "Identity": lucasMaes(), "Address": lucasMaes().Address,
		"embedded": struct{ itsme.Transaction }{transaction},
		"nested":   struct{ Result itsme.Result }{result},
		"listed":   []itsme.Identity{lucasMaes()},
		"mapped":   map[string]itsme.Transaction{"x": transaction},
	}
	for name, err := range failures(t) {
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		values[name] = err
		for _, text := range inside(err) {
			search(t, "what is inside of "+name, text)
		}
		values[name+", wrapped"] = fmt.Errorf("provider: %w", err)
		values[name+", joined"] = errors.Join(err, io.EOF)
	}
	for name, value := range values {
		seen := map[string]bool{}
		for how, text := range renderings(t, value) {
			if !seen[text] {
				search(t, name+" as "+how, text)
			}
			seen[text] = true
		}
	}
}

// Every handler asks for LogValue, whatever it makes of the rest.
func TestWhatALogShows(t *testing.T) {
	for want, value := range map[string]slog.LogValuer{
		"itsme.Config[redacted]":          itsme.Config{Token: merchantToken},
		"itsme.Client[redacted]":          newClient(t, nil),
		"itsme.Start[redacted]":           start(),
		"itsme.Transaction[redacted]":     itsme.Transaction{Token: transactionToken},
		"itsme.Result[expired, redacted]": itsme.Result{Status: itsme.Expired},
		"itsme.Identity[redacted]":        lucasMaes(),
		"itsme.Address[redacted]":         lucasMaes().Address,
	} {
		if got := value.LogValue(); got.Kind() != slog.KindString || got.String() != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// renderings are the ways of a value into a text. %p and %w are not among them:
// for a struct they are mistakes that go vet reports, and fmt then prints it by reflection.
func renderings(t *testing.T, value any) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, verb := range "abcdefghijklmnoqrstuvxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		for _, flags := range []string{"", "+", "#", " "} {
			format := "%" + flags + string(verb)
			all[format] = fmt.Sprintf(format, value)
			if pointee, ok := value.(itsme.Transaction); ok {
				all[format+" of a pointer"] = fmt.Sprintf(format, &pointee)
			}
		}
	}
	all["Println"] = fmt.Sprintln(value)
	var text, encoded strings.Builder
	level := &slog.HandlerOptions{Level: slog.LevelDebug}
	slog.New(slog.NewTextHandler(&text, level)).Debug("x", slog.Any("value", value), slog.Group("g", slog.Any("value", value)))
	all["slog text"] = text.String()
	if !holdsTransaction(value) {
		slog.New(slog.NewJSONHandler(&encoded, level)).Debug("x", slog.Any("value", value), slog.Group("g", slog.Any("value", value)))
		all["slog JSON"] = encoded.String()
	}
	return all
}

// holdsTransaction reports whether a value encodes to a transaction, which is
// meant to encode in full.
func holdsTransaction(value any) bool {
	switch value.(type) {
	case map[string]itsme.Transaction:
		return true
	}
	return false
}

// A transaction is kept in Redis, sealed, so it must survive JSON.
func TestATransactionSurvivesJSON(t *testing.T) {
	want := itsme.Transaction{Token: transactionToken, AuthenticationURL: authentication}
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got itsme.Transaction
	if err := json.Unmarshal(data, &got); err != nil || got != want {
		t.Errorf("it came back as another: %v", err)
	}
}

func TestNothingElseGetsIntoJSON(t *testing.T) {
	s := start()
	s.Token = merchantToken
	data, err := json.Marshal([]any{lucasMaes(), lucasMaes().Address, itsme.Result{Identity: lucasMaes()}, s, itsme.Config{Token: merchantToken}})
	if err != nil {
		t.Fatal(err)
	}
	search(t, "JSON", string(data))
}
