package product

import "itsme-bridge/keys"

// saved is what ES256 saves. deploy/BENCHMARKS.md has the figures.
const saved = "a login costs the bridge about half the CPU with it"

// Faster says that ES256 could sign the ID tokens that RSA signs now, and what to do on the other side. It says nothing where RSA
// does not sign them, where the product takes no ES256, and where nothing is known of the product.
func (p Product) Faster(signs keys.Algorithm) []string {
	if signs != keys.RS256 && signs != keys.PS256 || p.Name == plain || !p.verifies(keys.ES256) {
		return nil
	}
	lines := []string{"signing_alg: ES256, which " + p.Title + " takes: " + saved}
	if p.Reads.ES256 != "" {
		lines = append(lines, "there: "+p.Reads.ES256)
	}
	return append(lines, "how to switch: deploy/OPERATIONS.md")
}

// signing is what the steps on the other side say of ES256.
func (r Registration) signing() string {
	algorithm, there := keys.Algorithm(r.Entry.SigningAlg), r.Product.Reads.ES256
	switch {
	case algorithm == keys.ES256 && there != "":
		return "\nES256 signs its ID tokens. There: " + there + ".\n"
	case r.Entry.Profile != "" || algorithm != "" && algorithm != keys.RS256 || r.Product.Faster(keys.RS256) == nil:
		return ""
	case there != "":
		return "\nIt takes ES256 too, and " + saved + ": add --signing-alg ES256 to this command, and\n" + there + ".\n"
	default:
		return "\nIt takes ES256 too, and " + saved + ": add --signing-alg ES256 to this command.\n"
	}
}
