package itsme_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/itsme"
)

func TestStatusAsks(t *testing.T) {
	const odd = "a/b?c#d%e&f+g.."
	var method, path string
	var length int64
	client := newClient(t, at(t, func(w http.ResponseWriter, r *http.Request) {
		method, path, length = r.Method, r.URL.EscapedPath(), r.ContentLength
		if len(r.TransferEncoding) > 0 || r.URL.RawQuery != "" {
			t.Errorf("%v, query %q", r.TransferEncoding, r.URL.RawQuery)
		}
		_, _ = io.WriteString(w, lucas)
	}))
	result, err := client.Status(t.Context(), odd)
	if err != nil {
		t.Fatal(err)
	}
	if method != http.MethodGet || path != "/status/a%2Fb%3Fc%23d%25e&f+g.." || length != 0 {
		t.Errorf("%s %s with %d bytes", method, path, length)
	}
	if result.Status != itsme.Success || result.Identity != lucasMaes() || len(result.Dropped) > 0 {
		t.Error("CM's own example was not understood")
	}
}

func TestStatusWords(t *testing.T) {
	for _, row := range []struct {
		word string
		want itsme.Status
		raw  string
	}{
		{"open", itsme.Open, "open"},
		{"cancelled", itsme.Cancelled, "cancelled"},
		{"failure", itsme.Failure, "failure"},
		{"expired", itsme.Expired, "expired"},
		{"failed", itsme.Failure, "failed"},
		{"Success", itsme.Failure, "Success"},
		{"success!", itsme.Failure, "success"},
		{"pending_review", itsme.Failure, "pending_review"},
		{"+32471234567", itsme.Failure, ""},
		{"lucas@example.com, 1000 Brussel", itsme.Failure, "lucasexamplecomBrussel"},
		{strings.Repeat("x", 100), itsme.Failure, strings.Repeat("x", 32)},
		{"naïve\nline", itsme.Failure, "naveline"},
	} {
		// A person in the answer is none of ours unless CM says success.
		body := strings.Replace(lucas, `"success"`, quote(row.word), 1)
		result, err := newClient(t, saying(http.StatusOK, body)).Status(t.Context(), transactionToken)
		if err != nil || result.Status != row.want || result.Raw != row.raw {
			t.Errorf("%q: %v (%q), %v", row.word, result.Status, result.Raw, err)
		}
		if result.Identity != (itsme.Identity{}) {
			t.Errorf("%q: somebody was let in", row.word)
		}
	}
}

func TestStatusKeepsWhatItCan(t *testing.T) {
	const nameOf = `{"givenName": "Lucas", "familyName": "Maes", "fullName": "Lucas Maes"}`
	const addressOf = `{"streetAddress": "Rue Neuve 1", "postalCode": "1000", "city": "Bruxelles", "countryCode": "BE"}`
	for _, row := range []struct {
		name    string
		was, is string // one replacement in CM's example
		change  func(*itsme.Identity)
		dropped []string
	}{
		{"a number where a text is due", `"nl"`, `7`, func(i *itsme.Identity) { i.Locale = "" }, []string{"locale"}},
		{"null", `"male"`, `null`, func(i *itsme.Identity) { i.Gender = "" }, nil},
		{"empty", `"lucas.maes@example.com"`, `""`, func(i *itsme.Identity) { i.EmailAddress = "" }, nil},
		{"only spaces", `"lucas.maes@example.com"`, `"  "`, func(i *itsme.Identity) { i.EmailAddress = "" }, nil},
		{"spaces around", `"Lucas Maes"`, `" Lucas Maes\n"`, func(*itsme.Identity) {}, nil},
		{
			"a name that is a text", nameOf, `" Lucas Maes "`,
			func(i *itsme.Identity) { i.GivenName, i.FamilyName = "", "" }, nil,
		},
		{"a name that is a number", nameOf, `7`, func(i *itsme.Identity) { i.GivenName, i.FamilyName, i.FullName = "", "", "" }, []string{"name"}},
		{"a name in two halves", `, "fullName": "Lucas Maes"`, ``, func(*itsme.Identity) {}, nil},
		{"a name in two halves, and an empty whole", `"fullName": "Lucas Maes"`, `"fullName": " "`, func(*itsme.Identity) {}, nil},
		{"a name in two halves, and no readable whole", `"fullName": "Lucas Maes"`, `"fullName": {}`, func(*itsme.Identity) {}, []string{"name.fullName"}},
		{
			"a family name alone", nameOf, `{"familyName": "Maes"}`,
			func(i *itsme.Identity) { i.GivenName, i.FullName = "", "Maes" }, nil,
		},
		{
			"a name that is null", nameOf, `null`,
			func(i *itsme.Identity) { i.GivenName, i.FamilyName, i.FullName = "", "", "" }, nil,
		},
		{"half a name", `"givenName": "Lucas"`, `"givenName": ["Lucas"]`, func(i *itsme.Identity) { i.GivenName = "" }, []string{"name.givenName"}},
		{
			"an address that is a list", addressOf, `[]`,
			func(i *itsme.Identity) { i.Address = itsme.Address{} },
			[]string{"address"},
		},
		{
			"an address that is a text", addressOf, `"Rue Neuve 1\n1000 Bruxelles"`,
			func(i *itsme.Identity) { i.Address = itsme.Address{StreetAddress: "Rue Neuve 1\n1000 Bruxelles"} }, nil,
		},
		{"a postal code that is a number", `"1000"`, `1000`, func(*itsme.Identity) {}, nil},
		{"a postal code that is half a number", `"1000"`, `1000.5`, func(i *itsme.Identity) { i.Address.PostalCode = "" }, []string{"address.postalCode"}},
		{"a country in small letters", `"BE"`, `" be"`, func(*itsme.Identity) {}, nil},
		{"a country by its name", `"BE"`, `"Belgique"`, func(i *itsme.Identity) { i.Address.CountryCode = "Belgique" }, nil},
		{"a gender in capitals", `"male"`, `"MALE"`, func(*itsme.Identity) {}, nil},
		{"a locale in capitals", `"nl"`, `"NL"`, func(*itsme.Identity) {}, nil},
		{"a locale with a country", `"nl"`, `"nl_be"`, func(i *itsme.Identity) { i.Locale = "nl-BE" }, nil},
		{"an e-mail address with spaces around", `"lucas.maes@example.com"`, `" lucas.maes@example.com "`, func(*itsme.Identity) {}, nil},
		{"an e-mail address that is a list", `"lucas.maes@example.com"`, `["lucas.maes@example.com"]`, func(i *itsme.Identity) { i.EmailAddress = "" }, []string{"emailAddress"}},
		{"several lines", `"Rue Neuve 1"`, `"Rue Neuve 1\nbte 3"`, func(i *itsme.Identity) { i.Address.StreetAddress = "Rue Neuve 1\nbte 3" }, nil},
		{"names in another case", `"gender"`, `"Gender"`, func(i *itsme.Identity) { i.Gender = "" }, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			if !strings.Contains(lucas, row.was) {
				t.Fatal("nothing was replaced")
			}
			body := strings.Replace(lucas, row.was, row.is, 1)
			result, err := newClient(t, saying(http.StatusOK, body)).Status(t.Context(), transactionToken)
			if err != nil {
				t.Fatal(err)
			}
			want := lucasMaes()
			row.change(&want)
			if result.Status != itsme.Success || result.Identity != want {
				t.Error("another identity than CM gave")
			}
			if !slices.Equal(result.Dropped, row.dropped) {
				t.Errorf("dropped %v, want %v", result.Dropped, row.dropped)
			}
		})
	}
}

func TestStatusRefuses(t *testing.T) {
	const id = `"userId": "QC1JJ6AgPTnDWTP3p6p3S1kMzPkLCVN41vzfaTxw"`
	for _, row := range []struct {
		name string
		body string
		want error
	}{
		{"success without a person", `{"status": "success"}`, itsme.ErrTaken},
		{"success without userId", strings.Replace(lucas, id, `"x": 1`, 1), itsme.ErrTaken},
		{"userId null", strings.Replace(lucas, id, `"userId": null`, 1), itsme.ErrTaken},
		{"userId empty", strings.Replace(lucas, id, `"userId": ""`, 1), itsme.ErrTaken},
		{"userId in another case", strings.Replace(lucas, id, `"USERID": "x"`, 1), itsme.ErrTaken},
		{"userId a number", strings.Replace(lucas, id, `"userId": 42`, 1), itsme.ErrBadAnswer},
		{"userId with spaces", strings.Replace(lucas, id, `"userId": " x "`, 1), itsme.ErrBadAnswer},
		{"userId with a control character", strings.Replace(lucas, id, `"userId": "a\u0000b"`, 1), itsme.ErrBadAnswer},
		{"userId without end", strings.Replace(lucas, id, `"userId": "`+strings.Repeat("x", 256)+`"`, 1), itsme.ErrBadAnswer},
		{"no status", strings.Replace(lucas, `"status"`, `"state"`, 1), itsme.ErrBadAnswer},
		{"a status that is a number", strings.Replace(lucas, `"success"`, `1`, 1), itsme.ErrBadAnswer},
		{"an empty status", `{"status": ""}`, itsme.ErrBadAnswer},
		{"nothing", ``, itsme.ErrBadAnswer},
		{"a page", `<!doctype html><p>Lucas Maes</p>`, itsme.ErrBadAnswer},
		{"more than 64 KiB", lucas + strings.Repeat(" ", 64<<10), itsme.ErrBadAnswer},
	} {
		t.Run(row.name, func(t *testing.T) {
			result, err := newClient(t, saying(http.StatusOK, row.body)).Status(t.Context(), transactionToken)
			if !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
			if result.Identity != (itsme.Identity{}) {
				t.Error("an error, and an identity")
			}
		})
	}
}

func TestStatusWithoutATokenAsksNobody(t *testing.T) {
	client := newClient(t, func(c *itsme.Config) {
		c.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
			t.Error("something was sent")
			return nil, io.EOF
		})
	})
	for _, token := range []string{"", ".", "..", "a b", "a\nb"} {
		_, err := client.Status(t.Context(), token)
		failure, ok := errors.AsType[*itsme.Error](err)
		if !ok || failure.Kind != itsme.Refused || failure.Sent() {
			t.Errorf("%q: %v", token, err)
		}
	}
}

func quote(text string) string { return `"` + strings.ReplaceAll(text, "\n", `\n`) + `"` }
