package keys_test

import (
	"strings"
	"testing"
	"time"

	"itsme-bridge/keys"
)

func TestEncodedAndBack(t *testing.T) {
	policy := keys.DefaultPolicy(time.Hour)
	generate := numbered()
	set, _ := keys.Set{}.Next(start, policy, keys.Algorithms(), generate)
	set, _ = set.Next(start.Add(29*day), policy, keys.Algorithms(), generate)
	set, _ = set.Revoke("k3", start.Add(29*day))
	data, err := set.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := keys.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(data) {
		t.Errorf("became\n%s\nwas\n%s", again, data)
	}
	if got := signer(back, keys.RS256, start.Add(29*day)); got != "k1" {
		t.Errorf("%s signs", got)
	}
}

// A newer version has added an algorithm. While both run, and if the newer one is taken back, its key stays.
func TestKeysOfANewerVersionStay(t *testing.T) {
	newer, _ := keys.Set{}.Next(start, keys.DefaultPolicy(time.Hour), []keys.Algorithm{"ML-DSA-44"}, numbered())
	data, _ := newer.Encode()
	set, err := keys.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if set, err = set.Next(start.Add(300*day), keys.DefaultPolicy(time.Hour), []keys.Algorithm{keys.ES256}, keys.Generate); err != nil {
		t.Fatal(err)
	}
	if published := set.Published(); len(published) != 2 || published[0].ID() != "k1" || !published[0].Whole() {
		t.Errorf("published %v", published)
	}
}

func TestWhatIsNotASetIsRefused(t *testing.T) {
	for _, row := range []struct{ name, data, complaint string }{
		{"nothing", ``, "not a set"},
		{"no JSON", `private-private`, "not a set"},
		{"a wrong time", `{"format":1,"keys":[{"kid":"a","public":{},"published":"private-private"}]}`, "not a set"},
		{"a wrong type", `{"format":1,"keys":[{"kid":"a","public":{},"pkcs8":123456789}]}`, "not a set"},
		{"a newer format", `{"format":2,"keys":[]}`, "format 2"},
		{"no format", `{"keys":[]}`, "format 0"},
		{"no name", `{"format":1,"keys":[{"public":{}}]}`, "lacks"},
		{"no public half", `{"format":1,"keys":[{"kid":"a"}]}`, "lacks"},
	} {
		_, err := keys.Decode([]byte(row.data))
		if err == nil || !strings.Contains(err.Error(), row.complaint) {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		for _, secret := range []string{"private-private", "123456789"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error quotes what is stored: %v", row.name, err)
			}
		}
	}
}
