package product_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/product"
)

// terraformOf is a product's file for Terraform; nil: it has none.
func terraformOf(t *testing.T, r product.Registration) []byte {
	t.Helper()
	files, err := r.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if path.Ext(file.Name) == ".tf" {
			return file.Text
		}
	}
	return nil
}

var (
	signsIn = regexp.MustCompile(`(?s)Terraform signs in to .+?\.\n`)
	markup  = strings.NewReplacer("`", "", "\n", " ")
)

// Someone who has never used Terraform, or not for this product, gets it working: the steps
// and the guide say how to run it, as whom, and where the secret will then stand.
func TestTerraformCanBeFollowedFromZero(t *testing.T) {
	several := 0
	for _, p := range product.All() {
		r := registration(t, p, string(p.Sends.Methods[0]), "The shop")
		terraform := terraformOf(t, r)
		if terraform == nil {
			continue
		}
		several++
		t.Run(p.Name, func(t *testing.T) {
			steps, err := r.Steps()
			if err != nil {
				t.Fatal(err)
			}
			guide, err := os.ReadFile(filepath.Join("../../..", p.Guide))
			if err != nil {
				t.Fatal(err)
			}
			const command = "terraform init && terraform apply"
			if !strings.Contains(steps, command) || !strings.Contains(string(guide), command) {
				t.Errorf("the steps and the guide do not both say %s:\n%s", command, steps)
			}
			said := signsIn.FindString(steps)
			if said == "" || !strings.Contains(markup.Replace(string(guide)), strings.TrimSpace(markup.Replace(said))) {
				t.Errorf("the steps say %q, and the guide does not say the same of how Terraform signs in", said)
			}
			for name, text := range map[string]string{"the file": string(terraform), "the guide": string(guide)} {
				if !strings.Contains(text, "never commit") || !strings.Contains(text, "terraform.tfstate") {
					t.Errorf("%s does not say that Terraform's state has the secret", name)
				}
			}
		})
	}
	if several < 6 {
		t.Errorf("only %d products have a file for Terraform", several)
	}
}

// What Terraform has to be told of where the product is, the file says.
func TestTerraformFindsTheProduct(t *testing.T) {
	for _, row := range []struct{ product, url, want string }{
		{"zitadel", "https://auth.example.be", "domain           = \"auth.example.be\"\n  jwt_profile_file"},
		{"zitadel", "https://auth.example.be:8443", "domain           = \"auth.example.be\"\n  port             = \"8443\"\n  jwt_profile_file"},
		{"zitadel", "http://127.0.0.1:8080", "domain           = \"127.0.0.1\"\n  port             = \"8080\"\n  insecure         = true\n  jwt_profile_file"},
		{"authentik", "https://auth.example.be:8443", `url = "https://auth.example.be:8443"`},
	} {
		p, _ := product.Find(row.product)
		r := registration(t, p, string(p.Sends.Methods[0]), "The shop")
		r.Answers["url"] = row.url
		if terraform := terraformOf(t, r); !strings.Contains(string(terraform), row.want) {
			t.Errorf("%s at %s:\n%s\nwant\n%s", row.product, row.url, terraform, row.want)
		}
	}
}
