package itsme_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"itsme-bridge/itsme"
)

const created = `{"transactionToken": "` + transactionToken + `", "authenticationUrl": "` + authentication + `"}`

func TestStartSendsWhatCMDocuments(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*itsme.Start)
		want   map[string]any
	}{
		{"everything", func(*itsme.Start) {}, map[string]any{
			"token": merchantToken, "service": "register", "scopes": []any{"profile", "address"},
			"locale": "nl", "redirectUrl": redirectURL, "phoneNumber": phoneNumber,
		}},
		{"the least", func(s *itsme.Start) { s.Scopes, s.Locale, s.PhoneNumber = nil, "", "" }, map[string]any{
			"token": merchantToken, "service": "register", "redirectUrl": redirectURL,
		}},
		{"another token", func(s *itsme.Start) { *s = itsme.Start{Token: "other", Service: itsme.Login, RedirectURL: redirectURL} }, map[string]any{
			"token": "other", "service": "login", "redirectUrl": redirectURL,
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got map[string]any
			client := newClient(t, at(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost || r.URL.Path != "/transactions" || r.Header.Get("Content-Type") != "application/json" {
					t.Errorf("%s %s, %s", r.Method, r.URL, r.Header.Get("Content-Type"))
				}
				if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
					t.Error(err)
				}
				_, _ = io.WriteString(w, created)
			}))
			s := start()
			row.change(&s)
			transaction, err := client.Start(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if transaction.Token != transactionToken || transaction.AuthenticationURL != authentication {
				t.Error("the transaction is not what CM said")
			}
			if !reflect.DeepEqual(got, row.want) {
				t.Errorf("sent %v, want %v", got, row.want)
			}
		})
	}
}

func TestStartKeepsThePathOfTheBaseURL(t *testing.T) {
	for _, base := range []string{"/itsme/v1", "/itsme/v1/"} {
		var seen string
		local := at(t, func(w http.ResponseWriter, r *http.Request) {
			seen = r.URL.Path
			_, _ = io.WriteString(w, created)
		})
		client := newClient(t, func(c *itsme.Config) { local(c); c.BaseURL += base })
		if _, err := client.Start(t.Context(), start()); err != nil || seen != "/itsme/v1/transactions" {
			t.Errorf("base %s: asked for %s, %v", base, seen, err)
		}
	}
}

func TestStartWithoutATokenSendsNothing(t *testing.T) {
	client := newClient(t, func(c *itsme.Config) {
		c.Token = ""
		c.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
			t.Error("something was sent")
			return nil, io.EOF
		})
	})
	_, err := client.Start(t.Context(), start())
	failure, ok := errors.AsType[*itsme.Error](err)
	if !ok || failure.Kind != itsme.Refused || failure.Sent() {
		t.Errorf("got %v", err)
	}
}

func TestStartReadsAnswersWithCare(t *testing.T) {
	for _, row := range []struct {
		name string
		body string
		kind itsme.Kind // "": none
	}{
		{"as documented", created, ""},
		{"with a byte order mark", "\xef\xbb\xbf" + created, ""},
		{"with members that nobody knows", strings.Replace(created, "{", `{"expires": 12, "x": {"y": []}, `, 1), ""},
		{"nothing", "", itsme.BadAnswer},
		{"null", "null", itsme.BadAnswer},
		{"a list", "[]", itsme.BadAnswer},
		{"a page", "<html><body>OK</body></html>", itsme.BadAnswer},
		{"half of it", created[:40], itsme.BadAnswer},
		{"more than one object", created + created, itsme.BadAnswer},
		{"more than 64 KiB", created + strings.Repeat(" ", 64<<10), itsme.BadAnswer},
		{"no token", `{"authenticationUrl": "` + authentication + `"}`, itsme.BadAnswer},
		{"a token that is a number", `{"transactionToken": 7, "authenticationUrl": "` + authentication + `"}`, itsme.BadAnswer},
		{"a token with a space", `{"transactionToken": "a b", "authenticationUrl": "` + authentication + `"}`, itsme.BadAnswer},
		{"a token that climbs", `{"transactionToken": "..", "authenticationUrl": "` + authentication + `"}`, itsme.BadAnswer},
		{"a token without end", `{"transactionToken": "` + strings.Repeat("x", 1025) + `", "authenticationUrl": "` + authentication + `"}`, itsme.BadAnswer},
		{"no URL", `{"transactionToken": "` + transactionToken + `"}`, itsme.BadAnswer},
		{"names in another case", strings.ReplaceAll(created, "transactionToken", "TRANSACTIONTOKEN"), itsme.BadAnswer},
	} {
		t.Run(row.name, func(t *testing.T) {
			transaction, err := newClient(t, saying(http.StatusOK, row.body)).Start(t.Context(), start())
			if kindOf(err) != row.kind {
				t.Fatalf("got %v, want %q", err, row.kind)
			}
			if err != nil && transaction != (itsme.Transaction{}) {
				t.Error("an error, and a transaction")
			}
		})
	}
}

// kindOf is the kind of an error; "" for none.
func kindOf(err error) itsme.Kind {
	if err == nil {
		return ""
	}
	if failure, ok := errors.AsType[*itsme.Error](err); ok {
		return failure.Kind
	}
	return "another type"
}
