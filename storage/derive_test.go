package storage_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"itsme-bridge/storage"
)

// What is derived here is what crypto/hkdf and crypto/hmac derive, whatever the lengths.
func TestDerivationIsThatOfTheStandard(t *testing.T) {
	drawn := func(size int) []byte {
		b := make([]byte, size)
		_, _ = rand.Read(b)
		return b
	}
	for _, key := range []int{0, 1, 32, 43, 63, 64, 65, 200} {
		for _, message := range []int{0, 1, 50, 255, 256, 257, 3000} {
			k, m := drawn(key), drawn(message)
			mac := hmac.New(sha256.New, k)
			_, _ = mac.Write(m)
			if got := storage.HMACOf(k, m[:message/3], m[message/3:]); !bytes.Equal(got, mac.Sum(nil)) {
				t.Errorf("HMAC with a key of %d and a message of %d bytes differs", key, message)
			}
			want, err := hkdf.Key(sha256.New, drawn(0), k, string(m), 64)
			if err != nil {
				t.Fatal(err)
			}
			if got := storage.HKDF(nil, k, string(m)); !bytes.Equal(got, want) {
				t.Errorf("HKDF with a salt of %d and an info of %d bytes differs", key, message)
			}
			secret := drawn(32)
			if want, err = hkdf.Key(sha256.New, secret, k, string(m), 64); err != nil || !bytes.Equal(storage.HKDF(secret, k, string(m)), want) {
				t.Errorf("HKDF with a secret, a salt of %d and an info of %d bytes differs: %v", key, message, err)
			}
		}
	}
}

// Nothing of it reaches the heap.
func TestDerivationAllocatesNothing(t *testing.T) {
	secret, salt := []byte("0123456789abcdef0123456789abcdef"), []byte("a handle's secret of forty-three characters")
	if n := testing.AllocsPerRun(100, func() { _ = storage.Derived(secret, salt) }); n != 0 {
		t.Errorf("%v objects, want 0", n)
	}
}
