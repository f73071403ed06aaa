package signed_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/signed"
)

const badPayload = "The payload is not a JSON object with each member once."

// at is a NumericDate some time from now.
func at(d time.Duration) int64 { return now.Add(d).Unix() }

func plainAssertion() members {
	return members{"iss": client, "sub": client, "aud": issuer, "exp": at(time.Minute), "iat": at(0), "jti": "one"}
}

func TestReadAssertion(t *testing.T) {
	rules := signed.AssertionRules{ClientID: client, Audiences: []string{issuer, endpoint}, Now: now}
	strict := rules
	strict.OnlyIssuer = issuer
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	const (
		badAudience = "The claim aud names neither the issuer nor this endpoint."
		notOnly     = "The claim aud is not the issuer, as a single string."
	)
	for _, row := range []struct {
		name    string
		changes members
		rules   signed.AssertionRules
		want    string
	}{
		{"as it should be", nil, rules, ""},
		{"for this endpoint", members{"aud": endpoint}, rules, ""},
		{"for several", members{"aud": []string{"https://other.example", endpoint}}, rules, ""},
		{"without iat", members{"iat": nil}, rules, ""},
		{"members that nobody knows", members{"x": []any{1, nil, true}}, rules, ""},
		{"fractions of a second", members{"iat": raw("1.7999999995e9"), "nbf": raw("1800000000.5"), "exp": raw("1800000000.001")}, rules, ""},
		{"only for the issuer", nil, strict, ""},

		{"of another client", members{"iss": "other", "sub": "other"}, rules, "The claim iss is not the client_id."},
		{"no iss", members{"iss": nil}, rules, "The claim iss is not the client_id."},
		{"iss is a list", members{"iss": []string{client}}, rules, "The claim iss is not the client_id."},
		{"of nobody", members{"iss": "", "sub": ""}, signed.AssertionRules{Audiences: []string{issuer}, Now: now}, "The claim iss is not the client_id."},
		{"iss is not sub", members{"sub": "other"}, rules, "The claim sub is not the client_id."},
		{"no sub", members{"sub": nil}, rules, "The claim sub is not the client_id."},
		{"no aud", members{"aud": nil}, rules, badAudience},
		{"a foreign aud", members{"aud": hostile}, rules, badAudience},
		{"foreign auds", members{"aud": []string{"a", "b"}}, rules, badAudience},
		{"an empty aud", members{"aud": []string{}}, rules, badAudience},
		{"more than the issuer", members{"aud": issuer + "/"}, rules, badAudience},
		{"aud with a number", members{"aud": []any{issuer, 1}}, rules, badAudience},
		{"aud with null", members{"aud": []any{issuer, nil}}, rules, badAudience},
		{"aud is an object", members{"aud": members{issuer: issuer}}, rules, badAudience},
		{"only the issuer: in a list", members{"aud": []string{issuer}}, strict, notOnly},
		{"only the issuer: the endpoint", members{"aud": endpoint}, strict, notOnly},
		{"only the issuer: nothing", members{"aud": nil}, strict, notOnly},

		{"no exp", members{"exp": nil}, rules, "The claim exp is missing."},
		{"expired", members{"exp": at(-time.Second)}, rules, "The claim exp lies in the past."},
		{"expires now", members{"exp": at(0)}, rules, "The claim exp lies in the past."},
		{"expires in an hour", members{"exp": at(time.Hour)}, rules, ""},
		{"expires in an hour of a clock ahead", members{"exp": at(time.Hour + 10*time.Second)}, rules, ""},
		{"expires later", members{"exp": at(time.Hour + 11*time.Second)}, rules, "The claim exp lies too far in the future."},
		{"exp is a string", members{"exp": "1800000060"}, rules, "The claim exp is not a number of seconds since 1970."},
		{"exp is null", members{"exp": raw("null")}, rules, "The claim exp is not a number of seconds since 1970."},
		{"exp is no time", members{"exp": raw("1e300")}, rules, "The claim exp is not a number of seconds since 1970."},
		{"exp is no number", members{"exp": raw("1e999")}, rules, badPayload},
		{"exp is before all times", members{"exp": raw("-1e300")}, rules, "The claim exp is not a number of seconds since 1970."},
		{"nbf 10 s ahead", members{"nbf": at(10 * time.Second)}, rules, ""},
		{"nbf 11 s ahead", members{"nbf": at(11 * time.Second)}, rules, "The claim nbf lies in the future."},
		{"nbf is a string", members{"nbf": hostile}, rules, "The claim nbf is not a number of seconds since 1970."},
		{"iat 10 s ahead", members{"iat": at(10 * time.Second)}, rules, ""},
		{"iat 11 s ahead", members{"iat": at(11 * time.Second)}, rules, "The claim iat lies in the future."},
		{"iat 60 s ahead", members{"iat": at(time.Minute)}, rules, "The claim iat lies in the future."},
		{"iat an hour ago", members{"iat": at(-time.Hour)}, rules, ""},
		{"iat longer ago", members{"iat": at(-time.Hour - time.Second)}, rules, "The claim iat lies too far in the past."},
		{"iat is true", members{"iat": true}, rules, "The claim iat is not a number of seconds since 1970."},

		{"no jti", members{"jti": nil}, rules, "The claim jti is missing."},
		{"an empty jti", members{"jti": ""}, rules, "The claim jti is missing."},
		{"jti is a number", members{"jti": 1}, rules, "The claim jti is missing."},
		{"a long jti", members{"jti": strings.Repeat("x", 257)}, rules, "The claim jti is too long."},
	} {
		got, err := signed.ReadAssertion(plainAssertion().with(row.changes).json(t), row.rules)
		if row.want != "" {
			refused(t, row.name, err, row.want)
			if got != (signed.Assertion{}) {
				t.Errorf("%s: %v", row.name, got)
			}
			continue
		}
		if err != nil || got.ID != "one" || !got.Expires.After(now) || got.Expires.After(now.Add(time.Hour+10*time.Second)) {
			t.Errorf("%s: %v, %v", row.name, got, err)
		}
	}
}

func TestReadAssertionTellsWhatToRemember(t *testing.T) {
	id := strings.Repeat("x", 256)
	payload := plainAssertion().with(members{"jti": id, "exp": json.RawMessage("1800000000.25")}).json(t)
	got, err := signed.ReadAssertion(payload, signed.AssertionRules{ClientID: client, Audiences: []string{issuer}, Now: now})
	if want := (signed.Assertion{ID: id, Expires: now.Add(250 * time.Millisecond)}); err != nil || got != want {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

// JSON that two readers could understand differently is not read.
func TestAmbiguousPayloads(t *testing.T) {
	good := plainAssertion().json(t)
	for name, payload := range map[string][]byte{
		"nothing":              nil,
		"null":                 []byte("null"),
		"a list":               []byte("[]"),
		"a member twice":       repeated(good, "sub"),
		"something behind it":  append(plainAssertion().json(t), "{}"...),
		"an unfinished object": good[:len(good)-1],
		"no UTF-8":             append([]byte("{\"x\":\"\xff\","), good[1:]...),
		"another case":         []byte(strings.Replace(string(good), `"sub"`, `"Sub"`, 1)),
	} {
		_, err := signed.ReadAssertion(payload, signed.AssertionRules{ClientID: client, Audiences: []string{issuer}, Now: now})
		want := badPayload
		if name == "another case" {
			want = "The claim sub is not the client_id."
		}
		refused(t, name, err, want)
	}
}
