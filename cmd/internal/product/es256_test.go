package product_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/product"
	"itsme-bridge/keys"
)

// ES256 is recommended to those alone whose product verifies it, and who do not have it.
func TestES256IsRecommendedWhereItHelps(t *testing.T) {
	for _, row := range []struct {
		product string
		signs   keys.Algorithm
		want    []string // what stands in the lines, in their order; none: nothing is said
	}{
		{"keycloak", keys.RS256, []string{"signing_alg: ES256, which Keycloak takes: a login costs", "deploy/OPERATIONS.md"}},
		{"keycloak", keys.PS256, []string{"signing_alg: ES256", "deploy/OPERATIONS.md"}},
		{"dex", keys.RS256, []string{"signing_alg: ES256", "there: restart it", "deploy/OPERATIONS.md"}},
		{"django", keys.RS256, []string{"signing_alg: ES256", `there: write OIDC_RP_SIGN_ALGO = "ES256"`, "deploy/OPERATIONS.md"}},
		{"fapi2", keys.PS256, []string{"signing_alg: ES256", "deploy/OPERATIONS.md"}},
		{"keycloak", keys.ES256, nil},
		{"keycloak", keys.EdDSA, nil},
		{"entra", keys.RS256, nil},
		{"b2c", keys.RS256, nil},
		{"okta", keys.RS256, nil},
		{"google", keys.RS256, nil},
		{"plain", keys.RS256, nil},
	} {
		p, ok := product.Find(row.product)
		if !ok {
			t.Fatalf("no %s", row.product)
		}
		said := p.Faster(row.signs)
		if len(said) != len(row.want) {
			t.Errorf("%s, signed with %s: %q, want %q", row.product, row.signs, said, row.want)
			continue
		}
		for i, want := range row.want {
			if !strings.Contains(said[i], want) {
				t.Errorf("%s, signed with %s: %q, want %q", row.product, row.signs, said[i], want)
			}
		}
	}
}

// What client new prints says it too; with ES256 in the entry it says what is to be done for that alone.
func TestStepsSayWhatES256Needs(t *testing.T) {
	const offer = "add --signing-alg ES256"
	for _, p := range product.All() {
		r := registration(t, p, string(p.Sends.Methods[0]), "Example")
		if r.Entry.Profile != "" {
			continue // its clients have better than RS256 already
		}
		usual, err := r.Steps()
		if err != nil {
			t.Fatal(err)
		}
		if offered := strings.Contains(usual, offer); offered != (p.Faster(keys.RS256) != nil) {
			t.Errorf("%s: it is offered: %t\n%s", p.Name, offered, usual)
		}
		r.Entry.SigningAlg = "ES256"
		chosen, err := r.Steps()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(chosen, offer) || !strings.Contains(chosen, p.Reads.ES256) {
			t.Errorf("%s, with ES256 chosen:\n%s", p.Name, chosen)
		}
	}
}

// What is to be done for ES256 is known of those alone that verify it.
func TestWhoCannotVerifyES256IsToldNothingOfIt(t *testing.T) {
	for _, p := range product.All() {
		can := len(p.Reads.Algorithms) == 0 || slices.Contains(p.Reads.Algorithms, "ES256")
		if p.Reads.ES256 != "" && !can {
			t.Errorf("%s: %s", p.Name, p.Reads.ES256)
		}
	}
}

// The table in the guide for operators says what the table here says.
func TestTheTableOfES256(t *testing.T) {
	page, err := os.ReadFile("../../../deploy/OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	for _, p := range product.All() {
		if p.Guide == "" {
			continue
		}
		guide, err := filepath.Rel("deploy", p.Guide)
		if err != nil {
			t.Fatal(err)
		}
		verifies, there := "yes", p.Reads.ES256
		switch {
		case p.Faster(keys.RS256) == nil:
			verifies, there = "no", ""
		case there == "":
			there = "nothing"
		}
		rows.WriteString("| [" + p.Title + "](" + guide + ") | " + verifies + " | " + there + " |\n")
	}
	if !strings.Contains(string(page), rows.String()) {
		t.Errorf("deploy/OPERATIONS.md has other rows than\n%s", rows.String())
	}
}
