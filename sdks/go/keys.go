// SPDX-License-Identifier: Apache-2.0

package approvalshub

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math/big"
	"math/bits"
)

// trustedKey is the key that may be relied on: neither past its end nor compromised, under its own id, of prime order.
func trustedKey(published []byte, kid string, now int64) (ed25519.PublicKey, error) {
	read, err := Loads(published)
	document, _ := read.(map[string]any)
	entries, isList := document["keys"].([]any)
	if err != nil || !isList {
		return nil, errors.New("keys is not what /v1/public-keys answers")
	}
	for _, each := range entries {
		entry, _ := each.(map[string]any)
		text, _ := entry["public_key"].(string)
		key := unb64u(text)
		if entry["kid"] != any(kid) || entry["compromised_at"] != nil || len(key) != 32 || keyID(key) != kid {
			continue
		}
		until, there := entry["valid_until"]
		if end, isTime := milliseconds(until); !there || until != nil && !(isTime && now < end) {
			continue
		}
		if isOfPrimeOrder(key) {
			return key, nil
		}
	}
	return nil, &BadProof{"unknown_key", "the token names a key that is not trusted here"}
}

var (
	prime    = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	order, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
)

func mul(a, b *big.Int) *big.Int { out := new(big.Int).Mul(a, b); return out.Mod(out, prime) }
func add(a, b *big.Int) *big.Int { return new(big.Int).Add(a, b) }
func sub(a, b *big.Int) *big.Int { return new(big.Int).Sub(a, b) }

// isOfPrimeOrder says whether 32 bytes are the canonical form of a point in Ed25519's group of prime order, as
// libsodium asks of keys.
//
// Under a key of small order one constant signature verifies for every message; Go accepts such keys. Here the ladder
// of RFC 7748 takes the point times the order: only points of that order end at infinity, and none of the twist.
func isOfPrimeOrder(encoding []byte) bool {
	one, a24 := big.NewInt(1), big.NewInt(121665)
	backwards := make([]byte, 32)
	for at, octet := range encoding {
		backwards[31-at] = octet
	}
	backwards[0] &= 0x7f
	y := new(big.Int).SetBytes(backwards)
	if y.Cmp(prime) >= 0 || y.Cmp(one) == 0 || y.Cmp(sub(prime, one)) == 0 {
		return false
	}
	u := mul(add(one, y), new(big.Int).ModInverse(mul(sub(one, y), one), prime))
	nearX, nearZ, farX, farZ := big.NewInt(1), big.NewInt(0), u, big.NewInt(1)
	for bit := 252; bit >= 0; bit-- {
		if order.Bit(bit) == 1 {
			nearX, nearZ, farX, farZ = farX, farZ, nearX, nearZ
		}
		sum, gap := add(nearX, nearZ), sub(nearX, nearZ)
		aa, bb := mul(sum, sum), mul(gap, gap)
		da, cb := mul(sub(farX, farZ), sum), mul(add(farX, farZ), gap)
		plus, minus, e := add(da, cb), sub(da, cb), sub(aa, bb)
		farX, farZ = mul(plus, plus), mul(u, mul(minus, minus))
		nearX, nearZ = mul(aa, bb), mul(e, add(aa, mul(a24, e)))
		if order.Bit(bit) == 1 {
			nearX, nearZ, farX, farZ = farX, farZ, nearX, nearZ
		}
	}
	return nearZ.Sign() == 0
}

var iv = [8]uint64{
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
}

var sigma = [10][16]int{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
	{11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
	{9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
	{12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
	{6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
}

// keyID is the PASERK id of a public key: 33 bytes of BLAKE2b (RFC 7693), of one block.
func keyID(key []byte) string {
	data := "k4.pid.k4.public." + base64.RawURLEncoding.EncodeToString(key)
	var block [128]byte
	copy(block[:], data)
	h := iv
	h[0] ^= 0x01010000 ^ 33
	var v [16]uint64
	copy(v[:8], h[:])
	copy(v[8:], iv[:])
	v[12] ^= uint64(len(data))
	v[14] = ^v[14]
	for round := 0; round < 12; round++ {
		word := func(at int) uint64 { return binary.LittleEndian.Uint64(block[8*sigma[round%10][at]:]) }
		for step := 0; step < 8; step++ {
			column, skew := step%4, step/4
			a, b := &v[column], &v[4+(column+skew)%4]
			c, d := &v[8+(column+2*skew)%4], &v[12+(column+3*skew)%4]
			*a += *b + word(2*step)
			*d = bits.RotateLeft64(*d^*a, -32)
			*c += *d
			*b = bits.RotateLeft64(*b^*c, -24)
			*a += *b + word(2*step+1)
			*d = bits.RotateLeft64(*d^*a, -16)
			*c += *d
			*b = bits.RotateLeft64(*b^*c, -63)
		}
	}
	var out [64]byte
	for at := range h {
		binary.LittleEndian.PutUint64(out[8*at:], h[at]^v[at]^v[at+8])
	}
	return "k4.pid." + base64.RawURLEncoding.EncodeToString(out[:33])
}
