package itsme_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"itsme-bridge/itsme"
)

// errorText is all that an error can say: our words, never CM's.
var errorText = regexp.MustCompile(`^itsme: (start|status): [a-z_]+( \(HTTP \d+\))?(: [a-zA-Z0-9 ]+)?$`)

// CM may answer anything. Whatever it is, a person comes only out of a success
// with a userId, and no text holds what CM said.
func FuzzStatus(f *testing.F) {
	f.Add([]byte(lucas))
	f.Add([]byte(`{"status":"success"}`))
	f.Add([]byte(`{"status":"failed","userId":"x"}`))
	f.Add([]byte(`{"status":"success","userId":"x","name":7,"address":[],"birthdate":"x"}`))
	f.Add([]byte(`{"status":"success","userId":"x","userId":null}`))
	f.Add([]byte("\xef\xbb\xbf{\"status\":\"open\"}"))
	f.Add([]byte(`<html>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		result, err := newClient(t, saying(200, string(body))).Status(t.Context(), transactionToken)
		if err != nil {
			if _, ok := errors.AsType[*itsme.Error](err); !ok || !errorText.MatchString(err.Error()) {
				t.Errorf("another error: %v", err)
			}
			if result.Identity != (itsme.Identity{}) {
				t.Error("an error and a person")
			}
			return
		}
		switch result.Status {
		case itsme.Success:
			if id := result.Identity.UserID; id == "" || len(id) > 255 {
				t.Errorf("a subject of %d bytes", len(id))
			}
			var documented struct {
				Status string `json:"status"`
			}
			if json.Unmarshal([]byte(strings.TrimPrefix(string(body), "\xef\xbb\xbf")), &documented) != nil {
				t.Error("a success that is no JSON")
			}
		case itsme.Open, itsme.Cancelled, itsme.Failure, itsme.Expired:
			if result.Identity != (itsme.Identity{}) {
				t.Errorf("%s, and a person", result.Status)
			}
		default:
			t.Errorf("status %q", result.Status)
		}
		if len(result.Raw) > 32 || strings.Trim(result.Raw, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") != "" {
			t.Errorf("raw status %q", result.Raw)
		}
	})
}

// No answer sends a browser anywhere but to an allowed host.
func FuzzStart(f *testing.F) {
	f.Add([]byte(created))
	f.Add([]byte(`{"transactionToken":"x","authenticationUrl":"https://itsme.example\\@evil.example/"}`))
	f.Add([]byte(`{"transactionToken":"x","authenticationUrl":"https://evil.example/.itsme.example/"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		client := newClient(t, func(c *itsme.Config) {
			saying(200, string(body))(c)
			c.AllowedHosts = []string{"*.itsme.example"}
		})
		transaction, err := client.Start(t.Context(), start())
		if err != nil {
			if !errorText.MatchString(err.Error()) {
				t.Errorf("another error: %v", err)
			}
			return
		}
		u, err := url.Parse(transaction.AuthenticationURL)
		if err != nil || u.Scheme != "https" || !strings.HasSuffix(strings.ToLower(u.Hostname()), ".itsme.example") || transaction.Token == "" {
			t.Errorf("a browser would go to %s", transaction.AuthenticationURL)
		}
	})
}

// Whatever CM says about refused parameters, the log gets none of them.
func FuzzMessage(f *testing.F) {
	f.Add("The value ", " is wrong.", true)
	f.Add(strings.Repeat("x", 250), "", true)
	f.Add("<p>", "</p>", false)
	f.Fuzz(func(t *testing.T, before, after string, asJSON bool) {
		body := before + merchantToken + after + phoneNumber + before + redirectURL + after
		if asJSON {
			data, err := json.Marshal(map[string]string{"message": body})
			if err != nil {
				t.Fatal(err)
			}
			body = string(data)
		}
		_, err := newClient(t, saying(400, body)).Start(t.Context(), start())
		failure, ok := errors.AsType[*itsme.Error](err)
		if !ok {
			t.Fatalf("got %v", err)
		}
		message := failure.Message()
		if len(message) > 256 || !utf8.ValidString(message) {
			t.Errorf("%d bytes: %q", len(message), message)
		}
		for _, secret := range []string{merchantToken, phoneNumber, redirectURL} {
			if strings.Contains(message, secret) {
				t.Errorf("the log would show %q", secret)
			}
		}
	})
}
