package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/provider/grant"
	"itsme-bridge/storage/storagetest"
)

// RFC 6749 §2.3: each client in the one way that it is registered with.
func TestClientAuthentication(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	raw := func(credentials string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials))
	}
	for _, row := range []struct {
		name   string
		client string // whose code it is
		header string
		form   url.Values
		status int
		code   string
	}{
		{"client_secret_basic", "web", basic("web", webSecret), nil, 200, ""},
		{"client_secret_post", "post", "", url.Values{"client_id": {"post"}, "client_secret": {"post-secret"}}, 200, ""},
		{"none", "spa", "", url.Values{"client_id": {"spa"}}, 200, ""},
		{"the scheme in any case (RFC 9110 §11.1)", "web", strings.Replace(basic("web", webSecret), "Basic", "bASIC", 1), nil, 200, ""},
		{"both words form-urlencoded (RFC 6749 §2.3.1)", oddID, basic(oddID, oddSecret), nil, 200, ""},
		{"not form-urlencoded: an id with a colon ends there (RFC 7617 §2)", oddID, raw(oddID + ":" + oddSecret), nil, 401, "invalid_client"},
		{"while the secret changes: the old", "changing", basic("changing", "old-secret"), nil, 200, ""},
		{"while the secret changes: the new", "changing", basic("changing", "new-secret"), nil, 200, ""},
		{"while the secret changes: another", "changing", basic("changing", "newer-secret"), nil, 401, "invalid_client"},

		{"nobody", "web", "", nil, 401, "invalid_client"},
		{"wrong secret", "web", basic("web", "guess"), nil, 401, "invalid_client"},
		{"empty secret", "web", basic("web", ""), nil, 401, "invalid_client"},
		{"the beginning of the secret", "web", basic("web", webSecret[:len(webSecret)-1]), nil, 401, "invalid_client"},
		{"another client's secret", "web", basic("web", "other-secret"), nil, 401, "invalid_client"},
		{"no such client", "web", basic("nobody", webSecret), nil, 401, "invalid_client"},
		{"no such client, without a secret", "web", "", url.Values{"client_id": {"nobody"}}, 401, "invalid_client"},
		{"post by a client of basic", "web", "", url.Values{"client_id": {"web"}, "client_secret": {webSecret}}, 401, "invalid_client"},
		{"basic by a client of post", "post", basic("post", "post-secret"), nil, 401, "invalid_client"},
		{"none by a client of basic", "web", "", url.Values{"client_id": {"web"}}, 401, "invalid_client"},
		{"none by a client of post", "post", "", url.Values{"client_id": {"post"}}, 401, "invalid_client"},
		{"basic by a client of none", "spa", basic("spa", ""), nil, 401, "invalid_client"},
		{"a secret by a client of none", "spa", "", url.Values{"client_id": {"spa"}, "client_secret": {"x"}}, 401, "invalid_client"},
		{"an assertion (RFC 7523 §2.2)", "web", "", url.Values{
			"client_id": {"web"}, "client_assertion": {"e30.e30.e30"},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		}, 401, "invalid_client"},
		{"RFC 7521 §4.2: an assertion without its type", "spa", "", url.Values{"client_id": {"spa"}, "client_assertion": {"e30.e30.e30"}}, 400, "invalid_request"},
		{"RFC 7521 §4.2: an assertion's type alone", "spa", "", url.Values{"client_id": {"spa"}, "client_assertion_type": {"x"}}, 400, "invalid_request"},

		{"two at once: basic and post", "web", basic("web", webSecret), url.Values{"client_secret": {webSecret}}, 400, "invalid_request"},
		{"two at once: basic and assertion", "web", basic("web", webSecret), url.Values{"client_assertion": {"e30.e30.e30"}}, 400, "invalid_request"},
		{"two at once: post and assertion", "post", "", url.Values{
			"client_id": {"post"}, "client_secret": {"post-secret"}, "client_assertion": {"e30.e30.e30"},
		}, 400, "invalid_request"},
		{"two at once: post and a whole assertion", "post", "", url.Values{
			"client_id": {"post"}, "client_secret": {"post-secret"}, "client_assertion": {"e30.e30.e30"}, "client_assertion_type": {jwtBearer},
		}, 400, "invalid_request"},
		{"two clients at once", "web", basic("web", webSecret), url.Values{"client_id": {"other"}}, 400, "invalid_request"},

		{"malformed: no base64", "web", "Basic !!!", nil, 401, "invalid_client"},
		{"malformed: base64 of something else", "web", "Basic " + base64.RawStdEncoding.EncodeToString([]byte("web:x")), nil, 401, "invalid_client"},
		{"malformed: no colon", "web", raw("web"), nil, 401, "invalid_client"},
		{"malformed: no form-urlencoding in the id", "web", raw("%zz:x"), nil, 401, "invalid_client"},
		{"malformed: no form-urlencoding in the secret", "web", raw("web:%zz"), nil, 401, "invalid_client"},
		{"malformed: no id", "web", basic("", "x"), nil, 401, "invalid_client"},
		{"malformed: the scheme alone", "web", "Basic", nil, 401, "invalid_client"},
		{"malformed: empty", "web", "empty", nil, 401, "invalid_client"},
		{"another scheme", "web", "Bearer " + webSecret, nil, 401, "invalid_client"},
		{"another scheme with the same words", "web", strings.Replace(basic("web", webSecret), "Basic", "Digest", 1), nil, 401, "invalid_client"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := exchange(b.code(func(g *grant.Grant) { g.ClientID = row.client }))
			m.header.Del("Authorization")
			if row.header != "" {
				m.header.Set("Authorization", strings.TrimPrefix(row.header, "empty"))
			}
			for name, values := range row.form {
				m.form[name] = values
			}
			answer := b.send(m)
			answer.want(t, row.status, row.code)
			challenge := answer.header.Get("WWW-Authenticate")
			if tried := row.status == 401 && row.header != ""; tried != strings.HasPrefix(challenge, "Basic realm=") || !tried && challenge != "" {
				t.Errorf("WWW-Authenticate: %q", challenge)
			}
		})
	}
	t.Run("two Authorization headers", func(t *testing.T) {
		m := exchange(b.code())
		m.header.Add("Authorization", basic("web", webSecret))
		b.send(m).want(t, http.StatusBadRequest, "invalid_request")
	})
}

// Nobody learns whether a secret is right, or a client there, except by being let in.
func TestClientsCannotBeProbed(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	for _, alike := range [][]*message{
		{ask("/revoke", "x", "nobody", "guess"), ask("/revoke", "x", "web", "guess"), ask("/revoke", "x", "web", "")},
		{ask("/revoke", "x", "post", "post-secret"), ask("/revoke", "x", "post", "guess"), ask("/revoke", "x", "post", "")}, // in the wrong way
	} {
		answers := map[string]string{}
		for _, m := range alike {
			answer := b.send(m)
			answer.header.Del("Date")
			answers[fmt.Sprint(answer.status, answer.header, answer.body)] = m.header.Get("Authorization")
		}
		if len(answers) != 1 {
			t.Errorf("different answers: %v", answers)
		}
	}
	for _, cause := range []string{"no such client", "wrong secret", "registered with client_secret_post"} {
		if !strings.Contains(b.log.String(), cause) {
			t.Errorf("the log does not say %q", cause)
		}
	}
}

// basicReadings are the words of HTTP Basic, decoded and as they stand.
func basicReadings(header string) [][2]string {
	scheme, rest, _ := strings.Cut(header, " ")
	words, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	id, secret, ok := strings.Cut(string(words), ":")
	if !strings.EqualFold(scheme, "Basic") || err != nil || !ok {
		return nil
	}
	decodedID, _ := url.QueryUnescape(id)
	decodedSecret, _ := url.QueryUnescape(secret)
	return [][2]string{{decodedID, decodedSecret}, {id, secret}}
}

// FuzzClientCredentials looks for credentials that open what they should not,
// and for answers that are none.
func FuzzClientCredentials(f *testing.F) {
	f.Add(basic("web", webSecret), "client_id=web")
	f.Add(basic(oddID, oddSecret), "")
	f.Add(basic(oddID, oddSecret), "%")
	f.Add("", "client_id=post&client_secret=post-secret")
	f.Add("", "client_id=spa")
	f.Add("Basic  "+base64.StdEncoding.EncodeToString([]byte("web:"+webSecret)), "client_id=web")
	f.Add("Basic d2ViOg==", "client_id=web&client_secret=")
	f.Add("basic  d2ViOg==", "client_assertion=x&client_id=%00")
	f.Add(basic("web", webSecret), "client_id=web&client_id=web")
	f.Add("", "client_assertion_type="+url.QueryEscape(jwtBearer)+"&client_assertion=eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ3ZWIifQ.e30")
	b := newBackchannel(f, storagetest.New(f))
	secrets := map[string]string{
		"web": webSecret, "other": "other-secret", "monitor": "monitor-secret", "relaxed": "relaxed-secret", oddID: oddSecret,
	}
	plain := regexp.MustCompile(`^[ !#-\[\]-~]*$`)
	f.Fuzz(func(t *testing.T, header, form string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/some/path/introspect", strings.NewReader("token=x&"+form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		w := httptest.NewRecorder()
		b.provider.ServeHTTP(w, r)

		var told struct {
			Error       string `json:"error"`
			Description string `json:"error_description"`
			Active      *bool  `json:"active"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil {
			t.Fatalf("%d %q: %v", w.Code, w.Body, err)
		}
		if !plain.MatchString(told.Description) {
			t.Errorf("error_description %q (RFC 6749 §5.2)", told.Description)
		}
		if w.Code != http.StatusOK {
			waits := told.Error == "temporarily_unavailable" && w.Header().Get("Retry-After") != "" // whoever goes on guessing
			if w.Code != http.StatusBadRequest && w.Code != http.StatusUnauthorized && (w.Code != http.StatusTooManyRequests || !waits) || told.Error == "" {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			return
		}
		values, _ := url.ParseQuery(form) // what is no parameter of ours may be malformed
		if told.Active == nil || *told.Active {
			t.Fatalf("accepted %q %q: %s", header, form, w.Body)
		}
		readings := basicReadings(header)
		switch {
		case header == "":
			if values.Get("client_id") != "post" || values.Get("client_secret") != "post-secret" {
				t.Errorf("accepted %q", form)
			}
		case len(readings) > 0:
			right := slices.ContainsFunc(readings, func(of [2]string) bool {
				id, secret := of[0], of[1]
				return secret != "" && secrets[id] == secret || id == "changing" && (secret == "old-secret" || secret == "new-secret")
			})
			if !right || values.Get("client_secret") != "" || values.Get("client_assertion") != "" {
				t.Errorf("accepted %q %q", header, form)
			}
		default:
			t.Errorf("accepted %q", header)
		}
	})
}
