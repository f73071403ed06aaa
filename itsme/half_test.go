package itsme_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// tells is what becomes of a value, as JSON, in the place of one in CM's example.
type tells struct{ is, want string }

// reads lets CM say each value, and compares what is read. What is empty in the
// end has been dropped.
func reads(t *testing.T, field, was string, rows []tells) {
	t.Helper()
	for _, row := range rows {
		body := strings.Replace(lucas, `"`+was+`"`, row.is, 1)
		result, err := newClient(t, saying(http.StatusOK, body)).Status(t.Context(), transactionToken)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{"birthdate": result.Identity.Birthdate, "phoneNumber": result.Identity.PhoneNumber}[field]
		dropped := slices.Contains(result.Dropped, field)
		if got != row.want || dropped != (row.want == "") {
			t.Errorf("%s became %q, dropped: %t; want %q", row.is, got, dropped, row.want)
		}
	}
}

// OpenID Connect Core §5.1: YYYY-MM-DD, or YYYY. The year 0000 is one that is not told.
func TestBirthdates(t *testing.T) {
	reads(t, "birthdate", "1974-01-31", []tells{
		{`"1974-01-31"`, "1974-01-31"},
		{`" 1974-01-31\n"`, "1974-01-31"},
		{`"0000-01-31"`, "0000-01-31"},
		{`"1974"`, "1974"},
		{`1974`, "1974"},
		{`"1974-00-00"`, "1974"},
		{`"1974-01-00"`, "1974"},
		{`"1974-00-31"`, "1974"},
		{`"1974-05"`, "1974"},
		{`"1974-00"`, "1974"},
		{`"1974-1-31"`, "1974-01-31"},
		{`"1974/01/31"`, "1974-01-31"},
		{`"19740131"`, "1974-01-31"},
		{`19740131`, "1974-01-31"},
		{`"1974-01-31T00:00:00Z"`, "1974-01-31"},
		{`"1974-01-31T00:00:00.000Z"`, "1974-01-31"},
		{`"1974-01-31T00:00:00+01:00"`, "1974-01-31"},
		{`"1974-01-31T00:00:00"`, "1974-01-31"},
		{`"1974-01-31T00:00"`, "1974-01-31"},
		{`"1974-01-31 00:00:00"`, "1974-01-31"},
		{`"1974-01-31T12:00:00Z"`, "1974-01-31"},
		{`"1974-01-31Z"`, "1974-01-31"},
		{`"1974-01-30T23:00:00Z"`, "1974"}, // midnight in Brussels, of the next day
		{`"1974-12-31T23:00:00Z"`, ""},     // or of the next year

		{`"31/01/1974"`, ""},
		{`"01-31-1974"`, ""},
		{`"1974-02-31"`, ""},
		{`"1974-13"`, ""},
		{`"1974-13-00"`, ""},
		{`"1974-00-32"`, ""},
		{`"1974-01-31-00"`, ""},
		{`"1974-"`, ""},
		{`"0000"`, ""},
		{`"0000-00-00"`, ""},
		{`"74"`, ""},
		{`"unknown"`, ""},
		{`-1974`, ""},
		{`1974.5`, ""},
		{`true`, ""},
		{`{"year":1974}`, ""},
	})
}

func TestPhoneNumbers(t *testing.T) {
	reads(t, "phoneNumber", "+32471234567", []tells{
		{`"+32471234567"`, "+32471234567"},
		{`" +32 471 23 45 67 "`, "+32471234567"},
		{`"+32 (0)471/23.45.67"`, "+32471234567"},
		{`"+32-471-234567"`, "+32471234567"},
		{`"0032471234567"`, "+32471234567"},
		{`"00 32 471 23 45 67"`, "+32471234567"},
		{`"32471234567"`, "+32471234567"},
		{`32471234567`, "+32471234567"},
		{`"0471 23 45 67"`, "0471 23 45 67"}, // of which country is not said
		{`"471234567"`, "471234567"},
		{`471234567`, "471234567"},
		{`"+32 471 ext. 5"`, "+32 471 ext. 5"},
		{`{}`, ""},
		{`false`, ""},
	})
}
