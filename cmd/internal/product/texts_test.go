package product_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"itsme-bridge/cmd/internal/product"
)

// answers are an operator's, with what is awkward in each language that we write.
func answers(p product.Product) map[string]string {
	all := map[string]string{
		"url": "https://there.example.be/", "realm": "people", "alias": "itsme", "tenant": "example", "tenant-id": "7f0c7c2e-6b1f-4f0b-9a9c-2f4f5e0c9c3a",
	}
	maps.DeleteFunc(all, func(flag, _ string) bool {
		return !slices.ContainsFunc(p.Asks, func(q product.Question) bool { return q.Flag == flag })
	})
	return all
}

const secret = "5Gk_one-secret_of-43-letters-as-they-are-made"

// registration is a client of a product, registered with one of its methods.
func registration(t *testing.T, p product.Product, method, name string) product.Registration {
	t.Helper()
	complete, err := p.Complete(answers(p))
	if err != nil {
		t.Fatal(err)
	}
	e, err := p.Suitable(complete, true)
	if err != nil {
		t.Fatal(err)
	}
	e.ID, e.Name, e.AuthMethod = "it", name, method
	if len(e.RedirectURIs) == 0 {
		e.RedirectURIs = []string{"https://there.example.be/callback"}
	}
	r := product.Registration{Product: p, Entry: e, Issuer: "https://login.example.be", Answers: complete}
	if strings.HasPrefix(method, "client_secret") {
		r.Secret = secret
	}
	r, err = r.Settle()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Whatever a client is called and however it authenticates: the texts can be
// written, the issuer is said, and what claims to be JSON, YAML or XML is.
func TestTextsOfEveryProduct(t *testing.T) {
	for _, p := range product.All() {
		for _, method := range p.Sends.Methods {
			t.Run(p.Name+"/"+string(method), func(t *testing.T) {
				r := registration(t, p, string(method), `The "shop": a <place> & 'more'`)
				steps, err := r.Steps()
				if err != nil {
					t.Fatal(err)
				}
				wantsSecret := regexp.MustCompile(`(?i)the secret|/secret"|"?client_?secret"? *[:=>]|"client_?secret"`)
				if r.Secret == "" && wantsSecret.MatchString(steps) {
					t.Errorf("the steps want a secret, and there is none:\n%s", steps)
				}
				files, err := r.Files()
				if err != nil {
					t.Fatal(err)
				}
				said := steps
				for _, file := range files {
					said += string(file.Text)
					parses(t, file)
					if r.Secret == "" && wantsSecret.MatchString(strings.ReplaceAll(string(file.Text), `"client_secret": None`, "")) {
						t.Errorf("%s wants a secret, and there is none:\n%s", file.Name, file.Text)
					}
					if strings.Contains(string(file.Text), "<no value>") {
						t.Errorf("%s has a hole:\n%s", file.Name, file.Text)
					}
				}
				if !strings.Contains(said, "login.example.be") {
					t.Errorf("nothing says the issuer:\n%s", said)
				}
			})
		}
	}
}

// An application's own secret is made anew for each client, and is not the client's.
func TestAnApplicationsOwnSecretIsItsOwn(t *testing.T) {
	for name, setting := range map[string]string{
		"apache": "OIDCCryptoPassphrase ", "oauth2-proxy": "", "authjs": "AUTH_SECRET=", "express": "SECRET=", "passport": "SESSION_SECRET=",
		"authlib": "SECRET_KEY = ", "django": "SECRET_KEY = ",
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := product.Find(name)
			r := registration(t, p, string(p.Sends.Methods[0]), "Example")
			own := regexp.MustCompile(`(?:^|\n)` + setting + `"?([\w-]{43})"?(?:\n|$)`)
			known := map[string]bool{r.Secret: true}
			for range 2 {
				files, err := r.Files()
				if err != nil {
					t.Fatal(err)
				}
				var found []string
				for _, file := range files {
					if match := own.FindStringSubmatch(string(file.Text)); match != nil {
						found = append(found, match[1])
					}
				}
				if len(found) != 1 || known[found[0]] {
					t.Fatalf("%d secrets in the files, want one that no other client has", len(found))
				}
				known[found[0]] = true
			}
		})
	}
}

// parses fails the test where a file is not what its name says.
func parses(t *testing.T, file product.File) {
	t.Helper()
	var err error
	switch path.Ext(file.Name) {
	case ".json":
		var into any
		err = json.Unmarshal(file.Text, &into)
	case ".yaml", ".yml":
		var into any
		err = yaml.Unmarshal(file.Text, &into)
	case ".xml":
		decoder := xml.NewDecoder(strings.NewReader(string(file.Text)))
		for err == nil {
			_, err = decoder.Token()
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", file.Name, err, file.Text)
	}
}

func TestQuestionsAreAnswered(t *testing.T) {
	keycloak, _ := product.Find("keycloak")
	for _, row := range []struct {
		answers map[string]string
		wrong   string
	}{
		{map[string]string{"url": "https://a.example", "realm": "r"}, ""},
		{map[string]string{"url": "http://127.0.0.1:8180/", "realm": "r"}, ""},
		{map[string]string{"url": "https://a.example/auth/", "realm": "r"}, ""},
		{map[string]string{"realm": "r"}, "--url is missing: where people reach Keycloak"},
		{map[string]string{"url": "https://a.example", "realm": " "}, "--realm is missing"},
		{map[string]string{"url": "a.example", "realm": "r"}, "is not an address"},
		{map[string]string{"url": "https://a.example/?x=1", "realm": "r"}, "is not an address"},
		{map[string]string{"url": "https://somebody@a.example/", "realm": "r"}, "is not an address"},
		{map[string]string{"url": "http://a.example/", "realm": "r"}, "is http, which others could read"},
		{map[string]string{"url": "http://127.0.0.2:8180", "realm": "r"}, ""},
		{map[string]string{"url": "http://[::1]:8180", "realm": "r"}, ""},
		{map[string]string{"url": "http://localhost:8180", "realm": "r"}, ""},
		{map[string]string{"url": "https://a.example", "realm": "r", "tenant": "t"}, "--tenant means nothing for Keycloak"},
		{map[string]string{"url": "ftp://a.example/", "realm": "r"}, "is not an address"},
	} {
		complete, err := keycloak.Complete(row.answers)
		switch {
		case row.wrong == "" && err != nil:
			t.Errorf("%v: %v", row.answers, err)
		case row.wrong == "" && (complete["alias"] != "itsme" || strings.HasSuffix(complete["url"], "/")):
			t.Errorf("%v became %v", row.answers, complete)
		case row.wrong != "" && (err == nil || !strings.Contains(err.Error(), row.wrong)):
			t.Errorf("%v: %v, want %s", row.answers, err, row.wrong)
		}
	}
}
