package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"itsme-bridge/itsme/sandbox"
)

func TestWhatCMWouldRefuse(t *testing.T) {
	for _, row := range []struct {
		name    string
		member  string
		value   any // nil: left out
		message string
	}{
		{"no token", "token", nil, "token is required"},
		{"an empty token", "token", "", "token is required"},
		{"a token that is no GUID", "token", "secret", "token is not a GUID"},
		{"a token that is a number", "token", 7, "token has the wrong type"},
		{"an unknown token", "token", "00000000-0000-0000-0000-000000000000", "token is unknown"},
		{"no service", "service", nil, "service must be login or register"},
		{"another service", "service", "sign", "service must be login or register"},
		{"an unknown scope", "scopes", []string{"profile", "openid"}, "scopes holds an unknown scope"},
		{"scopes as a text", "scopes", "profile email", "scopes has the wrong type"},
		{"another locale", "locale", "nl-BE", "locale must be en, nl, fr or de"},
		{"no redirectUrl", "redirectUrl", nil, "redirectUrl is required"},
		{"a relative redirectUrl", "redirectUrl", "/return", "redirectUrl must be an absolute https URL"},
		{"a plain http redirectUrl", "redirectUrl", "http://bridge.example/", "redirectUrl must be an absolute https URL"},
		{"a redirectUrl that looks like loopback", "redirectUrl", "http://localhost.example/", "redirectUrl must be an absolute https URL"},
		{"a redirectUrl with credentials", "redirectUrl", "https://a@bridge.example/", "redirectUrl must be an absolute https URL"},
		{"a phone number as dialled at home", "phoneNumber", "0471234567", "phoneNumber must be in E.164 format"},
		{"a phone number with spaces", "phoneNumber", "+32 471 23 45 67", "phoneNumber must be in E.164 format"},
		{"a phone number that is too long", "phoneNumber", "+3247123456789012", "phoneNumber must be in E.164 format"},
		{"a phone number that is a number", "phoneNumber", 32471234567, "phoneNumber has the wrong type"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := sandbox.NewServer(t, sandbox.Options{Tokens: []string{sandbox.MerchantToken}})
			asked := good()
			asked[row.member] = row.value
			if row.value == nil {
				delete(asked, row.member)
			}
			expectRefusal(t, create(t, s, "application/json", asked), row.message)
			if len(s.Transactions()) != 0 || s.Starts() != 1 {
				t.Errorf("%d transactions after %d calls", len(s.Transactions()), s.Starts())
			}
		})
	}
}

func TestWhatCMWouldTake(t *testing.T) {
	for name, change := range map[string]func(map[string]any){
		"everything":        func(map[string]any) {},
		"the least":         func(m map[string]any) { delete(m, "scopes"); delete(m, "locale"); delete(m, "phoneNumber") },
		"loopback":          func(m map[string]any) { m["redirectUrl"] = "http://127.0.0.1:8080/itsme/return/x" },
		"loopback, by name": func(m map[string]any) { m["redirectUrl"] = "http://localhost:8080/itsme/return/x" },
		"loopback, IPv6":    func(m map[string]any) { m["redirectUrl"] = "http://[::1]:8080/itsme/return/x" },
		"an unknown member": func(m map[string]any) { m["nonce"] = "x" },
		"register":          func(m map[string]any) { m["service"] = "register" },
	} {
		s := sandbox.NewServer(t)
		asked := good()
		change(asked)
		if a := create(t, s, "application/json; charset=utf-8", asked); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func TestOtherBodies(t *testing.T) {
	s := sandbox.NewServer(t)
	expectRefusal(t, submit(t, s.URL+"/transactions", "token="+sandbox.MerchantToken+"&service=login"), "Content-Type must be application/json")
	expectRefusal(t, create(t, s, "", good()), "Content-Type must be application/json")
	expectRefusal(t, create(t, s, "text/plain", good()), "Content-Type must be application/json")
	expectRefusal(t, send(t, http.MethodPost, s.URL+"/transactions", "application/json", `{"token":`), "the body is not a JSON object")
	expectRefusal(t, send(t, http.MethodPost, s.URL+"/transactions", "application/json", `null`), "the body is not a JSON object")
	expectRefusal(t, send(t, http.MethodPost, s.URL+"/transactions", "application/json", ``), "the body is not a JSON object")
}

func TestMethodsAndPaths(t *testing.T) {
	s := sandbox.NewServer(t)
	for _, row := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/transactions", 405},
		{http.MethodPut, "/itsme/v1/transactions", 405},
		{http.MethodPost, "/status/x", 405},
		{http.MethodHead, "/itsme/v1/status/x", 405},
		{http.MethodGet, "/status/x", 404},
		{http.MethodGet, "/itsme/v1/status/x", 404},
		{http.MethodGet, "/itsme/v2/status/x", 404},
	} {
		if a := send(t, row.method, s.URL+row.path, "", ""); a.status != row.status {
			t.Errorf("%s %s: %d, want %d", row.method, row.path, a.status, row.status)
		}
	}
}

// good is a request that CM takes.
func good() map[string]any {
	return map[string]any{
		"token": sandbox.MerchantToken, "service": "login", "scopes": []string{"profile", "email", "phone", "address"},
		"locale": "nl", "redirectUrl": redirectURL, "phoneNumber": "+32471234567",
	}
}

func create(t *testing.T, s *sandbox.TestServer, contentType string, asked map[string]any) answer {
	t.Helper()
	body, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, http.MethodPost, s.URL+"/itsme/v1/transactions", contentType, string(body))
}

// expectRefusal wants CM's form of a 400.
func expectRefusal(t *testing.T, a answer, message string) {
	t.Helper()
	var said struct {
		Status  int    `json:"status"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal([]byte(a.body), &said); err != nil {
		t.Fatalf("%d %q: %v", a.status, a.body, err)
	}
	if a.status != http.StatusBadRequest || said.Status != http.StatusBadRequest || said.Message != message {
		t.Errorf("got %d %+v, want %q", a.status, said, message)
	}
}

func body(t *testing.T, asked map[string]any) io.Reader {
	t.Helper()
	data, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(data)
}
