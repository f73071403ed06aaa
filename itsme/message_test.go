package itsme_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"itsme-bridge/itsme"
)

func TestMessage(t *testing.T) {
	for _, row := range []struct{ name, body, want string }{
		{"as public clients know it", `{"status": 400, "message": "The redirect URL is not registered."}`, "The redirect URL is not registered."},
		{"none", ``, ""},
		{"empty", `{}`, "{}"},
		{"another form", `{"title": "Bad Request", "errors": {"locale": ["unknown"]}}`, `{"title": "Bad Request", "errors": {"locale": ["unknown"]}}`},
		{"a number", `{"message": 17}`, `{"message": 17}`},
		{"a page", "<html><head><title>Bad</title></head>\n<body>Request</body></html>", "Bad Request"},
		{"the merchant token", `{"message": "token ` + merchantToken + ` is blocked"}`, "token [sent] is blocked"},
		{"the merchant token in capitals", `{"message": "token ` + strings.ToUpper(merchantToken) + ` is blocked"}`, "token [secret] is blocked"},
		{"the phone number", `{"message": "phone ` + phoneNumber + ` is wrong"}`, "phone [sent] is wrong"},
		{"the phone number written otherwise", `{"message": "phone 0471 23.45.67 is wrong"}`, "phone [number] is wrong"},
		{"the phone number in another form", `{"errors": ["\u002B32471234567"]}`, `{"errors": ["\u002B[number]"]}`},
		{"the redirect URL", `{"message": "'` + redirectURL + `' is wrong"}`, "'[sent]' is wrong"},
		{"the redirect URL, escaped", `{"message": "https%3A%2F%2Fbridge.example%2Freturn is wrong"}`, "[url] is wrong"},
		{"another URL", `{"message": "see https:\/\/cm.example/docs?a=b now"}`, "see [url] now"},
		{"an e-mail address", `{"message": "user lucas.maes@example.com exists"}`, "user [email] exists"},
		{"a token", `{"message": "token ` + transactionToken + ` exists"}`, "token [secret] exists"},
		{"control characters", `{"message": "a\u001b[31mb\nc\u0000d"}`, "a [31mb c d"},
		{"not UTF-8", "\xff\xfe bad", "? bad"},
		{"long", `{"message": "` + strings.Repeat("word ", 100) + `"}`, strings.Repeat("word ", 51) + "w"},
		{"long, and cut within a character", `{"message": "` + strings.Repeat("é ", 200) + `"}`, strings.Repeat("é ", 85)},
		// Cut first, the token would be too short to be seen.
		{"a token across the cut", `{"message": "` + strings.Repeat("ab ", 82) + transactionToken + `"}`, strings.Repeat("ab ", 82) + "[secret]"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := newClient(t, saying(400, row.body)).Start(t.Context(), start())
			failure, ok := errors.AsType[*itsme.Error](err)
			if !ok || failure.Kind != itsme.Refused {
				t.Fatalf("got %v", err)
			}
			if failure.Message() != row.want {
				t.Errorf("got  %q\nwant %q", failure.Message(), row.want)
			}
			if row.want != "" && strings.Contains(err.Error(), row.want) {
				t.Error("the message, which is for the log only, stands in the error")
			}
		})
	}
}

// What a client's own token was, CM's words must not repeat either.
func TestMessageWithoutTheTokenOfTheRequest(t *testing.T) {
	s := start()
	s.Token = "short"
	_, err := newClient(t, saying(400, `{"message": "token short is blocked"}`)).Start(t.Context(), s)
	failure, ok := errors.AsType[*itsme.Error](err)
	if !ok || failure.Message() != "token [sent] is blocked" {
		t.Errorf("got %v, %q", err, failure.Message())
	}
}

// Nobody knows what a person's name looks like, so nothing is kept of what CM
// says where it might speak of a person.
func TestNoMessageOfAStatus(t *testing.T) {
	_, err := newClient(t, saying(500, `{"message": "cannot serialize Lucas Maes"}`)).Status(t.Context(), transactionToken)
	failure, ok := errors.AsType[*itsme.Error](err)
	if !ok || failure.Message() != "" {
		t.Errorf("kept %q", failure.Message())
	}
}

func TestTheLogGetsTheMessage(t *testing.T) {
	_, err := newClient(t, saying(400, `{"message": "no such locale"}`)).Start(t.Context(), start())
	var text strings.Builder
	slog.New(slog.NewTextHandler(&text, nil)).Error("x", slog.Any("cause", err))
	const want = `cause.operation=start cause.kind=refused cause.status=400 cause.message="no such locale"`
	if !strings.Contains(text.String(), want) {
		t.Errorf("got %s, want %s", text.String(), want)
	}
}
